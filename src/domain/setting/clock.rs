//! How far another clock is from ours. Tokens, signups' ages and leases go by clocks.

use jiff::SignedDuration;

use super::{Line, Setting};

/// What one answer told about another clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// How far theirs is ahead of ours; negative where it is behind.
    pub ahead: SignedDuration,
    /// By how much that may be wrong: the way of the answer took some time, and moments are rounded.
    pub give: SignedDuration,
}

/// From so much on, ages and leases are visibly wrong.
const NOTICED: SignedDuration = SignedDuration::from_secs(2);
/// From so much on, tokens are refused and leases taken from the living.
const HARMFUL: SignedDuration = SignedDuration::from_secs(60);

/// `whose`: `Auth0's clock`, say.
pub fn judge(setting: Setting, whose: &str, clock: Option<Clock>) -> Line {
    let Some(Clock { ahead, give }) = clock else {
        return setting.unknown(format!("{whose} is not known: no answer told the time."), "");
    };
    let apart = ahead.abs() - give;
    let told = || {
        let seconds = ahead.abs().as_secs();
        let side = match ahead.is_negative() {
            true => "behind",
            false => "ahead of",
        };
        format!("{whose} is {seconds} seconds {side} ours.")
    };
    let hint = "Set this machine's clock (NTP), or the other one's: tokens and leases go by them.";
    if apart >= HARMFUL {
        setting.problem(told(), hint)
    } else if apart > NOTICED {
        setting.warning(told(), hint)
    } else {
        setting.ok(format!("{whose} agrees with ours."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{Ok, Problem, Unknown, Warning};
    use crate::domain::setting::Pds;

    #[test]
    fn what_a_clock_may_be_off_is_not_held_against_it() {
        let judged = |ahead: i64, give: i64| {
            let (ahead, give) = (
                SignedDuration::from_millis(ahead),
                SignedDuration::from_millis(give),
            );
            let line = judge(
                Setting::Pds(Pds::Clock),
                "The PDS's clock",
                Some(Clock { ahead, give }),
            );
            (line.check.state, line.check.message)
        };
        for (ahead, give, state) in [
            (0, 500, Ok),
            (-2400, 500, Ok),
            (2600, 500, Warning),
            (2600, 3000, Ok),
            (60_400, 500, Warning),
            (-60_600, 500, Problem),
            (600_000, 500, Problem),
        ] {
            assert_eq!(judged(ahead, give).0, state, "{ahead} {give}");
        }
        assert_eq!(
            judged(-600_100, 500).1,
            "The PDS's clock is 600 seconds behind ours."
        );
        let line = judge(Setting::Pds(Pds::Clock), "The PDS's clock", None);
        assert_eq!(line.check.state, Unknown);
    }
}
