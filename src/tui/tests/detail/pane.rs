//! The three lines of facts in the pane: what is not there, what nobody told, and what was not asked, told apart.

use super::*;
use crate::domain::Signup;

fn facts(signup: Signup, stage: Stage) -> String {
    let mut app = App::new(140, 40);
    app.start();
    app.news(stage, vec![signup]);
    press(&mut app, "<enter>");
    let told = said(&app.screen());
    let from = told.find("Facts").unwrap_or_else(|| panic!("{told}"));
    told[from..].to_string()
}

#[test]
fn what_is_unknown_is_not_called_absent() {
    let without = demo::without_record("chen", 5);
    let mut nobody_found = without.clone();
    nobody_found.found = Observed::Unknown;
    let mut odd = demo::whole("chen", 5);
    odd.user = Observed::Unreadable("no document".into());
    let bare = || demo::listed(&demo::whole("chen", 5));
    let cases = [
        (
            without,
            Stage::Complete,
            "code – · chosen handle – · verifications 1 did – · directory not asked \
             handles: wanted – · in Mongo – · on the PDS –",
        ),
        (
            nobody_found,
            Stage::Complete,
            "did ? · directory not asked handles: wanted – · in Mongo – · on the PDS ?",
        ),
        // The PDS is down.
        (
            demo::unknown("chen", 5),
            Stage::Complete,
            "did did:plc:chenaaaaaaaaaaaaaaaaaaaa · directory ? no answer \
             handles: wanted c….at.example.com · in Mongo c….at.example.com · on the PDS ?",
        ),
        (odd, Stage::Complete, "code unreadable · chosen handle @c…"),
        // Nobody but Auth0 answered.
        (
            bare(),
            Stage::Complete,
            "code ? · chosen handle ? · verifications ? did ? · directory not asked \
             handles: wanted ? · in Mongo ? · on the PDS not asked",
        ),
        (
            bare(),
            Stage::Listed,
            "code … · chosen handle … · verifications … did … · directory … \
             handles: wanted … · in Mongo … · on the PDS …",
        ),
    ];
    for (signup, stage, told) in cases {
        let facts = facts(signup, stage);
        assert!(facts.contains(told), "{told}\n{facts}");
    }
}
