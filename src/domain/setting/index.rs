//! The indexes on `users.code`, and whether the site's code gets along with them: the incident of October 2025. Judged as
//! `diagnose` judges them, in one line.

use super::{Line, Mongo, Setting};
use crate::domain::code_index::{Index, conflict, way_out};

/// `indexes`: all whose keys are the code, or begin with it.
pub fn judge(indexes: &[Index]) -> Line {
    let setting = Setting::Mongo(Mongo::Index);
    let hint = way_out(indexes, "atriage diagnose --fix-index repairs it.");
    let guards: Vec<String> = indexes
        .iter()
        .filter(|index| index.guards())
        .map(Index::describe)
        .collect();
    if let Some(conflict) = conflict(indexes) {
        let unguarded = match guards.is_empty() {
            true => " Nor does any index keep two users from getting the same code.",
            false => "",
        };
        return setting.problem(format!("{}{unguarded}", conflict.sentence()), &hint);
    }
    if indexes.iter().any(Index::is_temporary) {
        return setting.warning(
            "A repair of the index on users.code was interrupted.",
            way_out(indexes, "atriage diagnose --fix-index goes on with it."),
        );
    }
    if guards.is_empty() {
        return setting.problem(
            "There is no unique index on users.code: two users may get the same code.",
            &hint,
        );
    }
    setting.ok(format!("users.code has {}.", guards.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{self, Ok, Problem, Warning};

    #[test]
    fn what_the_site_meets_decides_and_then_what_guards_the_codes() {
        let temporary = Index {
            partial: Some("{code: {$exists: true}}".into()),
            ..Index::on_code(crate::domain::code_index::TEMPORARY, true, false)
        };
        let cases: [(&[Index], CheckState, &str); 9] = [
            (&[], Problem, "no unique index"),
            (
                &[Index::on_code("code_unique", true, true)],
                Ok,
                "code_unique {code: 1} unique sparse",
            ),
            (
                &[Index::on_code("code_1", true, false)],
                Ok,
                "code_1 {code: 1} unique",
            ),
            (
                &[Index::on_code("code_1", false, true)],
                Problem,
                "no unique index",
            ),
            (&[Index::on_code("code_1", true, true)], Problem, "error 85"),
            (&[Index::on_code("code_unique", true, false)], Problem, "error 86"),
            (
                &[Index::on_code("code_unique", false, true)],
                Problem,
                "Nor does any index",
            ),
            (
                &[
                    Index::on_code("code_unique", true, false),
                    Index::on_code("code_1", true, true),
                ],
                Problem,
                "error 86",
            ),
            (std::slice::from_ref(&temporary), Warning, "interrupted"),
        ];
        for (indexes, state, says) in cases {
            let check = judge(indexes).check;
            assert_eq!(check.state, state, "{indexes:?}");
            assert!(check.message.contains(says), "{indexes:?}: {}", check.message);
        }
    }

    #[test]
    fn no_repair_is_promised_that_is_refused() {
        let compound = Index {
            keys: "{code: 1, when: -1}".into(),
            is_on_code_alone: false,
            ..Index::on_code("code_unique", true, true)
        };
        let check = judge(std::slice::from_ref(&compound)).check;
        assert_eq!(check.state, Problem);
        assert!(check.message.contains("error 86"), "{}", check.message);
        assert_eq!(
            check.hint,
            "The index code_unique has a name that is needed, and is not on the code alone: {code: 1, when: -1}. Find out who needs it, and give it another name by hand."
        );
        let plain = judge(&[Index::on_code("code_1", true, true)]).check;
        assert_eq!(plain.hint, "atriage diagnose --fix-index repairs it.");
    }
}
