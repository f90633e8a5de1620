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
use unicode_width::UnicodeWidthStr;

use super::super::sheet::{Group, Planned, Sheet};
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{changes, hanging};
use crate::domain::change::Change;

pub struct Lines {
    pub lines: Vec<Line<'static>>,
    pub heads: Heads,
}

/// Where each user begins: those whom something is done to, and those who are left alone.
#[derive(Debug, Default)]
pub struct Heads {
    pub touched: Vec<usize>,
    pub spared: Vec<usize>,
}

impl Heads {
    /// Who is out of sight from this line on; nothing where nobody is.
    pub fn below(&self, end: usize) -> Option<String> {
        let below = |heads: &[usize]| heads.iter().filter(|head| **head >= end).count();
        let (touched, spared) = (below(&self.touched), below(&self.spared));
        let users = words::count(touched, "more user");
        match (touched, spared) {
            (0, 0) => None,
            (_, 0) => Some(format!("{users} below")),
            (0, _) => Some(format!("{spared} more left alone below")),
            (_, _) => Some(format!("{users} below, {spared} left alone")),
        }
    }
}

pub fn lines(sheet: &Sheet, state: &State, theme: &Theme, width: usize) -> Lines {
    let mut page = Page {
        state,
        theme,
        width,
        opened: sheet.opened,
        lines: Vec::new(),
        heads: Heads::default(),
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
    heads: Heads,
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
    fn spared(&mut self, lead: &str, group: &Group, all: &[Planned], indent: &'static str) {
        self.count(lead, group, &words::show(&group.left.join(" ")), Role::Dim);
        for n in &group.members {
            self.heads.spared.push(self.lines.len());
            self.name(&all[*n], indent);
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

    fn who(&mut self, planned: &Planned, indent: &'static str) {
        self.heads.touched.push(self.lines.len());
        self.name(planned, indent);
    }

    fn name(&mut self, planned: &Planned, indent: &'static str) {
        let flag = if planned.hidden {
            "hidden by the filter"
        } else {
            ""
        };
        let person = words::person(&planned.signup, self.state.masked);
        let key = words::show(&planned.target.key);
        let lines = who(indent, flag, &person, &key, self.theme, self.width);
        self.lines.extend(lines);
    }
}

/// An address that is cut further names nobody.
const LEAST_PERSON: usize = 12;

/// A user of a list, with what is to be known of them first. The id is never cut: where it has no room beside the e-mail,
/// it stands below it.
pub fn who(
    indent: &'static str,
    flag: &str,
    person: &str,
    key: &str,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let flag = match flag {
        "" => String::new(),
        flag => format!("{flag}  "),
    };
    let (strong, dim) = (theme.style(Role::Strong), theme.style(Role::Dim));
    let room = width.saturating_sub(indent.width() + flag.width());
    let beside = room.saturating_sub(key.width() + 2);
    let fits = beside >= person.width().min(LEAST_PERSON);
    let person = words::middle(person, if fits { beside } else { room });
    let mut first = vec![
        Span::raw(indent),
        Span::styled(flag, theme.style(Role::Alarm)),
        Span::styled(person, strong),
    ];
    if fits {
        first.push(Span::styled(format!("  {key}"), dim));
        return vec![Line::from(first)];
    }
    let below = hanging(Span::raw(format!("{indent}  ")), key, dim, width);
    std::iter::once(Line::from(first)).chain(below).collect()
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
