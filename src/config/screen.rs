//! The tables `[screen]` and `[keys]` of `config.toml`: how the dashboard looks, and which keys its commands have. What a
//! key or a command is called, the dashboard itself knows and checks.
//!
//! ```toml
//! [screen]
//! theme = "light"
//! reduced_motion = true
//!
//! [keys]
//! fix = "M"
//! refresh = ["r", "f5"]
//! ```

use std::collections::BTreeMap;

use crate::domain::{Class, Problem};

/// How the dashboard looks and what it may do to the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screen {
    pub look: Look,
    /// Nothing but ASCII, whatever the locale says.
    pub ascii: bool,
    /// Nothing turns or blinks.
    pub reduced_motion: bool,
    /// The mouse is the dashboard's from the start. Off by default, so that text can be selected.
    pub mouse: bool,
    /// Rings the terminal's bell when a long run ends.
    pub bell: bool,
    /// Has the terminal show a notification then, with counts alone.
    pub notification: bool,
    /// The keys of those commands that have other ones than usual, by the command's name.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// For which eyes, and on which ground, the colours are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// Light letters on a dark terminal.
    #[default]
    Dark,
    /// Dark letters on a light one.
    Light,
    /// White on black, whatever the terminal's ground is.
    HighContrast,
    /// On a dark terminal, told apart with any kind of colour vision.
    ColourBlind,
    /// The terminal's own sixteen colours, which its owner chose.
    Sixteen,
    NoColour,
}

impl Look {
    pub const ALL: [Self; 6] = [
        Self::Dark,
        Self::Light,
        Self::HighContrast,
        Self::ColourBlind,
        Self::Sixteen,
        Self::NoColour,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::ColourBlind => "colour-blind",
            Self::Sixteen => "16-colours",
            Self::NoColour => "no-colour",
        }
    }
}

impl Screen {
    /// Reads both tables.
    ///
    /// # Errors
    /// Every name and value that cannot be, each as a sentence with a hint.
    pub fn read(screen: &toml::Table, keys: &toml::Table) -> Result<Self, Vec<Problem>> {
        let mut read = Self::default();
        let mut problems = Vec::new();
        for (name, value) in screen {
            let place = match name.as_str() {
                "theme" => {
                    match Look::ALL
                        .into_iter()
                        .find(|look| value.as_str() == Some(look.name()))
                    {
                        Some(look) => read.look = look,
                        None => problems.push(problem(
                            format!("[screen] theme{} is no theme.", told(value)),
                            format!("It is one of {}.", Look::ALL.map(Look::name).join(", ")),
                        )),
                    }
                    continue;
                }
                "ascii" => &mut read.ascii,
                "reduced_motion" => &mut read.reduced_motion,
                "mouse" => &mut read.mouse,
                "bell" => &mut read.bell,
                "notification" => &mut read.notification,
                _ => {
                    problems.push(problem(
                        format!("[screen] has no {name}."),
                        "It has theme, ascii, reduced_motion, mouse, bell and notification.".into(),
                    ));
                    continue;
                }
            };
            match value.as_bool() {
                Some(given) => *place = given,
                None => problems.push(problem(
                    format!("[screen] {name}{} is neither true nor false.", told(value)),
                    "It stands without quotes.".into(),
                )),
            }
        }
        for (command, value) in keys {
            match names_of_keys(value) {
                Some(names) => drop(read.keys.insert(command.clone(), names)),
                None => problems.push(problem(
                    format!("[keys] {command}{} is no key.", told(value)),
                    format!("It is one key, {command} = \"f5\", or several, {command} = [\"r\", \"f5\"]."),
                )),
            }
        }
        if problems.is_empty() {
            Ok(read)
        } else {
            Err(problems)
        }
    }
}

fn names_of_keys(value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::String(one) => Some(vec![one.clone()]),
        toml::Value::Array(several) if !several.is_empty() => {
            several.iter().map(|key| key.as_str().map(String::from)).collect()
        }
        _ => None,
    }
}

/// The value, where it is short enough to be told.
fn told(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => format!(" = {:?}", crate::domain::text::clean(text)),
        toml::Value::Integer(number) => format!(" = {number}"),
        _ => String::new(),
    }
}

fn problem(message: String, hint: String) -> Problem {
    Problem::new(Class::Auth, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(screen: &str, keys: &str) -> Result<Screen, Vec<String>> {
        Screen::read(&screen.parse().unwrap(), &keys.parse().unwrap()).map_err(|problems| {
            let told = |problem: Problem| format!("{} {}", problem.message, problem.hint);
            problems.into_iter().map(told).collect()
        })
    }

    #[test]
    fn what_is_not_said_is_off() {
        assert_eq!(read("", ""), Ok(Screen::default()));
        let all = read(
            "theme = \"colour-blind\"\nascii = true\nreduced_motion = true\nmouse = true\nbell = true\nnotification = true",
            "fix = \"M\"\nrefresh = [\"r\", \"f5\"]",
        )
        .unwrap();
        assert_eq!(all.look, Look::ColourBlind);
        assert!(all.ascii && all.reduced_motion && all.mouse && all.bell && all.notification);
        assert_eq!(all.keys["fix"], ["M"]);
        assert_eq!(all.keys["refresh"], ["r", "f5"]);
    }

    #[test]
    fn each_problem_is_told_by_itself() {
        assert_eq!(
            read(
                "theme = \"drak\"\nmouse = \"on\"\nfont = 12\nnotification = 1",
                "fix = 5\nplan = []"
            )
            .unwrap_err(),
            [
                "[screen] has no font. It has theme, ascii, reduced_motion, mouse, bell and notification.",
                "[screen] mouse = \"on\" is neither true nor false. It stands without quotes.",
                "[screen] notification = 1 is neither true nor false. It stands without quotes.",
                "[screen] theme = \"drak\" is no theme. It is one of dark, light, high-contrast, colour-blind, \
                 16-colours, no-colour.",
                "[keys] fix = 5 is no key. It is one key, fix = \"f5\", or several, fix = [\"r\", \"f5\"].",
                "[keys] plan is no key. It is one key, plan = \"f5\", or several, plan = [\"r\", \"f5\"].",
            ]
        );
    }
}
