//! The one table of keys: what each is called, where it holds, whether it writes, and why it may not apply right now.
//! Dispatch, footer, help, palette and the key sheet read it, all of them through `keymap`, which knows the operator's own
//! keys.

use super::applies::*;
pub use super::command::Command;
pub use super::scope::Scope;
use super::state::State;
use crate::domain::practice::Practice;

/// `Err` says in a sentence why a key does nothing now.
type Applies = fn(&State) -> Result<(), String>;

#[derive(Debug)]
pub struct Binding {
    pub scope: Scope,
    /// As `keyname::name` spells them. Outside the table's mode, `@quit` stands for the keys that `quit` has there.
    pub keys: &'static [&'static str],
    /// As footer and help spell them; empty where the line above does it too.
    pub shown: &'static str,
    pub command: Command,
    /// One or two words, for the footer.
    pub label: &'static str,
    /// For the help; empty where the line above covers it. `{fix}` stands for the key of `fix`.
    pub help: &'static str,
    /// For the palette and the sheet, where that line is about more than this one command; else empty.
    pub says: &'static str,
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
        says: "",
        writes: false,
        footer: 0,
        applies: always,
    }
}

/// A command of the sandbox. It changes nothing but the sandbox, so that read-only mode has it too.
const fn practise(practice: Practice) -> Binding {
    let does = practice.lesson().does;
    key(
        Scope::Sandbox,
        &[],
        "",
        Command::Practise(practice),
        "practise",
        does,
    )
}

impl Binding {
    const fn at(self, footer: u8) -> Self {
        Self { footer, ..self }
    }

    const fn when(self, applies: Applies) -> Self {
        Self { applies, ..self }
    }

    const fn says(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    /// What this one command does.
    pub fn sentence(&self) -> &'static str {
        if self.says.is_empty() {
            self.help
        } else {
            self.says
        }
    }

    const fn writes(self) -> Self {
        Self { writes: true, ..self }
    }

    /// Why it does nothing now, in a sentence.
    pub fn refusal(&self, state: &State) -> Option<String> {
        if self.is_offered(state) {
            (self.applies)(state).err()
        } else {
            Some("Read-only: nothing is written from here.".into())
        }
    }

    pub fn is_offered(&self, state: &State) -> bool {
        !(self.writes && state.setup.read_only)
    }
}

/// Holds in every mode, and has no other key.
pub static INTERRUPT: Binding = key(Scope::Table, &["ctrl-c"], "ctrl-c", Command::Interrupt, "", "");

#[rustfmt::skip]
pub static TABLE: &[Binding] = {
    use Command as C;
    use Practice as P;
    use Scope::*;
    &[
        key(Table, &["up", "k"], "↑↓ j k", C::Move(-1), "move", "move the cursor").says("the user above").when(has_rows),
        key(Table, &["down", "j"], "", C::Move(1), "", "").says("the user below").when(has_rows),
        key(Table, &["g", "home"], "g G", C::First, "ends", "first and last row").says("the first user").when(has_rows),
        key(Table, &["G", "end"], "", C::Last, "", "").says("the last user").when(has_rows),
        key(Table, &["pgup"], "PgUp PgDn", C::Page(-2), "page", "a page up and down; {half-page-up} and {half-page-down} half of one").says("a page up").when(has_rows),
        key(Table, &["pgdn"], "", C::Page(2), "", "").says("a page down").when(has_rows),
        key(Table, &["ctrl-u"], "", C::Page(-1), "", "").says("half a page up").when(has_rows),
        key(Table, &["ctrl-d"], "", C::Page(1), "", "").says("half a page down").when(has_rows),
        key(Table, &["enter"], "Enter", C::Detail, "detail", "everything about the user under the cursor: a pane, and once more the whole screen, where 1 to 9 copy links and ids").says("everything about the user under the cursor, and once more on the whole screen").at(1).when(has_rows),
        key(Table, &["["], "[ ]", C::Scroll(-1), "scroll", "scroll the detail").says("scroll the detail up").when(has_detail),
        key(Table, &["]"], "", C::Scroll(1), "", "").says("scroll the detail down").when(has_detail),
        key(Table, &["esc"], "Esc", C::Back, "back", "back: dismiss what was told, end the range, close the pane, drop the filter").at(9).when(has_somewhere_to_go_back),
        key(Table, &["space"], "Space", C::Mark, "mark", "mark or unmark the user, and go on to the next").at(3).when(has_rows),
        key(Table, &["v"], "v", C::Range, "range", "mark all that the cursor passes; {mark-up} and {mark-down} once").says("mark all that the cursor passes").when(has_rows),
        key(Table, &["shift-up"], "", C::Extend(-1), "", "").says("mark upward").when(has_rows),
        key(Table, &["shift-down"], "", C::Extend(1), "", "").says("mark downward").when(has_rows),
        key(Table, &["a"], "a", C::MarkAll, "mark all", "mark all that are shown").at(12).when(has_rows),
        key(Table, &["u"], "u", C::UnmarkAll, "unmark", "unmark all").at(8).when(has_marks),
        key(Table, &["F"], "F", C::Fix, "fix", "mend the marked, or the user under the cursor; asks first").writes().at(2).when(may_be_fixed),
        key(Table, &["R"], "R", C::Retry, "retry", "go on with a run that stopped, or retry those whose job failed; asks first").writes().at(4).when(may_retry),
        key(Table, &["x"], "x", C::Cancel, "cancel job", "cancel the job of the marked, or of the user under the cursor, at its next step").writes().at(5).when(has_job),
        key(Table, &["d"], "d", C::Plan, "plan", "what {fix} would do, without doing it").at(6).when(has_rows),
        key(Table, &["J"], "J", C::Jobs, "jobs", "show or hide the jobs").at(7).when(has_jobs),
        key(Table, &["i"], "i", C::Systemic, "explain", "what concerns many: the cause, the evidence, the way out; a service that is down and a run that stopped too").at(16).when(has_accident),
        key(Table, &["I"], "I", C::FixIndex, "fix index", "bring the index on users.code to the form that the site's code wants; asks first").writes().when(may_ask_for_index),
        key(Table, &["H"], "H", C::History, "history", "what was changed about this user: when, by whom, and why").at(20).when(has_rows),
        key(Table, &["y"], "y", C::CopyIds, "copy id", "copy the id of the marked, or of the user under the cursor").at(24).when(has_somebody),
        key(Table, &["Y"], "Y", C::CopyLine, "copy command", "copy what {fix} would do as a command line").at(27),
        key(Table, &["e"], "e", C::Export, "export", "write what is shown into a file: CSV, JSON, NDJSON or Markdown").at(26).when(may_export),
        key(Table, &["L"], "L", C::Log, "log", "everything that happened in this session, failures with their advice").at(25),
        key(Table, &["/"], "/", C::Filter, "filter", "filter: words, pds:missing, age<2h, finding:handle-drift, email:*@example.com, -verified, @view; Tab completes").at(10),
        key(Table, &["!"], "!", C::BrokenOnly, "broken", "only those that are broken").at(11),
        key(Table, &["t"], "t", C::Tenant, "tenant", "the next tenant, then all of them").at(13).when(has_tenants),
        key(Table, &["s"], "s S", C::Sort, "sort", "sort by the next column; {reverse} turns the order round").says("sort by the next column").at(16),
        key(Table, &["S"], "", C::Reverse, "", "").says("turn the order round"),
        key(Table, &["c"], "c", C::Columns, "columns", "choose the columns: show, hide, move, sort by one").at(21),
        key(Table, &["r"], "r", C::Refresh, "refresh", "read the newest signups again, now").at(14).when(may_refresh),
        key(Table, &["z"], "z", C::Freeze, "freeze", "stop reading by itself, or go on").at(17),
        key(Table, &["+"], "+", C::Older, "older", "load older signups").at(18).when(may_have_older),
        key(Table, &["p"], "p", C::Personal, "unmask", "show e-mails and handles for two minutes, or hide them").at(15),
        key(Table, &["T"], "T", C::Zone, "UTC", "times in UTC or in local time"),
        key(Table, &["m"], "m", C::Mouse, "mouse", "mouse on: click, wheel, a header sorts; off: text can be selected"),
        key(Table, &[":", "ctrl-p"], ":", C::Palette, "palette", "every command by its name, with its key").at(22),
        key(Table, &["?"], "?", C::Help, "help", "this help").at(23),
        key(Table, &["ctrl-z"], "ctrl-z", C::Suspend, "suspend", "back to the shell for a while; fg returns"),
        key(Table, &["q"], "q", C::Quit, "quit", "quit; asks while jobs run").at(19),

        key(Detail, &["esc"], "Esc", C::Back, "back", "").at(1),
        key(Detail, &["@fix"], "F", C::Fix, "fix", "").writes().at(2).when(may_be_fixed),
        key(Detail, &["@up"], "↑↓", C::Move(-1), "user", "").at(3),
        key(Detail, &["@down"], "", C::Move(1), "", ""),
        key(Detail, &["@scroll-up"], "[ ]", C::Scroll(-1), "scroll", "").at(4),
        key(Detail, &["@scroll-down"], "", C::Scroll(1), "", ""),
        key(Detail, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Detail, &["@page-down", "@half-page-down"], "", C::Scroll(10), "", ""),
        key(Detail, &["1"], "1-9", C::CopyLink(1), "copy", "").at(5),
        key(Detail, &["2"], "", C::CopyLink(2), "", ""),
        key(Detail, &["3"], "", C::CopyLink(3), "", ""),
        key(Detail, &["4"], "", C::CopyLink(4), "", ""),
        key(Detail, &["5"], "", C::CopyLink(5), "", ""),
        key(Detail, &["6"], "", C::CopyLink(6), "", ""),
        key(Detail, &["7"], "", C::CopyLink(7), "", ""),
        key(Detail, &["8"], "", C::CopyLink(8), "", ""),
        key(Detail, &["9"], "", C::CopyLink(9), "", ""),
        key(Detail, &["@cancel"], "x", C::Cancel, "cancel job", "").writes().at(6).when(has_job),
        key(Detail, &["@retry"], "R", C::Retry, "retry", "").writes().at(7).when(may_retry),
        key(Detail, &["@personal"], "p", C::Personal, "unmask", "").at(8),
        key(Detail, &["@detail"], "Enter", C::Detail, "smaller", "").at(9),
        key(Detail, &["@plan"], "d", C::Plan, "plan", "").at(10),
        key(Detail, &["@history"], "H", C::History, "history", "").at(11),
        key(Detail, &["@copy-id"], "y", C::CopyIds, "copy id", "").at(15),
        key(Detail, &["@copy-command"], "Y", C::CopyLine, "copy command", "").at(16),
        key(Detail, &["@log"], "L", C::Log, "log", ""),
        key(Detail, &["@mark"], "Space", C::Mark, "mark", ""),
        key(Detail, &["@first"], "", C::First, "", ""),
        key(Detail, &["@last"], "", C::Last, "", ""),
        key(Detail, &["@refresh"], "r", C::Refresh, "refresh", "").at(12).when(may_refresh),
        key(Detail, &["@freeze"], "z", C::Freeze, "freeze", ""),
        key(Detail, &["@zone"], "T", C::Zone, "UTC", ""),
        key(Detail, &["@mouse"], "m", C::Mouse, "mouse", ""),
        key(Detail, &["@palette"], ":", C::Palette, "palette", "").at(13),
        key(Detail, &["@help"], "?", C::Help, "help", "").at(14),
        key(Detail, &["@quit"], "q", C::Quit, "quit", ""),

        key(Filter, &["enter"], "Enter", C::AcceptFilter, "keep", "").at(1),
        key(Filter, &["esc"], "Esc", C::DropFilter, "as before", "").at(2),
        key(Filter, &["tab"], "Tab", C::Propose(true), "complete", "").at(3),
        key(Filter, &["backtab"], "", C::Propose(false), "", ""),

        key(Columns, &["space"], "Space", C::ShowColumn, "show or hide", "").at(1),
        key(Columns, &["K", "shift-up"], "K J", C::ShiftColumn(-1), "move it", "").at(2),
        key(Columns, &["J", "shift-down"], "", C::ShiftColumn(1), "", ""),
        key(Columns, &["@sort"], "s", C::SortHere, "sort by it", "").at(3),
        key(Columns, &["@reverse"], "", C::Reverse, "", ""),
        key(Columns, &["r"], "r", C::ResetColumns, "as at first", "").at(4),
        key(Columns, &["esc", "@quit", "@columns", "enter"], "Esc", C::No, "close", "").at(5),
        key(Columns, &["@up"], "↑↓", C::Choose(-1), "choose", "").at(6),
        key(Columns, &["@down"], "", C::Choose(1), "", ""),

        // No letter moves the focus to the button that writes: a word typed by mistake must not press it.
        key(Confirm, &["y"], "y", C::Yes, "do it", "").writes().at(1).when(may_agree),
        key(Confirm, &["n", "esc", "@quit"], "n", C::No, "cancel", "").at(2),
        key(Confirm, &["enter"], "Enter", C::Press, "press", "").at(3),
        key(Confirm, &["tab", "right"], "Tab", C::NextButton, "other button", "").at(4),
        key(Confirm, &["backtab", "left"], "", C::PreviousButton, "", ""),
        key(Confirm, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(5),
        key(Confirm, &["@down"], "", C::Scroll(1), "", ""),
        key(Confirm, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Confirm, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),
        key(Confirm, &["c"], "c", C::Changes, "what changes", "").at(6).when(has_changes),
        key(Confirm, &["@personal"], "p", C::Personal, "unmask", "").at(7).when(has_changes),
        key(Confirm, &["@copy-command"], "Y", C::CopyLine, "copy command", "").at(8),

        key(Reason, &["enter"], "Enter", C::AcceptReason, "start", "").writes().at(1),
        key(Reason, &["esc"], "Esc", C::No, "back", "").at(2),

        key(Resume, &["y"], "y", C::Yes, "go on", "").writes().at(1).when(may_go_on),
        key(Resume, &["n", "esc", "@quit"], "n", C::No, "later", "").at(2),
        key(Resume, &["x"], "x", C::CancelRun, "cancel the run", "").writes().at(3),
        key(Resume, &["enter"], "Enter", C::Press, "press", "").at(4),
        key(Resume, &["tab", "right"], "Tab", C::NextButton, "other button", "").at(5),
        key(Resume, &["backtab", "left"], "", C::PreviousButton, "", ""),
        key(Resume, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(6),
        key(Resume, &["@down"], "", C::Scroll(1), "", ""),
        key(Resume, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Resume, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),
        key(Resume, &["@personal"], "p", C::Personal, "unmask", "").at(7),
        key(Resume, &["@copy-command"], "Y", C::CopyLine, "copy command", "").at(8),

        key(Systemic, &["esc", "@quit", "@systemic", "enter"], "Esc", C::No, "close", "").at(1),
        key(Systemic, &["@fix-index"], "I", C::FixIndex, "fix index", "").writes().at(2).when(may_fix_index),
        key(Systemic, &["@mark-all"], "a", C::MarkAffected, "mark", "").at(2).when(has_affected),
        key(Systemic, &["@fix"], "F", C::Fix, "fix", "").writes().at(3).when(may_fix_marked),
        key(Systemic, &["@retry"], "R", C::Retry, "retry", "").writes().at(4).when(may_retry),
        key(Systemic, &["tab", "right", "l"], "Tab", C::NextButton, "next", "").at(5).when(has_accidents),
        key(Systemic, &["backtab", "left", "h"], "", C::PreviousButton, "", "").when(has_accidents),
        key(Systemic, &["@copy-command"], "Y", C::CopyLine, "copy command", "").at(8).when(has_line),
        key(Systemic, &["@refresh"], "r", C::Refresh, "ask again", "").at(6),
        key(Systemic, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(7),
        key(Systemic, &["@down"], "", C::Scroll(1), "", ""),
        key(Systemic, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Systemic, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),

        key(History, &["esc", "@quit", "@history", "enter"], "Esc", C::No, "close", "").at(1),
        key(History, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(2),
        key(History, &["@down"], "", C::Scroll(1), "", ""),
        key(History, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(History, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),
        key(History, &["@personal"], "p", C::Personal, "unmask", "").at(3),
        key(History, &["@copy-id"], "y", C::CopyIds, "copy id", "").at(4),
        key(History, &["@copy-command"], "Y", C::CopyLine, "copy command", "").at(5),

        key(Export, &["enter"], "Enter", C::Press, "write it", "").at(1),
        key(Export, &["esc", "@quit", "@export"], "Esc", C::No, "close", "").at(2),
        key(Export, &["@up", "backtab"], "↑↓", C::Choose(-1), "format", "").at(3),
        key(Export, &["@down", "tab", "space"], "", C::Choose(1), "", ""),
        key(Export, &["@personal"], "p", C::Personal, "unmask", "").at(4),

        key(Log, &["esc", "@quit", "@log", "enter"], "Esc", C::No, "close", "").at(1),
        key(Log, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(2),
        key(Log, &["@down"], "", C::Scroll(1), "", ""),
        key(Log, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Log, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),
        key(Log, &["@first"], "g G", C::First, "ends", "").at(3),
        key(Log, &["@last"], "", C::Last, "", ""),
        key(Log, &["@copy-id"], "y", C::CopyIds, "copy all of it", "").at(4).when(has_log),
        key(Log, &["@zone"], "T", C::Zone, "UTC", "").at(5),
        key(Log, &["@personal"], "p", C::Personal, "unmask", "").at(6),

        key(Plan, &["esc", "@quit", "@plan", "enter"], "Esc", C::No, "close", "").at(1),
        key(Plan, &["@fix"], "F", C::Fix, "fix", "").writes().at(2).when(may_fix_planned),
        key(Plan, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(3),
        key(Plan, &["@down"], "", C::Scroll(1), "", ""),
        key(Plan, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Plan, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),
        key(Plan, &["c"], "c", C::Changes, "what changes", "").at(4).when(has_changes),
        key(Plan, &["@personal"], "p", C::Personal, "unmask", "").at(5),
        key(Plan, &["@copy-command"], "Y", C::CopyLine, "copy command", "").at(6),

        key(Help, &["esc", "@quit", "@help", "enter"], "Esc", C::No, "close", "").at(1),
        key(Help, &["@up"], "↑↓", C::Scroll(-1), "scroll", "").at(2),
        key(Help, &["@down"], "", C::Scroll(1), "", ""),
        key(Help, &["@page-up", "@half-page-up"], "", C::Scroll(-10), "", ""),
        key(Help, &["@page-down", "@half-page-down", "space"], "", C::Scroll(10), "", ""),

        key(Palette, &["enter"], "Enter", C::Run, "run", "").at(1),
        key(Palette, &["esc"], "Esc", C::No, "close", "").at(2),
        key(Palette, &["up", "ctrl-p"], "↑↓", C::Choose(-1), "choose", "").at(3),
        key(Palette, &["down", "ctrl-n"], "", C::Choose(1), "", ""),
        key(Palette, &["pgup"], "", C::Choose(-10), "", ""),
        key(Palette, &["pgdn"], "", C::Choose(10), "", ""),

        key(Quit, &["n", "esc", "@quit"], "n", C::No, "stay", "").at(1),
        key(Quit, &["w"], "w", C::QuitWaiting, "wait for the jobs", "").at(2).when(has_work),
        key(Quit, &["l"], "l", C::QuitLeaving, "leave them for later", "").at(3).when(has_active),
        key(Quit, &["y"], "y", C::Yes, "quit", "").at(2).when(has_none_active),
        key(Quit, &["enter"], "Enter", C::Press, "press", "").at(4),
        key(Quit, &["tab", "right", "@down"], "Tab", C::NextButton, "other button", "").at(5),
        key(Quit, &["backtab", "left", "@up"], "", C::PreviousButton, "", ""),

        key(Welcome, &["enter", "esc", "space", "@quit"], "Enter", C::No, "close", "").at(1),

        key(Sandbox, &[], "", C::Welcome, "welcome", "what the sandbox is, and which keys to try"),
        practise(P::BreakIndex),
        practise(P::BreakPds),
        practise(P::LimitPds),
        practise(P::LoseAnswers),
        practise(P::LimitAuth0),
        practise(P::SlowAuth0),
        practise(P::BreakMongo),
        practise(P::Mend),
    ]
};
