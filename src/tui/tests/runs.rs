//! A run as its operator sees it while it works: why it starts, how far it is, what makes it wait or stop.

use jiff::SignedDuration;

use super::{App, demo, dialog, press, said};
use crate::domain::event::StepReport;
use crate::domain::run::{Pause, Signature};
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Signup, Step, StepOutcome};
use crate::tui::message::{Effect, Message, Target};

pub const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// With so many users who lack their records.
pub fn broken(count: i64, (width, height): (u16, u16)) -> App {
    let mut app = App::new(width, height);
    let lacks = |n| demo::without_record(&format!("{}user{n}", char::from(b'a' + n as u8)), 3 + n);
    let all: Vec<Signup> = (0..count).map(lacks).collect();
    app.refresh(all);
    app.send(Message::Health(demo::health()));
    app.effects.clear();
    app
}

/// With a run of so many users under way, nobody of them begun.
pub fn running(count: i64, size: (u16, u16)) -> (App, Vec<Target>) {
    let mut app = broken(count, size);
    press(&mut app, "aFy");
    if count > 10 {
        press(&mut app, "the code index was broken<enter>");
    }
    press(&mut app, "u");
    let total = count as usize;
    app.run(RunNews::Registered { total });
    let targets = app.started();
    app.effects.clear();
    (app, targets)
}

pub fn ends(app: &mut App, target: &Target, outcome: Outcome) {
    app.job(target, JobNews::Finished { outcome, error: None });
}

pub fn index_refuses() -> Problem {
    Problem::new(
        Class::Internal,
        "mongo refused createIndexes: an equivalent index exists already (code 85).",
        "Drop the index code_1 on users, then go on.",
    )
}

pub fn pause(app: &App) -> Pause {
    let problem = index_refuses();
    Pause {
        at: app.now(),
        after: 5,
        signature: Signature::of(Some(Step::EnsureCodeIndex), &problem),
        problem,
    }
}

/// Five fail for one cause, the run stops, and the rest is left.
pub fn stops(app: &mut App, targets: &[Target]) {
    for target in &targets[..5] {
        app.job(target, JobNews::Started);
        let report = step(Step::EnsureCodeIndex, StepOutcome::Failed);
        app.job(target, JobNews::StepDone(report));
        let (outcome, error) = (Outcome::Failed, Some(index_refuses()));
        app.job(target, JobNews::Finished { outcome, error });
    }
    app.run(RunNews::Paused(pause(app)));
    for target in &targets[5..] {
        app.job(target, JobNews::Left);
    }
    app.run(RunNews::Ended);
}

fn step(step: Step, outcome: StepOutcome) -> StepReport {
    StepReport {
        step,
        at: demo::now(),
        outcome,
        ms: 4,
        detail: String::new(),
    }
}

pub fn line(app: &mut App, begins: &str) -> String {
    let screen = app.screen();
    let found = screen.lines().find(|line| line.trim_start().starts_with(begins));
    found
        .unwrap_or_else(|| panic!("no line begins with {begins}: {screen}"))
        .to_string()
}

#[test]
fn a_run_of_more_than_ten_asks_why() {
    let mut app = broken(12, (80, 24));
    press(&mut app, "aFy");
    assert!(app.started().is_empty());
    press(&mut app, "  <enter>");
    assert_eq!(
        dialog(&mut app),
        "
┌ Mend 12 users of aesthetic · sandbox ────────────────────────────────────┐
│ Why? It is kept in the audit trail.                                      │
│ A few words are needed: so many users at once want a reason.             │
│                                                                          │
│ >                                                                        │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    press(&mut app, "<esc>");
    assert!(app.screen().contains("[ n: Cancel ]  [ y: Mend 12 users ]"));
    press(&mut app, "<tab><enter>");
    press(&mut app, "jJFR ");
    app.send(Message::Terminal(crossterm::event::Event::Paste(
        "\u{1b}[31mred\u{202e}\nsecond line".into(),
    )));
    assert!(dialog(&mut app).contains("> jJFR \\u{1b}[31mred\\u{202e}"));
    press(&mut app, "<enter>");
    let reason = Some("jJFR \\u{1b}[31mred\\u{202e}".to_string());
    assert!(
        matches!(app.effects.as_slice(), [Effect::Start { targets, reason: given, .. }] if targets.len() == 12 && *given == reason)
    );

    let mut long = broken(12, (80, 24));
    press(&mut long, &format!("aFy{}end", "a".repeat(198)));
    long.send(Message::Terminal(crossterm::event::Event::Paste("more".into())));
    press(&mut long, "<enter>");
    let given = long.effects.iter().find_map(|effect| match effect {
        Effect::Start { reason, .. } => reason.clone(),
        _ => None,
    });
    assert_eq!(given, Some(format!("{}en", "a".repeat(198))));
}

#[test]
fn a_run_of_ten_or_fewer_does_not() {
    let mut app = broken(10, (80, 24));
    press(&mut app, "aFy");
    assert!(
        matches!(app.effects.as_slice(), [Effect::Start { targets, reason: None, .. }] if targets.len() == 10)
    );
}

#[test]
fn jobs_that_wait_for_somebody_or_for_later_say_so() {
    let (mut app, targets) = running(12, (120, 40));
    app.job(&targets[0], JobNews::Started);
    let by = "ivo@desk".to_string();
    app.job(&targets[1], JobNews::Busy { by });
    app.job(&targets[2], JobNews::Left);
    app.job(&targets[3], JobNews::StepStarted(Step::CreateAccount));
    app.pass(2);
    ends(&mut app, &targets[4], Outcome::Done);
    press(&mut app, "J");
    let screen = app.screen();
    for part in ["! waits for ivo@desk", "· left for later", "◐ create-account"] {
        assert_eq!(screen.matches(part).count(), 1, "in the table: {part}: {screen}");
    }
    assert_eq!(
        screen.lines().skip(27).take(6).collect::<Vec<_>>().join("\n"),
        "
┌ run 7f3a  1 of 12  █░░░░░░░░░░░░░░░░░░░  1 left for later  0.5/s  20 s to go ────────────────────────────────────────┐
│ ◐ a…@example.com                 looks at the user                                                                   │
│ ◐ d…@example.com                 create-account                                                                      │
│ ! b…@example.com                 waits for ivo@desk                                                                  │
│ · c…@example.com                 left for later                                                                      │
│ · f…@example.com                 queued                                                                              │"
        .trim_start_matches('\n')
    );
    for (filter, count) in [("left", 1), ("waiting", 8), ("running", 2), ("done", 1)] {
        press(&mut app, &format!("<esc><esc>/job:{filter}<enter>"));
        assert_eq!(app.state.shown.len(), count, "{filter}");
    }
    press(&mut app, "<esc>gx");
    assert!(app.effects.contains(&Effect::Cancel(targets[0].clone())));
    assert!(app.screen().contains("◐ will be cancelled"));
}

#[test]
fn a_held_run_says_when_it_tries_again_and_stops_saying_so_when_it_gets_on() {
    let holds = |app: &mut App| {
        let until = app.now() + SignedDuration::from_secs(8);
        let why = Problem::new(Class::Unavailable, "pds does not answer.", "It is tried again.");
        app.run(RunNews::Holding { until, why });
    };
    let said = "! All jobs wait, the next try in 8 s: pds does not answer.";
    for size in SIZES {
        let (mut app, targets) = running(12, size);
        holds(&mut app);
        assert_eq!(line(&mut app, "! All jobs"), format!(" {said}"));
        let failed = JobNews::StepDone(step(Step::CreateAccount, StepOutcome::Failed));
        app.job(&targets[0], failed);
        assert!(app.screen().contains(said), "a failure is no progress");
        let done = JobNews::StepDone(step(Step::CreateAccount, StepOutcome::Done));
        app.job(&targets[0], done);
        assert!(!app.screen().contains("All jobs wait"));
        holds(&mut app);
        ends(&mut app, &targets[0], Outcome::Done);
        assert!(!app.screen().contains("All jobs wait"));
        holds(&mut app);
        app.job(&targets[1], JobNews::StepStarted(Step::CreateAccount));
        assert!(
            app.screen().contains("All jobs wait"),
            "one tries before the time"
        );
        app.pass(8);
        app.job(&targets[1], JobNews::StepStarted(Step::CreateAccount));
        assert!(!app.screen().contains("All jobs wait"));
        holds(&mut app);
        app.run(RunNews::Ended);
        assert!(!app.screen().contains("All jobs wait"));
    }
}

#[test]
fn a_run_that_stopped_says_so_first_and_r_goes_on() {
    let (mut app, targets) = running(12, (80, 24));
    app.pass(2);
    stops(&mut app, &targets);
    let screen = app.screen();
    assert_eq!(
        screen.lines().skip(2).take(4).collect::<Vec<_>>().join("\n"),
        "
 ! run 7f3a stopped after 5: ensure-code-index fails: mongo refused
   createIndexes: an equivalent index exists already (code 85). Drop the index
   code_1 on users, then go on. R resumes after the repair.
 ! 12 of the newest 12 have no users record since 14:18 UTC. The s… · i explains"
            .trim_start_matches('\n')
    );
    assert!(screen.contains("R resume 7f3a"), "{screen}");
    press(&mut app, "R");
    assert_eq!(
        dialog(&mut app),
        "
┌ A run that stopped by itself · sandbox ──────────────────────────────────┐
│ Run 7f3a: 7 of 12 users are left, 5 failed.                              │
│ Started here 2 s ago (2026-11-22 14:32:20 UTC).                          │
│ Why  the code index was broken                                           │
│ It   stopped after 5: ensure-code-index fails: mongo refused             │
│      createIndexes: an equivalent index exists already (code 85).        │
│      Drop the index code_1 on users, then go on.                         │
│ Repair that first; those whom it failed for are taken up again too.      │
│                                                                          │
│ 12 users:                                                                │
│   failed by it  a…@example.com  auth0|auser0                             │
│   failed by it  b…@example.com  auth0|buser1                             │
│   failed by it  c…@example.com  auth0|cuser2                             │
│   failed by it  d…@example.com  auth0|duser3                             │
│   failed by it  e…@example.com  auth0|euser4                             │
│   f…@example.com  auth0|fuser5                                           │
│   g…@example.com  auth0|guser6                                           │
│   h…@example.com  auth0|huser7                                          ↓│
│                                                                          │
│ [ n: Later ]  [ y: Go on with 12 users ]  [ x: Cancel the run ]          │
└───────────────────────────────────────────────────── 4 more users below ─┘
"
    );
    press(&mut app, "<enter>");
    assert!(app.effects.is_empty(), "the focus is on later");
    press(&mut app, "Ry");
    let run = "7f3a0000".to_string();
    assert_eq!(app.effects, [Effect::Resume { run: run.clone() }]);
    assert!(!app.screen().contains("stopped after"), "{}", app.screen());

    // Some seconds of repair later its rate is made of what is done now.
    app.pass(600);
    app.run(RunNews::Registered { total: 12 });
    for target in &targets {
        app.job(target, JobNews::Queued);
    }
    assert_eq!(app.state.jobs.active_count(), 12);
    for target in &targets {
        ends(&mut app, target, Outcome::Done);
    }
    app.run(RunNews::Ended);
    assert!(
        app.screen().contains("12 jobs ended: none failed."),
        "{}",
        app.screen()
    );
}

#[test]
fn nothing_of_what_stopped_a_run_is_cut() {
    for size in SIZES {
        let (mut app, targets) = running(12, size);
        stops(&mut app, &targets);
        let whole = "run 7f3a stopped after 5: ensure-code-index fails: mongo refused createIndexes: an equivalent index \
                     exists already (code 85). Drop the index code_1 on users, then go on. R resumes after the repair.";
        let screen = app.screen();
        let banner: Vec<&str> = screen.lines().skip(2).take(3).collect();
        assert!(said(&banner.join("\n")).contains(whole), "{screen}");
        press(&mut app, "R");
        let text = said(&dialog(&mut app));
        for part in [
            "Run 7f3a: 7 of 12 users are left, 5 failed.",
            "(code 85).",
            "then go on.",
            "[ y: Go on with 12 users ]",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}

#[test]
fn the_smallest_screen_has_room_for_every_answer() {
    let (mut app, targets) = running(12, (60, 15));
    press(&mut app, "q");
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("[ n: Stay ] [ w: Wait ] [ l: Leave them ]"),
        "{text}"
    );
    press(&mut app, "n");
    stops(&mut app, &targets);
    press(&mut app, "R");
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("[ n: Later ] [ y: Go on ] [ x: Cancel it ]"),
        "{text}"
    );
    assert!(!text.contains("are taken up again too"), "{text}");
    press(&mut app, "jj");
    let text = said(&dialog(&mut app));
    assert!(text.contains("are taken up again too"), "{text}");
}

/// Who reads the banner knows what was asked for; the name of the call stands in the explanation and in the log.
#[test]
fn the_banner_names_no_call_and_the_explanation_does() {
    let (mut app, targets) = running(12, (120, 40));
    let problem = Problem::new(
        Class::Unavailable,
        "pds refused com.atproto.server.createAccount: 502 Bad Gateway.",
        "Is the PDS well?",
    );
    for target in &targets[..5] {
        let (outcome, error) = (Outcome::Failed, Some(problem.clone()));
        app.job(target, JobNews::Finished { outcome, error });
    }
    let signature = Signature::of(Some(Step::CreateAccount), &problem);
    let (at, after) = (app.now(), 5);
    app.run(RunNews::Paused(Pause {
        at,
        after,
        signature,
        problem: problem.clone(),
    }));
    for target in &targets[5..] {
        app.job(target, JobNews::Left);
    }
    app.run(RunNews::Ended);
    let screen = app.screen();
    assert!(
        said(&screen)
            .contains("create-account fails: pds refused the request for a new account: 502 Bad Gateway."),
        "{screen}"
    );
    assert!(!screen.contains("com.atproto"), "{screen}");
    // Nor does what is told for a while; the log keeps it as it was said.
    app.send(Message::Failed(problem.clone()));
    assert!(
        said(&app.screen()).contains("✗ pds refused the request for a new account"),
        "{}",
        app.screen()
    );
    press(&mut app, "<esc>");
    press(&mut app, "R");
    assert!(!app.screen().contains("com.atproto"), "{}", app.screen());
    press(&mut app, "<esc>i");
    assert!(
        said(&app.screen()).contains("com.atproto.server.createAccount"),
        "{}",
        app.screen()
    );
    press(&mut app, "<esc>L");
    assert!(
        said(&app.screen()).contains("com.atproto.server.createAccount"),
        "{}",
        app.screen()
    );
}
