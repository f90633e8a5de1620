//! What differs from one run of the sandbox to the next, and what stands for it in a picture: the only place that knows.
//! Two pictures of the same screen are the same after this, cell by cell.
//!
//! | what differs | what stands there |
//! |---|---|
//! | codes, ids of users, DIDs, ids of runs: drawn at random | invented ones, the same for the same within a picture |
//! | dates and clock times | those of one evening |
//! | the address of a sandbox that a test has in hand, where the badge stands | the badge of `--sandbox` |
//! | ages in minutes, which pass while a journey is played | what the sandbox begins with; behind hours they are the same |
//! | how many signed up in which hour of the clock | as it would be that evening |
//! | how long a call, a step and a job took, and jobs a second | one time for each; no rate |
//! | that a slow service is asked for less at once | nothing |
//! | the order of jobs that ended at the same moment | by name |
//!
//! Where what stands there is shorter or longer, the blanks beside it give, or the widest gap of the line.

use super::picture::{Cell, Picture};

/// `#` is a number, `%` a small letter or digit, `*` as many of them as follow, `&` a hexadecimal digit; anything else is
/// itself. What begins with a letter or a number does so at the beginning of a word, and ends at the end of one.
const RULES: &[(&str, With)] = &[
    (
        "auth0|&&&&&&&&&&&&&&&&&&&&&&&&",
        With::Drawn("0123456789abcdef", 6),
    ),
    ("did:plc:%%%%%%%%%%%%%%%%%%%%%%%%", With::Drawn(BASE32, 8)),
    ("…%%%%%%*", With::Drawn(BASE32, 1)),
    ("…%%%/log/audit", With::Drawn(BASE32, 1)),
    (
        "http://127.0.0.1:#/did",
        With::Beside("http://127.0.0.1:36367/did"),
    ),
    (
        "http://127.0.0.1:#/xrp",
        With::Beside("http://127.0.0.1:46533/xrp"),
    ),
    ("ac#%%%%%", With::Code),
    ("127.0.0.1", With::Text("sandbox")),
    (" run &&&& ", With::Text(" run 7f3a ")),
    (
        "since #:# (#-#-# #:#:# UTC)",
        With::Text("since 19:42 (2026-11-22 19:42:50 UTC)"),
    ),
    (
        "#-#-# #:#:# UTC the last",
        With::Text("2026-11-22 19:02:36 UTC the last"),
    ),
    ("#-#-# #:#:# UTC", With::Text("2026-11-22 21:14:20 UTC")),
    ("#:#:#", With::Text("21:15:31")),
    ("#:# UTC", With::Text("19:42 UTC")),
    ("auth0 ✓ # ms", With::Text("auth0 ✓ 84 ms")),
    ("auth0 ✓ #.# s", With::Text("auth0 ✓ 84 ms")),
    ("mongo ✓ # ms", With::Text("mongo ✓ 3 ms")),
    ("mongo ✓ #.# s", With::Text("mongo ✓ 3 ms")),
    ("pds ✓ # ms", With::Text("pds ✓ 12 ms")),
    ("pds ✓ #.# s", With::Text("pds ✓ 12 ms")),
    ("plc ✓ # ms", With::Text("plc ✓ 41 ms")),
    ("plc ✓ #.# s", With::Text("plc ✓ 41 ms")),
    ("  #.#/s ", With::Text(" ")),
    (", slowed to # at once", With::Text("")),
    ("# ms", With::Beside("62 ms")),
    ("#.# s", With::Beside("62 ms")),
    ("just now", With::Text("2 s ago")),
    ("# s ago", With::Text("2 s ago")),
    (" # min ago", With::Minutes(" min ago")),
    ("#h#m", With::Hours),
    (" #m ", With::Minutes("m ")),
];

/// Of the seven signups without a record and the one before them.
const HOURS: With = With::Text("19:00 1 of 2 · 20:00 3 of 3 · 21:00 3 of 3");

const BASE32: &str = "abcdefghijklmnopqrstuvwxyz234567";

/// The ages in minutes of the sandbox's newest signups at its start.
const MINUTES: [u32; 5] = [1, 6, 13, 23, 38];

#[derive(Clone, Copy)]
enum With {
    /// This; the widest gap of the line gives.
    Text(&'static str),
    /// This; the blanks next to it give, where there are two at least.
    Beside(&'static str),
    /// So many letters are kept, the others are drawn from an alphabet.
    Drawn(&'static str, usize),
    /// A user code.
    Code,
    /// The hours, and always the same minutes.
    Hours,
    /// The minutes that it began with, and this.
    Minutes(&'static str),
}

/// The picture without what differs from run to run.
pub fn steady(mut picture: Picture) -> Picture {
    let mut seen = Seen::default();
    for row in &mut picture.rows {
        *row = steady_row(row, &mut seen);
    }
    sort_ended_jobs(&mut picture.rows);
    picture
}

fn steady_row(row: &[Cell], seen: &mut Seen) -> Vec<Cell> {
    let mut made: Vec<Cell> = Vec::with_capacity(row.len());
    let mut at = 0;
    while at < row.len() {
        let hours = hours(row, at).map(|length| (length, &HOURS));
        let found = hours.or_else(|| {
            let mut rules = RULES.iter();
            rules.find_map(|(pattern, with)| Some((length(pattern, row, at)?, with)))
        });
        let Some((length, with)) = found else {
            made.push(row[at].clone());
            at += 1;
            continue;
        };
        let old = text(&row[at..at + length]);
        let new = seen.replaced(&old, *with);
        at += length;
        let missing = old.chars().count() as isize - new.chars().count() as isize;
        let letters = new.chars().map(|c| Cell {
            text: c.into(),
            ink: row[at - 1].ink,
        });
        if let With::Beside(_) = with {
            let before = made.iter().rev().take_while(|cell| cell.text == " ").count();
            let after = row[at..].iter().take_while(|cell| cell.text == " ").count();
            if before >= 2 {
                widen(&mut made, missing);
            }
            made.extend(letters);
            if before < 2 && after >= 3 {
                // The blanks behind it follow.
                let skipped = usize::try_from(-missing).unwrap_or(0);
                made.extend((0..missing).map(|_| row[at].clone()));
                at += skipped.min(after - 1);
            }
        } else {
            made.extend(letters);
        }
    }
    fill(&mut made, row.len());
    made
}

/// Appends blanks, or takes some away, like the last one.
fn widen(made: &mut Vec<Cell>, by: isize) {
    for _ in 0..by {
        made.extend(made.last().cloned());
    }
    made.truncate(made.len().saturating_sub(usize::try_from(-by).unwrap_or(0)));
}

/// Makes the row as wide as it was: its widest gap, of blanks or of a frame's line, gives.
fn fill(row: &mut Vec<Cell>, width: usize) {
    if row.len() == width {
        return;
    }
    let (mut widest, mut at) = (0..0, 0);
    while at < row.len() {
        let same = row[at..].iter().take_while(|cell| **cell == row[at]).count();
        if [" ", "─"].contains(&row[at].text.as_str()) && same > widest.len() {
            widest = at..at + same;
        }
        at += same;
    }
    let too_long = row.len().saturating_sub(width);
    if too_long > 0 {
        let gone = too_long.min(widest.len().saturating_sub(1));
        row.drain(widest.start..widest.start + gone);
    } else if let Some(filler) = row.get(widest.start).cloned() {
        let missing = width - row.len();
        row.splice(widest.end..widest.end, std::iter::repeat_n(filler, missing));
    }
}

/// How many cells from here on tell what became of the signups of each hour.
fn hours(row: &[Cell], from: usize) -> Option<usize> {
    let mut end = from + length("#:00 # of #", row, from)?;
    while let Some(more) = length(" · #:00 # of #", row, end) {
        end += more;
    }
    Some(end - from)
}

/// How many cells from here on a pattern fits.
fn length(pattern: &str, row: &[Cell], from: usize) -> Option<usize> {
    let at = |n: usize| row.get(n).and_then(|cell| cell.text.chars().next());
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_word = pattern.starts_with(|c: char| c == '#' || c.is_ascii_alphanumeric());
    if is_word && from > 0 && in_word(at(from - 1)) {
        return None;
    }
    let mut n = from;
    for wanted in pattern.chars() {
        let is_named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if wanted == '*' {
            while at(n).is_some_and(is_named) {
                n += 1;
            }
            continue;
        }
        let c = at(n)?;
        let fits = match wanted {
            '#' => c.is_ascii_digit(),
            '%' => is_named(c),
            '&' => c.is_ascii_digit() || ('a'..='f').contains(&c),
            wanted => c == wanted,
        };
        if !fits {
            return None;
        }
        n += 1;
        while wanted == '#' && at(n).is_some_and(|c| c.is_ascii_digit()) {
            n += 1;
        }
    }
    (pattern.ends_with(' ') || !in_word(at(n))).then_some(n - from)
}

fn text(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.text.as_str()).collect()
}

/// The drawn names that a picture has shown so far.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn replaced(&mut self, old: &str, with: With) -> String {
        match with {
            With::Text(text) | With::Beside(text) => text.into(),
            With::Drawn(alphabet, kept) => {
                let letters: Vec<char> = alphabet.chars().collect();
                let (old, rest) = old.split_at(old.find('/').unwrap_or(old.len()));
                let drawn: Vec<char> = old.chars().skip(kept).collect();
                let kept: String = old.chars().take(kept).collect();
                // A DID and its end name the same.
                let end: String = drawn[drawn.len().saturating_sub(6)..].iter().collect();
                let mut dice = self.dice(&end);
                let mut name: Vec<char> = drawn.iter().map(|_| letters[dice() % letters.len()]).collect();
                name.reverse();
                kept + &name.into_iter().collect::<String>() + rest
            }
            With::Code => {
                let mut dice = self.dice(old);
                let mut pick = |letters: &str| char::from(letters.as_bytes()[dice() % letters.len()]);
                let (c, v) = ("bcdfghjkmnprstvwxyz", "aeou");
                let name: String = [c, v, c, v, c].into_iter().map(&mut pick).collect();
                format!("ac26{name}")
            }
            With::Hours => {
                let (hours, _) = old.split_once('h').unwrap_or((old, ""));
                format!("{hours}h31m")
            }
            With::Minutes(unit) => {
                let digits: String = old.chars().filter(char::is_ascii_digit).collect();
                let minutes: u32 = digits.parse().unwrap_or_default();
                let began = MINUTES.into_iter().rfind(|began| *began <= minutes);
                let new = format!(" {}{unit}", began.unwrap_or(minutes));
                if unit.ends_with(' ') {
                    format!("{new:width$}", width = old.len())
                } else {
                    new
                }
            }
        }
    }

    /// Numbers that follow from how many names were seen before this one, of which there may be but the end.
    fn dice(&mut self, name: &str) -> impl FnMut() -> usize + use<> {
        let place = self
            .0
            .iter()
            .position(|seen| seen.ends_with(name))
            .unwrap_or_else(|| {
                self.0.push(name.into());
                self.0.len() - 1
            });
        let mut state = (place as u64 + 1).wrapping_mul(0xd1b5_4a32_d192_ed03);
        move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        }
    }
}

/// In the pane of the jobs those that ended last stand first, and a few end at once.
fn sort_ended_jobs(rows: &mut [Vec<Cell>]) {
    let is_ended = |row: &Vec<Cell>| {
        let line = text(row);
        line.starts_with("│ ✓ ") && line.contains(" done in ")
    };
    let mut at = 0;
    while at < rows.len() {
        let group = rows[at..].iter().take_while(|row| is_ended(row)).count();
        rows[at..at + group].sort_by_key(|row| text(row));
        at += group.max(1);
    }
}
