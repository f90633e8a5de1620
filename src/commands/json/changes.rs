//! The JSON of what a plan changes, as a type.

use schemars::JsonSchema;
use serde::Serialize;

use super::shown;
use crate::domain::change::{Change, Place, Side};
use crate::domain::plan::Step;
use crate::domain::text::{became, mask_handle};

/// What a step of a plan changes in one place. Never a secret; handles are masked.
#[derive(Serialize, JsonSchema, Clone)]
pub struct PlannedChangeView {
    pub step: Step,
    pub place: Place,
    /// What stands there before the step. `None`: nothing. `unknown`: nobody looked.
    pub old: Option<String>,
    /// What is to stand there after it, or as much as can be said before. `None`: nothing.
    pub new: Option<String>,
    /// Something that is known stands there, and goes.
    #[serde(skip)]
    pub replaces: bool,
}

impl PlannedChangeView {
    pub fn new(change: &Change, unmask: bool) -> Self {
        let side = |side: &Side| match side {
            Side::Nothing => None,
            Side::Unknown => Some("unknown".into()),
            known => Some(shown(
                &known.words(|handle| shown(handle, unmask, mask_handle)),
                true,
                str::to_string,
            )),
        };
        Self {
            step: change.step,
            place: change.place,
            old: side(&change.old),
            new: side(&change.new),
            replaces: change.replaces(),
        }
    }

    /// `did:plc:… → the DID from the PDS`
    pub fn old_and_new(&self) -> String {
        let shown = |side: &Option<String>| side.clone().unwrap_or_else(|| "–".into());
        became(&shown(&self.old), &shown(&self.new))
    }

    /// `PDS handle: m….example.com → another m….example.com`
    pub fn spoken(&self) -> String {
        format!("{}: {}", self.place.word(), self.old_and_new())
    }
}
