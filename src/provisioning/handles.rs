//! The handle of an account: set on the PDS where the account is ours to change, and the code in its place where the PDS
//! refuses the wanted one.

use super::steps::{Ended, Made, Work};
use crate::domain::signup::Fallback;
use crate::domain::{Class, StepOutcome, handle};
use crate::services::Error;

/// How the PDS begins to say that a handle will not do: by name or by message, in the spellings of several versions.
const HANDLE_REFUSALS: [&str; 11] = [
    "InvalidHandle",
    "HandleNotAvailable",
    "Reserved handle",
    "Invalid handle",
    "Input/handle must be a valid handle",
    "Handle too short",
    "Handle too long",
    "Handle already taken",
    "Invalid characters in handle",
    "Inappropriate language",
    "Handle TLD",
];

/// The PDS's reason, where an error means that this handle will not do and another one may.
pub(super) fn handle_refusal(error: &Error) -> Option<String> {
    let refused = HANDLE_REFUSALS.iter().any(|text| error.says(text)) || error.says("must be a valid handle");
    let reply = error.reply.as_ref().filter(|_| refused)?;
    // The refused handle itself may follow; it is the user's, and the reason needs no name.
    let reason = reply.message.split(" (got").next().unwrap_or_default();
    Some(reason.to_string())
}

impl Work<'_> {
    /// Sets the handle, where the account is ours to change; the code stands in for a handle that the PDS refuses.
    pub(super) async fn sync_handle(&mut self) -> Result<Ended, Error> {
        let made = self.current_account()?;
        self.must_live_here(&made.did).await?;
        let wanted = self.signup.wanted_handle().ok_or_else(unknown_handle)?;
        let pds = &self.backends.pds;
        let mut drifted = false;
        let inactive = || "Handle already taken by an inactive account".to_string();
        let refusal = match pds.handle_held_by_inactive(&wanted, false).await? {
            // Asking for it would change the PLC directory, fail on the PDS, and leave the two apart.
            true => inactive(),
            false => match self.set_handle(&made.did, &wanted).await {
                Ok(()) => {
                    self.account = Some(Made {
                        handle: wanted,
                        fallback: None,
                        ..made
                    });
                    return Ok((StepOutcome::Done, String::new()));
                }
                // An account that became inactive since the last sweep: what follows sets the directory right again.
                Err(error)
                    if ends_in_a_fault(&error) && pds.handle_held_by_inactive(&wanted, true).await? =>
                {
                    drifted = true;
                    inactive()
                }
                Err(error) => handle_refusal(&error).ok_or(error)?,
            },
        };
        let code = self.signup.code_handle().ok_or_else(unknown_handle)?;
        let has_code = handle::same(&code, &made.handle);
        if handle::same(&code, &wanted) {
            return Err(if drifted { apart() } else { refused_code(&refusal) });
        }
        let outcome = if has_code && drifted {
            return Err(apart());
        } else if has_code {
            StepOutcome::Already
        } else if pds.handle_held_by_inactive(&code, false).await? {
            // The same trap once more, unless the directory is to be set right anyway.
            return Err(if drifted {
                apart()
            } else {
                refused_code(&inactive())
            });
        } else {
            match self.set_handle(&made.did, &code).await {
                Err(error) if ends_in_a_fault(&error) && pds.handle_held_by_inactive(&code, true).await? => {
                    return Err(apart());
                }
                set => set?,
            }
            StepOutcome::Done
        };
        let detail = format!("refused ({refusal}): the code stands in");
        let fallback = Some(Fallback {
            wanted,
            reason: refusal,
        });
        self.account = Some(Made {
            handle: code,
            fallback,
            ..made
        });
        Ok((outcome, detail))
    }

    async fn set_handle(&self, did: &str, handle: &str) -> Result<(), Error> {
        self.must_hold()?;
        self.backends.pds.set_handle(did, handle).await
    }
}

/// How the PDS answers whoever asks for the handle of an inactive account, after it has told the directory.
fn ends_in_a_fault(error: &Error) -> bool {
    error.reply.as_ref().is_some_and(|reply| reply.status == 500)
}

fn refused_code(refusal: &str) -> Error {
    Error::new(
        "pds",
        Class::Conflict,
        format!("The PDS refuses the code as handle: {refusal}."),
        "Look whether an older account holds it.",
    )
}

/// Setting the handle that the PDS has would change nothing in the directory.
fn apart() -> Error {
    Error::new(
        "pds",
        Class::Conflict,
        "An inactive account holds the handle, and the PLC directory may name it as this user's now.",
        "Set another handle on the PDS and then the old one again: that mends the directory.",
    )
}

fn unknown_handle() -> Error {
    Error::new(
        "mongo",
        Class::Unavailable,
        "The wanted handle is unknown.",
        "Try again when MongoDB and the PDS answer.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::error::Refusal;

    #[test]
    fn refusals_of_a_handle_are_told_from_others() {
        let refused = |name: &str, message: &str| {
            let reply = Refusal {
                status: 400,
                name: name.into(),
                message: message.into(),
            };
            handle_refusal(&Error::new("pds", Class::Validation, "", "").with_reply(reply))
        };
        for (name, message, reason) in [
            ("HandleNotAvailable", "Reserved handle", "Reserved handle"),
            ("InvalidHandle", "Handle too short", "Handle too short"),
            ("InvalidRequest", "Handle already taken", "Handle already taken"),
            (
                "InvalidRequest",
                "Invalid handle (got \"a_b.x\") at $.handle",
                "Invalid handle",
            ),
        ] {
            assert_eq!(refused(name, message).as_deref(), Some(reason));
        }
        assert_eq!(refused("InvalidRequest", "Email already taken"), None);
        assert_eq!(
            refused("InvalidInviteCode", "Provided invite code not available"),
            None
        );
    }
}
