//! The commands on a terminal: the question before a write, the progress bar, signals, and what is never printed.

use crate::support::services::services;
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::terminal::{Signal, Terminal};
use crate::support::town::Town;

fn on_a_terminal(town: &Town, args: &[&str]) -> Terminal {
    town.open(args, 120, 40)
}

#[test]
fn a_backfill_asks_and_does_what_it_is_told() {
    let mut town = Town::new();
    town.incident();
    let mut screen = on_a_terminal(&town, &["backfill", "5", "--fix"]);
    screen.wait_for("Carry out the plans of 5 users in aesthetic? [y/N]");
    assert!(
        screen.screen().contains("create-user create-account"),
        "{}",
        screen.screen()
    );
    screen.keys("<enter>");
    assert_eq!(screen.wait_exit().code(), Some(7));
    assert!(
        screen.screen().contains("Nothing was written."),
        "{}",
        screen.screen()
    );
    assert!(town.all("users").is_empty());

    let mut screen = on_a_terminal(&town, &["backfill", "5", "--fix"]);
    screen.wait_for("[y/N]");
    screen.keys("y<enter>");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(screen.screen().contains("5 done"), "{}", screen.screen());
    assert_eq!(town.all("users").len(), 5);
}

/// However quiet it is to be: what the question is about belongs to it.
#[test]
fn a_question_comes_with_what_it_is_about() {
    let mut town = Town::new();
    let subs = town.incident();
    for (args, about) in [
        (&["-q", "backfill", "5", "--fix"][..], subs[4].as_str()),
        (
            &["-q", "diagnose", "--fix-index"],
            "drop code_1, while atriage_code_temporary",
        ),
        (
            &["-q", "diagnose", "--fix"],
            "the throw-away user atriage-rehearsal-",
        ),
    ] {
        let mut screen = on_a_terminal(&town, args);
        screen.wait_for("[y/N]");
        assert!(screen.screen().contains(about), "{}", screen.screen());
        screen.keys("<enter>");
        assert_eq!(screen.wait_exit().code(), Some(7));
    }
}

#[test]
fn a_long_audit_shows_how_far_it_is() {
    let mut town = Town::new();
    town.incident();
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    tap.always("/api/v2/users", Fault::Hold);
    let mut screen = on_a_terminal(&town, &["audit", "aesthetic", "5", PATIENT]);
    screen.wait_for("checking aesthetic");
    screen.wait_for("of 5");
    tap.let_go();
    assert_eq!(screen.wait_exit().code(), Some(3));
    screen.wait_gone("checking aesthetic");
}

/// The first signal finishes the step in hand and begins no other; what was begun is recoverable, and a second run ends it.
#[test]
fn a_signal_finishes_the_step_in_hand() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut town = Town::new();
        let subs = town.incident();
        let tap = Tap::start(&services().pds_url);
        town.pds_url.clone_from(&tap.url);
        tap.always("createAccount", Fault::Hold);
        let mut running = town.start(&["backfill", "5", "--fix", "--yes", "--concurrency", "1", PATIENT]);
        tap.wait_for_calls("createAccount", 1);
        running.signal(signal);
        running.wait_for("once more to leave at once");
        tap.let_go();
        let outcome = running.wait();
        assert_eq!(outcome.code, status, "{outcome:?}");
        assert_eq!(tap.calls("createAccount"), 1, "another step was begun");
        assert_eq!(town.run(&["backfill", "5", "--fix", "--yes"]).code, 0);
        assert_eq!(town.json(&["audit", "aesthetic", "5"]).0, 0);
        for local in ["carl", "zara", "mira", "omar"] {
            assert_eq!(town.accounts_of(&town.email(local)).len(), 1, "{local}");
        }
        assert_eq!(town.all("users").len(), subs.len());
    }
}

#[test]
fn no_secret_is_printed_by_anything() {
    let mut town = Town::new();
    town.incident();
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let runs = [
        town.run(&["audit", "-v", "--deep", "--unmask"]),
        town.run(&["backfill", "5", "-v", "--fix", "--yes"]),
        town.run(&["backfill", "5", "-v", "--deep", "-o", "json"]),
        town.run(&["audit", "-v", "--deep", "-o", "json"]),
        town.run_with(
            &["audit", "-v"],
            &[("PDS_ADMIN_PASSWORD", "a-wrong-admin-password")],
        ),
    ];
    let printed: String = runs
        .iter()
        .map(|run| format!("{}{}", run.stdout, run.stderr))
        .collect();
    assert!(printed.contains("createAccount"), "-v tells each call: {printed}");
    let mut secrets: Vec<String> = vec![
        "a-wrong-admin-password".into(),
        services().pds_admin_password.clone(),
    ];
    secrets.extend(
        town.variables()
            .into_iter()
            .filter(|(name, _)| name.ends_with("SECRET"))
            .map(|(_, value)| value),
    );
    for user in town.all("users") {
        let password = user
            .get_document("atproto")
            .and_then(|atproto| atproto.get_str("password"));
        secrets.extend(password.ok().map(String::from));
    }
    for call in tap
        .log()
        .iter()
        .filter(|call| call.path.contains("createAccount"))
    {
        let body: serde_json::Value = serde_json::from_str(&call.body).expect("JSON");
        secrets
            .extend(["inviteCode", "password"].map(|name| body[name].as_str().expect("a text").to_string()));
    }
    assert!(
        secrets.len() >= 12,
        "the test knows too few secrets: {}",
        secrets.len()
    );
    for secret in secrets {
        assert!(!printed.contains(&secret), "a secret was printed");
    }
}

#[test]
fn an_env_file_does_what_the_environment_does() {
    let mut town = Town::new();
    town.incident();
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    let file = folder.path().join("my.env");
    let text: String = town
        .variables()
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    std::fs::write(&file, text).expect("it can be written");
    let path = file.display().to_string();
    let outcome = crate::support::command::atriage(&["audit", "--env-file", &path], &[]);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(outcome.stdout.contains("5 checked"), "{}", outcome.stdout);
    let missing = crate::support::command::atriage(&["audit", "--env-file", "/nowhere/.env"], &[]);
    assert_eq!(missing.code, 4, "{missing:?}");
}

/// What cannot be told over the dashboard is kept in a file.
#[test]
fn a_log_keeps_each_call_and_nobodys_data() {
    let mut town = Town::new();
    town.incident();
    let file = town.state().join("calls.log");
    let path = file.display().to_string();
    for _ in 0..2 {
        let outcome = town.run_with(&["audit"], &[("ATRIAGE_LOG", &path)]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (3, ""), "{outcome:?}");
    }
    let log = std::fs::read_to_string(&file).expect("it was written");
    assert_eq!(log.matches("\"api/v2/users\"").count(), 2, "{log}");
    assert!(log.contains("mongo") && !log.contains("@example.com"), "{log}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).expect("it is there"));
    assert_eq!(mode & 0o777, 0o600);
    let outcome = town.run_with(&["audit"], &[("ATRIAGE_LOG", "/nowhere/log")]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
}
