//! What stands before every write of a command: that writing is allowed, that somebody said yes, and for many users why.

use super::Failure;
use super::backfill::BackfillArgs;
use super::output::Output;
use super::setup::Setup;
use crate::domain::text::{clean, count};
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
    if doable == 0 {
        return Ok(reason);
    }
    let named = |did: &str| args.recreate.iter().any(|name| name == did);
    let unnamed: Vec<(&str, &str)> = replaced.iter().copied().filter(|(_, did)| !named(did)).collect();
    if args.yes || !output.can_ask {
        must_be_named(args, replaced, &unnamed)?;
    }
    if args.yes {
        // However quiet it is to be: there is no way back.
        replaced.iter().for_each(|user| show_given_up(user, output));
        return Ok(reason);
    }
    let people = count(doable, "user");
    agreed(
        &format!("Carry out the plans of {people} in {}?", args.tenant),
        output,
    )?;
    if !unnamed.is_empty() {
        given_up(&unnamed, output)?;
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

/// Where nobody is asked, a DID is given up only where the command line names it: the hint is the line that does.
fn must_be_named(
    args: &BackfillArgs,
    replaced: &[(&str, &str)],
    unnamed: &[(&str, &str)],
) -> Result<(), Failure> {
    let Some((sub, did)) = unnamed.first() else {
        return Ok(());
    };
    let others = match unnamed.len() {
        1 => String::new(),
        many => format!(", and {} more like it", many - 1),
    };
    let dids: Vec<&str> = replaced.iter().map(|(_, did)| *did).collect();
    let tenant = match args.tenant.as_str() {
        "aesthetic" => String::new(),
        tenant => format!(" --tenant {}", quoted(tenant)),
    };
    let deep = if args.deep { " --deep" } else { "" };
    let words: Vec<String> = args.words.iter().map(|word| quoted(word)).collect();
    let line = format!(
        "atriage backfill {}{tenant}{deep} --recreate={} --fix --yes",
        words.join(" "),
        dids.join(",")
    );
    Err(refused(
        &format!(
            "Nothing was written: {did} of {sub} would be given up for good{others}, and --yes does not answer for that."
        ),
        &format!("Where that is meant, name it: {line}"),
    ))
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.:_-+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", clean(word).replace('\'', "'\\''")),
    }
}

fn show_given_up((sub, did): &(&str, &str), output: &Output) {
    output.show(&format!(
        "{did} of {sub} will be replaced by a new account with another DID."
    ));
}

/// Names each DID that is given up, and takes nothing but a whole `yes`.
fn given_up(replaced: &[(&str, &str)], output: &Output) -> Result<(), Failure> {
    replaced.iter().for_each(|user| show_given_up(user, output));
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
