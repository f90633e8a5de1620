//! `update` is the only writer of the screen's state. It does no I/O and knows no clock but `Message::Tick`; what is to
//! be done outside it says as effects.

mod columns;
mod commands;
mod copy;
mod detail;
mod dialogs;
mod export;
mod filter;
mod index;
mod marks;
mod mouse;
mod older;
mod order;
mod palette;
mod quit;
mod resume;
mod rows;
mod runs;
mod sandbox;
mod shared_emails;
mod systemic;
mod telling;

pub use quit::buttons;
pub use resume::BUTTONS;
pub use telling::whole;

use crossterm::event::{Event, KeyEventKind};
use jiff::{SignedDuration, Timestamp};

use crate::domain::{JobEvent, JobNews, Outcome, RunEvent, RunNews};
use crate::services::health::Liveness;

use super::keyname;
use super::keys::{Binding, Command, Scope};
use super::message::{Effect, Message};
use super::runs::Progress;
use super::state::{Doing, Mode, RowId, State};
use super::toast::Tone;
use super::{view, words};
use telling::tell;

/// Takes one message in. The effects are in the order in which they are to be carried out.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    // What is read in a full log stays where it is read.
    let read = state.log.is_full().then(|| view::log_place(state)).flatten();
    let dropped = state.log.dropped();
    let had = (state.jobs.active_count() > 0, state.repair.is_some());
    let one = match &message {
        Message::Job(event) => Some(RowId::new(&event.tenant, &event.key)),
        _ => None,
    };
    let one = one.map(|id| (marks::weight(state, &id), id));
    match message {
        Message::Terminal(event) => terminal(state, event, &mut effects),
        Message::Tick(now) => tick(state, now, &mut effects),
        Message::Audit(news) => {
            telling::audit(state, &news);
            rows::audit(state, news, &mut effects);
        }
        Message::Observed(signup) => rows::observed(state, *signup),
        Message::Job(event) => job(state, event, &mut effects),
        Message::Run(event) => {
            call(state, &event, &mut effects);
            runs::news(state, event);
        }
        Message::Interrupted(open) => runs::interrupted(state, open),
        Message::Elsewhere(fates) => runs::elsewhere(state, fates),
        Message::Looked(looked) => systemic::looked(state, *looked, &mut effects),
        Message::History { target, told } => runs::history(state, &target, told, &mut effects),
        Message::Whom { run, told } => resume::whom(state, &run, told),
        Message::IndexPlanned(told) => index::planned(state, told, &mut effects),
        Message::IndexStep(deed) => index::step(state, &deed),
        Message::IndexMended { told, indexes } => index::mended(state, told, indexes, &mut effects),
        Message::Health(health) => {
            telling::health(state, &health);
            runs::health(state, health, &mut effects);
        }
        Message::Notice(text) => toast(state, words::show(&text)),
        Message::Practised(practice) => sandbox::practised(state, practice, &mut effects),
        Message::Broken(on) => state.broken = on,
        Message::RunCancelled { run, told } => runs::cancelled(state, &run, told),
        Message::Failed(problem) => telling::failed(state, &problem),
        Message::Exported { rows, told } => export::written(state, rows, told),
        Message::Copied { what, to } => telling::copied(state, &what, &to),
    }
    if state.jobs.active_count() == 0 {
        state.told_to_leave = false;
    }
    quit::follow(state, had);
    if let (Some(read), Mode::Log { scroll: Some(_) }) = (read, &state.mode)
        && dropped != state.log.dropped()
    {
        let scroll = Some(view::log_scroll(state, read));
        state.mode = Mode::Log { scroll };
    }
    match one {
        Some((before, id)) => marks::count_again(state, &id, before),
        None => marks::count(state),
    }
    settle(state);
    if state.leaving && state.is_at_rest() {
        effects.push(Effect::Quit);
    }
    effects
}

/// Makes anew what follows from the rest, where the rest changed.
fn settle(state: &mut State) {
    if std::mem::take(&mut state.stale_order) {
        order::arrange(state);
    }
    order::scroll(state);
    order::look(state);
    view::clamp_scroll(state);
}

fn terminal(state: &mut State, event: Event, effects: &mut Vec<Effect>) {
    let seen = view::is_seen(state);
    match event {
        Event::Resize(width, height) => state.size = (width, height),
        Event::FocusGained => state.focused = true,
        Event::FocusLost => state.focused = false,
        Event::Paste(_) | Event::Mouse(_) if !seen => {}
        Event::Paste(text) => dialogs::paste(state, &text),
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            let pressed = keyname::name(&key);
            match pressed.as_ref().and_then(|pressed| bound(state, pressed)) {
                Some(binding) if !seen && !is_safe_unseen(binding.command) => {}
                None if !seen => {}
                None if matches!(state.mode, Mode::Welcome) => sandbox::pass_on(state, pressed, effects),
                None => dialogs::typed(state, &Event::Key(key)),
                Some(binding) => obey(state, binding, effects),
            }
        }
        Event::Mouse(event) => mouse::event(state, event, effects),
        Event::Key(_) => {}
    }
}

/// What may be done where nothing of it is seen: leaving, and closing what is open without an answer.
fn is_safe_unseen(command: Command) -> bool {
    matches!(
        command,
        Command::Quit
            | Command::Interrupt
            | Command::Suspend
            | Command::Back
            | Command::No
            | Command::DropFilter
    )
}

/// What a key means now. On the whole screen of one user the keys of the table hold too, and go back to it.
fn bound(state: &State, pressed: &str) -> Option<&'static Binding> {
    let here = Scope::now(state);
    let keys = &state.setup.keys;
    let of_table = || keys.command(Scope::Table, pressed);
    let own = keys.command(here, pressed);
    own.or_else(|| (here == Scope::Detail).then(of_table).flatten())
}

/// Does what a key is for, or says why that does nothing now.
fn obey(state: &mut State, binding: &Binding, effects: &mut Vec<Effect>) {
    match binding.refusal(state) {
        None => {
            detail::make_room_for(state, binding);
            commands::carry_out(state, binding.command, effects);
        }
        Some(why) => toast(state, why),
    }
}

/// How long personal data stays shown: somebody may have left the desk.
const SHOWN: SignedDuration = SignedDuration::from_mins(2);

fn unmask(state: &mut State, shows: bool) {
    state.masked = !shows;
    state.mask_at = shows.then(|| state.now.saturating_add(SHOWN).unwrap_or(Timestamp::MAX));
}

/// From how long on a run is worth a bell at its end: nobody watches for longer.
const LONG: SignedDuration = SignedDuration::from_secs(20);

/// Rings where a long run ended or stopped, and has the terminal say so, for who asked for that.
fn call(state: &State, event: &RunEvent, effects: &mut Vec<Effect>) {
    let ended = match event.news {
        RunNews::Ended => "ended",
        RunNews::Paused(_) => "stopped",
        _ => return,
    };
    let Some(run) = state.jobs.run(&event.run) else {
        return;
    };
    if event.news == RunNews::Ended && run.pause.is_some() {
        // It called when it stopped; that the steps in hand ended since is no news.
        return;
    }
    let progress = run.progress();
    let begun = progress.worked_from;
    let long = begun.is_some_and(|begun| event.at.duration_since(begun) >= LONG);
    if !long || state.leaving {
        return;
    }
    if state.setup.bell {
        effects.push(Effect::Bell);
    }
    if state.setup.notification {
        let Progress {
            ended: done,
            total,
            failed,
            ..
        } = progress;
        let text = format!("atriage: a run {ended}: {done} of {total} users, {failed} failed");
        effects.push(Effect::Notify(text));
    }
}

/// Says what a key did, or why it does nothing.
fn toast(state: &mut State, text: String) {
    tell(state, Tone::Plain, text);
}

fn tick(state: &mut State, now: Timestamp, effects: &mut Vec<Effect>) {
    state.now = now;
    state.toasts.expire(now);
    if state.filter.follows_time() {
        state.stale_order = true;
    }
    if state.mask_at.is_some_and(|at| at <= now) {
        unmask(state, false);
        toast(state, "E-mails and handles are masked again.".into());
    }
    give_up_the_silent(state);
    if !state.frozen {
        refresh(state, effects, is_due);
    }
    detail::rest(state, effects);
}

/// A walk of which nothing was heard for so long is not going on any more, whatever became of it.
const SILENCE: SignedDuration = SignedDuration::from_secs(120);

fn give_up_the_silent(state: &mut State) {
    let now = state.now;
    for walk in state.walks.values_mut() {
        let silent = walk
            .heard_at
            .is_some_and(|heard| now.duration_since(heard) > SILENCE);
        if walk.doing != Doing::Nothing && silent {
            walk.doing = Doing::Nothing;
            walk.ended_at = Some(now);
        }
    }
}

/// Asks for the newest signups of the tenants that are shown, where `wanted`, and never of one that is being read.
fn refresh(state: &mut State, effects: &mut Vec<Effect>, wanted: fn(&State, &str) -> bool) {
    let tenants: Vec<String> = state
        .chosen()
        .iter()
        .filter(|tenant| state.walks[*tenant].doing == Doing::Nothing && wanted(state, tenant))
        .cloned()
        .collect();
    if tenants.is_empty() {
        return;
    }
    for tenant in &tenants {
        let walk = state.walks.entry(tenant.clone()).or_default();
        walk.doing = Doing::Refresh;
        walk.again = false;
        walk.heard_at = Some(state.now);
    }
    effects.push(Effect::Refresh { tenants });
}

/// Slower while nobody looks, and while the tenant's Auth0 fails; a used-up budget says by itself when to ask again.
fn is_due(state: &State, tenant: &str) -> bool {
    let walk = &state.walks[tenant];
    let Some(ended) = walk.ended_at.filter(|_| !walk.again) else {
        return true;
    };
    let free_at = budget_is_free_at(state, tenant);
    let failures = if free_at.is_some() { 0 } else { walk.failures };
    let waited = state.now.duration_since(ended) >= patience(state, failures);
    waited && free_at.is_none_or(|free_at| free_at < state.now)
}

/// How long to wait before reading again what failed so often in a row.
fn patience(state: &State, failures: u32) -> SignedDuration {
    let times = if state.focused { 1 } else { 4 } << failures.min(3);
    let every = SignedDuration::try_from(state.setup.refresh_every).unwrap_or(SignedDuration::MAX);
    every.saturating_mul(times)
}

/// When the used-up budget of a tenant's Auth0 is free again.
fn budget_is_free_at(state: &State, tenant: &str) -> Option<Timestamp> {
    let mut all = state.health.iter();
    let auth0 = all.find(|health| health.tenant == tenant && health.liveness == Liveness::Limited);
    auth0?.free_at
}

fn job(state: &mut State, event: JobEvent, effects: &mut Vec<Effect>) {
    if event.news == JobNews::Queued && state.told_to_leave {
        // Its run was still being written down when the others were told.
        effects.push(Effect::Leave);
    }
    telling::job(state, &event);
    let id = RowId::new(&event.tenant, &event.key);
    let ended = match &event.news {
        JobNews::Finished { outcome, .. } => Some(*outcome),
        _ => None,
    };
    let over = matches!(event.news, JobNews::Finished { .. } | JobNews::Left);
    state.jobs.fold(event);
    if over && state.cursor.as_ref() == Some(&id) {
        detail::ask_history(state, effects);
    }
    if over && let Mode::History(history) = state.mode.beneath() {
        let target = &history.story.target;
        if RowId::new(&target.tenant, &target.key) == id {
            // What was told of them is of before their job.
            effects.push(Effect::History(target.clone()));
        }
    }
    if matches!(ended, Some(Outcome::Done | Outcome::Nothing)) {
        // What stays marked is what failed.
        state.marks.remove(&id);
        if let Some(range) = &mut state.range {
            range.base.remove(&id);
        }
    }
    if state.sort.by == super::columns::Column::Job || state.filter.follows_jobs() {
        state.stale_order = true;
    }
}
