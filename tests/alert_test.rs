//! `atriage alert-test`: whether an alert arrives, in which form, and that the address of the webhook is shown nowhere.

use serde_json::{Value, json};

use crate::support::command::{Outcome, atriage};
use crate::support::tap::{Fault, Tap};

/// The part of the address that lets somebody write there.
const DOOR: &str = "/hook/s3cr3t-p4th?token=s3cr3t-qu3ry";

/// Runs the program with nothing but a webhook, and looks through what it printed.
fn alert_test(address: &str, args: &[&str]) -> Outcome {
    let args = [&["alert-test"], args].concat();
    let outcome = atriage(&args, &[("ATRIAGE_ALERT_WEBHOOK", address)]);
    for text in [&outcome.stdout, &outcome.stderr] {
        assert!(!text.contains("s3cr3t"), "the address is shown: {text}");
    }
    outcome
}

fn receiver(answers: Fault) -> (Tap, String) {
    let tap = Tap::start("http://127.0.0.1:1");
    tap.always("", answers);
    let address = format!("{}{DOOR}", tap.url);
    (tap, address)
}

#[test]
fn one_alert_is_sent_and_whether_it_was_taken_is_told() {
    // Slack answers with a word, and no JSON.
    let (tap, address) = receiver(Fault::answer(200, json!("ok")));
    let outcome = alert_test(&address, &["-v"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (0, "The webhook (plain JSON) took the alert.\n"),
        "{outcome:?}"
    );
    let calls = tap.log();
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert_eq!(calls[0].line(), format!("POST {DOOR}"));
    let mut body: Value = serde_json::from_str(&calls[0].body).expect("JSON");
    assert!(body["at"].is_string() && body["at"] == body["since"], "{body:#}");
    body["at"].take();
    body["since"].take();
    assert_eq!(
        body,
        json!({
            "schema": 1, "kind": "test", "fingerprint": "test", "tenant": null, "state": "test", "systemic": false,
            "at": null, "since": null, "affected": 0, "of": null, "mended": 0,
            "message": "A test: alerts of atriage arrive here.",
            "hint": "Nothing happened, and nothing is to be done.", "examples": [],
        })
    );

    let outcome = alert_test(&address, &["-o", "json", "--read-only"]);
    assert_eq!(outcome.code, 0, "it writes nothing there: {outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        told,
        json!({"schema": 1, "receivers": [{"receiver": "json", "taken": true}]})
    );
    let outcome = alert_test(&address, &["-o", "csv"]);
    assert_eq!(outcome.stdout, "receiver,taken\r\njson,true\n");
}

#[test]
fn without_a_webhook_it_says_what_to_do() {
    for (address, said) in [
        (
            "",
            "error: ATRIAGE_ALERT_WEBHOOK is not set, so that no alert goes anywhere.\n  hint: Put the address of a webhook of \
             Slack, of Discord or of your own there.\n",
        ),
        (
            "http://example.com/s3cr3t",
            "error: ATRIAGE_ALERT_WEBHOOK is an http:// address of another machine.\n  hint: Alerts would travel \
             unencrypted: use https://.\n",
        ),
    ] {
        let outcome = alert_test(address, &[]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (4, said), "{outcome:?}");
    }
}

/// Each answer that is no, with what is said of it, and how often it was asked.
#[test]
fn what_is_not_taken_is_told_without_the_address() {
    let elsewhere = Tap::start("http://127.0.0.1:1");
    elsewhere.always("", Fault::answer(200, json!({})));
    let location = format!("{}{DOOR}", elsewhere.url);
    let echo = json!({"message": format!("Cannot POST {DOOR}")});
    for (answers, said, asked) in [
        (
            Fault::answer(404, echo.clone()),
            "The webhook refuses the alert (404).",
            1,
        ),
        (
            Fault::answer(500, echo.clone()),
            "The webhook is out of order (500).",
            1,
        ),
        (
            Fault::Answer(307, vec![("location", location)], json!({})),
            "The webhook sends us elsewhere (307), where no alert is taken to.",
            1,
        ),
        (
            Fault::Answer(429, vec![("retry-after", "60".into())], echo),
            "The webhook takes no more alerts for now (429).",
            1,
        ),
        (Fault::Refuse, "The webhook does not answer.", 1),
    ] {
        let (tap, address) = receiver(answers);
        let outcome = alert_test(&address, &["-v"]);
        assert_eq!(outcome.code, 6, "{outcome:?}");
        assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        assert_eq!(tap.log().len(), asked, "{said}");
    }
    assert_eq!(elsewhere.log().len(), 0, "nothing follows a redirection");
    let outcome = alert_test("http://127.0.0.1:1/s3cr3t", &["-o", "json"]);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["error"]["message"], "The webhook does not answer.");
}

#[test]
fn what_passes_is_waited_for() {
    let (tap, address) = receiver(Fault::answer(204, json!({})));
    let busy = Tap::start(&tap.url);
    busy.once(
        "",
        Fault::Answer(429, vec![("retry-after", "1".into())], json!({})),
    );
    let address = address.replace(&tap.url, &busy.url);
    let outcome = alert_test(&address, &[]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.took.as_secs() >= 1, "{:?}", outcome.took);
    assert_eq!((busy.log().len(), tap.log().len()), (2, 1));
}
