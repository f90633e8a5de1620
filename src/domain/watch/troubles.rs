//! Which troubles there are in what a watch remembers: signups that share a finding, a run that stands still, a backend
//! that does not answer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Followed, Memory, One, Standing};
use crate::domain::alert::{AlertKind, Trouble};
use crate::domain::error::{Advice, Problem};
use crate::domain::finding::FindingId;
use crate::domain::tally::Evidence;

impl Followed {
    /// The troubles of this tenant, each with what became of its signups since this was asked last. A signup that a run
    /// of ours is on is none, unless it takes longer than patience allows.
    pub fn troubles(
        &mut self,
        tenant: &str,
        evidence: &Evidence,
        now: Timestamp,
        patience: SignedDuration,
    ) -> Vec<Trouble> {
        let mut by_finding: BTreeMap<FindingId, Trouble> = BTreeMap::new();
        let trouble = |finding: FindingId, since: Timestamp| Trouble {
            what: format!("signups of {tenant} {}", finding.fragment()),
            hint: finding.hint().to_string(),
            ..empty(
                fingerprint(tenant, finding),
                AlertKind::Signups,
                Some(tenant),
                since,
            )
        };
        let in_hand = self.in_hand(now, patience);
        for (sub, one) in &self.signups {
            let Some(finding) = one.trouble().filter(|_| !one.is_in_hand(now, patience)) else {
                continue;
            };
            let found = by_finding
                .entry(finding)
                .or_insert_with(|| trouble(finding, one.created_at));
            found.since = found.since.min(one.created_at);
            found.affected.insert(sub.clone());
        }
        // Whom a run has mended so far is told with the others that it is still on.
        let told = self.gone.extract_if(.., |gone| !in_hand.contains(&gone.finding));
        for gone in told {
            let found = by_finding
                .entry(gone.finding)
                .or_insert_with(|| trouble(gone.finding, gone.created_at));
            found.since = found.since.min(gone.created_at);
            found.runs.extend(gone.run);
            if gone.healed {
                found.healed.insert(gone.sub);
            } else {
                found.unfollowed += 1;
            }
        }
        if let Some(systemic) = self.streaks().systemic(evidence)
            && let Some(found) = by_finding.get_mut(&systemic.finding)
            && !found.affected.is_empty()
        {
            found.systemic = true;
            found.of = Some(systemic.of.max(found.affected.len()));
            found.cause = systemic.cause;
        }
        let held = self.held.as_ref().map(|held| Trouble {
            what: format!(
                "run {} of the watch, which mends {tenant}, stands still",
                held.run
            ),
            cause: held.why.clone(),
            hint: held.hint.clone(),
            ..empty(
                format!("{tenant}/mending"),
                AlertKind::Mending,
                Some(tenant),
                held.since,
            )
        });
        by_finding.into_values().chain(held).collect()
    }

    /// The fingerprints of what a run of ours is on: not told again meanwhile, and not over either.
    pub fn undecided(&self, tenant: &str, now: Timestamp, patience: SignedDuration) -> BTreeSet<String> {
        let findings = self.in_hand(now, patience).into_iter();
        findings.map(|finding| fingerprint(tenant, finding)).collect()
    }

    /// What is wrong with those whom a run of ours is on.
    fn in_hand(&self, now: Timestamp, patience: SignedDuration) -> BTreeSet<FindingId> {
        let in_hand = |one: &&One| one.is_in_hand(now, patience);
        self.signups
            .values()
            .filter(in_hand)
            .filter_map(One::trouble)
            .collect()
    }
}

impl One {
    /// What is wrong with a broken one.
    fn trouble(&self) -> Option<FindingId> {
        let first = self.findings.first().copied();
        first.filter(|_| self.standing == Standing::Broken)
    }

    /// Whether a run of ours is on it, and not for longer than patience allows.
    fn is_in_hand(&self, now: Timestamp, patience: SignedDuration) -> bool {
        let begun = self.mending.as_ref().map(|(since, _)| *since);
        begun.is_some_and(|since| now.duration_since(since) <= patience)
    }
}

impl Memory {
    /// The trouble of a backend that does not answer for longer than patience allows. To be refused for a wrong
    /// credential does not pass, and is no matter of patience.
    pub fn outage(
        &self,
        backend: &str,
        problem: &Problem,
        now: Timestamp,
        patience: SignedDuration,
    ) -> Option<Trouble> {
        let since = *self.silent.get(backend)?;
        let hopeless = problem.advice == Advice::Configure;
        if now.duration_since(since) < patience && !hopeless {
            return None;
        }
        let (name, tenant) = backend
            .split_once('/')
            .map_or((backend, None), |(name, tenant)| (name, Some(tenant)));
        let of = tenant.map_or_else(String::new, |tenant| format!(" of {tenant}"));
        let verb = if hopeless { "refuses us" } else { "does not answer" };
        Some(Trouble {
            what: format!("{name}{of} {verb}"),
            cause: problem.message.clone(),
            hint: problem.hint.clone(),
            ..empty(format!("outage/{backend}"), AlertKind::Outage, tenant, since)
        })
    }
}

fn fingerprint(tenant: &str, finding: FindingId) -> String {
    format!("{tenant}/{}", finding.name())
}

/// One without anybody in it.
fn empty(fingerprint: String, kind: AlertKind, tenant: Option<&str>, since: Timestamp) -> Trouble {
    Trouble {
        fingerprint,
        kind,
        tenant: tenant.map(String::from),
        systemic: false,
        since,
        affected: BTreeSet::new(),
        of: None,
        healed: BTreeSet::new(),
        unfollowed: 0,
        runs: BTreeSet::new(),
        what: String::new(),
        cause: String::new(),
        hint: String::new(),
    }
}
