//! The users of a plan and of the question before a fix: what will be done to each, what is left to people, and why nothing
//! is done to others. What is the same for many is said once.
//!
//! ```text
//! 15 users: ensure-code-index → create-user → create-account → record-account → verify
//!   m…@example.com  auth0|68ee50
//!   k…@example.com  auth0|68ee51
//!
//! Nothing is done to 9 users: This signup is whole.
//!   f…@example.com  auth0|68ee52
//! ```

use ratatui::text::{Line, Span};

use super::super::sheet::{Group, Planned, Sheet};
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{changes, hanging};
use crate::domain::change::Change;

pub struct Lines {
    pub lines: Vec<Line<'static>>,
    /// Where each user begins.
    pub heads: Vec<usize>,
}

pub fn lines(sheet: &Sheet, state: &State, theme: &Theme, width: usize) -> Lines {
    let mut page = Page {
        state,
        theme,
        width,
        opened: sheet.opened,
        lines: Vec::new(),
        heads: Vec::new(),
    };
    let hidden = sheet.hidden();
    if hidden > 0 {
        let (are, stand) = if hidden == 1 {
            ("is", "stands")
        } else {
            ("are", "stand")
        };
        let text =
            format!("{hidden} of them {are} marked, but hidden by the filter, and {stand} at the end.");
        page.say("", &text, Role::Alarm);
    }
    if sheet.touched.iter().any(|planned| planned.unsure) {
        let text = "Something is unknown now. Each job looks again: where that answers by then, what is missing is made too.";
        page.say("", text, Role::Alarm);
    }
    match sheet.touched.as_slice() {
        [one] => page.one(one),
        all => {
            for (n, group) in sheet.alike[0].iter().enumerate() {
                if n > 0 {
                    page.lines.push(Line::default());
                }
                page.alike(group, all);
            }
        }
    }
    if !sheet.spared.is_empty() {
        if !page.lines.is_empty() {
            page.lines.push(Line::default());
        }
        let lead = "Nothing is done to ";
        match sheet.alike[1].as_slice() {
            [group] => page.spared(lead, group, &sheet.spared, INDENT),
            groups => {
                let whom = words::count(sheet.spared.len(), "user");
                page.say("", &format!("{lead}{whom}:"), Role::Strong);
                for group in groups {
                    page.spared(INDENT, group, &sheet.spared, "    ");
                }
            }
        }
    }
    Lines {
        lines: page.lines,
        heads: page.heads,
    }
}

/// Before the users of a group.
const INDENT: &str = "  ";

/// What is written so far.
struct Page<'a> {
    state: &'a State,
    theme: &'a Theme,
    width: usize,
    opened: bool,
    lines: Vec<Line<'static>>,
    heads: Vec<usize>,
}

impl Page<'_> {
    fn one(&mut self, planned: &Planned) {
        self.who(planned, "");
        self.say("    ", &steps(planned), Role::Text);
        if self.opened {
            self.changes(planned.changes.iter());
        }
        self.left(planned.left.iter(), "    ");
    }

    /// What is done to all of a group, once; then who they are, each with what differs.
    fn alike(&mut self, group: &Group, all: &[Planned]) {
        let members = || group.members.iter().map(|n| &all[*n]);
        let steps = members().next().map(steps).unwrap_or_default();
        self.count("", group, &steps, Role::Text);
        if self.opened {
            self.changes(group.changes.iter());
        }
        self.left(group.left.iter(), INDENT);
        for planned in members() {
            self.who(planned, INDENT);
            if self.opened {
                let own = planned.changes.iter();
                self.changes(own.filter(|change| !group.changes.contains(change)));
            }
            let own = planned.left.iter();
            self.left(own.filter(|left| !group.left.contains(left)), "    ");
        }
    }

    /// Why nothing is done to all of a group, once; then who they are.
    fn spared(&mut self, lead: &str, group: &Group, all: &[Planned], indent: &str) {
        self.count(lead, group, &words::show(&group.left.join(" ")), Role::Dim);
        for n in &group.members {
            self.who(&all[*n], indent);
        }
    }

    fn count(&mut self, before: &str, group: &Group, text: &str, role: Role) {
        let count = words::count(group.members.len(), "user");
        let lead = Span::styled(format!("{before}{count}: "), self.theme.style(Role::Strong));
        let lines = hanging(lead, text, self.theme.style(role), self.width);
        self.lines.extend(lines);
    }

    fn say(&mut self, indent: &'static str, text: &str, role: Role) {
        let lines = hanging(Span::raw(indent), text, self.theme.style(role), self.width);
        self.lines.extend(lines);
    }

    fn changes<'c>(&mut self, changes: impl Iterator<Item = &'c Change>) {
        let changes: Vec<Change> = changes.cloned().collect();
        let lines = changes::lines(&changes, self.state, self.theme, 6, self.width);
        self.lines.extend(lines);
    }

    fn left<'l>(&mut self, left: impl Iterator<Item = &'l String>, indent: &'static str) {
        for left in left {
            let text = format!("left to you: {}", words::show(left));
            self.say(indent, &text, Role::Dim);
        }
    }

    fn who(&mut self, planned: &Planned, indent: &str) {
        self.heads.push(self.lines.len());
        let mut spans = vec![
            Span::styled(
                format!("{indent}{}", words::person(&planned.signup, self.state.masked)),
                self.theme.style(Role::Strong),
            ),
            Span::styled(
                format!("  {}", words::show(&planned.target.key)),
                self.theme.style(Role::Dim),
            ),
        ];
        if planned.hidden {
            let text = "  hidden by the filter";
            spans.push(Span::styled(text, self.theme.style(Role::Alarm)));
        }
        self.lines.push(Line::from(spans));
    }
}

fn steps(planned: &Planned) -> String {
    let steps: Vec<&str> = planned.steps.iter().map(|step| step.name()).collect();
    steps.join(" → ")
}

/// In which tenant, and whether it is the real thing.
pub fn place(sheet: &Sheet, state: &State) -> String {
    let tenants: Vec<String> = sheet.tenants().into_iter().map(words::show).collect();
    let of = if tenants.is_empty() {
        String::new()
    } else {
        format!(" of {}", tenants.join(" and "))
    };
    format!("{of} · {}", words::show(&state.setup.badge))
}
