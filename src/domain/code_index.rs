//! The indexes of `users` that are on the code: which is good, which the site's own code stumbles over, and in which
//! steps they become the one that it wants without a moment in which two users could get the same code.

use super::error::{Class, Problem};
use super::tally::CODE_INDEX;

/// The name of the index that stands while the good one is made.
pub const TEMPORARY: &str = "atriage_code_temporary";

/// An index of `users` whose keys are the code, or begin with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    /// As people write them: `{code: 1, when: -1}`.
    pub keys: String,
    /// Its keys are exactly `{code: 1}`.
    pub is_on_code_alone: bool,
    pub unique: bool,
    pub sparse: bool,
    /// The filter of a partial one, as text.
    pub partial: Option<String>,
    /// It compares texts by the rules of a language.
    pub collation: bool,
}

impl Index {
    /// On exactly the code, for all users or for all who have one, in the order of bytes.
    pub fn on_code(name: &str, unique: bool, sparse: bool) -> Self {
        Self {
            name: name.into(),
            keys: "{code: 1}".into(),
            is_on_code_alone: true,
            unique,
            sparse,
            partial: None,
            collation: false,
        }
    }

    /// No two users can have one code: unique on exactly the code, for everybody who has one.
    pub fn guards(&self) -> bool {
        self.is_on_code_alone && self.unique && self.partial.is_none()
    }

    /// Exactly what the site's code asks for.
    pub fn is_good(&self) -> bool {
        self.name == CODE_INDEX && self.is_alike()
    }

    /// The same index but for the name: MongoDB makes no second one.
    fn is_alike(&self) -> bool {
        self.guards() && self.sparse && !self.collation
    }

    /// The one that stands while the good one is made.
    pub fn is_temporary(&self) -> bool {
        self.name == TEMPORARY && self.is_on_code_alone && self.unique && self.partial.is_some()
    }

    /// `code_1 {code: 1} unique sparse`.
    pub fn describe(&self) -> String {
        let mut words = vec![super::text::clean(&self.name), super::text::clean(&self.keys)];
        words.extend(self.unique.then(|| "unique".to_string()));
        words.extend(self.sparse.then(|| "sparse".to_string()));
        words.extend(self.partial.is_some().then(|| "partial".to_string()));
        words.extend(self.collation.then(|| "with a collation".to_string()));
        if !self.unique {
            words.push("not unique".into());
        }
        words.join(" ")
    }
}

/// What MongoDB answers to `createIndex({code: 1}, {unique, sparse, name: "code_unique"})`, and because of which index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// 85: the same index under another name. 86: another index under this name.
    pub code: u8,
    pub index: String,
}

impl Conflict {
    /// What the site's code meets, in the words of MongoDB's codes.
    pub fn sentence(&self) -> String {
        match self.code {
            85 => format!(
                "The site's code makes the index on users.code as {CODE_INDEX}, and MongoDB refuses with error 85, since the same index is there as {}.",
                super::text::clean(&self.index)
            ),
            code => format!(
                "The site's code makes {CODE_INDEX} unique and sparse, and MongoDB refuses with error {code}, since another index has that name."
            ),
        }
    }
}

/// The conflict that the site's own code would hit.
pub fn conflict(indexes: &[Index]) -> Option<Conflict> {
    let named = indexes.iter().find(|index| index.name == CODE_INDEX);
    let told = |code, index: &Index| Conflict {
        code,
        index: index.name.clone(),
    };
    match named {
        Some(index) if index.is_good() => None,
        Some(index) => Some(told(86, index)),
        None => indexes
            .iter()
            .find(|index| index.is_alike())
            .map(|index| told(85, index)),
    }
}

/// Whether no two users can have one code: by an index that is there for good, or by the one of a repair.
pub fn is_guarded(indexes: &[Index]) -> bool {
    indexes.iter().any(|index| index.guards() || index.is_temporary())
}

/// An index that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Unique and sparse, as `code_unique`.
    Good,
    /// Unique, with a filter that lets through whoever has a code: the same promise, and another index.
    Temporary,
}

impl Wanted {
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => CODE_INDEX,
            Self::Temporary => TEMPORARY,
        }
    }
}

/// One step towards the good form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexStep {
    Make(Wanted),
    /// Drops an index while another one surely guards the codes: it is made once more first, since an index that is
    /// listed may still be in the making.
    Drop {
        name: String,
        under: Wanted,
    },
}

impl IndexStep {
    /// `drop code_1, while atriage_code_temporary guards the codes`
    pub fn describe(&self) -> String {
        match self {
            Self::Make(wanted) => format!("make {}", wanted.name()),
            Self::Drop { name, under } => format!(
                "drop {}, while {} guards the codes",
                super::text::clean(name),
                under.name()
            ),
        }
    }
}

/// The next step from how things stand, whoever left them so; `None` where the form is good.
///
/// # Errors
/// `Refused` where an index that is not on the code alone has a name that is needed.
pub fn next_step(indexes: &[Index]) -> Result<Option<IndexStep>, Problem> {
    for index in indexes {
        let needed = index.name == CODE_INDEX || (index.name == TEMPORARY && !index.is_temporary());
        if needed && !(index.name == CODE_INDEX && index.is_on_code_alone) {
            return Err(Problem::new(
                Class::Refused,
                format!(
                    "The index {} has a name that is needed, and is not on the code alone: {}.",
                    index.name,
                    super::text::clean(&index.keys)
                ),
                "Find out who needs it, and give it another name by hand.",
            ));
        }
    }
    let ours = || indexes.iter().filter(|index| index.is_on_code_alone);
    let has_temporary = ours().any(Index::is_temporary);
    let drop = |name: &str, under| {
        Some(IndexStep::Drop {
            name: name.into(),
            under,
        })
    };
    if ours().any(Index::is_good) {
        let other = ours().find(|index| !index.is_good());
        return Ok(other.and_then(|index| drop(&index.name, Wanted::Good)));
    }
    let in_the_way = conflict(indexes);
    Ok(match in_the_way {
        None => Some(IndexStep::Make(Wanted::Good)),
        Some(_) if !has_temporary => Some(IndexStep::Make(Wanted::Temporary)),
        Some(conflict) => drop(&conflict.index, Wanted::Temporary),
    })
}

/// What to do about the indexes: what is said where the repair can be made; else what stands in its way, and who removes it.
pub fn way_out(indexes: &[Index], repair: &str) -> String {
    match next_step(indexes) {
        Ok(_) => repair.into(),
        Err(problem) => format!("{} {}", problem.message, problem.hint),
    }
}

/// All steps from how things stand to the good form, as they will be if nobody else changes anything.
///
/// # Errors
/// As `next_step`.
pub fn all_steps(indexes: &[Index]) -> Result<Vec<IndexStep>, Problem> {
    let mut standing = indexes.to_vec();
    let mut steps = Vec::new();
    while let Some(step) = next_step(&standing)? {
        match &step {
            IndexStep::Make(wanted) => standing.push(made(*wanted)),
            IndexStep::Drop { name, .. } => standing.retain(|index| index.name != *name),
        }
        steps.push(step);
    }
    Ok(steps)
}

fn made(wanted: Wanted) -> Index {
    let temporary = wanted == Wanted::Temporary;
    Index {
        partial: temporary.then(|| "{code: {$exists: true}}".into()),
        ..Index::on_code(wanted.name(), true, !temporary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(name: &str, unique: bool, sparse: bool) -> Index {
        Index {
            name: name.into(),
            unique,
            sparse,
            partial: None,
            ..made(Wanted::Good)
        }
    }

    fn steps(indexes: &[Index]) -> Vec<String> {
        let steps = all_steps(indexes).expect("nothing stands in the way");
        steps.iter().map(IndexStep::describe).collect()
    }

    #[test]
    fn the_conflicts_are_those_that_were_measured() {
        let conflict = |index: Index| conflict(&[index]).map(|found| found.code);
        assert_eq!(conflict(index("code_1", false, false)), None);
        assert_eq!(conflict(index("code_1", true, false)), None);
        assert_eq!(conflict(index("code_1", false, true)), None);
        assert_eq!(conflict(index("code_1", true, true)), Some(85));
        assert_eq!(conflict(index("code_unique", true, true)), None);
        assert_eq!(conflict(index("code_unique", true, false)), Some(86));
        assert_eq!(conflict(index("code_unique", false, false)), Some(86));
        assert_eq!(conflict(made(Wanted::Temporary)), None);
    }

    #[test]
    fn every_start_has_its_way_to_the_good_form() {
        let under = "while code_unique guards the codes";
        let meanwhile = "while atriage_code_temporary guards the codes";
        assert_eq!(steps(&[index("code_unique", true, true)]), [""; 0]);
        assert_eq!(steps(&[]), ["make code_unique"]);
        for (unique, sparse) in [(false, false), (true, false), (false, true)] {
            assert_eq!(
                steps(&[index("code_1", unique, sparse)]),
                ["make code_unique".into(), format!("drop code_1, {under}")]
            );
        }
        assert_eq!(
            steps(&[index("code_1", true, true)]),
            [
                "make atriage_code_temporary".into(),
                format!("drop code_1, {meanwhile}"),
                "make code_unique".into(),
                format!("drop atriage_code_temporary, {under}"),
            ]
        );
        assert_eq!(
            steps(&[index("code_unique", true, false), index("code_1", true, true)]),
            [
                "make atriage_code_temporary".into(),
                format!("drop code_unique, {meanwhile}"),
                format!("drop code_1, {meanwhile}"),
                "make code_unique".into(),
                format!("drop atriage_code_temporary, {under}"),
            ]
        );
    }

    /// Between any two steps somebody else may begin: from there on too, some unique index stands all the time that one
    /// stood before.
    #[test]
    fn the_codes_are_guarded_all_the_way() {
        let starts = [
            vec![index("code_1", true, true)],
            vec![index("code_unique", true, false)],
            vec![index("code_unique", true, false), index("code_1", true, true)],
            vec![index("code_1", true, false), index("other", true, true)],
            vec![made(Wanted::Temporary)],
            vec![made(Wanted::Temporary), index("code_1", true, true)],
            vec![made(Wanted::Temporary), made(Wanted::Good)],
        ];
        for start in starts {
            let mut standing = start.clone();
            for step in all_steps(&start).expect("nothing stands in the way") {
                match step {
                    IndexStep::Make(wanted) => standing.push(made(wanted)),
                    IndexStep::Drop { name, .. } => standing.retain(|index| index.name != name),
                }
                assert!(standing.iter().any(|index| index.unique), "{start:?}");
            }
            assert_eq!(standing, [made(Wanted::Good)], "{start:?}");
        }
    }

    #[test]
    fn what_is_not_on_the_code_alone_is_left_alone() {
        let compound = |name: &str| Index {
            name: name.into(),
            keys: "{code: 1, when: -1}".into(),
            is_on_code_alone: false,
            ..made(Wanted::Good)
        };
        assert_eq!(
            steps(&[compound("code_1_when_-1"), index("code_unique", true, true)]),
            [""; 0]
        );
        assert_eq!(steps(&[compound("code_1_when_-1")]), ["make code_unique"]);
        for name in [CODE_INDEX, TEMPORARY] {
            let refused = all_steps(&[compound(name)]).unwrap_err();
            assert_eq!(refused.class, Class::Refused);
            assert!(refused.message.contains("{code: 1, when: -1}"), "{refused}");
        }
    }
}
