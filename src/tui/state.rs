//! What the screen remembers. Plain values: `update` is their only writer, `view` their only reader.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::accident::Looked;
use crate::domain::practice::Practice;
use crate::domain::tally::{Evidence, Systemic, Totals};
use crate::domain::{FindingId, Problem};
use crate::services::health::ServiceHealth;

use super::accidents::Affected;
use super::command::Command;
use super::filter::Filter;
use super::hours::Hour;
use super::jobs::Jobs;
use super::layout::{Layout, Sort};
use super::log::Log;
pub use super::mode::{Asking, Button, Detail, Extent, History, Leaving, Mode, Resuming, Story, Visit};
use super::repair::Repair;
pub use super::row::{Row, RowId};
use super::runs::{Offer, short};
use super::setup::Setup;
use super::toast::Toasts;

/// What is being read of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Doing {
    #[default]
    Nothing,
    Refresh,
    Older {
        before: Timestamp,
    },
    /// A page older than the newest, once more: by itself, after a refresh.
    Again {
        before: Timestamp,
    },
}

/// How fresh a tenant's rows are, and what is being done about it.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    pub doing: Doing,
    /// Counts the walks, so that rows can say which one named them.
    pub number: u64,
    /// The oldest signup that this walk named.
    pub oldest: Option<Timestamp>,
    /// The oldest signup that was known when it began: whoever is named now and signed up later arrived meanwhile.
    pub known_since: Option<Timestamp>,
    /// When the newest were last read to their end.
    pub fresh_at: Option<Timestamp>,
    /// When it last came to an end of any kind.
    pub ended_at: Option<Timestamp>,
    /// When it was asked for, or last told something.
    pub heard_at: Option<Timestamp>,
    pub failure: Option<Problem>,
    pub failures: u32,
    /// About what many of the newest share.
    pub evidence: Evidence,
    /// Why the last refresh could not tell the orphans.
    pub orphans_unknown: Option<Problem>,
    /// There are no older signups.
    pub exhausted: bool,
    /// Load older ones as soon as the refresh is over.
    pub wants_older: bool,
    /// What it reads or has read is of before something changed: read it again as soon as it is over.
    pub again: bool,
}

/// Marks that grow with the cursor.
#[derive(Debug, Clone)]
pub struct Range {
    pub anchor: RowId,
    /// What was marked before.
    pub base: BTreeSet<RowId>,
    /// Begun with `v`: goes on with every move. Begun with Shift: ends with the next move without it.
    pub sticky: bool,
}

/// What is counted over the rows of the tenants that are shown; made anew by `update` when rows change.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub totals: Totals,
    /// Rows whose facts are on their way.
    pub reading: usize,
    /// Rows of which something was not asked yet, whatever is known of them.
    pub pending: usize,
    /// When the row was read that was not read for longest.
    pub oldest_read: Option<Timestamp>,
    /// What weighs most first, and of those the most frequent.
    pub findings: Vec<(FindingId, usize)>,
    /// With the tenant's name.
    pub systemic: Vec<(String, Systemic)>,
    /// Who has each of these, in the same order.
    pub affected: Vec<Affected>,
    /// The oldest first, as far back as all signups are loaded.
    pub hours: Vec<Hour>,
}

#[derive(Debug, Clone)]
pub struct State {
    pub(super) setup: Setup,
    pub(super) now: Timestamp,
    pub(super) local: TimeZone,
    pub(super) utc: bool,
    pub(super) size: (u16, u16),
    pub(super) focused: bool,
    /// A place in `setup.tenants`; the one after the last means all of them.
    pub(super) choice: usize,
    pub(super) walks: BTreeMap<String, Walk>,
    pub(super) rows: HashMap<RowId, Row>,
    /// The rows that are shown, in their order.
    pub(super) shown: Vec<RowId>,
    pub(super) cursor: Option<RowId>,
    /// Where the cursor's row stands in `shown`.
    pub(super) cursor_at: usize,
    /// The first row of the window.
    pub(super) top: usize,
    pub(super) marks: BTreeSet<RowId>,
    /// How many of the marks are of tenants that are shown.
    pub(super) marked: usize,
    /// How many of these something would be done to, if asked now.
    pub(super) mendable: usize,
    pub(super) range: Option<Range>,
    pub(super) filter: Filter,
    pub(super) broken_only: bool,
    pub(super) sort: Sort,
    pub(super) layout: Layout,
    /// Who signed up while the screen was open, and was not seen yet.
    pub(super) fresh: BTreeSet<RowId>,
    /// How many of them stand above the window, and below.
    pub(super) unseen: (usize, usize),
    /// What the backends told changed the rows: the row under the cursor keeps its line.
    pub(super) by_news: bool,
    pub(super) masked: bool,
    /// When personal data that is shown is masked again.
    pub(super) mask_at: Option<Timestamp>,
    /// The mouse is ours: the terminal does not select text with it.
    pub(super) mouse: bool,
    /// What the palette was used for, the newest first.
    pub(super) recent: Vec<Command>,
    pub(super) frozen: bool,
    pub(super) detail: Option<Detail>,
    pub(super) jobs_open: bool,
    pub(super) jobs: Jobs,
    /// Interrupted and paused runs of before, the newest first, that nobody has decided about.
    pub(super) offers: Vec<Offer>,
    /// The start found them, and nobody looked at one yet: a line above the table says so.
    pub(super) offer_waits: bool,
    /// Those that were asked to go on, until they do.
    pub(super) resuming: Vec<Offer>,
    /// Those that are to be cancelled, until they are.
    pub(super) cancelling: Vec<Offer>,
    /// Whether the store was heard to tell which runs wait: the first time they are offered.
    pub(super) runs_told: bool,
    pub(super) health: Vec<ServiceHealth>,
    /// What is broken in the sandbox on purpose.
    pub(super) broken: Vec<Practice>,
    /// What was asked last to explain an accident.
    pub(super) looked: Option<Looked>,
    /// Whose is being asked anew.
    pub(super) looking: Option<String>,
    /// What is being asked is of before something changed: ask again once it is there.
    pub(super) look_again: bool,
    /// Of the index on the code, while it is under way.
    pub(super) repair: Option<Repair>,
    pub(super) tally: Tally,
    pub(super) mode: Mode,
    pub(super) toasts: Toasts,
    /// Everything that was told, and what happened besides.
    pub(super) log: Log,
    /// It was said once what tmux needs for a copied text.
    pub(super) told_of_clipboard: bool,
    /// Quit as soon as no job runs any more.
    pub(super) leaving: bool,
    /// The jobs were told to stop at their next step, which cannot be taken back.
    pub(super) told_to_leave: bool,
    /// ctrl-c was what ended it.
    pub(super) interrupted: bool,
    /// Rows, filter or order changed: `shown` and `tally` must be made anew.
    pub(super) stale_order: bool,
}

impl State {
    pub fn new(setup: Setup) -> Self {
        let walks = setup
            .tenants
            .iter()
            .map(|tenant| (tenant.clone(), Walk::default()))
            .collect();
        let mode = match setup.sandbox {
            Some(Visit::First) => Mode::Welcome,
            Some(Visit::Again) | None => Mode::Table,
        };
        Self {
            now: setup.now,
            local: TimeZone::system(),
            utc: setup.utc,
            mouse: setup.mouse,
            setup,
            size: (80, 24),
            focused: true,
            choice: 0,
            walks,
            rows: HashMap::new(),
            shown: Vec::new(),
            cursor: None,
            cursor_at: 0,
            top: 0,
            marks: BTreeSet::new(),
            marked: 0,
            mendable: 0,
            range: None,
            filter: Filter::default(),
            broken_only: false,
            sort: Sort::default(),
            layout: Layout::default(),
            fresh: BTreeSet::new(),
            unseen: (0, 0),
            by_news: false,
            masked: true,
            mask_at: None,
            recent: Vec::new(),
            frozen: false,
            detail: None,
            jobs_open: false,
            jobs: Jobs::default(),
            offers: Vec::new(),
            offer_waits: false,
            resuming: Vec::new(),
            cancelling: Vec::new(),
            runs_told: false,
            health: Vec::new(),
            broken: Vec::new(),
            looked: None,
            looking: None,
            look_again: false,
            repair: None,
            tally: Tally::default(),
            mode,
            toasts: Toasts::default(),
            log: Log::default(),
            told_of_clipboard: false,
            leaving: false,
            told_to_leave: false,
            interrupted: false,
            stale_order: false,
        }
    }

    /// Whether something was asked for of this run, and not answered yet: what others tell of it may be older.
    pub fn is_asked_about(&self, run: &str) -> bool {
        self.is_cancelling(run) || self.resuming.iter().any(|offer| offer.run == run)
    }

    /// Whether a run is being cancelled: nobody is to go on with it any more.
    pub fn is_cancelling(&self, run: &str) -> bool {
        self.cancelling.iter().any(|offer| offer.run == run)
    }

    /// The tenants whose rows are shown.
    pub fn chosen(&self) -> &[String] {
        match self.setup.tenants.get(self.choice) {
            Some(one) => std::slice::from_ref(one),
            None => &self.setup.tenants,
        }
    }

    pub fn is_chosen(&self, tenant: &str) -> bool {
        self.chosen().iter().any(|chosen| chosen == tenant)
    }

    pub fn shows_all_tenants(&self) -> bool {
        self.chosen().len() > 1
    }

    pub fn zone(&self) -> &TimeZone {
        static UTC: TimeZone = TimeZone::UTC;
        if self.utc { &UTC } else { &self.local }
    }

    pub fn row_under_cursor(&self) -> Option<&Row> {
        self.rows.get(self.cursor.as_ref()?)
    }

    /// The history that the detail shows, where it has the whole screen.
    pub fn whole_detail(&self) -> Option<&Story> {
        self.cursor.as_ref()?;
        match &self.detail.as_ref()?.extent {
            Extent::Whole { story, .. } => Some(story),
            Extent::Pane => None,
        }
    }

    /// Whether a command is about the marked. Whoever looks at one user alone means that one.
    pub fn means_the_marked(&self) -> bool {
        self.marked > 0 && self.whole_detail().is_none()
    }

    /// The marked users of the tenants that are shown: marks of others wait until their tenant is looked at again.
    pub fn marked(&self) -> impl Iterator<Item = &RowId> {
        self.marks.iter().filter(|id| self.is_chosen(&id.tenant))
    }

    /// As much of a run's id as tells it from the others that are known here.
    pub fn short_run<'a>(&'a self, id: &'a str) -> &'a str {
        let here = self.jobs.runs().iter().filter_map(|run| run.id.as_deref());
        let offered = self.offers.iter().chain(&self.resuming).chain(&self.cancelling);
        short(id, here.chain(offered.map(|offer| offer.run.as_str())))
    }

    /// Whether anything on the screen moves by itself more often than once a second.
    pub fn is_busy(&self) -> bool {
        self.jobs.active_count() > 0 && !self.setup.reduced_motion
    }
}
