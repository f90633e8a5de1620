//! What comes into the screen and what goes out of it, as values.

use crossterm::event::Event;
use jiff::Timestamp;

use crate::audit::AuditNews;
use crate::domain::{JobEvent, Signup};
use crate::services::health::ServiceHealth;

/// Everything that can change the screen, through one queue, in one order.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, a resize, a paste, or the focus.
    Terminal(Event),
    /// The time went on; sent about once a second.
    Tick(Timestamp),
    Audit(AuditNews),
    /// One user was observed anew: after a job, or because the detail pane shows them.
    Observed(Box<Signup>),
    Job(JobEvent),
    Health(Vec<ServiceHealth>),
    /// One sentence for the operator, about something outside the table.
    Notice(String),
}

/// A user as an effect names them: captured when the key was pressed, so that nothing can redirect it later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub tenant: String,
    pub sub: String,
    pub key: String,
}

/// What the screen asks for. Carried out elsewhere; the results come back as messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Audit the newest signups of these tenants again. Each answers with `Started`, `Rows`, then `Finished` or `Failed`.
    Refresh {
        tenants: Vec<String>,
    },
    /// Load signups older than this moment. Answered by the same news as a refresh: `Started`, `Rows`, then `Finished` or
    /// `Failed`; never asked for while the tenant is being refreshed.
    LoadOlder {
        tenant: String,
        before: Timestamp,
    },
    /// Observe one user with all means, because the detail pane shows them.
    Observe(Target),
    /// Start one job for each of exactly these users.
    Start(Vec<Target>),
    /// Cancel the job of this user at the next step boundary.
    Cancel(Target),
    /// Suspend the program (ctrl-z). Carried out by `run` itself, like `Quit`; neither reaches the other end.
    Suspend,
    Quit,
}
