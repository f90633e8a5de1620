//! What is not known is told so, whatever the reason; the rest is tried all the same, and nothing is written on the way.

use std::time::Duration;

use atriage::sandbox::{Fault, Service};
use bson::doc;
use serde_json::json;

use super::{PLACE, Told, add, right, run, set_mode, town, with_stream};
use crate::support::command::atriage;
use crate::support::mongo::{Mongo, client, operations, profile};
use crate::support::runtime;
use crate::support::services::PdsOptions;
use crate::support::tap::{Fault as TapFault, Tap};
use crate::support::town::Town;

#[test]
fn a_token_that_auth0_does_not_show_is_unknown() {
    let town = with_stream(|stream| stream["sink"]["httpAuthorization"] = json!("**********eam"));
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.that_are("unknown"),
        ["auth0.aesthetic.stream.token"],
        "{told:#?}"
    );
    let [_, message, hint] = told.line("auth0.aesthetic.stream.token");
    assert_eq!(message, "Auth0 does not show the log stream's token.");
    let expected =
        format!("Where the site refuses events, set it once more to that of AUTH0_LOG_TOKEN, {PLACE}.");
    assert_eq!(hint, expected);
    assert_eq!(told.code, 0);
}

#[test]
fn a_client_that_may_not_see_log_streams() {
    let town = town();
    // The token itself says so, or only the call does.
    town.world.set_scopes("aesthetic", &["read:users"]);
    let mut tapped = right(Town::new());
    let tap = Tap::start(&tapped.auth0_urls[0].1);
    tapped.auth0_urls[0].1.clone_from(&tap.url);
    let refusal = json!({
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: read:log_streams",
        "errorCode": "insufficient_scope",
    });
    tap.always("/api/v2/log-streams", TapFault::answer(403, refusal));
    for town in [town, tapped] {
        let told = Told::of(&town, &[], &[]);
        assert_eq!(
            told.line("auth0.aesthetic.stream"),
            [
                "unknown",
                "The client lacks read:log_streams, so that the log stream cannot be looked at.",
                &add("read:log_streams")
            ]
        );
        assert_eq!(told.line("auth0.aesthetic.stream.token")[0], "unknown");
        assert_eq!(told.that_are("unknown").len(), 6, "{told:#?}");
        assert_eq!((told.that_are("problem").len(), told.code), (0, 0), "{told:#?}");
    }
}

#[test]
fn what_is_missing_or_malformed_is_a_line_and_the_rest_is_tried_all_the_same() {
    let town = town();
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    let path = folder.path().join("variables.env");
    std::fs::write(&path, "A=b\nthis line = \"is open\n").expect("the folder is ours");
    set_mode(&path, 0o600);
    let shown = path.to_str().expect("it is text");
    let more = [
        ("AUTH0_M2M_SECRET", ""),
        ("AUTH0_M2M_CLIENTID", "somebody"),
        ("PDS_URL", "http://pds.example.com"),
        ("PDS_ADMIN_PASSWORD", ""),
    ];
    let told = Told::of(&town, &["--env-file", shown], &more);
    let wrong = [
        "env.AUTH0_M2M_SECRET",
        "env.PDS_ADMIN_PASSWORD",
        "env.PDS_URL",
        "file.env",
    ];
    assert_eq!(told.that_are("problem"), wrong, "{told:#?}");
    assert_eq!(
        told.line("env.AUTH0_M2M_SECRET"),
        [
            "problem",
            "AUTH0_M2M_SECRET is empty. It comes from the environment.",
            "Put AUTH0_M2M_SECRET into the environment or into an .env file."
        ]
    );
    assert_eq!(
        told.line("env.AUTH0_M2M_CLIENTID"),
        [
            "warning",
            "AUTH0_M2M_CLIENTID is not read by anything here; AUTH0_M2M_CLIENT_ID is.",
            "AUTH0_M2M_CLIENT_ID is set too, and counts."
        ]
    );
    let want = ["unknown", "Not asked, for want of AUTH0_M2M_SECRET.", ""];
    assert_eq!(told.line("auth0.aesthetic.reachable"), want);
    assert_eq!(
        told.line("pds.health"),
        ["unknown", "Not asked, for want of PDS_URL.", ""]
    );
    for other in ["auth0.sotce.list", "mongo.index", "plc.reachable"] {
        assert_eq!(told.line(other)[0], "ok", "{other}");
    }
    assert_eq!(told.code, 4);

    // Without the password the PDS itself is asked all the same.
    let told = Told::of(&town, &[], &[("PDS_ADMIN_PASSWORD", "")]);
    assert_eq!(told.line("pds.password")[0], "unknown");
    assert_eq!(told.line("pds.handle-domain")[0], "ok");

    // Nor does MongoDB itself need the name of the database.
    let told = Told::of(&town, &[], &[("MONGODB_NAME", "")]);
    assert_eq!(told.that_are("problem"), ["env.MONGODB_NAME"], "{told:#?}");
    assert_eq!(told.line("mongo.clock")[0], "ok");
    assert_eq!(
        told.line("mongo.rights.users"),
        ["unknown", "Not asked, for want of MONGODB_NAME.", ""]
    );
    // Only the driver sees what is wrong here.
    let told = Told::of(&town, &[], &[("MONGODB_CONNECTION_STRING", "mongodb://u:p/w@h")]);
    assert_eq!(told.that_are("problem"), ["mongo.login"], "{told:#?}");
    assert_eq!(
        told.line("mongo.login")[1],
        "MONGODB_CONNECTION_STRING is malformed."
    );
    assert_eq!(told.line("mongo.reachable")[0], "unknown");

    // One variable alone means the real thing.
    let outcome = atriage(
        &["check-config", "-o", "csv", "--problems"],
        &[("MONGODB_NAME", "aesthetic")],
    );
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let missing = "env.AUTH0_M2M_CLIENT_ID,problem,AUTH0_M2M_CLIENT_ID is not set.,";
    assert!(outcome.stdout.contains(missing), "{outcome:?}");
    assert!(!outcome.stdout.contains(",ok,"), "{outcome:?}");
}

#[test]
fn a_service_that_does_not_answer_is_unknown() {
    let closed = "http://127.0.0.1:9";
    let cases = [
        (
            ("MONGODB_CONNECTION_STRING", "mongodb://127.0.0.1:9"),
            "mongo.reachable",
            "mongo cannot be reached.",
        ),
        (
            ("PDS_URL", closed),
            "pds.health",
            "pds cannot be reached at http://127.0.0.1:9.",
        ),
        (
            ("PLC_URL", closed),
            "plc.reachable",
            "plc cannot be reached at http://127.0.0.1:9.",
        ),
        (
            ("AUTH0_BASE_URL", closed),
            "auth0.aesthetic.reachable",
            "auth0 cannot be reached at http://127.0.0.1:9.",
        ),
    ];
    let town = town();
    for (variable, id, message) in cases {
        let told = Told::of(&town, &[], &[variable]);
        assert_eq!(told.line(id)[..2], ["unknown", message]);
        let service = id.rsplit_once('.').expect("it has a part").0;
        assert!(
            told.that_are("unknown").iter().all(|id| id.starts_with(service)),
            "{told:#?}"
        );
        assert_eq!((told.that_are("problem").len(), told.code), (0, 6), "{told:#?}");
    }
    // To people what is not known for one reason is one line.
    let outcome = run(&town, &["--problems"], &[("PDS_URL", closed)]);
    let expected = "\
? pds.health               pds cannot be reached at http://127.0.0.1:9.
                           → Check the address, the network and the service.
? pds.password and 4 more  Not known, since the PDS did not answer.
60 ok, 6 not set, 0 warnings, 0 problems, 6 unknown
";
    assert_eq!(outcome.stdout, expected);
}

#[test]
fn a_replica_set_without_a_primary() {
    let (town, mongo) = (town(), Mongo::start());
    let uri = mongo.uri();
    let down = doc! {"replSetStepDown": 60, "force": true};
    runtime().block_on(async {
        let admin = client(&uri).await.database("admin");
        admin.run_command(down).await.expect("it steps down");
    });
    let told = Told::of(&town, &[], &[("MONGODB_CONNECTION_STRING", &uri)]);
    assert_eq!(
        told.line("mongo.primary")[..2],
        [
            "problem",
            "MongoDB has no primary now, so that nothing can be written."
        ]
    );
    assert_eq!(told.line("mongo.reachable")[0], "ok");
    assert_eq!(told.line("mongo.rights.users")[0], "ok");
    assert_eq!(told.line("mongo.index")[0], "unknown");
    assert_eq!(
        (told.that_are("problem"), told.code),
        (vec!["mongo.primary"], 6),
        "{told:#?}"
    );
}

#[test]
fn nobody_is_waited_for_longer_than_the_time_limit() {
    let town = town();
    town.world.set_fault(Service::Auth0, Fault::Hang);
    let outcome = run(&town, &["--timeout", "5", "-o", "ndjson"], &[]);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    // One question after the other, each with its time limit, would be far above it.
    assert!(outcome.took < Duration::from_secs(20), "{outcome:?}");
    let first = r#"{"hint":"Check the address, the network and the service"#;
    let silent = outcome.stdout.lines().filter(|line| line.starts_with(first));
    assert_eq!(silent.count(), 2, "one line a tenant: {outcome:?}");
    let last = outcome.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with(r#"{"schema":1,"totals":{"#), "{last}");
}

#[test]
fn an_open_pds_is_worth_a_warning() {
    let town = right(Town::with_pds(PdsOptions {
        env: vec![("PDS_INVITE_REQUIRED", "false")],
        ..PdsOptions::default()
    }));
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.that_are("warning"),
        ["pds.invites", "pds.limiter"],
        "{told:#?}"
    );
    assert_eq!(
        told.line("pds.limiter")[1],
        "The PDS's answers announce no limit: its limiter is off, or lets us pass."
    );
    assert_eq!(told.code, 0);
}

#[test]
fn nothing_is_written_anywhere() {
    let mut town = town();
    let tap = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&tap.url);
    runtime().block_on(profile(&town.db()));
    let told = Told::of(&town, &[], &[]);
    assert_eq!(told.code, 0, "{told:#?}");
    let changing = |line: &String| !line.starts_with("GET ") && !line.ends_with("POST /oauth/token");
    let calls: Vec<String> = tap
        .log()
        .iter()
        .map(|call| call.line())
        .chain(town.world.calls())
        .collect();
    assert!(calls.len() > 6, "{calls:?}");
    assert!(!calls.iter().any(changing), "{calls:?}");
    let done = runtime().block_on(operations(&town.db(), "atriage"));
    let commands: Vec<String> = done
        .iter()
        .filter_map(|operation| operation.command.keys().next().cloned())
        .collect();
    assert!(commands.contains(&"listIndexes".to_string()), "{commands:?}");
    assert!(
        commands
            .iter()
            .all(|command| command.starts_with("list") || command == "find"),
        "{commands:?}"
    );
    let kept = std::fs::read_dir(town.state()).expect("it is there").count();
    assert_eq!(kept, 0, "something lies in the state folder");
}

#[test]
fn the_sandbox_is_checked_only_where_it_is_asked_for() {
    let outcome = atriage(&["doctor", "--problems"], &[]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    for name in [
        "AUTH0_M2M_CLIENT_ID",
        "MONGODB_CONNECTION_STRING",
        "PDS_ADMIN_PASSWORD",
    ] {
        assert!(
            outcome.stdout.contains(&format!("{name} is not set")),
            "{outcome:?}"
        );
    }
    let outcome = atriage(&["doctor", "--sandbox", "--problems", "-o", "markdown"], &[]);
    // Its scenario is the incident.
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(
        outcome.stdout.contains("| mongo.index | problem | "),
        "{outcome:?}"
    );
    let outcome = atriage(
        &[
            "check-config",
            "--sandbox",
            "--config",
            "none.toml",
            "-o",
            "markdown",
        ],
        &[],
    );
    let line = "| file.config | problem | none.toml cannot be read: No such file or directory (os error 2). | Check --config \
                and ATRIAGE_CONFIG. |";
    assert!(outcome.code == 4 && outcome.stdout.contains(line), "{outcome:?}");
    let outcome = atriage(&["check-config", "--sandbox"], &[]);
    assert!(!outcome.stdout.contains("file.config"), "{outcome:?}");
    assert!(
        outcome
            .stdout
            .contains("AUTH0_M2M_SECRET is set, from the sandbox."),
        "{outcome:?}"
    );
}
