//! How many are marked, and of how many of them a backfill would mend something: counted when that changes, since the
//! footer says it with every picture.

use super::super::state::{RowId, State};

/// What one user counts among the marked, and among those of them that can be mended.
pub type Weight = (usize, usize);

pub fn weight(state: &State, id: &RowId) -> Weight {
    if !state.marks.contains(id) || !state.is_chosen(&id.tenant) {
        return (0, 0);
    }
    (1, usize::from(is_mendable(state, id)))
}

/// Counts them all.
pub fn count(state: &mut State) {
    let (mut marked, mut mendable) = (0, 0);
    for id in state.marked() {
        marked += 1;
        mendable += usize::from(is_mendable(state, id));
    }
    (state.marked, state.mendable) = (marked, mendable);
}

/// Takes in that one user counts another way than before. Thousands may be marked, and news of jobs come thick and fast.
pub fn count_again(state: &mut State, id: &RowId, before: Weight) {
    let now = weight(state, id);
    state.marked = (state.marked + now.0).saturating_sub(before.0);
    state.mendable = (state.mendable + now.1).saturating_sub(before.1);
}

fn is_mendable(state: &State, id: &RowId) -> bool {
    state.rows.get(id).is_some_and(|row| row.mends) && !state.jobs.is_active(id)
}
