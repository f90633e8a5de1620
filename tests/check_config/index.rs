//! The index on the code: whatever is there, `check-config` and `diagnose` say the same of it, and it is what the site's own
//! code meets.

use super::{Told, found, town};
use crate::support::town::Town;

const ID: &str = "mongo.index";
const HINT: &str = "atriage diagnose --fix-index repairs it.";

fn make(town: &Town, name: &str, unique: bool, sparse: bool) {
    town.try_index(name, unique, sparse).expect("the index is new");
}

/// What `diagnose` says of what the site's code meets.
fn diagnosed(town: &Town) -> String {
    let (_, told) = town.json(&["diagnose"]);
    let checks = told["checks"].as_array().expect("a list");
    let check = checks
        .iter()
        .find(|check| check["id"] == "code-index-of-the-site");
    let message = check.unwrap_or_else(|| panic!("{told:#}"))["message"].as_str();
    message.expect("a text").to_owned()
}

#[test]
fn what_the_site_will_meet_is_told_as_diagnose_tells_it() {
    let town = town();
    let as_another = "The site's code makes the index on users.code as code_unique, and MongoDB refuses with error 85, since \
                      the same index is there as code_1.";
    let of_that_name = "The site's code makes code_unique unique and sparse, and MongoDB refuses with error 86, since another \
                        index has that name.";
    for (name, sparse, told, error) in [
        ("code_1", true, as_another, "85"),
        ("code_unique", false, of_that_name, "86"),
    ] {
        town.drop_indexes("users");
        make(&town, name, true, sparse);
        found(&town, &[], &[], ID, told, HINT, 3);
        assert_eq!(diagnosed(&town), told);
        let met = town.try_code_index("code_unique").expect_err("it is refused");
        assert!(met.contains(&format!("Error code {error}")), "{met}");
    }

    // A second one that would do hinders nothing, and helps nothing.
    make(&town, "code_1", true, true);
    found(&town, &[], &[], ID, of_that_name, HINT, 3);

    town.drop_indexes("users");
    make(&town, "code_unique", false, false);
    let unguarded = format!("{of_that_name} Nor does any index keep two users from getting the same code.");
    found(&town, &[], &[], ID, &unguarded, HINT, 3);
}

#[test]
fn what_does_not_hinder_the_site_is_ok_where_it_guards_the_codes() {
    let town = town();
    town.drop_indexes("users");
    make(&town, "code_1", true, false);
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.line(ID),
        ["ok", "users.code has code_1 {code: 1} unique.", ""]
    );
    assert_eq!(town.try_code_index("code_unique"), Ok(()));

    for make_none in [|_: &Town| {}, |town: &Town| make(town, "code_1", false, true)] {
        town.drop_indexes("users");
        make_none(&town);
        let message = "There is no unique index on users.code: two users may get the same code.";
        found(&town, &[], &[], ID, message, HINT, 3);
    }
}

/// Another index that guards the codes hides nothing: whoever is asked names what the site's code meets.
#[test]
fn everybody_judges_all_indexes() {
    let mut town = town();
    town.drop_indexes("users");
    make(&town, "code_1", true, false);
    make(&town, "code_unique", false, false);
    for n in 0..3 {
        let sub = town.sign_up("aesthetic", &format!("p{n}"), false);
        town.verification(&sub, 0);
    }
    let met = town.try_code_index("code_unique").expect_err("it is refused");
    assert!(met.contains("Error code 86"), "{met}");
    assert!(diagnosed(&town).contains("error 86"), "{}", diagnosed(&town));
    let checked = Told::of(&town, &[], &[]);
    assert!(checked.line(ID)[1].contains("error 86"), "{:?}", checked.line(ID));
    let (_, audited) = town.json(&["audit", "aesthetic", "3"]);
    let cause = audited["systemic"][0]["cause"].as_str().expect("a cause");
    assert!(cause.contains("(86)"), "{cause}");
    let (_, report) = town.json(&["report", "--since", "1999-01-01"]);
    let index = &report["cause"]["index"];
    assert_eq!(
        (&index["name"], &index["refused_with"]),
        (&"code_unique".into(), &86.into()),
        "{report:#}"
    );
    assert!(
        report["cause"]["sentence"]
            .as_str()
            .is_some_and(|told| told.contains("(86)")),
        "{report:#}"
    );
}
