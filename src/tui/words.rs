//! How the screen words what it shows: times, people, and texts made to fit. No styles, no layout.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::Signup;
use crate::domain::text;
pub use crate::domain::text::{count, span};

/// `12s`, `3m`, `2h`, `5d`, `9w`: an age in at most four columns.
pub fn age(from: Timestamp, now: Timestamp) -> String {
    let seconds = seconds_between(from, now);
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400..6_048_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}w", seconds / 604_800),
    }
}

/// `12 s ago`, `3 min ago`, `1h03m ago`, `5 days ago`: reads in a sentence.
pub fn ago(from: Timestamp, now: Timestamp) -> String {
    match seconds_between(from, now) {
        0 => "just now".into(),
        seconds => format!("{} ago", span(seconds)),
    }
}

/// `5 s to 2 min ago`: of what was not read at one time.
pub fn ago_to(newest: Timestamp, oldest: Timestamp, now: Timestamp) -> String {
    let newest = ago(newest, now);
    let newest = newest.strip_suffix(" ago").unwrap_or(&newest);
    format!("{newest} to {}", ago(oldest, now))
}

/// `in 12 s`; `now` where the moment has come.
pub fn until(then: Timestamp, now: Timestamp) -> String {
    match seconds_between(now, then) {
        0 => "now".into(),
        seconds => format!("in {}", span(seconds)),
    }
}

/// Never negative: a clock that runs a little ahead makes an age of 0.
fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second()).max(0)
}

/// `84 ms`, `1.2 s`.
pub fn millis(ms: u128) -> String {
    if ms < 1_000 {
        format!("{ms} ms")
    } else {
        format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
    }
}

/// `2026-11-22 14:29:20 UTC`: never without its zone.
pub fn absolute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M:%S %Z")
        .to_string()
}

/// `14:02 UTC`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M %Z").to_string()
}

/// From when on a clock without a date would be read as one of today.
const LONG_AGO: i64 = 86_400;

/// `14:02 UTC`; `2026-11-20 14:02 UTC` where that is a day ago or more.
pub fn since(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    if seconds_between(at, now) < LONG_AGO {
        return clock(at, zone);
    }
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// `13:00`, `14:00`, without their zone; where the first is a day ago or more, each with its date where that is another
/// than the one before.
pub fn clocks(all: &[Timestamp], now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let dated = all.iter().any(|at| seconds_between(*at, now) >= LONG_AGO);
    let day = |at: &Timestamp| at.to_zoned(zone.clone()).date();
    let before = std::iter::once(None).chain(all.iter().map(|at| Some(day(at))));
    let words = all.iter().zip(before).map(|(at, before)| {
        let clock = clock_short(*at, zone);
        match dated && before != Some(day(at)) {
            true => format!("{} {clock}", day(at)),
            false => clock,
        }
    });
    words.collect()
}

/// What a zone is called: `Europe/Berlin`, or how far it is from UTC where it has no name; `None` for one that the system
/// could not tell, which shows as UTC.
pub fn zone(zone: &TimeZone, now: Timestamp) -> Option<String> {
    if zone.is_unknown() {
        return None;
    }
    let name = zone.iana_name().map(show);
    Some(name.unwrap_or_else(|| now.to_zoned(zone.clone()).strftime("%:z").to_string()))
}

/// `14:02`, without its zone: for lists below a line that names it.
pub fn clock_short(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// `14:02:59`, without its zone: for lists below a line that names it.
pub fn clock_seconds(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// How a person is called in one column: the e-mail, else the id.
pub fn person(signup: &Signup, masked: bool) -> String {
    match signup.email() {
        Some(email) if masked => show(&text::mask_email(email)),
        Some(email) => show(email),
        None => show(&signup.sub),
    }
}

/// A chosen name, which may have dots in it; hidden but for its first letter where asked.
pub fn chosen(name: &str, masked: bool) -> String {
    show(&if masked {
        text::mask_name(name)
    } else {
        name.to_string()
    })
}

/// A full handle, with the name in it hidden where asked.
pub fn handle(handle: &str, masked: bool) -> String {
    show(&if masked {
        text::mask_handle(handle)
    } else {
        handle.to_string()
    })
}

/// How many marks may stand on one letter before they count as an attempt to paint over the line above.
const MARKS_ON_A_LETTER: usize = 2;

/// Outside text made fit for a cell: harmless, with few combining marks, and nothing that changes a width after the fact.
/// Of flags the letters are shown, and of emoji no tint: terminals do not agree on how wide those are.
pub fn show(outside: &str) -> String {
    let mut marks = 0;
    text::clean(outside)
        .chars()
        .filter(|c| {
            let stands_alone = c.width().unwrap_or(0) > 0;
            marks = if stands_alone { 0 } else { marks + 1 };
            marks <= MARKS_ON_A_LETTER && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
        })
        .map(|c| match c {
            '\u{1f1e6}'..='\u{1f1ff}' => char::from(b'A' + (c as u32 - 0x1_f1e6) as u8),
            c => c,
        })
        .collect()
}

/// The text, or as much of its beginning as fits before `…`.
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if kept.width() + 1 > width {
            kept.pop();
            break;
        }
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// The text, or its beginning and its end with `…` between them: of an address both count.
pub fn middle(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let end = width.saturating_sub(1) / 3;
    let begin = fit(text, width - end);
    let skipped = text.width().saturating_sub(end);
    format!("{begin}{}", skip_columns(text, skipped))
}

/// The text without its first columns.
pub fn skip_columns(text: &str, columns: usize) -> String {
    let mut skipped = 0;
    text.chars()
        .skip_while(|c| {
            let skips = skipped < columns;
            skipped += c.to_string().width();
            skips
        })
        .collect()
}

/// The text in lines of at most this width, broken between words where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() || line.width() + 1 + word.width() <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
        while let Some(line) = lines.last_mut().filter(|line| line.width() > width) {
            let (mut at, mut used) = (0, 0);
            for (start, c) in line.char_indices() {
                used += c.width().unwrap_or(0);
                if used > width && start > 0 {
                    break;
                }
                at = start + c.len_utf8();
            }
            if at >= line.len() {
                break;
            }
            let rest = line.split_off(at);
            lines.push(rest);
        }
    }
    lines
}

/// `…` and the last characters: what tells two DIDs apart stands at their ends. Takes ASCII ids.
pub fn tail(text: &str, count: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= count + 1 {
        return text.to_string();
    }
    std::iter::once('…')
        .chain(chars[chars.len() - count..].iter().copied())
        .collect()
}

/// What stood somewhere, or `–` for nothing.
pub fn or_nothing(value: Option<&str>) -> String {
    value.map_or_else(|| "–".into(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_never_negative() {
        let at = |s: i64| Timestamp::from_second(1_800_000_000 + s).unwrap();
        let cases = [
            (-5i64, "0s", "just now"),
            (12, "12s", "12 s ago"),
            (200, "3m", "3 min ago"),
            (3_800, "1h", "1h03m ago"),
            (90_000, "1d", "25h00m ago"),
            (900_000, "10d", "10 days ago"),
            (90_000_000, "148w", "1041 days ago"),
        ];
        for (seconds, short, long) in cases {
            assert_eq!(age(at(0), at(seconds)), short);
            assert_eq!(ago(at(0), at(seconds)), long);
        }
        assert_eq!(ago_to(at(195), at(80), at(200)), "5 s to 2 min ago");
        assert_eq!(ago_to(at(200), at(80), at(200)), "just now to 2 min ago");
        assert_eq!(until(at(90), at(0)), "in 1 min");
        assert_eq!(absolute(at(0), &TimeZone::UTC), "2027-01-15 08:00:00 UTC");
    }

    #[test]
    fn of_a_hidden_name_only_the_first_letter_is_seen() {
        for name in ["carl.n", "carl", "carl.nyberg"] {
            assert_eq!(chosen(name, true), "c…");
            assert_eq!(chosen(name, false), name);
        }
        assert_eq!(handle("carl.at.example.com", true), "c….at.example.com");
    }

    #[test]
    fn texts_fit_whatever_is_in_them() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("纯纯纯", 4), "纯…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(tail("did:plc:abcdefgh5lce", 5), "…h5lce");
        let stacked = show(&format!("a{}b", "\u{301}".repeat(40)));
        assert_eq!(stacked.chars().count(), 4);
        assert_eq!(show("🇩🇪 👍🏽"), "DE 👍");
        for width in 0..12 {
            for text in ["纯 𝄞 é 🦊 x", "a\u{301}\u{301}bc", "\u{1b}[2J\u{202e}evil"] {
                assert!(fit(&show(text), width).width() <= width);
            }
        }
    }
}
