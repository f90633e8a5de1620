//! What becomes of a run of this session at other hands: somebody went on with it, or cancelled it, in another process.

use super::super::message::Fate;
use super::super::runs::End;
use super::{Job, Jobs, Phase};
use crate::domain::run::Pause;

impl Jobs {
    /// Takes the fate of a run in that waited here; `false` where none of that id does.
    pub fn elsewhere(&mut self, id: &str, fate: &Fate) -> bool {
        let Some(place) = self.place_of(id) else {
            return false;
        };
        let by = match fate {
            Fate::WorkedOn(by) => Some(by.clone()),
            Fate::Finished | Fate::Cancelled => None,
        };
        let given_away = |job: &&mut Job| job.run == place && matches!(job.phase, Phase::Elsewhere(_));
        for job in self.list.iter_mut().filter(given_away) {
            job.phase = Phase::Elsewhere(by.clone());
        }
        if !self.runs[place].waits() {
            return false;
        }
        if *fate == Fate::Cancelled {
            self.drop_run(id);
            return true;
        }
        for user in self.runs[place].those(End::Left) {
            let job = self.place.get(&user).map(|place| &mut self.list[*place]);
            if let Some(job) = job.filter(|job| job.run == place) {
                job.phase = Phase::Elsewhere(by.clone());
            }
        }
        self.runs[place].give_away();
        self.count();
        true
    }

    /// A run that waits here stands so in the store: somebody may have gone on with it meanwhile, until it stopped again.
    pub fn stands(&mut self, id: &str, pause: &Option<Pause>) {
        if let Some(place) = self.place_of(id).filter(|place| self.runs[*place].waits()) {
            self.runs[place].pause.clone_from(pause);
        }
    }

    /// Whether a run is of this session and not over here.
    pub fn has_open(&self, id: &str) -> bool {
        self.run(id)
            .is_some_and(|run| run.waits() || !run.open().is_empty())
    }
}
