//! The watch: looks for new signups again and again, audits each when its grace time is over, tells what changed, alerts
//! when a trouble begins, lasts and ends, and, where it may, mends. What is remembered between two looks, also those of
//! two processes, lies in the state folder; what follows from it stands in `domain`.

mod deliver;
mod look;
mod mender;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use self::look::Look;
pub use self::mender::Mender;
use crate::domain::Problem;
use crate::domain::alert::Alert;
use crate::domain::event::RunNews;
use crate::domain::tally::Totals;
use crate::domain::watch::Change;
use crate::services::alerts::Courier;
use crate::services::observe::Backends;

/// How a watch is to be kept.
#[derive(Debug, Clone)]
pub struct Orders {
    pub tenants: Vec<String>,
    /// Between two looks.
    pub interval: SignedDuration,
    /// How long a signup may take until it is whole.
    pub grace: SignedDuration,
    /// How long ago somebody may have signed up.
    pub back: SignedDuration,
    /// Before a trouble is told again.
    pub cool_down: SignedDuration,
    /// How long a backend may be silent, and a mending take, before it is told.
    pub patience: SignedDuration,
    /// Look once, and leave.
    pub once: bool,
}

/// What a watch tells.
#[derive(Debug, Clone)]
pub enum News {
    /// A signup is not as it was at the look before.
    Signup {
        tenant: String,
        change: Change,
        email: Option<String>,
        /// What is wrong first of all, and what to do about it. Empty where nothing is.
        message: String,
        hint: String,
    },
    Alert(Alert),
    /// Of a mending run, by its id.
    Run(String, RunNews),
    /// Something about the watch itself.
    Trouble(Problem),
    Looked(Looked),
}

/// How everything stands after a look.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    pub at: Timestamp,
    pub totals: BTreeMap<String, Totals>,
    /// The broken ones that a mending did not help.
    pub unmended: usize,
    /// The backends that did not answer, and why.
    pub silent: BTreeMap<String, Problem>,
    /// The troubles that there are, whether they were told now or before.
    pub troubles: Vec<Open>,
    /// How many alerts wait for their delivery.
    pub undelivered: usize,
}

/// A trouble that is there.
#[derive(Debug, Clone)]
pub struct Open {
    pub fingerprint: String,
    pub since: Timestamp,
    pub what: String,
}

impl Looked {
    pub fn total(&self) -> Totals {
        let mut all = Totals::default();
        for totals in self.totals.values() {
            all.checked += totals.checked;
            all.whole += totals.whole;
            all.waiting += totals.waiting;
            all.broken += totals.broken;
            all.unknown += totals.unknown;
        }
        all
    }
}

pub struct Watch {
    pub backends: Arc<Backends>,
    /// Where the memory lies.
    pub folder: PathBuf,
    pub courier: Option<Courier>,
    /// Only where it may mend.
    pub mender: Option<Mender>,
    pub orders: Orders,
}

impl Watch {
    /// Watches until `stop`, or for one look; what is in hand then is finished, and its rest left for later. Returns how
    /// everything stood at the last look.
    ///
    /// # Errors
    /// Where the state folder cannot be used; and for one look only, where another watch has it all the time.
    pub async fn keep(
        &mut self,
        stop: &CancellationToken,
        tell: &mut impl FnMut(News),
    ) -> Result<Looked, Problem> {
        let mut last = Looked::default();
        let mut busy_told = false;
        while !stop.is_cancelled() {
            match self.look(stop, tell).await {
                Ok(Look::Done(looked)) => {
                    tell(News::Looked(looked.clone()));
                    last = looked;
                    busy_told = false;
                }
                Ok(Look::Stopped) => break,
                Ok(Look::Busy(problem)) if !self.orders.once => {
                    if !std::mem::replace(&mut busy_told, true) {
                        tell(News::Trouble(problem));
                    }
                }
                Ok(Look::Busy(problem)) | Err(problem) => {
                    if let Some(mender) = &mut self.mender {
                        mender.leave(tell).await;
                    }
                    return Err(problem);
                }
            }
            let mends = self.mender.as_ref().is_some_and(Mender::is_at_work);
            if self.orders.once && !mends {
                break;
            }
            self.wait(stop, tell).await;
        }
        if let Some(mender) = &mut self.mender {
            mender.leave(tell).await;
        }
        self.settle().await?;
        Ok(last)
    }

    /// Until the next look is due, or a mending run has ended.
    async fn wait(&mut self, stop: &CancellationToken, tell: &mut impl FnMut(News)) {
        let interval = Duration::try_from(self.orders.interval).unwrap_or_default();
        let wake = tokio::time::sleep(interval);
        tokio::pin!(wake);
        loop {
            let mends = self.mender.as_ref().is_some_and(Mender::is_at_work);
            let ended = async {
                match &mut self.mender {
                    Some(mender) if mends => mender.next(tell).await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                // For one look only the end of its run counts.
                () = &mut wake, if !(self.orders.once && mends) => return,
                ended = ended => if ended { return },
            }
        }
    }
}
