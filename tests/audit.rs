//! `atriage audit` as a script and an operator meet it: its range, its formats, its end when Auth0 fails in the middle, and
//! what a whole tenant costs. Orphans stand in `orphans.rs`.

use std::collections::{BTreeMap, BTreeSet};

use atriage::sandbox::Auth0User;
use bson::{DateTime, Document, doc};
use jiff::{SignedDuration, Timestamp};
use rustix::process::Pid;
use serde_json::{Value, json};

use crate::support::codes;
use crate::support::command::{Outcome, atriage};
use crate::support::runtime;
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::town::{Town, october};

/// A town with three signups: `mira` is whole but for her link, `omar` has a malformed code, `zara` no record.
fn three(names: [&str; 2]) -> (Town, [String; 3]) {
    let mut town = Town::of_october();
    let subs = [
        town.sign_up("aesthetic", "zara", false),
        town.sign_up("aesthetic", "omar", false),
        town.sign_up("aesthetic", "mira", false),
    ];
    for sub in &subs {
        town.verification(sub, 0);
    }
    town.user(&subs[1], "=SUM(1;2)");
    town.user(&subs[2], "ac25momez");
    town.name(&subs[1], names[0]);
    town.name(&subs[2], names[1]);
    (town, subs)
}

/// A town in which so many signed up, a minute apart, and have no users record. The newest is user 0.
fn many(users: usize) -> (Town, Vec<String>) {
    let town = Town::of_october();
    let subs: Vec<String> = (0..users).map(|n| format!("auth0|{n:024}")).collect();
    for (sub, n) in subs.iter().zip(0..) {
        let at = october() - SignedDuration::from_mins(n);
        let user = Auth0User::new(sub, &format!("user{n}@example.com"), at);
        town.world.add_user("aesthetic", user);
    }
    insert(
        &town,
        "verifications",
        subs.iter().map(|sub| doc! {"_id": sub, "count": 0}),
    );
    (town, subs)
}

fn insert(town: &Town, collection: &str, documents: impl Iterator<Item = Document>) {
    let documents: Vec<Document> = documents.collect();
    runtime().block_on(async {
        let collection = town.db().collection::<Document>(collection);
        let inserted = collection.insert_many(documents).await;
        inserted.expect("the documents are new");
    });
}

/// The text with the subs named, and without what differs from run to run.
fn stable(text: &str, town: &Town, subs: &[String]) -> String {
    let days = Timestamp::now().duration_since(october()).as_hours() / 24;
    let mut text = text
        .replace(&format!(" {days}d "), " AGE  ")
        .replace(&town.tag, "tag");
    for (sub, n) in subs.iter().zip(1..) {
        text = text.replace(sub, &format!("SUB{n}"));
    }
    let lines = text.lines().map(|line| match line.rsplit_once(" (") {
        Some((before, after)) if after.ends_with(" ms)") => before,
        _ => line.trim_end(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    outcome.stdout.lines().map(read).collect()
}

fn subs(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["sub"].as_str()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_range_is_a_number_or_a_moment_or_everybody() {
    let mut town = Town::of_october();
    let here: Vec<String> = (0..12)
        .map(|n| town.sign_up("aesthetic", &format!("a{n}"), false))
        .collect();
    let there = town.sign_up("sotce", "b", false);
    for sub in &here {
        town.verification(sub, 0);
    }
    town.verification(&format!("sotce-{there}"), 0);
    let newest = |count: usize| {
        here.iter()
            .rev()
            .take(count)
            .map(String::as_str)
            .collect::<Vec<_>>()
    };
    // The ninth signed up nine minutes after the first moment of the town.
    let moment = (october() + SignedDuration::from_mins(9)).to_string();
    let cases: [(&[&str], usize); 6] = [
        (&["audit"], 10),
        (&["audit", "3"], 3),
        (&["audit", "aesthetic", "11"], 11),
        (&["audit", "--all"], 12),
        (&["audit", "--since", &moment], 4),
        (&["audit", "2", "--since", &moment], 2),
    ];
    for (args, count) in cases {
        let (status, report) = town.json(args);
        assert_eq!(status, 3, "{args:?}: {report:#}");
        assert_eq!(
            subs(report["signups"].as_array().expect("a list")),
            newest(count),
            "{args:?}"
        );
        assert_eq!(report["totals"]["checked"], count, "{args:?}");
    }
    let (status, both) = town.json(&["audit", "both", "--all"]);
    assert_eq!(status, 3);
    let tenants = both["tenants"].as_array().expect("a list");
    let told = tenants.iter().map(|tenant| {
        let signups = tenant["signups"].as_array().expect("a list");
        (tenant["tenant"].as_str().expect("a name"), signups.len())
    });
    assert_eq!(told.collect::<Vec<_>>(), [("aesthetic", 12), ("sotce", 1)]);
}

#[test]
fn a_small_table_says_what_matters_first() {
    let (town, people) = three(["omar", "mira"]);
    let outcome = town.run(&["audit"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (3, ""));
    let expected = "\x20AGE   USER            HANDLE  AUTH0      MONGO      CODE         DID        PDS
 AGE   m…@example.com  @m…     · waiting  ✓ ok       ✓ ac25momez  · waiting  · waiting
 AGE   o…@example.com  @o…     · waiting  ✓ ok       ! drift      · waiting  · waiting
 AGE   z…@example.com  –       · waiting  ✗ missing  ✗ missing    · waiting  · waiting
✗ missing-user-record: There is no users record, and so no code. A backfill makes the record, with a code of the signup year.
    SUB1
! malformed-code: The code does not look like acYYcvcvc. People may know this code: decide by hand whether it is to be replaced.
    SUB2
aesthetic: 3 checked, 0 whole, 1 waiting, 2 broken, 0 unknown";
    assert_eq!(stable(&outcome.stdout, &town, &people), expected);
}

#[test]
fn json_and_ndjson_hold_the_same() {
    let (town, people) = three(["omar", "mira"]);
    let (status, report) = town.json(&["audit", "2"]);
    assert_eq!(status, 3);
    let signup = &report["signups"][0];
    let expected = json!({
        "tenant": "aesthetic", "sub": people[2], "key": people[2], "created_at": "2025-10-14T10:03:00Z",
        "email": "m…@example.com", "email_verified": false, "handle": "m…", "code": "ac25momez", "did": null,
        "pds_handle": null,
        "columns": {"auth0": "waiting", "mongo": "ok", "code": "ok", "did": "waiting", "pds": "waiting"},
        "findings": [], "notes": [], "plan": [],
    });
    assert_eq!(*signup, expected);
    let of_a_tenant = [
        "accounts_of_others",
        "checked_at",
        "duration_ms",
        "error",
        "orphan_accounts",
        "orphans",
        "schema",
        "shared_emails",
        "signups",
        "sources",
        "systemic",
        "tenant",
        "totals",
    ];
    assert_eq!(keys(&report), of_a_tenant);
    assert_eq!(
        report["totals"],
        json!({"checked": 2, "whole": 0, "waiting": 1, "broken": 1, "unknown": 0})
    );
    assert_eq!(
        report["sources"],
        json!({"auth0": "ok", "mongo": "ok", "pds": "ok", "plc": "unknown"})
    );

    let outcome = town.run(&["audit", "2", "-o", "ndjson"]);
    let told = lines(&outcome);
    let (last, rows) = told.split_last().expect("a summary");
    assert_eq!(rows, report["signups"].as_array().expect("a list"));
    for field in ["schema", "tenant", "totals", "systemic", "sources", "error"] {
        assert_eq!(last[field], report[field], "{field}");
    }

    let (_, both) = town.json(&["audit", "both", "2"]);
    assert_eq!(
        keys(&both),
        [
            "accounts_of_others",
            "error",
            "orphan_accounts",
            "schema",
            "tenants"
        ]
    );
    assert_eq!(both["tenants"][0]["signups"], report["signups"]);
    let both = lines(&town.run(&["audit", "both", "2", "-o", "ndjson"]));
    let tenants: Vec<&Value> = both.iter().map(|line| &line["tenant"]).collect();
    assert_eq!(tenants, ["aesthetic", "aesthetic", "aesthetic", "sotce"]);
    assert_eq!(both[3]["totals"]["checked"], 0);
}

#[test]
fn a_spreadsheet_takes_nothing_that_people_chose_for_a_formula() {
    let (town, people) = three(["=HYPERLINK(\"http://example.com\")", "@mira|x"]);
    town.world.change_user("aesthetic", &people[0], |user| {
        user.email = Some("+1,2@example.com".into());
    });
    let outcome = town.run(&["audit", "--unmask", "-o", "csv"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (3, ""));
    assert!(
        outcome.stdout.lines().count() == 4 && outcome.stdout.ends_with("\r\n"),
        "{outcome:?}"
    );
    let expected = "\
tenant,sub,created_at,email,email_verified,handle,code,did,pds_handle,auth0_state,mongo_state,code_state,did_state,pds_state,findings,messages,plan
aesthetic,SUB3,2025-10-14T10:03:00Z,mira.tag@example.com,false,'@mira|x,ac25momez,,,waiting,ok,ok,waiting,waiting,,,
aesthetic,SUB2,2025-10-14T10:02:00Z,omar.tag@example.com,false,\"'=HYPERLINK(\"\"http://example.com\"\")\",'=SUM(1;2),,,waiting,ok,drift,waiting,waiting,malformed-code,The code does not look like acYYcvcvc.,
aesthetic,SUB1,2025-10-14T10:01:00Z,\"'+1,2@example.com\",false,,,,,waiting,missing,missing,waiting,waiting,missing-user-record,\"There is no users record, and so no code.\",ensure-code-index create-user verify";
    assert_eq!(stable(&outcome.stdout, &town, &people), expected);

    let outcome = town.run(&["audit", "2", "--unmask", "-o", "markdown"]);
    let expected = "\
| tenant | sub | created_at | email | email_verified | handle | code | did | pds_handle | auth0_state | mongo_state | code_state | did_state | pds_state | findings | messages | plan |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| aesthetic | SUB3 | 2025-10-14T10:03:00Z | mira.tag@example.com | false | @mira\\|x | ac25momez |  |  | waiting | ok | ok | waiting | waiting |  |  |  |
| aesthetic | SUB2 | 2025-10-14T10:02:00Z | omar.tag@example.com | false | =HYPERLINK(\"http://example.com\") | =SUM(1;2) |  |  | waiting | ok | drift | waiting | waiting | malformed-code | The code does not look like acYYcvcvc. |  |";
    let escaped: Vec<String> = people.iter().map(|sub| sub.replace('|', "\\|")).collect();
    assert_eq!(stable(&outcome.stdout, &town, &escaped), expected);
}

#[test]
fn rows_come_while_the_walk_is_held_at_the_second_page() {
    for format in ["ndjson", "json", "csv"] {
        let (mut town, people) = many(150);
        let tap = Tap::start(&town.auth0_urls[0].1);
        town.auth0_urls[0].1.clone_from(&tap.url);
        tap.rule("/api/v2/users", 1, 1, Fault::Hold);
        let mut running = town.start(&["audit", "--all", "-o", format, PATIENT]);
        running.wait_for(&people[99]);
        tap.wait_for_calls("/api/v2/users", 2);
        let second = tap
            .log()
            .into_iter()
            .filter(|call| call.path == "/api/v2/users")
            .nth(1);
        assert!(
            second.is_some_and(|call| call.ended.is_none()),
            "the second page came"
        );
        assert!(!running.stdout().contains(&people[100]), "{format}");
        tap.let_go();
        let outcome = running.wait();
        assert_eq!(outcome.code, 3, "{outcome:?}");
        assert!(
            people.iter().all(
                |sub| outcome.stdout.matches(sub.as_str()).count() == if format == "csv" { 1 } else { 2 }
            )
        );
    }
}

/// How many there are is known from the first page on, though nobody gave a number.
#[test]
fn the_bar_of_a_whole_tenant_tells_how_much_is_left() {
    let (mut town, people) = many(150);
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    tap.rule("/api/v2/users", 1, 1, Fault::Hold);
    let mut screen = town.open(&["audit", "--all", PATIENT], 120, 40);
    screen.wait_for("100 of 150");
    tap.let_go();
    assert_eq!(screen.wait_exit().code(), Some(3));
    screen.wait_gone("checking aesthetic");
    assert!(screen.screen().contains(&people[0]), "{}", screen.screen());
}

/// What flows stands in columns, and what is below it has an end.
#[test]
fn a_long_table_flows_and_names_thirty_of_a_finding() {
    let (town, people) = many(250);
    let outcome = town.run(&["audit", "--all"]);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    let told: Vec<&str> = outcome.stdout.lines().collect();
    // Where the last column begins.
    let begins = |line: &str| {
        line.chars().count()
            - line
                .rsplit("  ")
                .find(|word| !word.trim().is_empty())
                .map_or(0, |word| word.chars().count())
    };
    let columns: BTreeSet<usize> = told[..251].iter().map(|line| begins(line.trim_end())).collect();
    assert_eq!(columns.len(), 1, "{:#?}", &told[..251]);
    assert_eq!(
        told[251],
        "! 250 of the newest 250 have no users record since 2025-10-14T05:51:00Z. There is no unique index on users.code, though the site's code makes one before it writes users."
    );
    assert_eq!(
        told[252],
        "✗ missing-user-record: 250 have no users record. A backfill makes the record, with a code of the signup year."
    );
    assert_eq!(
        told[253].split_whitespace().collect::<Vec<_>>(),
        people[..3].iter().collect::<Vec<_>>()
    );
    assert_eq!(told[263], "    … and 220 more: -o ndjson lists them");
    assert!(told[264].starts_with("aesthetic: 250 checked, 0 whole, 0 waiting, 250 broken, 0 unknown ("));
    assert_eq!(told.len(), 265);
}

#[test]
fn an_outage_in_the_middle_leaves_what_came_and_is_told() {
    let (mut town, people) = many(250);
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    let run = |format: &str| {
        tap.heal();
        let fault = Fault::answer(
            503,
            json!({"statusCode": 503, "error": "Service Unavailable", "message": "Busy"}),
        );
        tap.rule("/api/v2/users", 2, usize::MAX, fault);
        let outcome = town.run(&["audit", "--all", "--orphans", "-o", format]);
        assert_eq!(outcome.code, 6, "{outcome:?}");
        outcome
    };
    let outcome = run("json");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    // A hundred, and a hundred less the one who came already.
    assert_eq!(subs(report["signups"].as_array().expect("a list")), people[..199]);
    assert_eq!(report["totals"]["checked"], 199);
    assert_eq!(report["sources"]["auth0"], "unknown");
    assert_eq!(report["error"]["class"], "unavailable", "{}", report["error"]);
    assert!(
        outcome.stderr.contains("error: auth0 refused"),
        "{}",
        outcome.stderr
    );

    let told = lines(&run("ndjson"));
    assert_eq!(subs(&told), people[..199]);
    assert_eq!(told.last().expect("a summary")["error"]["class"], "unavailable");

    let outcome = run("csv");
    assert_eq!(outcome.stdout.lines().count(), 200);
    assert!(
        outcome.stderr.contains("error: auth0 refused"),
        "{}",
        outcome.stderr
    );

    let outcome = run("table");
    assert!(
        outcome.stdout.contains("aesthetic: 199 checked"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome
            .stdout
            .contains("? This is not all of aesthetic: auth0 refused"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_tenant_that_cannot_be_listed_stands_beside_the_other_with_its_error() {
    let mut town = Town::of_october();
    let there = town.sign_up("sotce", "dora", false);
    town.verification(&format!("sotce-{there}"), 0);
    town.user(&format!("sotce-{there}"), "ac25momez");
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    tap.always("/api/v2/users", Fault::answer(503, json!({"message": "Busy"})));
    let (status, report) = town.json(&["audit", "both"]);
    assert_eq!(status, 6, "{report:#}");
    let tenants = report["tenants"].as_array().expect("a list");
    let told = tenants.iter().map(|tenant| {
        (
            &tenant["tenant"],
            &tenant["totals"]["checked"],
            &tenant["error"]["class"],
        )
    });
    let told: Vec<Value> = told
        .map(|(tenant, checked, class)| json!([tenant, checked, class]))
        .collect();
    assert_eq!(
        told,
        [json!(["sotce", 1, null]), json!(["aesthetic", 0, "unavailable"])]
    );
    let alone = town.run(&["audit", "-o", "json"]);
    assert_eq!(alone.code, 6);
    let alone: Value = serde_json::from_str(&alone.stdout).expect("JSON");
    assert_eq!(keys(&alone), ["error"]);
}

/// The most memory that a process ever had, in KiB; `None` when it has ended.
fn peak(pid: Pid) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Runs it to its end, and calls `each` with the number of pages that were asked for, whenever it grew.
fn measured(town: &Town, args: &[&str], mut each: impl FnMut(usize)) -> (Outcome, u64, usize) {
    town.world.clear_calls();
    let running = town.start(args);
    let (mut most, mut pages) = (0, 0);
    while let Some(now) = peak(running.pid()) {
        most = most.max(now);
        let asked = town.world.calls_to("/api/v2/users");
        for page in pages + 1..=asked {
            each(page);
        }
        pages = asked;
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    (running.wait(), most, town.world.calls_to("/api/v2/users"))
}

/// 5,000 signups of whom 500 have an account that is gone, and 100 no record; people sign up and are deleted meanwhile.
#[test]
fn five_thousand_are_read_once_each_in_the_memory_of_five_hundred() {
    const ALL: usize = 5_000;
    let (mut town, people) = many(ALL);
    // Mostly the simulated Auth0's time, which sorts five thousand for each request.
    town.limit = std::time::Duration::from_secs(180);
    let numbered = || people.iter().enumerate();
    let users = numbered().filter(|(n, _)| n % 50 != 0).map(|(n, sub)| {
        let mut user = doc! {"_id": sub, "code": codes::fresh(), "when": DateTime::now()};
        if n % 10 == 1 {
            user.insert(
                "atproto",
                doc! {"did": format!("did:plc:{n:a>24}"), "handle": "x.example.com", "password": "gone"},
            );
        }
        user
    });
    insert(&town, "users", users);

    let (few, memory_of_few, _) = measured(&town, &["audit", "500", "-o", "ndjson"], |_| {});
    assert_eq!((few.code, lines(&few).len()), (3, 501));

    let (all, memory_of_all, pages) = measured(&town, &["audit", "--all", "-o", "ndjson"], |page| {
        // Every new signup shifts what offsets would name; each deletion shifts it back.
        let sub = format!("auth0|new{page}");
        let newcomer = Auth0User::new(&sub, &format!("new{page}@example.com"), Timestamp::now());
        town.world.add_user("aesthetic", newcomer);
        match page {
            10 | 11 => drop(town.world.remove_user("aesthetic", &people[page])),
            20 => drop(town.world.remove_user("aesthetic", &people[4_705])),
            _ => {}
        }
    });
    assert_eq!(all.code, 3, "{}", all.stderr);
    let told = lines(&all);
    let (last, rows) = told.split_last().expect("a summary");
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for sub in subs(rows) {
        *times.entry(sub).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "somebody came twice");
    let missed: Vec<&String> = people
        .iter()
        .filter(|sub| !times.contains_key(sub.as_str()))
        .collect();
    assert!(missed.is_empty() || missed == [&people[4_705]], "{missed:?}");
    assert_eq!(last["totals"]["broken"], 600, "{}", last["totals"]);
    assert_eq!(last["error"], Value::Null);
    let ratio = memory_of_all as f64 / memory_of_few as f64;
    println!(
        "{memory_of_few} KiB for 500, {memory_of_all} KiB for {ALL}: {ratio:.2}; {pages} pages in {:?}",
        all.took
    );
    assert!(pages <= 52, "{pages} requests");
    // It is 1.0; an audit that keeps every row comes to 1.14.
    assert!(
        ratio <= 1.08,
        "{memory_of_few} KiB for 500, {memory_of_all} KiB for {ALL}"
    );
}

/// The flag wins over `NO_COLOR`, and then every colour is one.
#[test]
fn colours_that_are_asked_for_are_colours() {
    let args = ["audit", "--sandbox", "--color", "always"];
    let plain = atriage(&args, &[]);
    let refused = atriage(&args, &[("NO_COLOR", "1"), ("TERM", "dumb")]);
    for outcome in [plain, refused] {
        assert!(outcome.stdout.contains("\u{1b}[38;5;9m ✗ missing"), "{outcome:?}");
        assert!(!outcome.stdout.contains("\u{1b}[m"), "{outcome:?}");
    }
    let outcome = atriage(
        &["audit", "--sandbox"],
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "0")],
    );
    assert!(!outcome.stdout.contains('\u{1b}'), "{outcome:?}");
}

/// However narrow: every state stands as a whole, with colours and without.
#[test]
fn a_narrow_table_breaks_no_state() {
    let town = Town::new();
    let args = ["audit", "--sandbox", "20"];
    let states = ["✗ missing", "· waiting", "! drift", "✓ ok"];
    let count = |told: &str| states.map(|state| told.matches(state).count());
    let wide = count(&town.run(&args).stdout);
    assert!(wide.iter().all(|count| *count > 0), "{wide:?}");
    for width in [60, 72, 80] {
        for colour in ["auto", "never"] {
            let args = [args.as_slice(), &["--color", colour]].concat();
            let mut screen = town.open(&args, width, 90);
            screen.wait_for("checked,");
            assert_eq!(screen.wait_exit().code(), Some(3));
            let told = screen.screen();
            assert_eq!(count(&told), wide, "{width} {colour}:\n{told}");
        }
    }
}
