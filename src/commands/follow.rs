//! Follows a run to its end: folds its events into a result for each user, tells what people want to know while it
//! runs, hands signals on, and prints what came of it.

use std::collections::{HashMap, HashSet};

use indicatif::ProgressBar;
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use super::json::{BackfillView, OutcomeTotals, SCHEMA, UserView};
use super::output::Output;
use super::signals::Signals;
use super::table::{bold, empty, text};
use super::{Failure, Status, progress};
use crate::domain::event::{Event, JobEvent, JobNews, Outcome, RunNews, StepOutcome, StepReport};
use crate::domain::run::{JobState, Pause};
use crate::domain::{Advice, Class};
use crate::provisioning::queue::{Queue, advice};

/// What came of a run.
pub struct Followed {
    /// `None` where nothing had to be done.
    pub run: Option<String>,
    pub users: Vec<UserView>,
    pub pause: Option<Pause>,
    /// The signal that ended it.
    pub signal: Option<Status>,
    /// What is said where there was nobody to look at.
    pub nobody: String,
}

impl Followed {
    /// Nobody had to be worked on.
    pub fn nothing(users: Vec<(String, UserView)>, nobody: String) -> Self {
        Self {
            nobody,
            run: None,
            users: users.into_iter().map(|(_, view)| view).collect(),
            pause: None,
            signal: None,
        }
    }
}

/// Waits until the run has ended, was left for later, or a second signal does not want to wait. `users` are by key, in
/// the order in which they are printed; `count` of them are worked on.
pub async fn follow(
    queue: &Queue,
    mut inbox: UnboundedReceiver<Event>,
    run: &str,
    count: usize,
    users: Vec<(String, UserView)>,
    output: &Output,
) -> Result<Followed, Failure> {
    let (keys, mut views): (Vec<String>, Vec<UserView>) = users.into_iter().unzip();
    let places: HashMap<String, usize> = keys.into_iter().zip(0..).collect();
    let mut teller = Teller {
        bar: progress::bar(output, Some(count), "mending"),
        output,
        waits: HashSet::new(),
    };
    teller.say(&format!("run {run}"));
    let mut signals = Signals::new()?;
    let mut pause = None;
    loop {
        let event = tokio::select! {
            event = inbox.recv() => event,
            _ = signals.next() => {
                if signals.count() > 1 {
                    break;
                }
                teller.say("Finishing the steps in hand, and leaving the rest for later; once more to leave at once.");
                queue.leave();
                continue;
            }
        };
        match event {
            Some(Event::Job(event)) => {
                if let Some(place) = places.get(&event.key) {
                    teller.job(&mut views[*place], &event);
                }
            }
            Some(Event::Run(event)) => match event.news {
                RunNews::Ended => break,
                RunNews::Paused(why) => {
                    teller.say(&format!("run {run} {}", why.sentence()));
                    pause = Some(why);
                }
                RunNews::Holding { until, why } => {
                    teller.say(&format!("All wait until {until:.0}: {}", advice(&why)));
                }
                RunNews::Refused(why) | RunNews::Unwritten(why) => {
                    teller.say(&format!("error: {}", advice(&why)))
                }
                RunNews::Registered { .. } => {}
            },
            None => break,
        }
    }
    teller.bar.finish_and_clear();
    Ok(Followed {
        run: Some(run.to_string()),
        users: views,
        pause,
        signal: signals.last(),
        nobody: String::new(),
    })
}

/// With which status to leave where users could not be looked at, and no run is about them: what keeps everybody from
/// being looked at comes before what is one user's own.
pub fn unlooked<'a>(users: impl Iterator<Item = &'a UserView>) -> Option<Status> {
    let all: Vec<Status> = users
        .filter_map(|user| user.error.as_ref())
        .map(Status::of)
        .collect();
    let of = |status| all.contains(&status).then_some(status);
    of(Status::Configuration)
        .or_else(|| of(Status::Unavailable))
        .or_else(|| all.first().copied())
}

/// Prints what came of a run, and says with which status to leave. `for_somebody`: one of the users is broken in a way
/// that no step mends.
pub fn finish(tenant: String, followed: Followed, for_somebody: bool, output: &Output) -> Status {
    let users = followed.users;
    let totals = OutcomeTotals::of(&users);
    let status = match (followed.signal, &followed.pause) {
        (Some(signal), _) => signal,
        (None, Some(pause)) => match (pause.problem.advice, pause.problem.class) {
            (Advice::Configure, _) => Status::Configuration,
            (_, Class::RateLimit | Class::Unavailable) => Status::Unavailable,
            _ => Status::SomeFailed,
        },
        (None, None) if followed.run.is_none() && totals.failed + totals.refused > 0 => {
            unlooked(users.iter()).unwrap_or(Status::SomeFailed)
        }
        // What keeps everybody from being looked at is no matter of some users.
        (None, None) if totals.done == 0 && misconfigured(&users) => Status::Configuration,
        // Left or cancelled without a signal: somebody else took the run over, or cancelled it.
        (None, None)
            if totals.failed + totals.refused + totals.cancelled > 0
                || users.iter().any(|user| user.outcome.is_none()) =>
        {
            Status::SomeFailed
        }
        // Whatever could be done is done where something was; where nothing could be, who is broken is broken still.
        (None, None) if for_somebody && totals.done == 0 => Status::NeedsRepair,
        (None, None) => Status::Good,
    };
    let view = BackfillView {
        schema: SCHEMA,
        run: followed.run,
        tenant,
        dry_run: false,
        pause: followed.pause,
        users,
        totals,
    };
    output.print(&view, || match (view.users.is_empty(), &view.run) {
        (true, None) => followed.nobody,
        (true, Some(run)) => format!("Nobody of run {run} is left to go on with."),
        (false, _) => {
            let mut lines: Vec<String> = failed(&view.users, output).into_iter().collect();
            lines.push(format!(
                "{} done, {} nothing, {} failed, {} refused, {} cancelled",
                totals.done, totals.nothing, totals.failed, totals.refused, totals.cancelled
            ));
            lines.join("\n")
        }
    });
    if output.is_for_people() {
        what_next(&view, output);
    }
    status
}

/// Those that failed or were refused: at which step, of which class, and what is to be done about it by whom.
fn failed(users: &[UserView], output: &Output) -> Option<String> {
    let mut table = empty(output);
    table.set_header(["TENANT", "USER", "STEP", "CLASS", "ADVICE", "WHY"].map(bold));
    for user in users {
        let ended = matches!(user.outcome, Some(Outcome::Failed | Outcome::Refused));
        let Some(problem) = user.error.as_ref().filter(|_| ended) else {
            continue;
        };
        let step = user
            .steps
            .iter()
            .rfind(|report| report.outcome == StepOutcome::Failed);
        table.add_row([
            user.tenant.clone(),
            user.sub.clone(),
            step.map_or("–", |report| report.step.name()).into(),
            problem.class.word().into(),
            problem.advice.word().into(),
            advice(problem),
        ]);
    }
    (!table.is_empty()).then(|| text(table))
}

/// How to go on with what is left.
fn what_next(view: &BackfillView, output: &Output) {
    let (users, totals) = (&view.users, view.totals);
    let left = users.iter().filter(|user| user.outcome.is_none()).count();
    let Some(run) = &view.run else { return };
    if let Some(pause) = &view.pause {
        output.say(&format!("run {run} {} {}", pause.sentence(), pause.problem.hint));
        output.say(&format!("atriage runs resume {run} goes on after the repair."));
    } else if left > 0 {
        output.say(&format!(
            "{left} left for later: atriage runs resume {run} goes on."
        ));
    } else if totals.failed + totals.refused > 0 {
        output.say(&format!(
            "atriage runs show {run} lists them; atriage runs resume {run} --failed tries them again."
        ));
    }
}

fn misconfigured(users: &[UserView]) -> bool {
    users.iter().any(|user| {
        user.error
            .as_ref()
            .is_some_and(|error| error.advice == Advice::Configure)
    })
}

/// Says beside the bar what happens.
struct Teller<'a> {
    bar: ProgressBar,
    output: &'a Output,
    /// What is waited for until when: said once, though many users wait for it.
    waits: HashSet<(Timestamp, String)>,
}

impl Teller<'_> {
    fn say(&self, line: &str) {
        self.bar.suspend(|| self.output.say(line));
    }

    /// Takes a piece of news into the user's result, and says it in a line where people want to know.
    fn job(&mut self, user: &mut UserView, event: &JobEvent) {
        match &event.news {
            JobNews::Queued => user.state = Some(JobState::Queued),
            JobNews::Started => {
                // As in the record: what earlier attempts changed stays told.
                user.steps.retain(StepReport::has_changed);
                (user.state, user.next_try) = (Some(JobState::Running), None);
                user.attempts += 1;
            }
            JobNews::Planned(plan) if plan.steps == user.plan => {}
            JobNews::Planned(plan) => {
                user.plan.clone_from(&plan.steps);
                user.changes.clear();
            }
            JobNews::StepDone(report) => user.steps.push(report.clone()),
            JobNews::Waiting { until, why } => {
                (user.state, user.next_try) = (Some(JobState::Waiting), Some(*until));
                self.waiting(*until, &advice(why));
            }
            JobNews::Busy { by } => self.say(&format!("{}  waits: {by} works on this user", user.sub)),
            JobNews::Left => {
                (user.state, user.next_try) = (Some(JobState::Queued), None);
                self.bar.inc(1);
            }
            JobNews::Finished { outcome, error } => {
                (user.state, user.next_try) = (Some(JobState::Ended), None);
                user.outcome = Some(*outcome);
                user.error.clone_from(error);
                self.bar.inc(1);
                if self.output.is_for_people() {
                    let detail = error.as_ref().map_or_else(|| made(user), advice);
                    self.say(&format!("{}  {}  {detail}", user.sub, outcome.word()));
                }
            }
            JobNews::StepStarted(_) => {}
        }
    }

    fn waiting(&mut self, until: Timestamp, why: &str) {
        // To ten seconds: those who wait for one thing heard of it one after the other.
        let about = Timestamp::from_second(until.as_second() / 10 * 10).unwrap_or(until);
        if self.waits.insert((about, why.to_string())) {
            self.say(&format!("waits until {until:.0}: {why}"));
        }
    }
}

/// The steps that changed something, by name.
fn made(user: &UserView) -> String {
    let done = user
        .steps
        .iter()
        .filter(|report| report.outcome == StepOutcome::Done);
    done.map(|report| report.step.name())
        .collect::<Vec<_>>()
        .join(" ")
}
