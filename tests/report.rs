//! The incident report, held against the incident of October 2025: before it was mended and after it; and where a run
//! failed, stopped, or was an older version's, and where not everything is known.

use serde_json::{Value, json};

use crate::support::runs::{id, only_run, people};
use crate::support::services::services;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

const OCTOBER: &str = "2025-10-01";
const OPERATOR: [(&str, &str); 1] = [("ATRIAGE_OPERATOR", "mira")];

/// Everything that a report could have written to.
fn written(town: &Town) -> String {
    let collections = [
        "users",
        "verifications",
        "@handles",
        "atriage-runs",
        "atriage-jobs",
        "atriage-history",
        "atriage-leases",
        "atriage-intents",
    ];
    let documents = collections.map(|name| town.all(name));
    let files = std::fs::read_dir(town.state()).expect("it is there");
    let mut files: Vec<_> = files.map(|file| file.expect("it is there").path()).collect();
    files.sort();
    format!("{documents:#?} {files:?}")
}

/// Mends the newest five; returns the run's id.
fn mend(town: &Town, reason: &str) -> String {
    let args = ["backfill", "5", "--fix", "--yes", "--reason", reason];
    let fix = town.run_with(&args, &OPERATOR);
    assert_eq!(fix.code, 0, "{fix:?}");
    id(&only_run(town))
}

/// A report without what is another at each run of the tests: ids, moments of now and how long ago they are, the machine.
/// Cells stand without the gaps that bring them in line.
fn plain(town: &Town, report: &str, subs: &[String]) -> String {
    let mut text = report.to_string();
    for (sub, n) in subs.iter().zip(1..) {
        text = text.replace(&sub.replace('|', "\\|"), &format!("SUB{n}"));
        text = text.replace(sub, &format!("SUB{n}"));
    }
    for run in town.all("atriage-runs") {
        let field = |name: &str| run.get_str(name).expect("a text").to_string();
        text = text.replace(&field("id"), "RUN");
        text = text.replace(&format!("@{}", field("host")), "@HOST");
    }
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line(line: &str) -> String {
    let line = moments(line);
    if !line.starts_with('|') {
        return line;
    }
    // No escaped stroke is left: they stood in the ids.
    let cells = line.trim_matches('|').split('|').map(|cell| match cell.trim() {
        cell if cell.starts_with("---") => "---",
        cell if cell.starts_with('+') && cell.ends_with(" days") => "+N days",
        cell => cell,
    });
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// Puts `NOW` where a moment stands that is not of October 2025.
fn moments(line: &str) -> String {
    let is = |text: &str, form: &str| {
        text.len() >= form.len()
            && text.bytes().zip(form.bytes()).all(|(is, form)| match form {
                b'0' => is.is_ascii_digit(),
                other => is == other,
            })
    };
    let (mut text, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        let long = ["0000-00-00 00:00:00", "0000-00-00 00:00"];
        let found = long.into_iter().find(|form| is(rest, form));
        match found.filter(|_| !rest.starts_with("2025-10")) {
            Some(form) => {
                text.push_str("NOW");
                rest = &rest[form.len()..];
            }
            None => {
                text.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    text
}

/// The lines of each table are equally long, so that it reads well as text.
fn is_in_line(report: &str) {
    let width = |line: &str| line.chars().count();
    let lines: Vec<&str> = report.lines().collect();
    for pair in lines
        .windows(2)
        .filter(|pair| pair.iter().all(|line| line.starts_with('|')))
    {
        assert_eq!(width(pair[0]), width(pair[1]), "{}\n{}", pair[0], pair[1]);
    }
}

/// `ok of expected` of a column, before and now.
fn number(report: &Value, column: &str) -> [String; 2] {
    let numbers = report["numbers"].as_array().expect("a list");
    let one = numbers
        .iter()
        .find(|one| one["column"] == column)
        .expect("all columns are told");
    ["before", "now"].map(|when| format!("{}/{}", one[when]["ok"], one[when]["of"]))
}

fn texts<'a>(report: &'a Value, list: &str) -> Vec<&'a str> {
    let list = report[list].as_array().expect("a list");
    list.iter()
        .filter_map(|one| one["text"].as_str().or(one.as_str()))
        .collect()
}

fn commands(report: &Value) -> Vec<&str> {
    let next = report["next"].as_array().expect("a list");
    next.iter().filter_map(|one| one["command"].as_str()).collect()
}

#[test]
fn an_incident_that_nobody_mended_yet() {
    let mut town = Town::of_october();
    let subs = town.incident();
    let before = written(&town);
    let report = town.run(&["report", "--since", OCTOBER]);
    assert_eq!((report.code, report.stderr.as_str()), (3, ""), "{report:?}");
    assert_eq!(written(&town), before);
    is_in_line(&report.stdout);
    assert_eq!(plain(&town, &report.stdout, &subs), BEFORE, "{}", report.stdout);
    let read_only = town.run(&["report", "--since", OCTOBER, "--read-only", "-o", "markdown"]);
    assert_eq!(plain(&town, &read_only.stdout, &subs), BEFORE);
}

#[test]
fn the_replayed_incident_before_and_after() {
    let mut town = Town::of_october();
    let subs = town.incident();
    let run = mend(&town, "the index of October");
    let before = written(&town);
    let report = town.run(&["report", "--run", &run[..6]]);
    assert_eq!((report.code, report.stderr.as_str()), (0, ""), "{report:?}");
    is_in_line(&report.stdout);
    assert_eq!(plain(&town, &report.stdout, &subs), AFTER, "{}", report.stdout);

    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!(status, 0);
    assert_eq!(written(&town), before);
    assert_eq!(
        (&told["schema"], &told["scope"]),
        (&json!(1), &json!({"run": run}))
    );
    assert_eq!(told["standing"], "over");
    assert_eq!(number(&told, "mongo"), ["0/5", "5/5"]);
    assert_eq!(number(&told, "code"), ["0/5", "5/5"]);
    assert_eq!(
        number(&told, "did"),
        ["0/4", "4/4"],
        "only who is verified counts"
    );
    assert_eq!(number(&told, "pds"), ["0/4", "4/4"]);
    let cause = &told["cause"];
    assert_eq!(
        cause["index"],
        json!({"name": "code_1", "sparse": true, "refused_with": 85})
    );
    assert_eq!(cause["shared"][0]["finding"], "missing-user-record");
    assert_eq!(told["users"][1]["before"]["columns"]["did"], "missing");
    assert_eq!(told["users"][1]["now"]["columns"]["did"], "ok");
    assert_eq!(told["users"][1]["now"]["findings"], json!(["handle-fallback"]));
    let email = town.email("mira");
    assert!(!report.stdout.contains(&email) && !told.to_string().contains(&email));
    let unmasked = town.run(&["report", "--run", &run, "--unmask"]);
    assert!(
        unmasked.stdout.contains(&format!("| {email} |")),
        "{}",
        unmasked.stdout
    );

    let lines = town.run(&["report", "--run", &run, "-o", "ndjson"]).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[3]["sub"], json!(subs[3]));
    assert_eq!(
        (&lines[5]["standing"], &lines[5]["users"]),
        (&json!("over"), &Value::Null)
    );
    let sheet = town.run(&["report", "--run", &run, "-o", "csv"]).stdout;
    let row = format!(
        "aesthetic,{},m…@example.com,2025-10-14T10:04:00Z,broken,missing-user-record missing-account,\
         create-user create-account record-account,{run},done,,,whole,",
        subs[3]
    );
    assert_eq!(sheet.lines().nth(4), Some(row.as_str()), "{sheet}");
}

/// What came after the run belongs to the report of the time, and not to that of the run.
#[test]
fn a_time_covers_runs_and_what_nobody_mended() {
    let mut town = Town::of_october();
    town.incident();
    let run = mend(&town, "");
    let late = town.sign_up("aesthetic", "nora", false);
    let other = town.sign_up("sotce", "mira", true);
    let (status, told) = town.json(&["report", "--since", OCTOBER]);
    assert_eq!((status, &told["standing"]), (3, &json!("open")), "{told:#}");
    assert_eq!(told["tenants"], json!(["aesthetic", "sotce"]));
    assert_eq!(number(&told, "mongo"), ["0/7", "5/7"], "{told:#}");
    assert_eq!(
        commands(&told),
        [
            "atriage diagnose --fix-index",
            &format!("atriage backfill '{late}' --tenant aesthetic"),
            &format!("atriage backfill '{other}' --tenant sotce")
        ]
    );
    // Those who signed up long ago are there for the run alone.
    let (status, told) = town.json(&["report"]);
    assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
    assert_eq!(number(&told, "mongo"), ["0/5", "5/5"], "{told:#}");
    assert_eq!(told["timeline"][3]["run"], json!(run), "{told:#}");
    let nothing = town.run(&["report", "--since", "2099-01-01"]);
    assert_eq!(nothing.code, 0, "{nothing:?}");
    assert!(
        nothing.stdout.contains("Nothing was broken. Nobody worked on it"),
        "{}",
        nothing.stdout
    );
    for (args, code) in [
        (["report", "--run", "7f3a"].as_slice(), 2),
        (&["report", "--since", "soon"], 2),
        (&["report", "--run", "7f3a", "--since", "7d"], 2),
    ] {
        assert_eq!(town.run(args).code, code, "{args:?}");
    }
}

#[test]
fn failures_are_told_with_what_they_ask_for() {
    let mut town = Town::of_october();
    let people = people(&mut town, 3);
    town.world.change_user("aesthetic", &people[1].sub, |user| {
        user.email = Some("nobody@mailinator.com".into())
    });
    let reason = "**now** | <b>x</b> \u{202e}";
    let outcome = town.run(&["backfill", "--fix", "--yes", "--reason", reason]);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let run = id(&only_run(&town));
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (3, &json!("open")), "{told:#}");
    assert_eq!(number(&told, "did"), ["0/3", "2/3"]);
    let left = texts(&told, "left");
    assert_eq!(left[0], "1 is verified and has no account.");
    assert!(left[1].starts_with("1 failed: ") && left.len() == 2, "{left:?}");
    assert_eq!(told["left"][1]["advice"], "decide", "{told:#}");
    assert_eq!(
        commands(&told),
        [
            "atriage diagnose --fix-index",
            &format!("atriage runs resume {run} --failed")
        ]
    );
    let done = told["done"].as_array().expect("a list");
    let accounts = done
        .iter()
        .find(|one| one["step"] == "create-account")
        .expect("it is there");
    assert_eq!((&accounts["done"], &accounts["failed"]), (&json!(2), &json!(1)));
    let text = town.run(&["report", "--run", &run]).stdout;
    is_in_line(&text);
    assert!(text.contains("\\*\\*now\\*\\* \\| \\<b\\>x\\</b\\>"), "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
    assert!(text.contains("| failed (validation, decide) |"), "{text}");
}

#[test]
fn a_run_that_stopped_tells_why_and_when_it_went_on() {
    let mut town = Town::of_october();
    people(&mut town, 3);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let answer = json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    let outcome = town.run(&["backfill", "--fix", "--yes"]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let run = id(&only_run(&town));
    let whats = |told: &Value| {
        let list = told["timeline"].as_array().expect("a list");
        let words = list
            .iter()
            .map(|one| one["what"].as_str().expect("a word").to_string());
        words.collect::<Vec<_>>()
    };
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (3, &json!("open")), "{told:#}");
    let course = [
        "first_broken",
        "shared",
        "last_broken",
        "started",
        "seen",
        "paused",
        "now",
    ];
    assert_eq!(whats(&told), course, "{told:#}");
    let paused = texts(&told, "timeline")[5];
    assert!(
        paused.starts_with(&format!("Run {run} stopped: create-account fails: ")),
        "{paused}"
    );
    let steps = texts(&told, "next");
    assert!(
        steps.iter().any(|step| step.contains("PDS_ADMIN_PASSWORD")),
        "{steps:?}"
    );
    assert_eq!(
        commands(&told).last(),
        Some(&format!("atriage runs resume {run}").as_str())
    );
    let left = texts(&told, "left");
    assert!(
        left.contains(&format!("3 users of run {run} have not come to an end.").as_str()),
        "{left:?}"
    );

    tap.heal();
    let another = [("ATRIAGE_OPERATOR", "koji")];
    let outcome = town.run_with(&["runs", "resume", &run, "--yes"], &another);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
    let resumed = texts(&told, "timeline")[6];
    assert!(
        resumed.starts_with("koji@") && resumed.ends_with(&format!(" resumed run {run}.")),
        "{resumed}"
    );
    let operators = told["operators"].as_array().expect("a list");
    assert_eq!(operators.len(), 2, "{operators:?}");
    let course = [
        "first_broken",
        "shared",
        "last_broken",
        "started",
        "seen",
        "paused",
        "resumed",
        "finished",
        "now",
    ];
    assert_eq!(whats(&told), course, "{told:#}");
    // What a later attempt saw does not count: the first had made the records already.
    assert_eq!(number(&told, "mongo"), ["0/3", "3/3"], "{told:#}");
}

/// Who follows the advice of `diagnose` and of the report keeps the root cause, and nobody is made up of it.
#[test]
fn an_index_that_was_mended_first_is_still_the_cause() {
    let mut town = Town::of_october();
    town.incident();
    for repair in ["--fix", "--fix-index"] {
        let outcome = town.run_with(&["diagnose", repair, "--yes"], &OPERATOR);
        assert_eq!(outcome.code, 3, "the users are broken yet: {outcome:?}");
    }
    let backfill = ["backfill", "--all", "--tenant", "both", "--fix", "--yes"];
    let outcome = town.run_with(&backfill, &OPERATOR);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let run = id(&only_run(&town));
    for args in [["report", "--since", OCTOBER], ["report", "--run", &run]] {
        let (status, told) = town.json(&args);
        assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
        assert_eq!(told["tenants"], json!(["aesthetic"]), "{told:#}");
        assert_eq!(number(&told, "mongo"), ["0/5", "5/5"], "{told:#}");
        assert_eq!(commands(&told), [""; 0], "{told:#}");
        assert_eq!(told["unknown"], json!([]), "{told:#}");
        assert_eq!(
            told["cause"]["sentence"],
            "The code index refused (85): it was called code_1, and the site's code wants to make it as code_unique."
        );
        assert_eq!(told["cause"]["known"], json!(true));
        let moments = texts(&told, "timeline");
        let mended =
            "brought the index on users.code to its good form, which was code_1 {code: 1} unique sparse.";
        let count = moments.iter().filter(|text| text.ends_with(mended)).count();
        assert_eq!(count, 1, "{moments:?}");
        let done = told["done"].as_array().expect("a list");
        let index = done.iter().filter(|one| one["run"] == "diagnose");
        let index: Vec<_> = index.map(|one| (&one["step"], &one["done"])).collect();
        assert_eq!(index, [(&json!("ensure-code-index"), &json!(1))], "{told:#}");
    }
}

/// An index called `code_unique` that is not unique: MongoDB answers 86 to the site's code, before the repair and after it.
#[test]
fn an_index_that_has_the_name_and_is_not_unique_is_the_cause() {
    let mut town = Town::of_october();
    town.incident();
    town.drop_indexes("users");
    town.try_index("code_unique", false, false)
        .expect("nothing is in its way");
    let refused = town
        .try_code_index("code_unique")
        .expect_err("the site's code is refused");
    assert!(refused.contains("86"), "{refused}");
    let (status, told) = town.json(&["report", "--since", OCTOBER]);
    assert_eq!(status, 3, "{told:#}");
    let cause = &told["cause"];
    assert_eq!(
        cause["sentence"],
        "The code index refuses (86): another one is called code_unique, and is not unique and sparse as the site's code \
         wants to make it."
    );
    assert_eq!(
        cause["index"],
        json!({"name": "code_unique", "sparse": false, "refused_with": 86})
    );
    let evidence = texts(cause, "evidence");
    let now = "The index called code_unique is not unique and sparse on users.code now: MongoDB refuses to make it as the \
               site's code does (code 86).";
    assert!(evidence.contains(&now), "{evidence:?}");
    assert_eq!(commands(&told)[0], "atriage diagnose --fix-index", "{told:#}");

    let outcome = town.run_with(&["diagnose", "--fix-index", "--yes"], &OPERATOR);
    assert_eq!(outcome.code, 3, "the users are broken yet: {outcome:?}");
    let backfill = ["backfill", "--all", "--fix", "--yes"];
    let outcome = town.run_with(&backfill, &OPERATOR);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let (status, told) = town.json(&["report", "--since", OCTOBER]);
    assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
    assert_eq!(
        told["cause"]["sentence"],
        "The code index refused (86): another one was called code_unique, and was not unique and sparse as the site's \
         code wants to make it."
    );
    assert_eq!(told["cause"]["known"], json!(true));
}

/// Auth0 answers two requests a second: a run of hundreds is not asked about one by one.
#[test]
fn the_users_of_a_run_are_asked_about_together() {
    let mut town = Town::of_october();
    let subs = town.incident();
    let run = mend(&town, "");
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    let asked = || ["GET /api/v2/users?", "GET /api/v2/users/"].map(|path| tap.calls(path));
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
    assert_eq!(number(&told, "auth0"), ["4/4", "4/4"]);
    assert_eq!(asked(), [1, 0]);
    // Whom the search does not know yet, the id tells of.
    town.world.hide_from_search("aesthetic", &subs[1], true);
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
    assert_eq!(number(&told, "auth0"), ["4/4", "4/4"]);
    assert_eq!(asked(), [2, 1]);
    let answer = json!({"statusCode": 403, "error": "Forbidden", "message": "Insufficient scope"});
    tap.always("GET /api/v2/users/", Fault::answer(403, answer));
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (6, &json!("unknown")), "{told:#}");
    let unknown = texts(&told, "unknown");
    assert!(
        unknown[0].starts_with("auth0 refused api/v2/users/{id}: "),
        "{unknown:?}"
    );
}

/// An older version kept neither how the users stood nor what they shared: the trail tells some of it.
#[test]
fn a_run_of_an_older_version_is_told_as_far_as_it_is_known() {
    let mut town = Town::of_october();
    let subs = town.incident();
    let run = mend(&town, "the index of October");
    town.unset("atriage-runs", &run, &["systemic", "moves"]);
    for sub in &subs {
        town.unset("atriage-jobs", &format!("{run}/{sub}"), &["before"]);
    }
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (0, &json!("over")), "{told:#}");
    assert_eq!(number(&told, "mongo"), ["0/5", "5/5"]);
    assert_eq!(number(&told, "did"), ["0/4", "4/4"]);
    assert_eq!(number(&told, "auth0"), ["0/0", "4/4"], "no step tells of it");
    assert_eq!(
        told["cause"]["sentence"],
        "not known: the run was made by an older version, which kept no cause."
    );
    assert_eq!(
        texts(&told, "unknown"),
        ["How 5 users stood before was not kept; what the steps had to do tells some of it."]
    );
    let last = texts(&told, "timeline");
    assert!(
        last.contains(&format!("Run {run} finished: 5 done.").as_str()),
        "{last:?}"
    );
    let text = town.run(&["report", "--run", &run]).stdout;
    assert!(
        text.contains("missing-user-record, missing-account (by the steps)"),
        "{text}"
    );
}

#[test]
fn a_backend_that_does_not_answer_is_told() {
    let mut town = Town::of_october();
    town.incident();
    let run = mend(&town, "");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always("", Fault::Refuse);
    let (status, told) = town.json(&["report", "--run", &run]);
    assert_eq!((status, &told["standing"]), (6, &json!("unknown")), "{told:#}");
    assert_eq!(number(&told, "mongo"), ["0/5", "5/5"]);
    assert_eq!(number(&told, "pds"), ["0/4", "0/0"], "{told:#}");
    let unknown = texts(&told, "unknown");
    assert!(
        unknown[0].starts_with("The connection to pds broke"),
        "{unknown:?}"
    );
    assert!(
        unknown.contains(&"The column pds of 4 users, now."),
        "{unknown:?}"
    );
    let again = format!("atriage report --run {run}");
    assert_eq!(commands(&told).last(), Some(&again.as_str()));

    // Without the journal there are the signups still.
    town.mongo_uri = "mongodb://127.0.0.1:9/".into();
    let since = ["report", "--since", OCTOBER, "--timeout", "3"];
    let (status, told) = town.json(&since);
    assert_eq!((status, &told["standing"]), (6, &json!("unknown")), "{told:#}");
    let unknown = texts(&told, "unknown");
    let journal = "What was done before: the runs and the trail could not be read. ";
    assert!(unknown[0].starts_with(journal), "{unknown:?}");
    assert_eq!(
        (unknown.len(), &told["journal_was_read"]),
        (3, &json!(false)),
        "{unknown:?}"
    );
    let text = town.run(&since).stdout;
    assert!(text.contains("Who worked on it is not known."), "{text}");
    assert!(!text.contains("Nothing was changed"), "{text}");
    assert!(
        unknown.contains(&"5 could not be judged: not everything about them is known."),
        "{unknown:?}"
    );
    let (status, told) = town.json(&["report", "--run", &run, "--timeout", "3"]);
    assert_eq!(
        (status, &told["error"]["class"]),
        (6, &json!("unavailable")),
        "{told:#}"
    );
}

/// With `plain` made of it.
const BEFORE: &str = "\
# Incident report: aesthetic, since 2025-10-14 10:01 UTC

It is not over. Nobody worked on it so far. Written at NOW UTC, about everything since 2025-10-01 00:00 UTC.

## Problem

5 of 5 users of aesthetic who signed up or were worked on since 2025-10-01 00:00 UTC are broken: 5 have no users record, 4 are verified and have no account. The first of them signed up at 2025-10-14 10:01 UTC, the last at 2025-10-14 10:05 UTC. Nothing was done about it yet.

## Root cause

The code index refuses (85): it is called code_1, and the site's code wants to make it as code_unique.

- Of the newest 5 signups of aesthetic since 2025-10-14 10:01 UTC, 5 had no users record.
- The unique, sparse index on users.code is called code_1 now: MongoDB refuses to make it as code_unique (code 85).

## Timeline

| UTC | after | what |
| --- | --- | --- |
| 2025-10-14 10:01:00 | – | SUB1 signed up: the first of the broken. |
| 2025-10-14 10:01:00 | – | From here on 5 of 5 signups of aesthetic had missing-user-record. |
| 2025-10-14 10:05:00 | +4 min | SUB5 signed up: the last of the broken so far. |
| NOW | +N days | This report: 5 are broken. |

## Numbers

| ok of expected | before | now |
| --- | --- | --- |
| auth0 | 4/4, 1 waiting | 4/4, 1 waiting |
| mongo | 0/5 | 0/5 |
| code | 0/5 | 0/5 |
| did | 0/4, 1 waiting | 0/4, 1 waiting |
| pds | 0/4, 1 waiting | 0/4, 1 waiting |

## Affected

| user | sub | signed up | was wrong | done | outcome | now |
| --- | --- | --- | --- | --- | --- | --- |
| i…@example.com | SUB1 | 2025-10-14 10:01 | missing-user-record | nothing | – | broken (missing-user-record) |
| c…@example.com | SUB2 | 2025-10-14 10:02 | missing-user-record, missing-account | nothing | – | broken (missing-user-record, missing-account) |
| z…@example.com | SUB3 | 2025-10-14 10:03 | missing-user-record, missing-account | nothing | – | broken (missing-user-record, missing-account) |
| m…@example.com | SUB4 | 2025-10-14 10:04 | missing-user-record, missing-account | nothing | – | broken (missing-user-record, missing-account) |
| o…@example.com | SUB5 | 2025-10-14 10:05 | missing-user-record, missing-account | nothing | – | broken (missing-user-record, missing-account) |

## What was done

Nothing was changed.

## What is left

- 5 have no users record (missing-user-record). A backfill makes the record, with a code of the signup year.
- 4 are verified and have no account (missing-account). A backfill makes the account on the PDS.

## Next steps

1. The index on users.code is called code_1 still: let the site's code accept any unique index on it, or have the index renamed to code_unique. Until then the next signups may break the same way (code 85).

   ```sh
   atriage diagnose --fix-index
   ```
2. Look at the plans of 5 users of aesthetic, then carry them out with --fix.

   ```sh
   atriage backfill --since 2025-10-14 --tenant aesthetic
   ```

## Not known

Nothing: every backend answered.";

/// With `plain` made of it.
const AFTER: &str = "\
# Incident report: aesthetic, 2025-10-14 10:01 UTC to NOW UTC

It is over. Worked on by mira@HOST. Written at NOW UTC, about run RUN.

## Problem

5 of 5 users of run RUN (aesthetic) were broken: 5 had no users record, 4 were verified and had no account. The first of them signed up at 2025-10-14 10:01 UTC, the last at 2025-10-14 10:05 UTC. Nobody is broken now: 4 are whole, 1 waits for the e-mail to be verified.

## Root cause

The code index refuses (85): it is called code_1, and the site's code wants to make it as code_unique.

- Of the newest 5 signups of aesthetic since 2025-10-14 10:01 UTC, 5 had no users record.
- The unique, sparse index on users.code is called code_1 now: MongoDB refuses to make it as code_unique (code 85).

## Timeline

| UTC | after | what |
| --- | --- | --- |
| 2025-10-14 10:01:00 | – | SUB1 signed up: the first of the broken. |
| 2025-10-14 10:01:00 | – | From here on 5 of 5 signups of aesthetic had missing-user-record. |
| 2025-10-14 10:05:00 | +4 min | SUB5 signed up: the last of the broken so far. |
| NOW | +N days | mira@HOST started run RUN for 5 users, because: the index of October. |
| NOW | +N days | atriage saw the first of them, and wrote down how they stood. |
| NOW | +N days | Run RUN finished: 5 done. |
| NOW | +N days | This report: 4 are whole, 1 waits for the e-mail to be verified. |

## Numbers

| ok of expected | before | now |
| --- | --- | --- |
| auth0 | 4/4, 1 waiting | 4/4, 1 waiting |
| mongo | 0/5 | 5/5 |
| code | 0/5 | 5/5 |
| did | 0/4, 1 waiting | 4/4, 1 waiting |
| pds | 0/4, 1 waiting | 4/4, 1 waiting |

## Affected

| user | sub | signed up | was wrong | done | outcome | now |
| --- | --- | --- | --- | --- | --- | --- |
| i…@example.com | SUB1 | 2025-10-14 10:01 | missing-user-record | create-user | done | waiting |
| c…@example.com | SUB2 | 2025-10-14 10:02 | missing-user-record, missing-account | create-user, create-account, record-account | done | whole (handle-fallback) |
| z…@example.com | SUB3 | 2025-10-14 10:03 | missing-user-record, missing-account | create-user, create-account, record-account | done | whole |
| m…@example.com | SUB4 | 2025-10-14 10:04 | missing-user-record, missing-account | create-user, create-account, record-account | done | whole |
| o…@example.com | SUB5 | 2025-10-14 10:05 | missing-user-record, missing-account | create-user, create-account, record-account | done | whole |

## What was done

| step | done | failed | unclear | by | run | reason |
| --- | --- | --- | --- | --- | --- | --- |
| create-user | 5 | 0 | 0 | mira@HOST | RUN | the index of October |
| create-account | 4 | 0 | 0 | mira@HOST | RUN | the index of October |
| record-account | 4 | 0 | 0 | mira@HOST | RUN | the index of October |

## What is left

- 1 goes by their code, since the PDS refuses their handle (handle-fallback). Nothing to mend: the user may choose another handle.
- 1 has not verified the e-mail yet. Nothing to mend: the account is made when they do.

## Next steps

1. The index on users.code is called code_1 still: let the site's code accept any unique index on it, or have the index renamed to code_unique. Until then the next signups may break the same way (code 85).

   ```sh
   atriage diagnose --fix-index
   ```

## Not known

Nothing: every backend answered.";
