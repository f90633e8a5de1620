//! What stands before every write of a command: that writing is allowed, that somebody said yes, and for many users why.

use super::Failure;
use super::backfill::BackfillArgs;
use super::output::Output;
use super::setup::Setup;
use crate::domain::text::clean;
use crate::domain::{Class, Problem};

/// From more users than this on, somebody has to say why.
const ASKS_WHY: usize = 10;

/// Asks whether, whether for good where accounts are given up, and for many users why; returns why. `replaced` are
/// users with the recorded DID that a new account takes the place of.
pub fn confirm(
    args: &BackfillArgs,
    doable: usize,
    replaced: &[(&str, &str)],
    output: &Output,
) -> Result<Option<String>, Failure> {
    let reason = args.reason.as_deref().map(|reason| clean(reason.trim()));
    let reason = reason.filter(|reason| !reason.is_empty());
    if doable == 0 || args.yes {
        return Ok(reason);
    }
    let people = if doable == 1 {
        "1 user".into()
    } else {
        format!("{doable} users")
    };
    agreed(
        &format!("Carry out the plans of {people} in {}?", args.tenant),
        output,
    )?;
    if !replaced.is_empty() {
        given_up(replaced, output)?;
    }
    if reason.is_some() || doable <= ASKS_WHY {
        return Ok(reason);
    }
    match output.ask_for("Why? It is kept in the audit trail:") {
        Some(reason) => Ok(Some(reason)),
        None => Err(refused(
            "Nothing was written: for so many users somebody has to say why.",
            "A few words are enough; --reason TEXT says them beforehand.",
        )),
    }
}

/// Names each DID that is given up, and takes nothing but a whole `yes`.
fn given_up(replaced: &[(&str, &str)], output: &Output) -> Result<(), Failure> {
    for (sub, did) in replaced {
        output.show(&format!(
            "{did} of {sub} will be replaced by a new account with another DID."
        ));
    }
    let question = "Posts and followers of the old ones are lost for good. Type yes to replace them:";
    match output.ask_for(question).as_deref() {
        Some("yes") => Ok(()),
        _ => Err(refused("Nothing was written.", "")),
    }
}

/// Tells what would be done, before it is asked for or done. Whoever is asked sees it, wherever the data goes and however
/// quiet it is to be.
pub fn tell(plan: &str, yes: bool, output: &Output) {
    if !yes && output.can_ask {
        output.show(plan);
    } else if !yes || output.is_for_people() {
        output.say(plan);
    }
}

/// Asks a question whose answer has to be yes.
pub fn agreed(question: &str, output: &Output) -> Result<(), Failure> {
    if !output.can_ask {
        return Err(refused(
            "Nothing was written: there is nobody to ask.",
            "Add --yes to write without being asked.",
        ));
    }
    if output.ask(question) {
        Ok(())
    } else {
        Err(refused("Nothing was written.", ""))
    }
}

fn refused(message: &str, hint: &str) -> Failure {
    Problem::new(Class::Refused, message, hint).into()
}

/// Read-only mode cannot be undone by a flag.
pub fn must_not_be_read_only(setup: &Setup) -> Result<(), Failure> {
    if setup.config.read_only {
        return Err(refused(
            "Nothing is written in read-only mode.",
            "Start without --read-only and ATRIAGE_READ_ONLY.",
        ));
    }
    Ok(())
}
