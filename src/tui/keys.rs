//! The one table of keys: what each is called, where it holds, whether it writes, and why it may not apply right now.
//! Dispatch, footer and help all read it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::applies::*;
use super::state::{Mode, State};

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// By so many rows.
    Move(isize),
    /// By so many rows, marking them.
    Extend(isize),
    /// By so many halves of a page.
    Page(isize),
    First,
    Last,
    Detail,
    Back,
    Scroll(isize),
    Mark,
    Range,
    MarkAll,
    UnmarkAll,
    Filter,
    BrokenOnly,
    Columns,
    Sort,
    Reverse,
    Tenant,
    Refresh,
    Freeze,
    Older,
    Plan,
    Fix,
    Retry,
    Cancel,
    Jobs,
    History,
    Personal,
    Zone,
    Help,
    Quit,
    Interrupt,
    Suspend,
    /// Answers in dialogs.
    Yes,
    No,
    Press,
    NextButton,
    PreviousButton,
    QuitWaiting,
    QuitLeaving,
    AcceptReason,
    CancelRun,
    AcceptFilter,
    DropFilter,
    /// The next proposal, or the one before.
    Propose(bool),
    ShowColumn,
    /// By so many places.
    ShiftColumn(isize),
    SortHere,
    ResetColumns,
}

/// Which mode a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Table,
    Filter,
    Columns,
    Confirm,
    Reason,
    Resume,
    Plan,
    History,
    Help,
    Quit,
}

impl Scope {
    pub fn of(mode: &Mode) -> Self {
        match mode {
            Mode::Table => Self::Table,
            Mode::Filter { .. } => Self::Filter,
            Mode::Columns { .. } => Self::Columns,
            Mode::Confirm { .. } => Self::Confirm,
            Mode::Reason { .. } => Self::Reason,
            Mode::Resume { .. } => Self::Resume,
            Mode::Plan(_) => Self::Plan,
            Mode::History(_) => Self::History,
            Mode::Help { .. } => Self::Help,
            Mode::Quit { .. } => Self::Quit,
        }
    }
}

/// `Err` says in a sentence why a key does nothing now.
type Applies = fn(&State) -> Result<(), String>;

pub struct Binding {
    pub scope: Scope,
    /// As `name` spells them.
    pub keys: &'static [&'static str],
    /// As footer and help spell them.
    pub shown: &'static str,
    pub command: Command,
    /// One or two words, for the footer.
    pub label: &'static str,
    /// For the help; empty where a neighbour's line covers it.
    pub help: &'static str,
    /// It changes something outside: absent in read-only mode.
    pub writes: bool,
    /// Its place in the footer, the smallest first; 0 keeps it out.
    pub footer: u8,
    pub applies: Applies,
}

const fn key(
    scope: Scope,
    keys: &'static [&'static str],
    shown: &'static str,
    command: Command,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        scope,
        keys,
        shown,
        command,
        label,
        help,
        writes: false,
        footer: 0,
        applies: always,
    }
}

impl Binding {
    const fn at(self, footer: u8) -> Self {
        Self { footer, ..self }
    }

    const fn when(self, applies: Applies) -> Self {
        Self { applies, ..self }
    }

    const fn writes(self) -> Self {
        Self { writes: true, ..self }
    }

    pub fn is_offered(&self, state: &State) -> bool {
        !(self.writes && state.setup.read_only)
    }

    /// The label with what it would act on.
    pub fn label(&self, state: &State) -> String {
        let marked = state.marked;
        match self.command {
            Command::Fix | Command::Plan if marked > 0 => format!("{} {marked}", self.label),
            Command::Mark if marked > 0 => format!("mark ({marked})"),
            Command::Retry => match to_resume(state) {
                Some(offer) => format!("resume {}", state.short_run(&offer.run)),
                None => format!("retry {}", failed(state).count()),
            },
            Command::Tenant => next_tenant(state),
            Command::Freeze if state.frozen => "go on".into(),
            Command::Personal if !state.masked => "mask".into(),
            Command::BrokenOnly if state.broken_only => "all".into(),
            _ => self.label.into(),
        }
    }
}

#[rustfmt::skip]
pub static TABLE: &[Binding] = {
    use Command as C;
    use Scope::*;
    &[
        key(Table, &["up", "k"], "↑↓ j k", C::Move(-1), "move", "move the cursor").when(has_rows),
        key(Table, &["down", "j"], "", C::Move(1), "", "").when(has_rows),
        key(Table, &["home", "g"], "g G", C::First, "ends", "first and last row, also Home and End").when(has_rows),
        key(Table, &["end", "G"], "", C::Last, "", "").when(has_rows),
        key(Table, &["pgup"], "PgUp PgDn", C::Page(-2), "page", "a page up and down; ctrl-u and ctrl-d half of one").when(has_rows),
        key(Table, &["pgdn"], "", C::Page(2), "", "").when(has_rows),
        key(Table, &["ctrl-u"], "", C::Page(-1), "", "").when(has_rows),
        key(Table, &["ctrl-d"], "", C::Page(1), "", "").when(has_rows),
        key(Table, &["enter"], "Enter", C::Detail, "detail", "everything about the user under the cursor").at(1).when(has_rows),
        key(Table, &["["], "[ ]", C::Scroll(-1), "scroll", "scroll the detail").when(has_detail),
        key(Table, &["]"], "", C::Scroll(1), "", "").when(has_detail),
        key(Table, &["esc"], "Esc", C::Back, "back", "back: end the range, close the pane, drop the filter").at(9).when(has_somewhere_to_go_back),
        key(Table, &["space"], "Space", C::Mark, "mark", "mark or unmark the user, and go on to the next").at(3).when(has_rows),
        key(Table, &["v"], "v", C::Range, "range", "mark all that the cursor passes, also Shift-↑↓").when(has_rows),
        key(Table, &["shift-up"], "", C::Extend(-1), "", "").when(has_rows),
        key(Table, &["shift-down"], "", C::Extend(1), "", "").when(has_rows),
        key(Table, &["a"], "a", C::MarkAll, "mark all", "mark all that are shown").at(12).when(has_rows),
        key(Table, &["u"], "u", C::UnmarkAll, "unmark", "unmark all").at(8).when(has_marks),
        key(Table, &["F"], "F", C::Fix, "fix", "mend the marked, or the user under the cursor; asks first").writes().at(2).when(may_be_fixed),
        key(Table, &["R"], "R", C::Retry, "retry", "go on with a run that stopped, or retry those whose job failed; asks first").writes().at(4).when(may_retry),
        key(Table, &["x"], "x", C::Cancel, "cancel job", "cancel the job of the marked, or of the user under the cursor, at its next step").writes().at(5).when(has_job),
        key(Table, &["d"], "d", C::Plan, "plan", "what F would do, without doing it").at(6).when(has_rows),
        key(Table, &["J"], "J", C::Jobs, "jobs", "show or hide the jobs").at(7).when(has_jobs),
        key(Table, &["H"], "H", C::History, "history", "what was changed about this user: when, by whom, and why").at(20).when(has_rows),
        key(Table, &["/"], "/", C::Filter, "filter", "filter: words, pds:missing, age<2h, finding:handle-drift, email:*@example.com, -verified, @view; Tab completes").at(10),
        key(Table, &["!"], "!", C::BrokenOnly, "broken", "only those that are broken").at(11),
        key(Table, &["t"], "t", C::Tenant, "tenant", "the next tenant, then all of them").at(13).when(has_tenants),
        key(Table, &["s"], "s S", C::Sort, "sort", "sort by the next column; S turns the order round").at(16),
        key(Table, &["S"], "", C::Reverse, "", ""),
        key(Table, &["c"], "c", C::Columns, "columns", "choose the columns: show, hide, move, sort by one").at(21),
        key(Table, &["r"], "r", C::Refresh, "refresh", "read the newest signups again, now").at(14).when(may_refresh),
        key(Table, &["z"], "z", C::Freeze, "freeze", "stop reading by itself, or go on").at(17),
        key(Table, &["+"], "+", C::Older, "older", "load older signups").at(18).when(may_have_older),
        key(Table, &["p"], "p", C::Personal, "unmask", "show or hide e-mails and handles").at(15),
        key(Table, &["T"], "T", C::Zone, "UTC", "times in UTC or in local time"),
        key(Table, &["?"], "?", C::Help, "help", "this help").at(1),
        key(Table, &["ctrl-z"], "ctrl-z", C::Suspend, "suspend", "back to the shell for a while; fg returns"),
        key(Table, &["q"], "q", C::Quit, "quit", "quit; asks while jobs run").at(19),

        key(Filter, &["enter"], "Enter", C::AcceptFilter, "keep", "").at(1),
        key(Filter, &["esc"], "Esc", C::DropFilter, "as before", "").at(2),
        key(Filter, &["tab"], "Tab", C::Propose(true), "complete", "").at(3),
        key(Filter, &["backtab"], "", C::Propose(false), "", ""),

        key(Columns, &["space"], "Space", C::ShowColumn, "show or hide", "").at(1),
        key(Columns, &["K", "shift-up"], "K J", C::ShiftColumn(-1), "move it", "").at(2),
        key(Columns, &["J", "shift-down"], "", C::ShiftColumn(1), "", ""),
        key(Columns, &["s"], "s", C::SortHere, "sort by it", "").at(3),
        key(Columns, &["S"], "", C::Reverse, "", ""),
        key(Columns, &["r"], "r", C::ResetColumns, "as at first", "").at(4),
        key(Columns, &["esc", "q", "c", "enter"], "Esc", C::No, "close", "").at(5),
        key(Columns, &["up", "k"], "↑↓", C::Scroll(-1), "choose", "").at(6),
        key(Columns, &["down", "j"], "", C::Scroll(1), "", ""),

        key(Confirm, &["y"], "y", C::Yes, "do it", "").writes().at(1),
        key(Confirm, &["n", "esc", "q"], "n", C::No, "cancel", "").at(2),
        key(Confirm, &["enter"], "Enter", C::Press, "press", "").at(3),
        key(Confirm, &["tab", "right", "l"], "Tab", C::NextButton, "other button", "").at(4),
        key(Confirm, &["backtab", "left", "h"], "", C::PreviousButton, "", ""),
        key(Confirm, &["up", "k"], "↑↓", C::Scroll(-1), "scroll", "").at(5),
        key(Confirm, &["down", "j"], "", C::Scroll(1), "", ""),
        key(Confirm, &["pgup", "ctrl-u"], "", C::Scroll(-10), "", ""),
        key(Confirm, &["pgdn", "ctrl-d", "space"], "", C::Scroll(10), "", ""),

        key(Reason, &["enter"], "Enter", C::AcceptReason, "start", "").writes().at(1),
        key(Reason, &["esc"], "Esc", C::No, "back", "").at(2),

        key(Resume, &["y"], "y", C::Yes, "go on", "").writes().at(1),
        key(Resume, &["n", "esc", "q"], "n", C::No, "later", "").at(2),
        key(Resume, &["x"], "x", C::CancelRun, "cancel the run", "").writes().at(3),
        key(Resume, &["enter"], "Enter", C::Press, "press", "").at(4),
        key(Resume, &["tab", "right", "l"], "Tab", C::NextButton, "other button", "").at(5),
        key(Resume, &["backtab", "left", "h"], "", C::PreviousButton, "", ""),
        key(Resume, &["up", "k"], "↑↓", C::Scroll(-1), "scroll", "").at(6),
        key(Resume, &["down", "j"], "", C::Scroll(1), "", ""),

        key(History, &["esc", "q", "H", "enter"], "Esc", C::No, "close", "").at(1),
        key(History, &["up", "k"], "↑↓", C::Scroll(-1), "scroll", "").at(2),
        key(History, &["down", "j"], "", C::Scroll(1), "", ""),
        key(History, &["pgup", "ctrl-u"], "", C::Scroll(-10), "", ""),
        key(History, &["pgdn", "ctrl-d", "space"], "", C::Scroll(10), "", ""),
        key(History, &["p"], "p", C::Personal, "unmask", "").at(3),

        key(Plan, &["esc", "q", "d", "enter"], "Esc", C::No, "close", "").at(1),
        key(Plan, &["F"], "F", C::Fix, "fix", "").writes().at(2),
        key(Plan, &["up", "k"], "↑↓", C::Scroll(-1), "scroll", "").at(3),
        key(Plan, &["down", "j"], "", C::Scroll(1), "", ""),
        key(Plan, &["pgup", "ctrl-u"], "", C::Scroll(-10), "", ""),
        key(Plan, &["pgdn", "ctrl-d", "space"], "", C::Scroll(10), "", ""),

        key(Help, &["esc", "q", "?", "enter"], "Esc", C::No, "close", "").at(1),
        key(Help, &["up", "k"], "↑↓", C::Scroll(-1), "scroll", "").at(2),
        key(Help, &["down", "j"], "", C::Scroll(1), "", ""),
        key(Help, &["pgup", "ctrl-u"], "", C::Scroll(-10), "", ""),
        key(Help, &["pgdn", "ctrl-d", "space"], "", C::Scroll(10), "", ""),

        key(Quit, &["n", "esc", "q"], "n", C::No, "stay", "").at(1),
        key(Quit, &["w"], "w", C::QuitWaiting, "wait for the jobs", "").at(2).when(has_active),
        key(Quit, &["l"], "l", C::QuitLeaving, "leave them for later", "").at(3).when(has_active),
        key(Quit, &["y"], "y", C::Yes, "quit", "").at(2).when(has_none_active),
        key(Quit, &["enter"], "Enter", C::Press, "press", "").at(4),
        key(Quit, &["tab", "right", "down", "j"], "Tab", C::NextButton, "other button", "").at(5),
        key(Quit, &["backtab", "left", "up", "k"], "", C::PreviousButton, "", ""),
    ]
};

/// ctrl-c and ctrl-z hold everywhere, so that nobody is ever caught in a dialog.
pub fn command(state: &State, pressed: &str) -> Option<&'static Binding> {
    static INTERRUPT: Binding = key(Scope::Table, &["ctrl-c"], "ctrl-c", Command::Interrupt, "", "");
    let scope = match pressed {
        "ctrl-c" => return Some(&INTERRUPT),
        "ctrl-z" => Scope::Table,
        _ => Scope::of(&state.mode),
    };
    TABLE
        .iter()
        .find(|binding| binding.scope == scope && binding.keys.contains(&pressed))
}

/// How the table spells a key: `F`, `space`, `ctrl-d`, `shift-up`. `None` for keys that nothing is bound to.
pub fn name(event: &KeyEvent) -> Option<String> {
    let plain = match event.code {
        KeyCode::Char(' ') => "space".to_string(),
        KeyCode::Char(c) => c.to_string(),
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

fn next_tenant(state: &State) -> String {
    match state.choice + 1 {
        next if next < state.setup.tenants.len() => super::words::show(&state.setup.tenants[next]),
        next if next == state.setup.tenants.len() => if next == 2 { "both" } else { "all" }.into(),
        _ => state
            .setup
            .tenants
            .first()
            .map_or(String::new(), |first| super::words::show(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        for (n, a) in TABLE.iter().enumerate() {
            for b in &TABLE[n + 1..] {
                let shared = a.scope == b.scope && a.keys.iter().any(|key| b.keys.contains(key));
                assert!(!shared, "{:?} and {:?}", a.command, b.command);
            }
        }
    }

    #[test]
    fn in_the_table_only_capitals_write_and_x() {
        for binding in TABLE
            .iter()
            .filter(|binding| binding.scope == Scope::Table && binding.writes)
        {
            assert!(
                binding
                    .keys
                    .iter()
                    .all(|key| *key == "x" || key.chars().all(char::is_uppercase))
            );
        }
    }
}
