//! What can go wrong on purpose: faults that a test switches on per service, per path, for ever or
//! for a number of requests. How a fault looks on the wire lives in `wire.rs`.

use std::time::Duration;

/// One of the three simulated services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Auth0, all tenants alike.
    Auth0,
    /// The PDS.
    Pds,
    /// The PLC directory, as the tool asks it and as the PDS writes to it.
    Plc,
}

/// What a request meets instead of an ordinary answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing: the ordinary answer.
    #[default]
    None,
    /// The connection closes without an answer, and nothing was done.
    Down,
    /// 503 in the service's own error shape, and nothing was done.
    Unavailable,
    /// The work is done at once, its answer comes this much later: who gives up waiting is left
    /// with an unclear outcome.
    Slow(Duration),
    /// 429 in the service's own shape, with its rate headers, which say that it is free again in a second; nothing was
    /// done.
    RateLimited,
    /// The same, free again after as long as this.
    Limited(Duration),
    /// No answer, ever, and nothing was done.
    Hang,
    /// The work is done, then the connection closes without an answer. For the PLC directory:
    /// the operation is committed, but whoever sent it never learns.
    LostAnswer,
}

impl Fault {
    /// How long a 429 says that one has to wait; `None` for what is no 429.
    pub(super) fn wait(self) -> Option<Duration> {
        match self {
            Self::RateLimited => Some(Duration::from_secs(1)),
            Self::Limited(wait) => Some(wait),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct Rule {
    service: Service,
    path_part: String,
    fault: Fault,
    left: Option<u32>,
}

/// The faults that are switched on. The first rule that fits a request decides.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Rule>);

impl Faults {
    /// Replaces every rule of `service` by this one.
    pub(super) fn set(&mut self, service: Service, fault: Fault) {
        self.0.retain(|rule| rule.service != service);
        self.add(service, "", fault, None);
    }

    /// Adds a rule before the others: requests whose path contains `path_part`, the next `times`
    /// of them, or all.
    pub(super) fn add(&mut self, service: Service, path_part: &str, fault: Fault, times: Option<u32>) {
        let path_part = path_part.to_owned();
        self.0.insert(
            0,
            Rule {
                service,
                path_part,
                fault,
                left: times,
            },
        );
    }

    /// The fault that this request meets; one use of its rule is spent.
    pub(super) fn strike(&mut self, service: Service, path: &str) -> Fault {
        let Some(rule) = self
            .0
            .iter_mut()
            .find(|rule| rule.service == service && rule.left != Some(0) && path.contains(&rule.path_part))
        else {
            return Fault::None;
        };
        if let Some(left) = &mut rule.left {
            *left -= 1;
        }
        rule.fault
    }
}
