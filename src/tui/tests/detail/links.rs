//! What can be copied, and what there is none of.

use super::*;

fn copied(app: &App) -> Vec<(&str, &str)> {
    app.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy { what, text } => Some((what.as_str(), text.as_str())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_digit_copies_what_stands_beside_it() {
    let mut app = whole(80, 24, 4);
    press(&mut app, "123456789");
    let did = "did:plc:zhuxinaaaaaaaaaaaaaaaaaa";
    assert_eq!(
        copied(&app),
        [
            (
                "the Auth0 dashboard",
                "https://manage.auth0.com/dashboard/us/aesthetic/users/YXV0aDAlN0N6aHV4aW4"
            ),
            ("the PLC document", &format!("https://plc.example.com/{did}")[..]),
            (
                "the PLC log",
                &format!("https://plc.example.com/{did}/log/audit")[..]
            ),
            (
                "the PDS repository",
                &format!("https://at.example.com/xrpc/com.atproto.repo.describeRepo?repo={did}")[..]
            ),
            ("the Auth0 id: auth0|zhuxin", "auth0|zhuxin"),
            ("the Mongo id: auth0|zhuxin", "auth0|zhuxin"),
            ("the user code: ac26xuzuv", "ac26xuzuv"),
            (&format!("the DID: {did}")[..], did),
            // It is masked on the screen, and so it is in the sentence.
            ("the handle", "zhuxin.at.example.com"),
        ]
    );
    // In the table a digit means nothing; of who has no account there is nothing to copy.
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<enter>8");
    assert!(copied(&app).is_empty());
    press(&mut app, "<enter>8");
    assert!(copied(&app).is_empty());
    assert!(
        app.screen().contains("Nothing was copied. DID: none yet."),
        "{}",
        app.screen()
    );
}

#[test]
fn no_link_to_a_dashboard_is_made_up() {
    let mut setup = demo::setup();
    setup.places.auth0 = vec![("aesthetic".into(), "http://127.0.0.1:4000".into())];
    let mut app = App::with(State::new(setup), 120, 40);
    app.refresh(demo::signups());
    press(&mut app, "<enter><enter>1");
    assert!(copied(&app).is_empty());
    let shown = app.screen();
    assert!(
        shown.contains("1 Auth0 dashboard  – (the tenant is not at auth0.com)"),
        "{shown}"
    );
    assert!(
        shown.contains("Nothing was copied. Auth0 dashboard: the tenant is not at auth0.com."),
        "{shown}"
    );
}
