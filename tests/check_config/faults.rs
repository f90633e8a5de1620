//! Each planted fault is found by its own line, with its mend, and no other line becomes a problem by it.

use bson::doc;
use jiff::SignedDuration;
use mongodb::Client;
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ServerApi, ServerApiVersion};
use serde_json::json;

use super::{CLIENT, PLACE, Told, add, found, run, set_mode, stream, town, with_stream};
use crate::support::runtime;
use crate::support::services::services;

#[test]
fn a_wrong_secret_of_auth0() {
    let town = town();
    let more = [("AUTH0_M2M_SECRET", "another-secret-altogether")];
    town.secrets.add(more[0].1, "a wrong secret");
    let message = "auth0 refused oauth/token: Unauthorized.";
    let hint = format!("Check {CLIENT}: Auth0 does not know this client, or its secret is another one.");
    found(&town, &[], &more, "auth0.aesthetic.secret", message, &hint, 4);
    let told = Told::of(&town, &[], &more);
    assert_eq!(told.line("auth0.aesthetic.reachable")[0], "ok");
    assert_eq!(
        told.line("auth0.aesthetic.list"),
        ["unknown", "Not asked, for want of a token.", ""]
    );
    assert_eq!(told.line("auth0.sotce.list")[0], "ok");
}

#[test]
fn a_missing_scope() {
    let town = town();
    town.world.set_scopes("aesthetic", &["read:log_streams"]);
    let message = "The client lacks read:users: no signup can be listed.";
    found(
        &town,
        &[],
        &[],
        "auth0.aesthetic.scope.users",
        message,
        &add("read:users"),
        4,
    );
}

#[test]
fn a_paused_stream() {
    let town = with_stream(|stream| stream["status"] = json!("paused"));
    let message = "The log stream is paused: nobody hears of sign-ups.";
    let hint = format!(
        "Resume it, {PLACE}; Auth0 pauses a stream whose address failed for seven days. atriage backfill --since 7d --tenant \
         aesthetic --fix catches up."
    );
    found(
        &town,
        &[],
        &[],
        "auth0.aesthetic.stream.status",
        message,
        &hint,
        3,
    );
}

#[test]
fn a_stream_without_user_success() {
    let town = with_stream(|stream| {
        stream["filters"] = json!([{"type": "category", "name": "auth.signup.success"}])
    });
    let message = "The log stream keeps verified e-mails (sv) back.";
    let hint = format!("Add user.success to its filters, {PLACE}; or remove all filters.");
    found(
        &town,
        &[],
        &[],
        "auth0.aesthetic.stream.filters",
        message,
        &hint,
        3,
    );
    let town = with_stream(|stream| stream["filters"] = json!([]));
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.line("auth0.aesthetic.stream.filters")[0],
        "ok",
        "no filter lets everything through"
    );
}

#[test]
fn a_wrong_endpoint() {
    // Its query may hold a token, and is not shown.
    let other = "https://old.example.com/hook?key=the-key-in-an-address";
    let town = with_stream(|stream| stream["sink"]["httpEndpoint"] = json!(other));
    town.secrets.add("the-key-in-an-address", "a key in an address");
    let message =
        "The log stream sends to https://old.example.com/hook, which is not what AUTH0_EVENTS_URL says.";
    let hint = format!("Correct the webhook's address, {PLACE}; or AUTH0_EVENTS_URL.");
    found(
        &town,
        &[],
        &[],
        "auth0.aesthetic.stream.endpoint",
        message,
        &hint,
        3,
    );
    // Where nobody says what it must be, it is shown, and not judged.
    let told = Told::of(&town, &[], &[("AUTH0_EVENTS_URL", "")]);
    assert_eq!(
        told.line("auth0.aesthetic.stream.endpoint"),
        [
            "unknown",
            "The log stream sends to https://old.example.com/hook; whether that is right is not known.",
            "Set AUTH0_EVENTS_URL to where it must send, and it is judged."
        ]
    );
    assert_eq!(told.code, 0, "{told:#?}");
}

#[test]
fn two_webhooks_of_which_neither_sends_where_it_must() {
    let town = town();
    let named = |name: &str, endpoint: &str| {
        let mut stream = stream();
        stream["name"] = json!(name);
        stream["sink"]["httpEndpoint"] = json!(endpoint);
        stream
    };
    let streams = vec![
        named("metrics", "https://metrics.example.com/in"),
        named("site", "https://old.example.com/hook"),
    ];
    town.world.set_log_streams("aesthetic", streams);
    let message = "None of metrics, site sends to what AUTH0_EVENTS_URL says.";
    let hint = "Correct the address of the one that is meant, in Auth0 under Monitoring, Streams; or AUTH0_EVENTS_URL.";
    let id = "auth0.aesthetic.stream.endpoint";
    found(&town, &[], &[], id, message, hint, 3);
    // Where nobody says where it must send, which is meant is not known.
    let told = Told::of(&town, &[], &[("AUTH0_EVENTS_URL", "")]);
    assert_eq!(told.that_are("unknown").len(), 6, "{told:#?}");
    assert_eq!(
        told.line("auth0.aesthetic.stream"),
        [
            "unknown",
            "The tenant has several log streams to webhooks: metrics, site.",
            "Set AUTH0_EVENTS_URL to the address of the one that is meant."
        ]
    );
    assert_eq!(told.code, 0, "{told:#?}");
}

#[test]
fn a_wrong_format() {
    let town = with_stream(|stream| stream["sink"]["httpContentFormat"] = json!("JSONLINES"));
    let message = "The log stream sends JSONLINES, which the site's handler cannot read.";
    let hint = format!("Set its content format to JSON Object, {PLACE}.");
    found(
        &town,
        &[],
        &[],
        "auth0.aesthetic.stream.format",
        message,
        &hint,
        3,
    );
}

#[test]
fn another_token_of_the_log_stream() {
    let town = with_stream(|stream| stream["sink"]["httpAuthorization"] = json!("a-token-of-long-ago"));
    town.secrets.add("a-token-of-long-ago", "the stream's token");
    let message = "The log stream sends another token than AUTH0_LOG_TOKEN: everything it sends is refused.";
    let hint = format!("Make the two the same, {PLACE}, Authorization Token.");
    found(&town, &[], &[], "auth0.aesthetic.stream.token", message, &hint, 3);
}

#[test]
fn a_wrong_password_of_the_pds() {
    let town = town();
    let more = [("PDS_ADMIN_PASSWORD", "another-password-altogether")];
    town.secrets.add(more[0].1, "a wrong password");
    let message = "pds refused com.atproto.admin.getInviteCodes: Authentication Required.";
    found(
        &town,
        &[],
        &more,
        "pds.password",
        message,
        "Check PDS_ADMIN_PASSWORD.",
        4,
    );
}

#[test]
fn another_domain_of_handles() {
    let town = town();
    let more = [("PDS_HANDLE_DOMAIN", "pds.aesthetic.computer")];
    let message =
        "The PDS gives no handles under what PDS_HANDLE_DOMAIN says, but under at.aesthetic.computer.";
    let hint = "Set PDS_HANDLE_DOMAIN to one of those, or leave it out: the first holds then.";
    found(&town, &[], &more, "pds.handle-domain", message, hint, 4);
}

#[test]
fn a_clock_that_is_off_by_ten_minutes() {
    let town = town();
    let hint = "Set this machine's clock (NTP), or the other one's: tokens and leases go by them.";
    for (minutes, side) in [(10, "ahead of"), (-10, "behind")] {
        town.world
            .set_clock("aesthetic", SignedDuration::from_mins(minutes));
        let told = Told::of(&town, &[], &[]);
        assert_eq!(told.that_are("problem"), ["auth0.aesthetic.clock"], "{told:#?}");
        let [_, message, told_hint] = told.line("auth0.aesthetic.clock");
        // The Date has whole seconds.
        let about = [599, 600].map(|seconds| format!("Auth0's clock is {seconds} seconds {side} ours."));
        assert!(about.iter().any(|about| about == message), "{message}");
        assert_eq!((told_hint, told.code), (hint, 3));
    }
    town.world.set_clock("aesthetic", SignedDuration::from_secs(20));
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.that_are("warning"),
        ["auth0.aesthetic.clock", "pds.limiter"],
        "{told:#?}"
    );
    assert_eq!(told.code, 0, "a warning is no problem");
}

#[test]
fn an_env_file_that_others_may_read() {
    let town = town();
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    let path = folder.path().join("variables.env");
    std::fs::write(&path, "ATRIAGE_OPERATOR=mira\n").expect("the folder is ours");
    let shown = path.to_str().expect("it is text");
    let args = ["--env-file", shown];

    set_mode(&path, 0o644);
    let message = format!("{shown} holds secrets, and others may read or write it (mode 644).");
    found(
        &town,
        &args,
        &[],
        "file.env.mode",
        &message,
        &format!("chmod 600 {shown}"),
        4,
    );

    set_mode(&path, 0o600);
    let told = Told::of(&town, &args, &[]);
    assert_eq!((told.that_are("problem").len(), told.code), (0, 0), "{told:#?}");
    let operator = format!("ATRIAGE_OPERATOR is mira, from {shown}.");
    assert_eq!(told.line("env.ATRIAGE_OPERATOR"), ["ok", &operator, ""]);

    set_mode(town.state(), 0o777);
    let state = town.state().display().to_string();
    let message = format!("Others may write into {state} (mode 777).");
    found(
        &town,
        &args,
        &[],
        "file.state.mode",
        &message,
        &format!("chmod 700 {state}"),
        4,
    );
}

/// Each is neither there nor to be made, or no folder; nothing is left of the trial.
#[test]
fn a_state_folder_that_nobody_can_use() {
    let town = town();
    let file = town.state().join("file");
    std::fs::write(&file, "").expect("it is ours");
    let hint = "Set ATRIAGE_STATE_DIR to a folder of yours.";
    for (path, why) in [
        ("/proc/x".to_string(), "No such file or directory (os error 2)"),
        (file.display().to_string(), "Not a directory (os error 20)"),
        (
            file.join("below").display().to_string(),
            "Not a directory (os error 20)",
        ),
    ] {
        let message = format!("The state folder {path} cannot be used: {why}.");
        let more = [("ATRIAGE_STATE_DIR", path.as_str())];
        found(&town, &[], &more, "file.state.mode", &message, hint, 4);
    }
    let fresh = town.state().join("not/yet").display().to_string();
    let told = Told::of(&town, &[], &[("ATRIAGE_STATE_DIR", &fresh)]);
    let message = format!("{fresh} is made when it is needed.");
    assert_eq!(told.line("file.state.mode"), ["ok", &message, ""]);
    let kept = std::fs::read_dir(town.state()).expect("it is there").count();
    assert_eq!(kept, 1, "nothing but the file");
}

#[test]
fn a_log_that_cannot_be_written() {
    let town = town();
    let more = [("ATRIAGE_LOG", "/nonexistent/x")];
    let message = "The log /nonexistent/x cannot be written: No such file or directory (os error 2). It comes from the \
                   environment.";
    let hint = "ATRIAGE_LOG names a file; leave it out for no log.";
    found(&town, &[], &more, "env.ATRIAGE_LOG", message, hint, 4);
    // What works with the services begins without a log for nobody.
    let outcome = town.run_with(&["audit", "-o", "json"], &more);
    assert_eq!(outcome.code, 4, "{outcome:?}");
}

#[test]
fn another_database() {
    let town = town();
    let message = "The database has neither users nor verifications nor @handles.";
    let hint = "Check MONGODB_NAME: this looks like another database.";
    let more = [("MONGODB_NAME", "nobody_s_database")];
    found(&town, &[], &more, "mongo.database", message, hint, 4);
}

/// The two are swapped in an `.env`, which puts a password where none is expected.
#[test]
fn an_address_in_the_wrong_variable_is_not_printed() {
    let town = town();
    let password = "hunter2-of-mongodb";
    // No run may print it from here on.
    town.secrets.add(password, "a password in the wrong variable");
    let address = format!("mongodb+srv://mira:{password}@db.example.com");
    let swapped = [
        ("MONGODB_CONNECTION_STRING", "aesthetic"),
        ("MONGODB_NAME", &address),
        ("PDS_HANDLE_DOMAIN", &address),
        ("ATRIAGE_OPERATOR", &address),
    ];
    let told = Told::of(&town, &[], &swapped);
    let wrong = [
        "env.MONGODB_CONNECTION_STRING",
        "env.MONGODB_NAME",
        "pds.handle-domain",
    ];
    assert_eq!(told.that_are("problem"), wrong, "{told:#?}");
    assert_eq!(
        told.line("env.MONGODB_NAME"),
        [
            "problem",
            "MONGODB_NAME is no name of a database. It comes from the environment.",
            "It is a plain name such as aesthetic; the address belongs into MONGODB_CONNECTION_STRING."
        ]
    );
    let hidden =
        "ATRIAGE_OPERATOR is set, and is not shown, since it looks like an address, from the environment.";
    assert_eq!(told.line("env.ATRIAGE_OPERATOR"), ["ok", hidden, ""]);
    assert_eq!(told.code, 4, "{told:#?}");
    for form in ["table", "json", "ndjson", "csv", "markdown"] {
        assert_eq!(run(&town, &["-o", form], &swapped).code, 4, "{form}");
    }
    let outcome = town.run_with(&["audit"], &swapped);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let said = "error: MONGODB_NAME is no name of a database.";
    assert!(outcome.stderr.contains(said), "{outcome:?}");
}

/// Why the rights are asked for by a client of their own, without the Stable API. Where MongoDB answers this one day, that
/// client can go.
#[test]
fn the_strict_api_does_not_tell_who_we_are() {
    let strict = ServerApi::builder()
        .version(ServerApiVersion::V1)
        .strict(true)
        .build();
    let refused = runtime().block_on(async {
        let mut options = ClientOptions::parse(&services().mongo_uri)
            .await
            .expect("the address is well formed");
        options.server_api = Some(strict);
        let client = Client::with_options(options).expect("the options are complete");
        let question = doc! {"connectionStatus": 1, "showPrivileges": true};
        client.database("admin").run_command(question).await
    });
    match *refused.expect_err("it is no part of the Stable API").kind {
        ErrorKind::Command(ref command) => assert_eq!(command.code, 323, "{command:?}"),
        ref other => panic!("{other:?}"),
    }
}
