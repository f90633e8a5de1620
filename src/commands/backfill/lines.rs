//! The users of a dry run and of the question before `--fix`, in lines: the steps of each, what is replaced, why, and what
//! is left.

use std::io::IsTerminal;

use unicode_width::UnicodeWidthStr;

use super::super::json::PlannedChangeView;
use super::planned::Planned;
use crate::domain::change::Place;
use crate::domain::plan::spoken;
use crate::domain::text;
use crate::provisioning::queue::advice;

/// How wide what is replaced may be where nobody knows how wide the screen is.
const WIDE: usize = 80;

/// How wide the terminal is behind a stream; `None` where it is none, so that no line is folded for a screen.
pub fn room(stream: &impl IsTerminal) -> Option<usize> {
    let size = stream.is_terminal().then(crossterm::terminal::size)?.ok()?;
    Some(usize::from(size.0)).filter(|width| *width > 0)
}

/// Each user with the plan, what it replaces, why, and what is left; then how many there are of each kind. `width`: that of
/// the screen, where there is one.
pub fn lines(planned: &[Planned], width: Option<usize>) -> String {
    let mut lines = Vec::new();
    for user in planned {
        let view = &user.view;
        let what = match &view.error {
            Some(problem) => format!("not looked at: {}", advice(problem)),
            None if view.plan.is_empty() => format!("nothing: {}", user.why),
            None => spoken(&view.plan),
        };
        lines.push(format!("{}  {}  {what}", view.tenant, view.sub));
        lines.extend(replaced(&view.changes, width.unwrap_or(WIDE)));
        if !view.plan.is_empty() {
            lines.push(format!("    why: {}", user.why));
        }
        lines.extend(view.replaces.iter().map(|did| {
            format!("    replaces: {did}, which is gone from the PDS with its posts and followers")
        }));
        lines.extend(view.left.iter().map(|left| format!("    left: {left}")));
    }
    lines.push(summary(planned));
    match width {
        Some(width) => lines
            .iter()
            .flat_map(|line| fold(line, width))
            .collect::<Vec<_>>()
            .join("\n"),
        None => lines.join("\n"),
    }
}

/// What stands somewhere and is replaced, a line each: what is made of nothing, the steps say. One thing that comes to stand
/// in several places is said once.
fn replaced(changes: &[PlannedChangeView], width: usize) -> Vec<String> {
    let mut told: Vec<(Vec<&str>, String)> = Vec::new();
    // That an account is gone, and which, a line of its own says.
    let replaces = |change: &&PlannedChangeView| change.replaces && change.place != Place::PdsAccount;
    for change in changes.iter().filter(replaces) {
        let (place, what) = (change.place.word(), change.old_and_new());
        match told.iter_mut().find(|(_, other)| *other == what) {
            Some((places, _)) if places.contains(&place) => {}
            Some((places, _)) => places.push(place),
            None => told.push((vec![place], what)),
        }
    }
    let told = told.into_iter();
    told.flat_map(|(places, what)| parted(&places.join(", "), &what, width))
        .collect()
}

/// `    places: old → new`, and below each other what has no room beside each other.
fn parted(places: &str, what: &str, width: usize) -> Vec<String> {
    let line = format!("    {places}: {what}");
    let below = format!("      {what}");
    if line.width() <= width {
        vec![line]
    } else if let (true, Some((old, new))) = (below.width() > width, what.split_once(" → ")) {
        vec![
            format!("    {places}:"),
            format!("      {old}"),
            format!("      → {new}"),
        ]
    } else {
        vec![format!("    {places}:"), below]
    }
}

/// The line in lines of at most this width, broken between words, each but the first set in by four more.
fn fold(line: &str, width: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    let mut lines = vec![" ".repeat(indent)];
    let (mut last, mut empty) = (indent, true);
    // Two spaces part what stands beside each other, and are kept.
    for word in line.trim_start().split_inclusive(' ') {
        let bare = word.trim_end().width();
        if !empty && last + bare > width {
            lines.push(" ".repeat(indent + 4));
            last = indent + 4;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
        last += word.width();
        empty = false;
    }
    lines.iter().map(|line| line.trim_end().to_string()).collect()
}

/// `7 users: 4 to mend, 1 left to you, 2 whole or waiting`
fn summary(planned: &[Planned]) -> String {
    let kind = |user: &Planned| match &user.view {
        view if view.error.is_some() => 3,
        view if !view.plan.is_empty() => 0,
        _ if user.for_somebody => 1,
        _ => 2,
    };
    let words = ["to mend", "left to you", "whole or waiting", "not looked at"];
    let counts = words.iter().enumerate().filter_map(|(at, word)| {
        let count = planned.iter().filter(|user| kind(user) == at).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let users = text::count(planned.len(), "user");
    format!("{users}: {}", counts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Change, Side};
    use crate::domain::plan::Step;

    fn told(changes: &[(Step, Place, Side, Side)], width: usize, unmask: bool) -> Vec<String> {
        let views: Vec<PlannedChangeView> = changes
            .iter()
            .cloned()
            .map(|(step, place, old, new)| Change {
                step,
                place,
                old,
                new,
            })
            .map(|change| PlannedChangeView::new(&change, unmask))
            .collect();
        replaced(&views, width)
    }

    fn handle(name: &str) -> Side {
        Side::Handle {
            handle: format!("{name}.at.example.com"),
            or_code: false,
        }
    }

    #[test]
    fn what_is_replaced_has_a_line_and_what_is_made_of_nothing_has_none() {
        use Place::*;
        let is = |text: &str| Side::Is(text.into());
        let said = |text: &str| Side::Said(text.into());
        let (old, new) = (handle("ac25momez"), handle("mira"));
        let renamed = [
            (Step::SyncHandle, PdsHandle, old.clone(), new.clone()),
            (Step::RecordAccount, RecordedHandle, old, new),
        ];
        assert_eq!(
            told(&renamed, 80, true),
            [
                "    PDS handle, users.atproto.handle:",
                "      ac25momez.at.example.com → mira.at.example.com"
            ]
        );
        assert_eq!(
            told(&renamed, 40, false),
            [
                "    PDS handle, users.atproto.handle:",
                "      ac25momez.at.example.com",
                "      → m….at.example.com"
            ]
        );
        assert_eq!(
            told(
                &[(Step::SyncHandle, PdsHandle, handle("max"), handle("mira"))],
                80,
                false
            ),
            ["    PDS handle: m….at.example.com → another m….at.example.com"]
        );
        let made = [
            (
                Step::EnsureCodeIndex,
                CodeIndex,
                Side::Unknown,
                said("kept if unique"),
            ),
            (Step::CreateUser, UserRecord, Side::Nothing, said("made")),
            (Step::CreateAccount, PdsAccount, Side::Nothing, said("made")),
            (
                Step::AdoptAccount,
                PdsPassword,
                Side::Unknown,
                said("set anew, never shown"),
            ),
            (Step::SetVerificationCount, VerificationCount, is("0"), is("1")),
            (
                Step::RecordAccount,
                RecordedDid,
                is("did:plc:old"),
                said("the DID from the PDS"),
            ),
        ];
        assert_eq!(
            told(&made, 80, false),
            [
                "    verifications.count: 0 → 1",
                "    users.atproto.did: did:plc:old → the DID from the PDS"
            ]
        );
    }

    #[test]
    fn a_line_is_folded_between_words_for_a_screen() {
        let line = "aesthetic  auth0|1  create-user create-account verify";
        assert_eq!(fold(line, 80), [line]);
        assert_eq!(
            fold(line, 32),
            ["aesthetic  auth0|1  create-user", "    create-account verify"]
        );
        assert_eq!(
            fold("    left: one two three", 14),
            ["    left: one", "        two", "        three"]
        );
        assert_eq!(fold("averylongword", 5), ["averylongword"], "an id stays whole");
    }
}
