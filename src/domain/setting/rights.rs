//! What a user of MongoDB may do, from the privileges that the server lists, and what we need.

use super::{Line, Mongo, Setting};

/// Actions on a resource, as `connectionStatus` lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privilege {
    pub on: Resource,
    pub actions: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// An empty database is any, an empty collection is all of it but the system's.
    Collection {
        db: String,
        collection: String,
    },
    Any,
    /// The cluster itself, or what we do not know: no collection.
    Other,
}

/// Who we are to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It does not ask who somebody is: everybody may do everything.
    Open,
    User(Vec<Privilege>),
}

/// A collection, and what we do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub collection: &'static str,
    pub reads: &'static [&'static str],
    pub writes: &'static [&'static str],
}

fn may(privileges: &[Privilege], db: &str, collection: &str, action: &str) -> bool {
    privileges.iter().any(|privilege| {
        let here = match &privilege.on {
            Resource::Any => true,
            Resource::Other => false,
            Resource::Collection {
                db: in_db,
                collection: in_collection,
            } => {
                let within = |part: &str, whole: &str| part.is_empty() || part == whole;
                within(in_db, db) && within(in_collection, collection)
            }
        };
        here && privilege.actions.iter().any(|had| had == action)
    })
}

/// A line for each collection. `read_only`: nothing is going to be written.
pub fn judge(access: &Access, db: &str, needs: &[Need], read_only: bool) -> Vec<Line> {
    needs
        .iter()
        .map(|need| one(access, db, need, read_only))
        .collect()
}

fn one(access: &Access, db: &str, need: &Need, read_only: bool) -> Line {
    let name = need.collection;
    let setting = Setting::Rights(name.to_string());
    let Access::User(privileges) = access else {
        return setting.ok(format!("Everybody may do everything with {name}."));
    };
    let missing = |actions: &[&'static str]| -> Vec<&'static str> {
        let lacks = |action: &&&str| !may(privileges, db, name, action);
        actions.iter().filter(lacks).copied().collect()
    };
    let (reads, writes) = (missing(need.reads), missing(need.writes));
    let lacking: Vec<&str> = match read_only {
        true => reads.clone(),
        false => reads.iter().chain(&writes).copied().collect(),
    };
    if !lacking.is_empty() {
        let hint = format!(
            "Grant it in MongoDB, with the role readWrite on {db} or with these actions alone; ATRIAGE_READ_ONLY=1 needs \
             no right to write."
        );
        let what = lacking.join(", ");
        return setting.problem(format!("Our user may not {what} in {name}."), hint);
    }
    if need.writes.is_empty() || !writes.is_empty() {
        return setting.ok(format!("Our user may read {name}."));
    }
    setting.ok(format!("Our user may read and write {name}."))
}

/// Whether the server asks who somebody is. `here`: it is on this machine.
pub fn access_control(access: &Access, here: bool) -> Line {
    let setting = Setting::Mongo(Mongo::AccessControl);
    match (access, here) {
        (Access::User(_), _) => setting.ok("MongoDB asks who somebody is."),
        (Access::Open, true) => {
            setting.ok("MongoDB runs without access control, on this machine, which is fine for a trial.")
        }
        (Access::Open, false) => setting.warning(
            "MongoDB runs without access control: whoever reaches it may read and write everything.",
            "Turn its access control on (security.authorization: enabled), and make a user for each who needs one.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{self, Ok, Problem, Warning};

    const NEEDS: [Need; 2] = [
        Need {
            collection: "users",
            reads: &["find"],
            writes: &["insert", "createIndex"],
        },
        Need {
            collection: "@handles",
            reads: &["find"],
            writes: &[],
        },
    ];

    fn on(db: &str, collection: &str, actions: &[&str]) -> Privilege {
        Privilege {
            on: Resource::Collection {
                db: db.into(),
                collection: collection.into(),
            },
            actions: actions.iter().map(|action| action.to_string()).collect(),
        }
    }

    fn states(privileges: Vec<Privilege>, read_only: bool) -> [CheckState; 2] {
        let lines = judge(&Access::User(privileges), "aesthetic", &NEEDS, read_only);
        [lines[0].check.state, lines[1].check.state]
    }

    #[test]
    fn a_right_comes_by_collection_by_database_or_everywhere() {
        const ALL: [&str; 3] = ["find", "insert", "createIndex"];
        let everywhere = Privilege {
            on: Resource::Any,
            ..on("", "", &ALL)
        };
        let cluster = Privilege {
            on: Resource::Other,
            ..on("", "", &ALL)
        };
        for (privileges, expected) in [
            (vec![], [Problem, Problem]),
            (vec![on("aesthetic", "", &ALL)], [Ok, Ok]),
            (vec![on("", "", &ALL)], [Ok, Ok]),
            (vec![everywhere], [Ok, Ok]),
            (vec![cluster], [Problem, Problem]),
            (vec![on("other", "", &ALL)], [Problem, Problem]),
            (vec![on("aesthetic", "users", &ALL)], [Ok, Problem]),
            (vec![on("", "@handles", &["find"])], [Problem, Ok]),
            (vec![on("aesthetic", "", &["find"])], [Problem, Ok]),
            (
                vec![
                    on("aesthetic", "", &["find"]),
                    on("aesthetic", "users", &["insert", "createIndex"]),
                ],
                [Ok, Ok],
            ),
        ] {
            assert_eq!(states(privileges.clone(), false), expected, "{privileges:?}");
        }
        assert_eq!(states(vec![on("aesthetic", "", &["find"])], true), [Ok, Ok]);
    }

    #[test]
    fn a_server_without_access_control_is_a_matter_of_where_it_is() {
        assert_eq!(access_control(&Access::Open, true).check.state, Ok);
        assert_eq!(access_control(&Access::Open, false).check.state, Warning);
        assert_eq!(access_control(&Access::User(vec![]), false).check.state, Ok);
        let lines = judge(&Access::Open, "aesthetic", &NEEDS, false);
        assert!(lines.iter().all(|line| line.check.state == Ok));
    }
}
