//! The signups of the last hours as a line of bars, and the share of them that is whole.
//!
//! ```text
//! ▁▁▂▁▅▇▂▁ 24 h, 76 % whole
//! ```

use ratatui::text::{Line, Span};

use crate::domain::State as Fact;

use super::super::hours::Hour;
use super::super::state::State;
use super::super::theme::{Role, Theme};

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 8] = [".", ".", ":", "-", "=", "+", "*", "#"];

/// Fewer hours are no picture.
const LEAST: usize = 3;

/// Nothing where too few hours are known, or nobody signed up in them. `wordy`: says what the bars are.
pub fn line(state: &State, theme: &Theme, wordy: bool) -> Option<Line<'static>> {
    let hours = &state.tally.hours;
    let most = hours
        .iter()
        .map(|hour| hour.signups)
        .max()
        .filter(|most| *most > 0)?;
    if hours.len() < LEAST {
        return None;
    }
    let bars = if theme.ascii { ASCII } else { BARS };
    let mut spans: Vec<Span> = hours
        .iter()
        .map(|hour| match hour.signups {
            0 => Span::styled(if theme.ascii { "_" } else { " " }, theme.style(Role::Dim)),
            signups => Span::styled(
                bars[(signups * 8).div_ceil(most).clamp(1, 8) - 1],
                theme.style(share(hour)),
            ),
        })
        .collect();
    let sum = |of: fn(&Hour) -> usize| hours.iter().map(of).sum::<usize>();
    let (whole, judged, unknown) = (
        sum(|hour| hour.whole),
        sum(|hour| hour.judged),
        sum(|hour| hour.unknown),
    );
    // Rounded down: 100 % is said of all alone. In an outage the truth lies between none of the unknown and all of them.
    let percent = |whole: usize| whole * 100 / (judged + unknown);
    let whole = match (judged, unknown) {
        (0, _) => String::new(),
        (_, 0) => format!(", {} % whole", percent(whole)),
        _ => format!(", {} to {} % whole", percent(whole), percent(whole + unknown)),
    };
    let what = if wordy { "signups an hour, " } else { "" };
    let text = format!(" {what}{} h{whole} ", hours.len());
    spans.push(Span::styled(text, theme.style(Role::Dim)));
    Some(Line::from(spans))
}

/// The colour of an hour: all whole, some, none; or nothing is known of it yet. The number beside the bars says it in words.
fn share(hour: &Hour) -> Role {
    Role::Bar(match (hour.whole, hour.judged) {
        (_, 0) => Fact::Waiting,
        (_, judged) if hour.unknown > judged => Fact::Unknown,
        (whole, judged) if whole == judged => Fact::Ok,
        (0, _) => Fact::Missing,
        _ => Fact::Drift,
    })
}
