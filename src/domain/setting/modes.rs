//! Who else may read the `.env`, and write into the state folder.

use super::{Line, Setting};

const OTHERS_READ: u32 = 0o044;
const OTHERS_WRITE: u32 = 0o022;

/// `mode`: the permissions of the `.env` at `path`; `None` where the system has none.
pub fn env_file(path: &str, mode: Option<u32>) -> Line {
    let setting = Setting::EnvMode;
    match mode {
        None => setting.unknown(format!("This system does not tell who may read {path}."), ""),
        Some(mode) if mode & (OTHERS_READ | OTHERS_WRITE) != 0 => setting.problem(
            format!("{path} holds secrets, and others may read or write it (mode {mode:o})."),
            format!("chmod 600 {path}"),
        ),
        Some(mode) => setting.ok(format!("Only its owner may read {path} (mode {mode:o}).")),
    }
}

/// `mode`: the permissions of the state folder; `None` where it is not there yet.
pub fn state_folder(path: &str, mode: Option<u32>) -> Line {
    let setting = Setting::StateMode;
    match mode {
        None => setting.ok(format!("{path} is made when it is needed.")),
        Some(mode) if mode & OTHERS_WRITE != 0 => setting.problem(
            format!("Others may write into {path} (mode {mode:o})."),
            format!("chmod 700 {path}"),
        ),
        Some(mode) => setting.ok(format!("Only its owner may write into {path} (mode {mode:o}).")),
    }
}

/// The state folder can neither be made nor written into, for this reason.
pub fn unusable_state_folder(path: &str, why: &str) -> Line {
    Setting::StateMode.problem(
        format!("The state folder {path} cannot be used: {why}."),
        "Set ATRIAGE_STATE_DIR to a folder of yours.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{Ok, Problem};

    #[test]
    fn secrets_are_for_their_owner() {
        for (mode, env, state) in [
            (0o600, Ok, Ok),
            (0o400, Ok, Ok),
            (0o700, Ok, Ok),
            (0o755, Problem, Ok),
            (0o640, Problem, Ok),
            (0o604, Problem, Ok),
            (0o620, Problem, Problem),
            (0o777, Problem, Problem),
        ] {
            assert_eq!(env_file(".env", Some(mode)).check.state, env, "{mode:o}");
            assert_eq!(state_folder("state", Some(mode)).check.state, state, "{mode:o}");
        }
        assert_eq!(env_file(".env", Some(0o644)).check.hint, "chmod 600 .env");
        assert_eq!(state_folder("state", None).check.state, Ok);
    }
}
