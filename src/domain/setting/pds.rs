//! What the PDS says of itself, held against what we expect of it.

use super::{Line, Pds, Setting};

const VARIABLE: &str = "PDS_HANDLE_DOMAIN";

/// `offered`: the domains that the PDS names, without a leading dot; `wanted`: ours, where it is set.
pub fn handle_domain(offered: &[String], wanted: Option<&str>) -> Line {
    let setting = Setting::Pds(Pds::HandleDomain);
    let Some(first) = offered.first() else {
        return setting.problem(
            "The PDS names no domain for handles.",
            "Is PDS_URL a PDS? Its PDS_SERVICE_HANDLE_DOMAINS names them.",
        );
    };
    let Some(wanted) = wanted else {
        return setting.ok(format!("The PDS gives handles under {first}."));
    };
    let wanted = wanted.trim_start_matches('.').to_lowercase();
    match offered.contains(&wanted) {
        true => setting.ok(format!(
            "The PDS gives handles under {wanted}, as {VARIABLE} says."
        )),
        false => setting.problem(
            format!(
                "The PDS gives no handles under {wanted}, but under {}.",
                offered.join(", ")
            ),
            format!("Set {VARIABLE} to one of those, or leave it out: the first holds then."),
        ),
    }
}

pub fn invites(required: bool) -> Line {
    let setting = Setting::Pds(Pds::Invites);
    match required {
        true => setting.ok("The PDS wants an invite for a new account."),
        false => setting.warning(
            "The PDS makes an account for anybody, without an invite.",
            "Set PDS_INVITE_REQUIRED=true on the PDS, unless that is meant.",
        ),
    }
}

/// `limits`: how many calls a window holds, where the answers announce it.
pub fn limiter(limit: Option<u64>) -> Line {
    let setting = Setting::Pds(Pds::Limiter);
    match limit {
        Some(limit) => setting.ok(format!("The PDS limits how often it is asked: its window holds {limit} calls.")),
        None => setting.warning(
            "The PDS's answers announce no limit: its limiter is off, or lets us pass.",
            "Set PDS_RATE_LIMITS_ENABLED=true on the PDS; with PDS_RATE_LIMIT_ENABLED, which some examples have, it \
             stays off.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{Ok, Problem, Warning};

    #[test]
    fn the_handle_domain_is_one_of_those_that_are_offered() {
        let offered = ["at.example.com".to_string(), "pds.example.com".to_string()];
        for (wanted, state) in [
            (None, Ok),
            (Some("at.example.com"), Ok),
            (Some(".PDS.example.com"), Ok),
            (Some("example.com"), Problem),
        ] {
            assert_eq!(handle_domain(&offered, wanted).check.state, state, "{wanted:?}");
        }
        assert_eq!(handle_domain(&[], None).check.state, Problem);
    }

    #[test]
    fn what_is_open_is_worth_a_warning() {
        assert_eq!(invites(true).check.state, Ok);
        assert_eq!(invites(false).check.state, Warning);
        assert_eq!(limiter(Some(3000)).check.state, Ok);
        assert_eq!(limiter(None).check.state, Warning);
    }
}
