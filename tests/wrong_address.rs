//! Another web server stands where Auth0 or the PLC directory belongs and answers 404 to everything: that says nothing of
//! any user, and is told as what it is, an address that is wrong.

use serde_json::{Value, json};

use crate::support::command::Outcome;
use crate::support::runs::fix;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

/// How such servers say that there is nothing: in a page, in their own JSON, and in Auth0's shape.
fn nothings() -> [Value; 3] {
    [
        Value::String("<html>404 Not Found</html>".into()),
        json!({"message": "Cannot GET this", "error": "Not Found", "statusCode": 404}),
        json!({"error": "not_found"}),
    ]
}

fn says_nothing(body: Value) -> Tap {
    let tap = Tap::start("http://127.0.0.1:1");
    tap.always("", Fault::answer(404, body));
    tap
}

/// The line of a view of `check-config` or `diagnose`.
fn line(view: &Value, id: &str) -> Value {
    let lines = view["checks"].as_array().expect("a list of checks");
    let line = lines.iter().find(|line| line["id"] == id);
    line.unwrap_or_else(|| panic!("no {id}: {view:#}")).clone()
}

fn names_the_address(told: &str, tap: &Tap) {
    assert!(
        told.contains(&tap.url) && told.contains("right address"),
        "{told}"
    );
}

#[test]
fn a_server_that_is_no_auth0_does_not_say_that_somebody_is_gone() {
    let mut town = Town::new();
    town.old_index();
    let real = town.auth0_urls[0].1.clone();
    let sub = town.sign_up("aesthetic", "mira", true);
    town.verification(&sub, 1);
    town.user(&sub, &crate::support::codes::fresh());
    for body in nothings() {
        let tap = says_nothing(body);
        town.auth0_urls[0].1.clone_from(&tap.url);
        for args in [
            &["backfill", &sub][..],
            &["backfill", "auth0|000000000000000000000000"],
            &["audit", "--orphans"],
        ] {
            let outcome: Outcome = town.run(args);
            assert_eq!(outcome.code, 4, "{args:?}: {outcome:?}");
            let told = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(!told.contains("has no user"), "{told}");
            names_the_address(&told, &tap);
        }
        let (_, view) = town.json(&["check-config"]);
        let told = line(&view, "auth0.aesthetic.reachable");
        assert_eq!(told["state"], "problem", "{told:#}");
        names_the_address(told["hint"].as_str().expect("a text"), &tap);
        let (_, view) = town.json(&["diagnose"]);
        let told = line(&view, "auth0-aesthetic");
        assert_eq!(told["state"], "problem", "{told:#}");

        // The same behind a proxy that lets only the token through.
        let half = Tap::start(&real);
        half.always("/api/v2/", Fault::answer(404, json!({"error": "not_found"})));
        town.auth0_urls[0].1.clone_from(&half.url);
        let outcome = town.run(&["backfill", &sub]);
        assert_eq!(outcome.code, 4, "{outcome:?}");
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!told.contains("has no user"), "{told}");
    }
}

#[test]
fn a_server_that_is_no_directory_knows_nothing_of_a_did() {
    let mut town = Town::new();
    town.old_index();
    let sub = town.sign_up("aesthetic", "mira", true);
    assert_eq!(fix(&town, &sub).0, 0);
    let mut bodies = nothings().map(|body| (404, body)).to_vec();
    // Some answer everything, and well.
    bodies.push((200, json!({"ok": true})));
    bodies.push((410, json!({"error": "Gone"})));
    for (status, body) in bodies {
        let tap = Tap::start("http://127.0.0.1:1");
        tap.always("", Fault::answer(status, body.clone()));
        town.plc_url.clone_from(&tap.url);
        let (_, view) = town.json(&["check-config"]);
        let told = line(&view, "plc.reachable");
        assert_eq!(told["state"], "problem", "{status} {body}: {told:#}");
        names_the_address(told["hint"].as_str().expect("a text"), &tap);
        let (_, view) = town.json(&["audit", "--deep"]);
        let signup = &view["signups"][0];
        assert_eq!(signup["findings"], json!([]), "{status} {body}: {signup:#}");
        assert_ne!(view["sources"]["plc"], "ok", "{view:#}");
    }
}
