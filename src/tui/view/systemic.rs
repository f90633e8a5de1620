//! What concerns many, on one screen, in the order in which an operator asks: what, since when, why, how it is known, and
//! the way out. The sentences come from `domain::accident`; here they get their times and keys.
//!
//! ```text
//! ┌ One accident · aesthetic · sandbox ──────────────────────────── 1 of 2 ┐
//! │ 7 of the newest 7 signups have no users record since 14:02 …           │
//! │ Before  2026-11-22 13:57:40 UTC the last without it, 4 min earlier.    │
//! │ Hours   13:00 0 of 3 · 14:00 7 of 7                                    │
//! │ Cause   Shown by the evidence: The site's code makes the index as …    │
//! │ Seen    ✗ users has code_1 {code: 1} unique sparse. …                  │
//! │ Do      1 Press I, which brings the index to the form that …           │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::accidents::{self, Topic};
use super::super::applies;
use super::super::state::{State, Walk};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{hanging, index};
use crate::domain::State as Fact;
use crate::domain::accident::{Certainty, Explained, Way};
use crate::domain::check::{Check, CheckState};
use crate::domain::tally::needs_verified;

/// How wide the names on the left are.
const LEFT: usize = 8;
/// The lines of the screen that are the frame's, or not the dialog's.
const AROUND: usize = 5;

pub fn title(topic: &Topic, state: &State) -> String {
    let what = match topic {
        Topic::Service(name, tenant) if tenant.is_empty() => format!("{name} is down"),
        Topic::Service(name, tenant) => format!("{name} of {} is down", words::show(tenant)),
        Topic::Unlisted(tenant) => format!("{} cannot be listed", words::show(tenant)),
        Topic::Stopped(run) => format!("Run {} stopped", words::show(state.short_run(run))),
        Topic::Waiting => "All jobs wait".into(),
        Topic::Shared(tenant, _) => format!("One accident · {}", words::show(tenant)),
        Topic::Index => "The code index".into(),
    };
    let all = accidents::topics(state);
    let place = match all.iter().position(|other| other == topic) {
        Some(at) if all.len() > 1 => format!(" · {} of {}", at + 1, all.len()),
        _ => String::new(),
    };
    let asked = accidents::looked(state, topic).map_or(" · being asked…".to_string(), |looked| {
        format!(" · asked {}", words::clock_seconds(looked.at, state.zone()))
    });
    format!("{what} · {}{place}{asked}", words::show(&state.setup.badge))
}

pub fn lines(topic: &Topic, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let text = theme.style(Role::Text);
    let Some(told) = accidents::explain(state, topic) else {
        let over = "This is over: it does not show any more.";
        return hanging(Span::raw(""), over, theme.style(Role::Strong), width);
    };
    let mut page = Page {
        lines: Vec::new(),
        theme,
        width,
    };
    what(&mut page, topic, state);
    page.gap();
    let certainty = match told.certainty {
        Certainty::Shown => theme.style(Role::Strong),
        Certainty::Suspected => theme.style(Role::State(Fact::Drift)),
        Certainty::Unknown => theme.style(Role::State(Fact::Unknown)),
    };
    let sure = Span::styled(told.certainty.words(), certainty);
    page.begun("Cause", sure, &words::show(&told.cause), text);
    page.gap();
    seen(&mut page, &told);
    page.gap();
    way_out(&mut page, &told, topic, state);
    let mut lines = page.lines;
    // One screen: what only sets apart gives way first.
    if lines.len() + AROUND > usize::from(state.size.1) {
        lines.retain(|line| line.width() > 0);
    }
    lines
}

/// Lines with a name on the left.
struct Page<'a> {
    lines: Vec<Line<'static>>,
    theme: &'a Theme,
    width: usize,
}

impl Page<'_> {
    fn say(&mut self, name: &str, text: &str, style: Style) {
        let name = Span::styled(format!("{name:<LEFT$}"), self.theme.style(Role::Dim));
        self.lines.extend(hanging(name, text, style, self.width));
    }

    /// Behind the name something of its own, in which the text after it does not stand.
    fn item(&mut self, name: &str, sign: Span<'static>, text: &str, style: Style) {
        let indent = LEFT + sign.width();
        let pieces = words::wrap(text, self.width.saturating_sub(indent));
        for (n, piece) in pieces.into_iter().enumerate() {
            let lead = if n == 0 {
                let name = Span::styled(format!("{name:<LEFT$}"), self.theme.style(Role::Dim));
                vec![name, sign.clone()]
            } else {
                vec![Span::raw(" ".repeat(indent))]
            };
            let spans = lead.into_iter().chain([Span::styled(piece, style)]);
            self.lines.push(Line::from(spans.collect::<Vec<_>>()));
        }
    }

    /// A text whose first words have a style of their own; they fit into one line.
    fn begun(&mut self, name: &str, first: Span<'static>, text: &str, style: Style) {
        let name = format!("{name:<LEFT$}");
        let whole = format!("{} {text}", first.content);
        for (n, piece) in words::wrap(&whole, self.width.saturating_sub(LEFT))
            .into_iter()
            .enumerate()
        {
            let spans = match piece.strip_prefix(first.content.as_ref()).filter(|_| n == 0) {
                Some(rest) => {
                    let name = Span::styled(name.clone(), self.theme.style(Role::Dim));
                    vec![name, first.clone(), Span::styled(rest.to_string(), style)]
                }
                None => vec![Span::raw(" ".repeat(LEFT)), Span::styled(piece, style)],
            };
            self.lines.push(Line::from(spans));
        }
    }

    fn gap(&mut self) {
        self.lines.push(Line::default());
    }
}

/// What there is to see: how many, since when, from when to when it broke.
fn what(page: &mut Page, topic: &Topic, state: &State) {
    let (strong, text) = (page.theme.style(Role::Strong), page.theme.style(Role::Text));
    let zone = state.zone();
    let absolute = |at: Timestamp| words::absolute(at, zone);
    let read = |walk: &Walk| match walk.fresh_at {
        Some(at) => format!("The table is of {}.", absolute(at)),
        None => "Nothing was read so far.".into(),
    };
    match topic {
        Topic::Shared(tenant, finding) => {
            let Some(found) = accidents::shared(state, tenant, *finding) else {
                return;
            };
            let (verified, fragment) = match finding.fragment() {
                all if !needs_verified(*finding) => ("", all),
                all => ("verified ", all.strip_prefix("are verified and ").unwrap_or(all)),
            };
            let since = found.since.map_or(String::new(), |at| {
                let (clock, ago) = (words::clock_short(at, zone), words::ago(at, state.now));
                format!(" since {clock} ({}), {ago}", absolute(at))
            });
            let (affected, of) = (found.affected, found.of);
            let what = format!("{affected} of the newest {of} {verified}signups {fragment}{since}.");
            page.say_whole(&what, strong);
            let Some(spread) = accidents::counted(state, topic).map(|counted| &counted.spread) else {
                return;
            };
            let before = match (found.since, spread.before) {
                (Some(first), Some(before)) => {
                    let earlier = words::span(first.duration_since(before).as_secs());
                    format!("{} the last without it, {earlier} earlier.", absolute(before))
                }
                _ if state.walks[tenant].exhausted => {
                    "Nobody signed up before without it: all are loaded.".into()
                }
                _ => state.spell("Nobody without it is loaded: {older} loads older ones."),
            };
            page.say("Before", &before, text);
            let begins: Vec<Timestamp> = spread.hours.iter().map(|hour| hour.at).collect();
            let hours: Vec<String> = words::clocks(&begins, state.now, zone)
                .into_iter()
                .zip(&spread.hours)
                .map(|(begins, hour)| format!("{begins} {} of {}", hour.affected, hour.of))
                .collect();
            if !hours.is_empty() {
                page.say("Hours", &hours.join(" · "), text);
            }
        }
        Topic::Stopped(run) => {
            let Some((_, pause)) = accidents::stopped_runs(state).find(|(id, _)| id == run) else {
                return;
            };
            let (at, ago) = (absolute(pause.at), words::ago(pause.at, state.now));
            let what = format!("Run {} stopped by itself, {ago} ({at}).", words::show(run));
            page.say_whole(&what, strong);
            if let Some(left) = left_of(state, run) {
                page.say("Left", &left, text);
            }
        }
        Topic::Waiting => {
            let Some(holding) = accidents::holding(state) else {
                return;
            };
            let until = words::until(holding.until, state.now);
            let jobs = words::count(state.jobs.active_count(), "job");
            let what =
                format!("{jobs} wait for a backend that fails for everybody; the next try is {until}.");
            page.say_whole(&what, strong);
        }
        Topic::Index => {
            let what =
                "Nobody who signed up lately is broken by it now; who signs up next may get no record.";
            page.say_whole(what, strong);
        }
        Topic::Unlisted(tenant) => page.say_whole(&read(&state.walks[tenant]), strong),
        Topic::Service(name, tenant) => {
            let what = match (*name, state.walks.get(tenant)) {
                ("auth0", Some(walk)) => read(walk),
                (name, _) => format!("What {name} knows shows as unknown, and no plan touches that."),
            };
            page.say_whole(&what, strong);
        }
    }
}

impl Page<'_> {
    /// A sentence over the whole width.
    fn say_whole(&mut self, text: &str, style: Style) {
        self.lines.extend(hanging(Span::raw(""), text, style, self.width));
    }
}

/// How many of a run are left, from whoever knows.
fn left_of(state: &State, run: &str) -> Option<String> {
    let told = |left: usize, total: usize, failed: usize| {
        let are = if left == 1 { "is" } else { "are" };
        let total = words::count(total, "user");
        format!("{left} of {total} {are} left, {failed} failed.")
    };
    if let Some(here) = state.jobs.run(run) {
        let progress = here.progress();
        return Some(told(progress.left, progress.total, progress.failed));
    }
    let offer = state.offers.iter().find(|offer| offer.run == run)?;
    Some(told(offer.left, offer.total, offer.failed))
}

/// What was looked at, with its answer.
fn seen(page: &mut Page, told: &Explained) {
    for (
        n,
        Check {
            state: found,
            message,
            ..
        },
    ) in told.evidence.iter().enumerate()
    {
        let fact = match found {
            CheckState::Ok => Fact::Ok,
            CheckState::Warning => Fact::Drift,
            CheckState::Problem => Fact::Missing,
            CheckState::Unknown => Fact::Unknown,
        };
        let sign = Span::styled(
            format!("{} ", page.theme.glyph(fact)),
            page.theme.style(Role::State(fact)),
        );
        let style = match found {
            CheckState::Ok => page.theme.style(Role::Dim),
            _ => page.theme.style(Role::Text),
        };
        let name = if n == 0 { "Seen" } else { "" };
        page.item(name, sign, &words::show(message), style);
    }
}

/// Numbered, each with its key or its command line.
fn way_out(page: &mut Page, told: &Explained, topic: &Topic, state: &State) {
    let text = page.theme.style(Role::Text);
    for (n, way) in told.way_out.iter().enumerate() {
        let sentence = match way {
            Way::Do(sentence) => words::show(sentence),
            Way::MendIndex(line) => index::way(line, state),
            Way::Resume(run) if state.setup.read_only => {
                format!(
                    "atriage runs resume {} goes on with it, where writing is allowed.",
                    words::show(run)
                )
            }
            Way::Mend(_) if state.setup.read_only => {
                "atriage backfill mends them, where writing is allowed.".into()
            }
            Way::Resume(run) => {
                let name = words::show(state.short_run(run));
                // The key goes on with one run at a time.
                match applies::to_resume(state).is_some_and(|offer| offer.run == *run) {
                    true => state.spell(&format!("{{retry}} goes on with run {name}, after asking.")),
                    false => format!("atriage runs resume {name} goes on with it."),
                }
            }
            Way::Mend(_) => {
                let counted = accidents::counted(state, topic);
                let (shown, hidden) = counted.map_or((0, 0), |counted| (counted.shown, counted.hidden));
                let whom = |users| words::count(users, "user");
                match (shown, hidden) {
                    (0, 1..) => state.spell(&format!(
                        "The filter hides all, {}; close this, and {{back}} in the table drops it.",
                        whom(hidden)
                    )),
                    (shown, hidden) => {
                        let hidden = match hidden {
                            0 => String::new(),
                            more => format!(" The filter hides {more} more."),
                        };
                        let whom = whom(shown);
                        state.spell(&format!(
                            "Press {{mark-all}} to mark the {whom}, then {{fix}}, which asks first.{hidden}"
                        ))
                    }
                }
            }
            // Jobs go on while the reading is frozen.
            Way::Wait if state.frozen && *topic != Topic::Waiting => state.spell(
                "Frozen: it is not tried by itself. {refresh} asks now; {freeze} in the table goes on.",
            ),
            Way::Wait => state.spell("It is tried again by itself; {refresh} asks now."),
        };
        let name = if n == 0 { "Do" } else { "" };
        let sign = Span::styled(format!("{} ", n + 1), page.theme.style(Role::Strong));
        page.item(name, sign, &sentence, text);
    }
    let is_line = |way: &Way| match way {
        Way::Do(sentence) => sentence.contains("atriage "),
        Way::MendIndex(line) => index::way(line, state).contains("atriage "),
        Way::Resume(_) | Way::Mend(_) | Way::Wait => false,
    };
    if state.setup.sandbox.is_some() && told.way_out.iter().any(is_line) {
        let told = "A command line opens a sandbox of its own; here only keys act.";
        page.say("", told, page.theme.style(Role::Dim));
    }
}
