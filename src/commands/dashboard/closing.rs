//! What goes on behind the closed screen: it is waited for, what it is is said where that takes a while, and the end of a
//! repair of the index is told here, since no screen hears of it any more.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::task::TaskTracker;

use super::super::output::Output;
use super::super::signals::Signals;
use super::super::{Failure, Status};
use crate::domain::{Class, Problem};
use crate::provisioning::queue::Queue;
use crate::tui::BROKEN_OFF;

/// Within so long it needs no word.
const AT_ONCE: Duration = Duration::from_millis(400);
/// How long the last steps may take after the screen is gone.
const LAST_STEP: Duration = Duration::from_secs(15);
/// How long the repair of the index may: to make an index of many users takes minutes.
const LAST_REPAIR: Duration = Duration::from_secs(30 * 60);

/// How a repair of the index ended: the sentence, and of which kind the problem was.
#[derive(Debug, Clone)]
pub struct Ended {
    pub sentence: String,
    pub failed: Option<Class>,
}

/// How the last repair of the index ended, once it has.
#[derive(Debug, Clone, Default)]
pub struct LastRepair(Arc<Mutex<Option<Ended>>>);

impl LastRepair {
    pub fn begins(&self) {
        self.keep(None);
    }

    pub fn ends(&self, ended: Ended) {
        self.keep(Some(ended));
    }

    fn keep(&self, ended: Option<Ended>) {
        // Whoever panicked with it in hand left a whole value.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ended;
    }

    /// Says how it ended, or that it is broken off: with which status that is to be left.
    fn tell(&self, output: &Output) -> Status {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ended {
            Some(Ended {
                sentence,
                failed: None,
            }) => {
                output.say(&sentence);
                Status::Good
            }
            Some(Ended {
                sentence,
                failed: Some(class),
            }) => {
                let problem = Problem::new(class, sentence, "");
                output.complain(&problem);
                Status::of(&problem)
            }
            None => {
                output.say(BROKEN_OFF);
                Status::Unavailable
            }
        }
    }
}

/// Lets running jobs finish the step in hand, and leaves the rest in the store; lets a repair of the index come to its end,
/// where `mending`. Where that takes a while, it says what is waited for. Who asks once more does not want to wait, and
/// loses nothing either: every step can be done again. `status`: how the screen was left; returns how the program is.
pub async fn end(
    queue: &Queue,
    writes: &TaskTracker,
    mending: Option<&LastRepair>,
    status: Status,
    output: &Output,
) -> Result<Status, Failure> {
    let mut signals = Signals::new()?;
    queue.leave();
    writes.close();
    let at_most = Instant::now() + LAST_STEP;
    let told = Cell::new(mending.is_none());
    let tell = || match mending {
        Some(repair) if !told.replace(true) => repair.tell(output),
        _ => Status::Good,
    };
    let finish = async {
        let patience = mending.map_or(LAST_STEP, |_| LAST_REPAIR);
        // What was asked for last may not have begun: its end comes when the screen's wishes are at an end.
        let written = timeout(patience, writes.wait()).await;
        let repaired = tell();
        let ended = async {
            while queue.open_runs() > 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        if written.is_ok() {
            // What is not at its end by then goes on with the next start.
            timeout_at(at_most, ended).await.ok();
        }
        repaired
    };
    let waits = async {
        sleep(AT_ONCE).await;
        output.say(&waiting(queue, mending.is_some()));
        std::future::pending::<()>().await;
    };
    Ok(tokio::select! {
        // A signal that ended the screen says more than what came of the repair.
        repaired = finish => if matches!(status, Status::Good) { repaired } else { status },
        () = waits => status,
        asked = signals.next() => {
            tell();
            asked
        }
    })
}

/// What is waited for, and what ending it loses.
fn waiting(queue: &Queue, mending: bool) -> String {
    if mending {
        return "Waiting for the end of the repair of the code index, which may take minutes; ctrl-c ends at once, and \
                atriage diagnose --fix-index goes on with it."
            .into();
    }
    let what = match queue.live() {
        0 => "what is being written down".to_string(),
        1 => "the step in hand of 1 job".into(),
        many => format!("the step in hand of {many} jobs"),
    };
    let most = LAST_STEP.as_secs();
    format!("Waiting for {what}, {most} s at most; ctrl-c ends at once, and loses nothing.")
}
