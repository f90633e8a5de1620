//! What is said to the operator's own terminal beside the picture: a text for its clipboard, a notification, and how they are
//! wrapped where tmux or screen stands between.

use std::io;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::services::notebook::replace;

/// So much text makes 100,000 bytes with its code around it, which is as much as terminals take. In bytes.
pub const MOST: usize = 74_994;

/// How much of a sequence screen passes on at once. In bytes.
const PIECE: usize = 512;

/// What stands between the program and the operator's terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Passage {
    #[default]
    Open,
    Tmux,
    Screen,
    /// The terminal knows no such sequences, and would show them.
    Closed,
}

/// Where a copied text goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clipboard {
    pub passage: Passage,
    /// The folder for what no clipboard takes.
    pub folder: PathBuf,
}

/// Where a copied text went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// To the terminal, which never says whether it took it.
    Sent(Passage),
    /// Into this file, because the terminal takes no text or not so much.
    Kept { path: PathBuf, too_long: bool },
    /// Nowhere: why the file could not be written.
    Lost(String),
}

impl Clipboard {
    /// What holds the newest text that no clipboard took.
    pub fn file(&self) -> PathBuf {
        self.folder.join("copied.txt")
    }

    /// Writes the text into the file, for its owner's eyes alone.
    pub fn keep(&self, text: &str) -> io::Result<PathBuf> {
        replace(&self.file(), text.as_bytes())?;
        Ok(self.file())
    }
}

impl Passage {
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        if matches!(term.as_str(), "" | "linux" | "dumb") {
            Self::Closed
        } else if is_set("TMUX") {
            Self::Tmux
        } else if is_set("STY") {
            Self::Screen
        } else {
            Self::Open
        }
    }

    /// The bytes that hand a text to the clipboard (OSC 52); `None` where the terminal takes none, or not so much.
    pub fn copy(self, text: &str) -> Option<String> {
        if text.len() > MOST {
            return None;
        }
        let code = format!("52;c;{}", STANDARD.encode(text));
        let passed = self.pass(&code)?;
        Some(match self {
            // tmux itself takes it where `set-clipboard` is on, and passes it on where `allow-passthrough` is: not many
            // have both.
            Self::Tmux => format!("{passed}\x1b]{code}\x1b\\"),
            _ => passed,
        })
    }

    /// The bytes that have the terminal show a notification (OSC 9); `None` where it knows none.
    pub fn notify(self, text: &str) -> Option<String> {
        self.pass(&format!("9;{}", crate::domain::text::clean(text)))
    }

    /// An operating-system command (OSC) for the terminal behind whatever stands between; `None` where it knows none.
    fn pass(self, code: &str) -> Option<String> {
        match self {
            Self::Closed => None,
            Self::Open => Some(format!("\x1b]{code}\x1b\\")),
            Self::Tmux => Some(format!("\x1bPtmux;\x1b\x1b]{code}\x1b\x1b\\\x1b\\")),
            // An ST within would end what is passed on: here it ends with a bell, and comes in pieces.
            Self::Screen => {
                let whole: Vec<char> = format!("\x1b]{code}\x07").chars().collect();
                let pieces = whole.chunks(PIECE).map(|piece| piece.iter().collect::<String>());
                Some(pieces.map(|piece| format!("\x1bP{piece}\x1b\\")).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_stands_between_is_told_by_the_variables() {
        let cases: [(&[(&str, &str)], Passage); 8] = [
            (&[("TERM", "xterm-256color")], Passage::Open),
            (
                &[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-1/default,1,0")],
                Passage::Tmux,
            ),
            (&[("TERM", "xterm"), ("TMUX", "")], Passage::Open),
            (&[("TERM", "screen"), ("STY", "1234.pts-0")], Passage::Screen),
            (
                &[("TERM", "screen"), ("STY", "1.a"), ("TMUX", "b")],
                Passage::Tmux,
            ),
            (&[("TERM", "linux")], Passage::Closed),
            (&[("TERM", "dumb"), ("TMUX", "b")], Passage::Closed),
            (&[], Passage::Closed),
        ];
        for (variables, passage) in cases {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.to_string())
            };
            assert_eq!(Passage::detect(variable), passage, "{variables:?}");
        }
    }

    #[test]
    fn a_text_reaches_the_clipboard_through_whatever_stands_between() {
        let osc = "]52;c;YXV0aDB8w6k=";
        let cases = [
            (Passage::Open, format!("\x1b{osc}\x1b\\")),
            (
                Passage::Tmux,
                format!("\x1bPtmux;\x1b\x1b{osc}\x1b\x1b\\\x1b\\\x1b{osc}\x1b\\"),
            ),
            (Passage::Screen, format!("\x1bP\x1b{osc}\x07\x1b\\")),
        ];
        for (passage, bytes) in cases {
            assert_eq!(passage.copy("auth0|é"), Some(bytes));
        }
        assert_eq!(Passage::Closed.copy("auth0|é"), None);
    }

    #[test]
    fn a_notification_goes_the_same_way() {
        let cases = [
            (Passage::Open, Some("\x1b]9;atriage: 2 jobs\x1b\\")),
            (
                Passage::Tmux,
                Some("\x1bPtmux;\x1b\x1b]9;atriage: 2 jobs\x1b\x1b\\\x1b\\"),
            ),
            (Passage::Screen, Some("\x1bP\x1b]9;atriage: 2 jobs\x07\x1b\\")),
            (Passage::Closed, None),
        ];
        for (passage, bytes) in cases {
            assert_eq!(passage.notify("atriage: 2 jobs").as_deref(), bytes);
        }
        let sent = Passage::Open.notify("a\x1b\\\x07b").unwrap();
        assert_eq!(sent.matches(['\x1b', '\x07']).count(), 2, "{sent:?}");
    }

    #[test]
    fn what_no_clipboard_takes_lies_in_a_file_of_ours() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let clipboard = Clipboard {
            passage: Passage::Closed,
            folder: folder.path().join("state"),
        };
        clipboard.keep("the first").unwrap();
        let path = clipboard.keep("auth0|é\nauth0|b").unwrap();
        assert_eq!(path, clipboard.file());
        assert_eq!(fs::read_to_string(&path).unwrap(), "auth0|é\nauth0|b");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let folder = fs::metadata(&clipboard.folder).unwrap().permissions();
        assert_eq!(folder.mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(&clipboard.folder).unwrap().count(), 1);
        let nowhere = Clipboard {
            folder: path.join("below a file"),
            ..clipboard
        };
        assert!(nowhere.keep("x").is_err());
    }

    #[test]
    fn no_text_is_sent_that_a_terminal_would_cut() {
        let most = "x".repeat(MOST);
        let sent = Passage::Open.copy(&most).unwrap();
        assert_eq!(sent.len(), 100_001);
        assert_eq!(Passage::Open.copy(&format!("{most}x")), None);
        // As screen puts it together again.
        let pieces = Passage::Screen.copy(&most).unwrap();
        assert!(pieces.split("\x1b\\").all(|piece| piece.len() <= PIECE + 2));
        let whole = pieces.replace("\x1bP", "").replace("\x1b\\", "");
        assert_eq!(whole.trim_end_matches('\x07'), sent.trim_end_matches("\x1b\\"));
    }
}
