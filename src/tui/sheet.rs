//! The plans of some users, as dialogs list them: what will be done to whom, and who is spared, and why. Users whose plans
//! are alike stand together, so that what is the same for many is said once.

use std::collections::{HashMap, HashSet};

use crate::domain::change::{Change, changes};
use crate::domain::{Column, Plan, Policy, Signup, State as Fact, Step, Verdict, plan};

use super::message::Target;
use super::state::{Row, RowId, State};

/// One user of a plan that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub target: Target,
    pub signup: Signup,
    pub steps: Vec<Step>,
    pub changes: Vec<Change>,
    pub left: Vec<String>,
    /// Something about them is not known now; their job looks again.
    pub unsure: bool,
    /// Marked, but hidden by the filter.
    pub hidden: bool,
}

/// The plans of some users: what `d` shows and `F` asks about.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Those whom something will be done to.
    pub touched: Vec<Planned>,
    /// Those whom nothing will be done to; `left` says why.
    pub spared: Vec<Planned>,
    /// Those who are touched by what is done to them, and those who are spared by why: the hidden apart, at the end.
    pub alike: [Vec<Group>; 2],
    /// What changes is shown, as old → new.
    pub opened: bool,
    pub scroll: usize,
}

/// Users whose plans are alike.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// Their places in the list, in its order.
    pub members: Vec<usize>,
    /// What is left of each of them to people.
    pub left: Vec<String>,
    /// What changes the same way for each of them.
    pub changes: Vec<Change>,
}

impl Sheet {
    /// In the order of the table; those whom the filter hides last.
    pub fn of(state: &State, ids: &[RowId]) -> Self {
        let wanted: HashSet<&RowId> = ids.iter().collect();
        let visible: HashSet<&RowId> = state.shown.iter().collect();
        let shown = state.shown.iter().filter(|id| wanted.contains(id));
        let hidden = ids.iter().filter(|id| !visible.contains(id));
        let mut sheet = Self {
            touched: Vec::new(),
            spared: Vec::new(),
            alike: Default::default(),
            opened: false,
            scroll: 0,
        };
        for id in shown.chain(hidden) {
            let Some(row) = state.rows.get(id) else { continue };
            let planned = Planned::of(row, !visible.contains(id), state.jobs.is_active(id));
            if planned.steps.is_empty() {
                sheet.spared.push(planned);
            } else {
                sheet.touched.push(planned);
            }
        }
        sheet.alike = [
            groups(&sheet.touched, |planned| (planned.hidden, &planned.steps)),
            groups(&sheet.spared, |planned| (planned.hidden, &planned.left)),
        ];
        // Of many, the steps say enough; of one, what they change has room.
        sheet.opened = sheet.touched.len() == 1;
        sheet
    }

    /// All of its users.
    pub fn ids(&self) -> impl Iterator<Item = RowId> {
        let all = self.touched.iter().chain(&self.spared);
        all.map(|planned| RowId::new(&planned.target.tenant, &planned.target.key))
    }

    /// How many of those that are touched the filter hides.
    pub fn hidden(&self) -> usize {
        self.touched.iter().filter(|planned| planned.hidden).count()
    }

    /// The tenants of those that are touched, each once.
    pub fn tenants(&self) -> Vec<&str> {
        let mut tenants: Vec<&str> = self
            .touched
            .iter()
            .map(|planned| planned.target.tenant.as_str())
            .collect();
        tenants.sort_unstable();
        tenants.dedup();
        tenants
    }
}

/// Those of whom the same is said, in the order of the first of each.
fn groups<'a, K: std::hash::Hash + Eq>(all: &'a [Planned], same: impl Fn(&'a Planned) -> K) -> Vec<Group> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (n, planned) in all.iter().enumerate() {
        let place = *places.entry(same(planned)).or_insert(groups.len());
        match groups.get_mut(place) {
            None => groups.push(Group {
                members: vec![n],
                left: planned.left.clone(),
                changes: planned.changes.clone(),
            }),
            Some(group) => {
                group.members.push(n);
                group.left.retain(|left| planned.left.contains(left));
                group.changes.retain(|change| planned.changes.contains(change));
            }
        }
    }
    groups
}

impl Planned {
    pub fn of(row: &Row, hidden: bool, busy: bool) -> Self {
        let mut plan = if busy {
            Plan {
                left: vec!["A job is on this user already.".into()],
                ..Plan::default()
            }
        } else {
            plan(&row.signup, &row.diagnosis, Policy::default())
        };
        if plan.steps.is_empty() && plan.left.is_empty() {
            plan.left.push(nothing_about(row).into());
        }
        Self {
            target: row.target(),
            signup: row.signup.clone(),
            changes: changes(&row.signup, &plan),
            steps: plan.steps,
            left: plan.left,
            unsure: Column::ALL
                .into_iter()
                .any(|column| row.diagnosis.state(column) == Fact::Unknown),
            hidden,
        }
    }
}

fn nothing_about(row: &Row) -> &'static str {
    match row.verdict {
        _ if row.is_being_read() => "The facts are still being read.",
        _ if row.diagnosis.is_left_alone() => "Blocked users and those who are being deleted are left alone.",
        Verdict::Waiting => "Nothing is missing yet: the e-mail is not verified.",
        Verdict::Whole => "This signup is whole.",
        Verdict::Broken | Verdict::Unknown => "Nothing about this signup can be mended by itself.",
    }
}
