//! The index on `users.code`, and whether the site's code gets along with it: the incident of October 2025.

use super::{Line, Mongo, Setting};
use crate::domain::tally::{CODE_INDEX, CodeIndex};

/// `index`: the unique one on exactly the code.
pub fn judge(index: Option<&CodeIndex>) -> Line {
    let setting = Setting::Mongo(Mongo::Index);
    let hint = "atriage diagnose --fix-index repairs it.";
    match index {
        None => setting.problem(
            "There is no unique index on users.code: two users may get the same code.",
            hint,
        ),
        Some(index) if index.is_in_the_way() => setting.problem(
            format!(
                "The unique index on users.code is called {}: the site's code wants to make it as {CODE_INDEX}, is \
                 refused (85), and writes no users.",
                index.name
            ),
            hint,
        ),
        Some(CodeIndex { name, .. }) => setting.ok(format!("users.code has the unique index {name}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{Ok, Problem};

    #[test]
    fn only_an_index_with_both_options_and_another_name_is_in_the_way() {
        let judged = |name: &str, sparse| {
            let name = name.to_string();
            judge(Some(&CodeIndex { name, sparse })).check.state
        };
        assert_eq!(judged("code_unique", true), Ok);
        assert_eq!(judged("code_unique", false), Ok);
        assert_eq!(judged("code_1", false), Ok);
        assert_eq!(judged("code_1", true), Problem);
        assert_eq!(judge(None).check.state, Problem);
    }
}
