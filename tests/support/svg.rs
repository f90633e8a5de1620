//! A picture of a terminal as SVG: a window with a title, the text in runs of one look, each as wide as its cells, and lines,
//! bars and grounds as shapes, so that it looks the same whatever font stands in for the first.

use std::fmt::Write as _;
use std::ops::Range;

use vt100::Color;

use super::picture::{Cell, Ink, Picture};

/// One cell, in tenths: no rounding creeps in.
const WIDTH: usize = 84;
const HEIGHT: usize = 180;
/// From the row's top to the letters' foot.
const FOOT: usize = 134;
/// What lies around the cells, and the bar of the title.
const EDGE: usize = 120;
const BAR: usize = 300;

const LETTERS: &str = "#d8dee9";
const GROUND: &str = "#171b22";
const FONT: &str =
    "14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/// `title` stands in the window's bar, `told` is for who cannot see the picture.
pub fn svg(picture: &Picture, title: &str, told: &str) -> String {
    let cols = picture.rows.iter().map(Vec::len).max().unwrap_or_default();
    let (width, height) = (
        cols * WIDTH + 2 * EDGE,
        picture.rows.len() * HEIGHT + BAR + 2 * EDGE,
    );
    let mut looks = Looks::default();
    let mut shapes = String::new();
    let mut texts = String::new();
    for (n, row) in picture.rows.iter().enumerate() {
        let top = n * HEIGHT;
        for run in runs(row, |a, b| ground(&a.ink) == ground(&b.ink)) {
            if let Some(colour) = ground(&row[run.start].ink) {
                rect(&mut shapes, &run, (top, HEIGHT), &format!("fill=\"{colour}\""));
            }
        }
        for run in runs(row, |a, b| a.text == b.text && a.ink == b.ink) {
            draw(&mut shapes, &row[run.start], run, top);
        }
        let mut line = String::new();
        for run in runs(row, |a, b| a.ink == b.ink && is_text(a) && is_text(b)) {
            for part in words(row, run) {
                let cells = &row[part.clone()];
                let text: String = cells.iter().map(|cell| cell.text.as_str()).collect();
                let (x, wide) = (tenth(part.start * WIDTH), tenth(part.len() * WIDTH));
                let look = looks.of(&cells[0].ink);
                let text = escaped(&text);
                let _ = write!(
                    line,
                    "<tspan x=\"{x}\" textLength=\"{wide}\"{look}>{text}</tspan>"
                );
            }
        }
        if !line.is_empty() {
            let _ = writeln!(texts, "<text y=\"{}\">{line}</text>", tenth(top + FOOT));
        }
    }
    if let Some((row, col)) = picture.caret {
        let (x, y) = (usize::from(col) * WIDTH, usize::from(row) * HEIGHT + 15);
        let (x, y) = (tenth(x), tenth(y));
        let _ = writeln!(
            shapes,
            "<path d=\"M{x} {y}v15\" stroke=\"{LETTERS}\" stroke-width=\"2\"/>"
        );
    }
    let (wide, high) = (tenth(width), tenth(height));
    let (middle, left, top) = (tenth(width / 2), tenth(EDGE), tenth(BAR + EDGE / 2));
    let (inner_wide, inner_high) = (tenth(width - 10), tenth(height - 10));
    let (title, told, looks) = (escaped(title), escaped(told), looks.rules());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" role=\"img\">\n\
         <title>{told}</title>\n\
         <style>text{{font:{FONT};fill:{LETTERS};white-space:pre}}{looks}</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{inner_wide}\" height=\"{inner_high}\" rx=\"9\" fill=\"{GROUND}\" stroke=\"#6e7681\"/>\n\
         <g fill=\"#6e7681\"><circle cx=\"18\" cy=\"16\" r=\"5\"/><circle cx=\"36\" cy=\"16\" r=\"5\"/><circle cx=\"54\" cy=\"16\" r=\"5\"/></g>\n\
         <text x=\"{middle}\" y=\"21\" text-anchor=\"middle\" opacity=\".7\">{title}</text>\n\
         <g transform=\"translate({left} {top})\">\n{shapes}{texts}</g>\n</svg>\n"
    )
}

/// The looks of texts so far; each has a class of one or two letters.
#[derive(Default)]
struct Looks(Vec<String>);

impl Looks {
    /// The attribute that gives a text its look; nothing where it is the usual one.
    fn of(&mut self, ink: &Ink) -> String {
        let mut rule = String::new();
        if let Some(colour) = letters(ink) {
            let _ = write!(rule, "fill:{colour};");
        }
        for (holds, says) in [
            (ink.bold, "font-weight:bold;"),
            (ink.dim, "opacity:.65;"),
            (ink.italic, "font-style:italic;"),
            (ink.underlined, "text-decoration:underline;"),
        ] {
            rule.push_str(if holds { says } else { "" });
        }
        if rule.is_empty() {
            return String::new();
        }
        let place = self.0.iter().position(|known| *known == rule).unwrap_or_else(|| {
            self.0.push(rule);
            self.0.len() - 1
        });
        format!(" class=\"{}\"", class(place))
    }

    fn rules(&self) -> String {
        let rules = self.0.iter().enumerate();
        rules
            .map(|(n, rule)| format!(".{}{{{}}}", class(n), rule.trim_end_matches(';')))
            .collect()
    }
}

fn class(place: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap_or_default());
    match place / 26 {
        0 => letter(place).into(),
        more => format!("{}{}", letter(more - 1), letter(place)),
    }
}

/// Stretches of cells that belong together.
fn runs(row: &[Cell], same: impl Fn(&Cell, &Cell) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in 0..row.len() {
        match runs.last_mut() {
            Some(run) if same(&row[run.end - 1], &row[at]) => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The parts of a run that show something: it ends where two blanks follow each other. Underlined blanks show.
fn words(row: &[Cell], run: Range<usize>) -> Vec<Range<usize>> {
    if !is_text(&row[run.start]) {
        return Vec::new();
    }
    if row[run.start].ink.underlined {
        return vec![run];
    }
    let mut words: Vec<Range<usize>> = Vec::new();
    for at in run.filter(|at| row[*at].text != " ") {
        match words.last_mut() {
            Some(word) if at - word.end <= 1 => word.end = at + 1,
            _ => words.push(at..at + 1),
        }
    }
    words
}

/// Drawn as a text, not as a shape.
fn is_text(cell: &Cell) -> bool {
    !"─│┌┐└┘├┤░▁▂▃▄▅▆▇█".contains(&cell.text) || cell.text.is_empty()
}

/// Draws a run of the same line or bar.
fn draw(shapes: &mut String, cell: &Cell, run: Range<usize>, top: usize) {
    if is_text(cell) {
        return;
    }
    let colour = letters(&cell.ink).unwrap_or_else(|| LETTERS.into());
    let faded = if cell.ink.dim || cell.text == "░" {
        " opacity=\".5\""
    } else {
        ""
    };
    if let Some(eighths) = "▁▂▃▄▅▆▇█".chars().position(|bar| cell.text.starts_with(bar)) {
        let high = HEIGHT * (eighths + 1) / 8;
        return rect(
            shapes,
            &run,
            (top + HEIGHT - high, high),
            &format!("fill=\"{colour}\"{faded}"),
        );
    }
    if cell.text == "░" {
        let bar = (top + HEIGHT / 8, HEIGHT * 3 / 4);
        return rect(shapes, &run, bar, &format!("fill=\"{colour}\"{faded}"));
    }
    let mut path = String::new();
    let (middle, bottom) = (top + HEIGHT / 2, top + HEIGHT);
    for at in run.clone() {
        let (left, centre, right) = (at * WIDTH, at * WIDTH + WIDTH / 2, (at + 1) * WIDTH);
        let arms: &[(usize, usize)] = match cell.text.as_str() {
            "─" if at > run.start => continue,
            "─" => &[(left, middle), (run.end * WIDTH, middle)],
            "│" => &[(centre, top), (centre, bottom)],
            "┌" => &[(centre, bottom), (centre, middle), (right, middle)],
            "┐" => &[(centre, bottom), (centre, middle), (left, middle)],
            "└" => &[(centre, top), (centre, middle), (right, middle)],
            "┘" => &[(centre, top), (centre, middle), (left, middle)],
            "├" => &[(centre, top), (centre, bottom), (centre, middle), (right, middle)],
            _ => &[(centre, top), (centre, bottom), (centre, middle), (left, middle)],
        };
        for (n, (x, y)) in arms.iter().enumerate() {
            let _ = write!(
                path,
                "{}{} {}",
                if n == 0 { 'M' } else { 'L' },
                tenth(*x),
                tenth(*y)
            );
        }
    }
    let _ = writeln!(
        shapes,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\"{faded}/>"
    );
}

/// A rectangle over these columns; where it begins and how high it is in tenths.
fn rect(shapes: &mut String, run: &Range<usize>, (top, high): (usize, usize), look: &str) {
    let (x, y) = (tenth(run.start * WIDTH), tenth(top));
    let (wide, high) = (tenth(run.len() * WIDTH), tenth(high));
    let _ = writeln!(
        shapes,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\" {look}/>"
    );
}

fn tenth(tenths: usize) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// `None`: the usual one.
fn letters(ink: &Ink) -> Option<String> {
    if ink.reversed {
        return Some(colour(ink.ground).unwrap_or_else(|| GROUND.into()));
    }
    colour(ink.letters)
}

/// `None`: the window's own.
fn ground(ink: &Ink) -> Option<String> {
    if ink.reversed {
        return Some(colour(ink.letters).unwrap_or_else(|| LETTERS.into()));
    }
    colour(ink.ground)
}

fn colour(colour: Color) -> Option<String> {
    let (r, g, b) = match colour {
        Color::Default => return None,
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Idx(n @ 0..16) => return Some(SIXTEEN[usize::from(n)].into()),
        Color::Idx(n @ 16..232) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            (level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        Color::Idx(n) => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
    };
    Some(format!("#{r:02x}{g:02x}{b:02x}"))
}

/// As many terminals have them.
const SIXTEEN: [&str; 16] = [
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5", "#666666",
    "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
];

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
