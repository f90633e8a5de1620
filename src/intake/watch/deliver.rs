//! Takes the alerts that wait to the webhook: the oldest first, and alone those of a message that was refused.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::watch::Memory;
use crate::domain::{Class, Problem};
use crate::services::alerts::Courier;

/// Slack takes a message a second.
const PACE: Duration = Duration::from_secs(1);

/// Sends what waits, if it is time for it; what is not taken waits on. Returns why, each reason once.
pub(super) async fn deliver(
    courier: &Courier,
    memory: &mut Memory,
    now: Timestamp,
    interval: SignedDuration,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    if !memory.delivery.is_due(now) {
        return problems;
    }
    let alerts = std::mem::take(&mut memory.outbox);
    // Up to `alone` one by one: they were refused together, and one of them may be what is wrong.
    let (mut at, mut alone, mut asked, mut taken) = (0, 0, false, false);
    while at < alerts.len() {
        if std::mem::replace(&mut asked, true) {
            tokio::time::sleep(PACE).await;
        }
        let end = if at < alone { at + 1 } else { alerts.len() };
        let refused = match courier.send(&alerts[at..end]).await {
            Ok(count) => {
                memory.delivery.taken(&alerts[at..at + count]);
                (at, taken) = (at + count, true);
                continue;
            }
            Err(refused) => refused,
        };
        if refused.of_these && refused.count > 1 {
            alone = at + refused.count;
            continue;
        }
        let problem = if !refused.of_these {
            memory.outbox.extend_from_slice(&alerts[at..]);
            at = alerts.len();
            refused.problem
        } else {
            let alert = &alerts[at];
            at += 1;
            if memory.delivery.refused(alert) {
                Problem::new(
                    Class::Unavailable,
                    format!(
                        "The webhook refused one alert again and again, and it is dropped: {}, {}.",
                        alert.fingerprint,
                        alert.state.word()
                    ),
                    refused.problem.hint,
                )
            } else {
                memory.outbox.push(alert.clone());
                refused.problem
            }
        };
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    if !problems.is_empty() && !taken {
        memory.delivery.failed(now, interval);
    }
    problems
}
