//! What a key is called: in the key table, in the configuration, and on the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// How the table spells a key: `F`, `space`, `ctrl-d`, `shift-up`. `None` for keys that nothing is bound to.
pub fn name(event: &KeyEvent) -> Option<String> {
    let plain = match event.code {
        KeyCode::Char(' ') => "space".to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::F(n) => format!("f{n}"),
        KeyCode::Enter => "enter".into(),
        KeyCode::Esc => "esc".into(),
        KeyCode::Tab => "tab".into(),
        KeyCode::BackTab => return Some("backtab".into()),
        KeyCode::Up => "up".into(),
        KeyCode::Down => "down".into(),
        KeyCode::Left => "left".into(),
        KeyCode::Right => "right".into(),
        KeyCode::Home => "home".into(),
        KeyCode::End => "end".into(),
        KeyCode::PageUp => "pgup".into(),
        KeyCode::PageDown => "pgdn".into(),
        KeyCode::Delete => "delete".into(),
        KeyCode::Insert => "insert".into(),
        _ => return None,
    };
    if event
        .modifiers
        .intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META)
    {
        return None;
    }
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return Some(format!("ctrl-{}", plain.to_lowercase()));
    }
    let shifted =
        event.modifiers.contains(KeyModifiers::SHIFT) && matches!(event.code, KeyCode::Up | KeyCode::Down);
    Some(if shifted { format!("shift-{plain}") } else { plain })
}

/// How a key is told: `Enter`, `Up`, `ctrl-d`, `F5`. No arrows: an ASCII `v` for one would be another key.
pub fn spelled(key: &str) -> String {
    match key {
        "pgup" => "PgUp".into(),
        "pgdn" => "PgDn".into(),
        "backtab" => "Shift-Tab".into(),
        "shift-up" => "Shift-Up".into(),
        "shift-down" => "Shift-Down".into(),
        _ if key.starts_with("ctrl-") || key.chars().count() == 1 => key.into(),
        _ => key[..1].to_uppercase() + &key[1..],
    }
}

/// Why a key cannot be had, and what to do about it.
pub type Complaint = (&'static str, &'static str);

const NAMED: [&str; 17] = [
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pgup",
    "pgdn",
    "enter",
    "esc",
    "space",
    "tab",
    "backtab",
    "delete",
    "insert",
    "shift-up",
    "shift-down",
];

/// The name that `name` gives a key that was written by hand: `F5`, `Ctrl+R`, `PgDn`.
pub fn readable(written: &str) -> Result<String, Complaint> {
    let mut chars = written.chars();
    if let (Some(one), None) = (chars.next(), chars.next())
        && !one.is_whitespace()
        && !one.is_control()
    {
        return Ok(one.to_string());
    }
    let name = written.trim().to_lowercase().replace('+', "-");
    let is_function = || {
        let number = name.strip_prefix('f').and_then(|number| number.parse().ok());
        number.is_some_and(|number: u8| (1..=12).contains(&number) && !name.starts_with("f0"))
    };
    match name.strip_prefix("ctrl-") {
        Some("c") => Err(("ctrl-c always asks whether to quit.", "Choose another key.")),
        Some("i" | "m") => Err((
            "terminals cannot tell it from Tab or Enter.",
            "Choose another key.",
        )),
        Some(letter) if letter.len() == 1 && letter.as_bytes()[0].is_ascii_lowercase() => Ok(name),
        None if NAMED.contains(&name.as_str()) || is_function() => Ok(name),
        _ => Err((
            "no terminal tells of such a key.",
            "A key is one character, or such as f5, ctrl-r, space, enter, tab, home, pgdn, shift-up.",
        )),
    }
}
