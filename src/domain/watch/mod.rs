//! What a watch remembers of the signups that it follows, and what follows from each look: whom to look at, and what
//! changed. It holds ids, never an address or a name. What a mending changes stands in `mending`, which troubles there are
//! in `troubles`, what is told of them in `alert`, and when
//! that is sent in `delivery`.

mod delivery;
mod mending;
mod troubles;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::alert::{Alert, Ledger};
use super::diagnosis::{Column, Diagnosis, State, Verdict};
use super::error::Problem;
use super::finding::{FindingId, Severity};
use super::signup::Auth0User;
use super::tally::{Case, Streaks, Totals};

pub use delivery::Delivery;
pub use mending::Held;
use mending::Tried;

pub const SCHEMA: u32 = 1;

/// Everything that has to outlive the process.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Memory {
    pub schema: u32,
    pub tenants: BTreeMap<String, Followed>,
    pub ledger: Ledger,
    /// Alerts that were not delivered yet, the oldest first.
    pub outbox: Vec<Alert>,
    #[serde(default)]
    pub delivery: Delivery,
    /// Since when a backend does not answer: `pds`, `auth0/aesthetic`.
    pub silent: BTreeMap<String, Timestamp>,
}

/// The signups of one tenant.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Followed {
    pub signups: BTreeMap<String, One>,
    /// A mending run stopped by itself: no other is started for now.
    pub held: Option<Held>,
    /// What became of signups since troubles were last looked at.
    gone: Vec<Gone>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct One {
    pub created_at: Timestamp,
    pub verified: bool,
    /// When its grace time is over. It begins again when the e-mail is verified.
    pub due: Timestamp,
    pub standing: Standing,
    /// What is not as it should be, what explains the rest first.
    pub findings: Vec<FindingId>,
    /// Something else explains the rest since then. Whoever is being mended shows that for a moment.
    turning: Option<(FindingId, Timestamp)>,
    looked_at: Option<Timestamp>,
    /// The last list did not name it. Pages shift while they are read, so that one may be missed once.
    missed: bool,
    /// A run of ours is on it, since then.
    mending: Option<(Timestamp, String)>,
    /// The run that mended it last.
    run: Option<String>,
    tried: Option<Tried>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not looked at, or not since its e-mail was verified.
    New,
    Whole,
    /// Nothing is wrong, and something is not expected yet.
    Waiting,
    Broken,
    /// Somebody did not answer.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Gone {
    sub: String,
    created_at: Timestamp,
    finding: FindingId,
    healed: bool,
    run: Option<String>,
}

/// Something about a signup that was not so at the look before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub sub: String,
    pub from: Standing,
    pub to: Standing,
    pub findings: Vec<FindingId>,
    /// The run of ours that mended it.
    pub run: Option<String>,
}

impl Followed {
    /// Takes the list of Auth0: everybody who signed up since the watch looks back to.
    pub fn list(&mut self, listed: &[Auth0User], now: Timestamp, grace: SignedDuration) {
        let due = |from: Timestamp| from.checked_add(grace).unwrap_or(Timestamp::MAX);
        let named: BTreeSet<&str> = listed.iter().map(|user| user.sub.as_str()).collect();
        let gone = &mut self.gone;
        self.signups.retain(|sub, one| {
            let there = named.contains(sub.as_str());
            let stays = there || !one.missed;
            one.missed = !there;
            if let (false, Standing::Broken, Some(finding)) = (stays, one.standing, one.findings.first()) {
                gone.push(Gone {
                    sub: sub.clone(),
                    created_at: one.created_at,
                    finding: *finding,
                    healed: false,
                    run: None,
                });
            }
            stays
        });
        for user in listed {
            let one = self.signups.entry(user.sub.clone()).or_insert_with(|| One {
                created_at: user.created_at,
                verified: user.email_verified,
                due: due(user.created_at),
                standing: Standing::New,
                findings: Vec::new(),
                turning: None,
                looked_at: None,
                missed: false,
                mending: None,
                run: None,
                tried: None,
            });
            if user.email_verified && !one.verified {
                // Now an account is expected, in its own time.
                one.due = due(now);
                if one.standing != Standing::Broken {
                    one.standing = Standing::New;
                }
            }
            one.verified = user.email_verified;
        }
    }

    /// Whom to look at now: everybody whose time has come or who was unknown, and of the broken those who were looked at
    /// longest ago, so that an outage of thousands does not ask for thousands each time.
    pub fn due(&self, now: Timestamp, most_broken: usize) -> Vec<String> {
        let open = |one: &One| match one.standing {
            Standing::New => one.due <= now,
            Standing::Unknown => true,
            Standing::Whole | Standing::Waiting | Standing::Broken => false,
        };
        let mut due: Vec<String> = self
            .signups
            .iter()
            .filter(|(_, one)| open(one))
            .map(|(sub, _)| sub.clone())
            .collect();
        let broken = self.signups.iter();
        let mut broken: Vec<_> = broken
            .filter(|(_, one)| one.standing == Standing::Broken)
            .collect();
        broken.sort_by_key(|(_, one)| one.looked_at);
        due.extend(broken.into_iter().take(most_broken).map(|(sub, _)| sub.clone()));
        due
    }

    /// Takes what was found about a signup; `Some` where it is not as it was.
    pub fn take(
        &mut self,
        sub: &str,
        diagnosis: &Diagnosis,
        now: Timestamp,
        grace: SignedDuration,
    ) -> Option<Change> {
        let one = self.signups.get_mut(sub)?;
        let mut found: Vec<_> = diagnosis
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .map(|finding| finding.id)
            .collect();
        // Where somebody did not answer, what was not seen to be mended is as it was.
        let blind = Column::ALL
            .iter()
            .any(|column| diagnosis.state(*column) == State::Unknown);
        let unseen = |id: &&FindingId| blind && diagnosis.state(id.column()) != State::Ok;
        found.extend(one.findings.iter().filter(unseen));
        found.sort_by_key(|id| (std::cmp::Reverse(id.severity()), id.column(), *id));
        found.dedup();
        let was = (one.standing, one.findings.first().copied());
        let standing = match diagnosis.verdict() {
            _ if !found.is_empty() => Standing::Broken,
            Verdict::Whole => Standing::Whole,
            Verdict::Waiting => Standing::Waiting,
            Verdict::Broken | Verdict::Unknown => Standing::Unknown,
        };
        one.looked_at = Some(now);
        if was.0 == Standing::Broken && standing == Standing::Unknown {
            // Half seen, and nothing wrong in that half: mended or not, the next look tells.
            return None;
        }
        one.standing = standing;
        if !one.turns(was, found.first().copied(), now, grace) {
            one.findings = found;
        }
        let healed = matches!(standing, Standing::Whole | Standing::Waiting);
        let at_it = one.mending.as_ref().map(|(_, run)| run.clone());
        let run = if healed { one.run.take().or(at_it) } else { None };
        if let (Standing::Broken, Some(finding), true) = (was.0, was.1, healed) {
            (one.tried, one.mending) = (None, None);
            self.gone.push(Gone {
                sub: sub.to_string(),
                created_at: one.created_at,
                finding,
                healed: true,
                run: run.clone(),
            });
        }
        let changed = was != (one.standing, one.findings.first().copied()) && standing != Standing::Unknown;
        changed.then(|| Change {
            sub: sub.to_string(),
            from: was.0,
            to: standing,
            findings: one.findings.clone(),
            run,
        })
    }

    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for one in self.signups.values() {
            totals.count(match one.standing {
                Standing::Whole => Verdict::Whole,
                Standing::New | Standing::Waiting => Verdict::Waiting,
                Standing::Broken => Verdict::Broken,
                Standing::Unknown => Verdict::Unknown,
            });
        }
        totals
    }

    /// What the newest signups share.
    pub fn streaks(&self) -> Streaks {
        let known = |one: &&One| !matches!(one.standing, Standing::New | Standing::Unknown);
        let case = |one: &One| Case {
            created_at: Some(one.created_at),
            verified: one.verified,
            findings: one.findings.clone(),
        };
        Streaks::of(self.signups.values().filter(known).map(case))
    }
}

impl One {
    /// Whether a broken signup has another finding, and not for as long as its grace time yet: then it counts as before.
    fn turns(
        &mut self,
        was: (Standing, Option<FindingId>),
        found: Option<FindingId>,
        now: Timestamp,
        grace: SignedDuration,
    ) -> bool {
        let (Standing::Broken, Some(old), Some(new)) = (was.0, was.1, found) else {
            self.turning = None;
            return false;
        };
        if old == new {
            self.turning = None;
            return false;
        }
        let since = match self.turning {
            Some((turning, since)) if turning == new => since,
            _ => now,
        };
        self.turning = Some((new, since));
        now.duration_since(since) < grace
    }
}

impl Memory {
    pub fn new() -> Self {
        Self {
            schema: SCHEMA,
            ..Self::default()
        }
    }

    /// Takes down whether a backend answered.
    pub fn hear(&mut self, backend: &str, problem: Option<&Problem>, now: Timestamp) {
        match problem {
            Some(_) => {
                self.silent.entry(backend.to_string()).or_insert(now);
            }
            None => {
                self.silent.remove(backend);
            }
        }
    }
}
