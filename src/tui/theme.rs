//! Colours by role and glyphs, for each kind of terminal: the only place that knows a hue.

use ratatui::style::{Color, Modifier, Style};

use super::hues::{Hue, Hues};
use crate::config::screen::Look;
use crate::domain::State as Fact;

/// How many colours the terminal may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ColourDepth {
    /// `NO_COLOR`: modifiers only.
    None,
    #[default]
    Sixteen,
    Indexed,
    True,
}

/// The `--color` flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourChoice {
    #[default]
    Auto,
    Always,
    Never,
}

impl ColourDepth {
    /// The flag wins over `NO_COLOR` (not empty), which wins over `COLORTERM` and `TERM`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>, choice: ColourChoice) -> Self {
        let says = |name: &str, any: &[&str]| {
            variable(name).is_some_and(|value| any.iter().any(|part| value.contains(part)))
        };
        let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        if choice == ColourChoice::Never || (choice == ColourChoice::Auto && refused) {
            Self::None
        } else if says("COLORTERM", &["truecolor", "24bit"]) {
            Self::True
        } else if says("TERM", &["256color", "direct", "kitty", "ghostty"]) {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// No more than the look wants; the flag wins over the configuration.
    pub fn for_look(self, look: Look, choice: ColourChoice) -> Self {
        match look {
            Look::NoColour if choice != ColourChoice::Always => Self::None,
            Look::Sixteen => self.min(Self::Sixteen),
            _ => self,
        }
    }
}

/// Whether the locale cannot show more than ASCII.
pub fn wants_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let utf8 = |value: String| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    };
    !locale.is_some_and(utf8)
}

/// What a piece of the screen is, so that its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Text,
    Strong,
    Dim,
    /// A state of the five columns, or of a job.
    State(Fact),
    /// A state that neither glyph nor word tells: it differs without colours too.
    Bar(Fact),
    /// The tenant, by its place in the list; its hues are no state's.
    Tenant(usize),
    /// A key in the footer, help or a dialog.
    Key,
    /// The button that has the focus.
    Focus,
    Border,
    /// A banner: something concerns more than one user.
    Alarm,
    /// The word of a filter that cannot be understood.
    Wrong,
}

/// How roles and glyphs look on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    pub depth: ColourDepth,
    pub ascii: bool,
    pub look: Look,
    /// Nothing turns.
    pub still: bool,
}

impl Theme {
    fn colour(&self, hue: &Hue) -> Color {
        match self.depth {
            ColourDepth::None => Color::Reset,
            ColourDepth::Sixteen => hue.2,
            ColourDepth::Indexed => Color::Indexed(hue.1),
            ColourDepth::True => Color::from_u32(hue.0),
        }
    }

    fn hues(&self) -> &'static Hues {
        Hues::of(self.look)
    }

    fn on(&self, hue: &Hue) -> Style {
        Style::new().fg(self.colour(hue))
    }

    /// What lies below everything: the terminal's own, but for the look that trusts none.
    pub fn ground(&self) -> Style {
        match &self.hues().ground {
            Some((letters, ground)) => self.on(letters).bg(self.colour(ground)),
            None => Style::new(),
        }
    }

    /// Each role, where colours are few or none, keeps a modifier of its own.
    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        let hues = self.hues();
        match role {
            Role::Text => plain,
            Role::Strong => plain.add_modifier(Modifier::BOLD),
            Role::Dim | Role::Border => self.dim(),
            Role::State(Fact::Ok) => self.on(&hues.ok),
            Role::State(Fact::Missing) => self.on(&hues.missing).add_modifier(Modifier::BOLD),
            Role::State(Fact::Drift) => self.on(&hues.drift),
            Role::State(Fact::Running) => self.on(&hues.running),
            Role::State(Fact::Waiting) => self.dim(),
            Role::State(Fact::Unknown) => self.on(&hues.unknown),
            Role::Bar(fact) => {
                let modifier = match fact {
                    Fact::Drift => Modifier::UNDERLINED,
                    Fact::Missing => Modifier::UNDERLINED | Modifier::BOLD,
                    Fact::Waiting => Modifier::DIM,
                    _ => Modifier::empty(),
                };
                match self.depth {
                    ColourDepth::None => plain.add_modifier(modifier),
                    _ => self.style(Role::State(fact)),
                }
            }
            Role::Tenant(place) => self.badge(place),
            Role::Key => plain.add_modifier(Modifier::BOLD),
            Role::Focus => plain.add_modifier(Modifier::REVERSED | Modifier::BOLD),
            Role::Alarm => self.on(&hues.drift).add_modifier(Modifier::BOLD),
            Role::Wrong => self
                .on(&hues.missing)
                .add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
        }
    }

    fn dim(&self) -> Style {
        // Who wants contrast is not served by letters that fade.
        let fades = self.look != Look::HighContrast;
        match self.depth {
            ColourDepth::None | ColourDepth::Sixteen if fades => Style::new().add_modifier(Modifier::DIM),
            _ => self.on(&self.hues().dim),
        }
    }

    fn badge(&self, place: usize) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let (paper, ink) = &self.hues().badges[place % 3];
        match self.depth {
            ColourDepth::None => bold.add_modifier(Modifier::REVERSED),
            ColourDepth::Sixteen if place % 3 == 2 => bold.add_modifier(Modifier::REVERSED),
            ColourDepth::Sixteen => bold.bg(self.colour(paper)).fg(Color::Black),
            _ => bold.bg(self.colour(paper)).fg(self.colour(ink)),
        }
    }

    /// Lays the cursor's bar over a cell. With few colours, and where contrast is wanted, the bar is reversed, and of one
    /// colour: a row of coloured blocks would hide what it says, and each state has its glyph and word besides.
    pub fn under_cursor(&self, style: Style) -> Style {
        let hues = self.hues();
        match self.depth {
            ColourDepth::None | ColourDepth::Sixteen => Style::new().add_modifier(Modifier::REVERSED),
            _ if hues.ground.is_some() => self.on(&hues.text).bg(self.colour(&hues.bar)),
            _ => self.on(&hues.text).patch(style).bg(self.colour(&hues.bar)),
        }
    }

    pub fn glyph(&self, state: Fact) -> &'static str {
        match (state, self.ascii) {
            (Fact::Ok, false) => "✓",
            (Fact::Missing, false) => "✗",
            (Fact::Drift, false) => "!",
            (Fact::Running, false) => "◐",
            (Fact::Waiting, false) => "·",
            (Fact::Unknown, false) => "?",
            (Fact::Ok, true) => "ok",
            (Fact::Missing, true) => "XX",
            (Fact::Drift, true) => "!!",
            (Fact::Running, true) => "..",
            (Fact::Waiting, true) => "--",
            (Fact::Unknown, true) => "??",
        }
    }

    /// The glyph of something that runs, turning with the time.
    pub fn spinner(&self, milliseconds: i64) -> &'static str {
        const TURNING: [&str; 4] = ["◐", "◓", "◑", "◒"];
        if self.ascii || self.still {
            self.glyph(Fact::Running)
        } else {
            TURNING[milliseconds.div_euclid(250).rem_euclid(4) as usize]
        }
    }

    pub fn glyph_width(&self) -> u16 {
        if self.ascii { 2 } else { 1 }
    }

    /// What stands for a character where only ASCII can be shown.
    pub fn in_ascii(symbol: &str) -> &'static str {
        match symbol {
            "…" => "~",
            "·" | "–" | "─" | "━" => "-",
            "│" => "|",
            "┌" | "┐" | "└" | "┘" | "├" | "┤" => "+",
            "▸" | "→" => ">",
            "●" | "•" => "*",
            "✓" => "v",
            "✗" => "X",
            "▾" | "↓" => "v",
            "▴" | "↑" => "^",
            "█" => "#",
            "░" => ".",
            "“" | "”" => "\"",
            "’" => "'",
            "←" => "<",
            _ => "?",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(set: &[(&str, &str)], choice: ColourChoice) -> ColourDepth {
        let find = |name: &str| {
            set.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.to_string())
        };
        ColourDepth::detect(find, choice)
    }

    #[test]
    fn the_flag_wins_over_no_color_over_what_the_terminal_can() {
        let rich = ("COLORTERM", "truecolor");
        assert_eq!(depth(&[rich], ColourChoice::Auto), ColourDepth::True);
        assert_eq!(
            depth(&[rich, ("NO_COLOR", "1")], ColourChoice::Auto),
            ColourDepth::None
        );
        assert_eq!(
            depth(&[rich, ("NO_COLOR", "")], ColourChoice::Auto),
            ColourDepth::True
        );
        assert_eq!(
            depth(&[rich, ("NO_COLOR", "1")], ColourChoice::Always),
            ColourDepth::True
        );
        assert_eq!(depth(&[rich], ColourChoice::Never), ColourDepth::None);
        assert_eq!(
            depth(&[("TERM", "xterm-256color")], ColourChoice::Auto),
            ColourDepth::Indexed
        );
        assert_eq!(
            depth(&[("TERM", "xterm")], ColourChoice::Auto),
            ColourDepth::Sixteen
        );
    }

    #[test]
    fn without_colours_no_role_has_one_and_what_must_be_seen_has_a_modifier() {
        let theme = Theme {
            depth: ColourDepth::None,
            ..Theme::default()
        };
        let roles = [
            Role::Text,
            Role::Dim,
            Role::Key,
            Role::Alarm,
            Role::Wrong,
            Role::Focus,
            Role::Tenant(0),
        ]
        .into_iter()
        .chain(Fact::ALL.map(Role::State))
        .chain(Fact::ALL.map(Role::Bar));
        for role in roles {
            for style in [theme.style(role), theme.under_cursor(theme.style(role))] {
                assert!(style.fg.is_none_or(|c| c == Color::Reset), "{role:?}");
                assert!(style.bg.is_none_or(|c| c == Color::Reset), "{role:?}");
            }
        }
        assert!(
            theme
                .under_cursor(Style::new())
                .add_modifier
                .contains(Modifier::REVERSED)
        );
        assert!(theme.style(Role::Focus).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn the_six_states_differ_without_colour() {
        for ascii in [false, true] {
            let theme = Theme {
                depth: ColourDepth::None,
                ascii,
                ..Theme::default()
            };
            let glyphs: std::collections::HashSet<_> = Fact::ALL.map(|state| theme.glyph(state)).into();
            assert_eq!(glyphs.len(), 6);
        }
    }

    #[test]
    fn a_tenant_has_no_hue_of_a_state() {
        for depth in [ColourDepth::Sixteen, ColourDepth::Indexed, ColourDepth::True] {
            let theme = Theme {
                depth,
                ..Theme::default()
            };
            for place in 0..2 {
                let badge = theme.style(Role::Tenant(place)).bg;
                assert!(
                    Fact::ALL
                        .iter()
                        .all(|state| theme.style(Role::State(*state)).fg != badge)
                );
            }
        }
    }
}
