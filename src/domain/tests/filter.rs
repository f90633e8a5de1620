//! The filter language: what each word lets through, where a wrong one is pointed at, and what is proposed while typing.

use jiff::Timestamp;
use proptest::prelude::*;

use super::arbitrary;
use super::sample::{
    Change, auth0, named, no_account, no_record, silent_mongo, silent_pds, unverified, with,
};
use crate::domain::filter::{Doing, Filter, Known, Seen, complete};
use crate::domain::observed::Observed::Unknown;
use crate::domain::{Column, FindingId, Outcome, State, Verdict, diagnose};

fn known() -> Known {
    let view = |name: &str, filter: &str| (name.to_string(), filter.to_string());
    Known {
        tenants: vec!["aesthetic".into(), "sotce".into()],
        views: vec![view("night", "pds:missing age<2h"), view("odd", "@night")],
        jobs: true,
    }
}

/// Three hours after the sample signed up.
fn now() -> Timestamp {
    Timestamp::from_second(3 * 3600).unwrap()
}

fn lets_through(filter: &str, change: Change) -> bool {
    let signup = with(change);
    let filter = Filter::parse(filter, &known()).unwrap_or_else(|error| panic!("{filter}: {error:?}"));
    filter.matches(&signup, &diagnose(&signup), now())
}

#[test]
fn every_word_lets_through_whom_it_means() {
    let as_is: Change = |_| {};
    let unknown: Change = |s| s.auth0 = Unknown;
    let cases: [(&str, Change, bool); 58] = [
        ("", as_is, true),
        ("pds:ok", as_is, true),
        ("PDS:OK", as_is, true),
        ("pds:missing", as_is, false),
        ("-pds:missing", as_is, true),
        ("did:missing", no_account, true),
        ("pds:unknown", silent_pds, true),
        ("mongo:missing code:missing", no_record, true),
        ("mongo:missing code:ok", no_record, false),
        ("code:ac25*", as_is, true),
        ("code:AC25MOMEZ", as_is, true),
        ("code:ac25", as_is, false),
        ("code:*mez", as_is, true),
        ("code:ac26*", as_is, false),
        ("-code:ac26*", as_is, true),
        ("code:ac25*", no_record, false),
        ("-code:ac25*", no_record, true),
        // What is unknown matches neither the word nor its negation.
        ("code:ac25*", silent_mongo, false),
        ("-code:ac25*", silent_mongo, false),
        ("email:*@example.com", as_is, true),
        ("email:MIRA@example.com", as_is, true),
        ("email:mira", as_is, false),
        ("email:*@example.org", as_is, false),
        ("email:*", |s| auth0(s).email = None, false),
        ("-email:*", |s| auth0(s).email = None, true),
        ("email:*", unknown, false),
        ("-email:*", unknown, false),
        ("verified", as_is, true),
        ("-verified", as_is, false),
        ("-verified", unverified, true),
        ("verified", unknown, false),
        ("-verified", unknown, false),
        ("age<2h", as_is, false),
        ("age>2h", as_is, true),
        ("age<1d12h", as_is, true),
        ("-age<2h", as_is, true),
        ("age>2h age<4h", as_is, true),
        ("finding:missing-user-record", no_record, true),
        ("finding:missing-*", no_record, true),
        ("finding:*", as_is, false),
        ("-finding:*", as_is, true),
        ("is:whole", as_is, true),
        ("is:broken", no_record, true),
        ("tenant:aesthetic", as_is, true),
        ("tenant:a*", as_is, true),
        ("tenant:sotce", as_is, false),
        ("sub:auth0|*", as_is, true),
        ("sub:email|*", as_is, false),
        ("handle:zhu*", named, true),
        ("handle:@ZHU_xin", named, true),
        ("handle:ac25*", as_is, true),
        ("did:plc:exam", as_is, true),
        ("did:plc:*ple", as_is, true),
        ("did:web:*", as_is, false),
        ("\"mira@exam\"", as_is, true),
        ("\"no such words\"", as_is, false),
        ("-\"no such words\" mira", as_is, true),
        ("@ac25 AUTH0|1", as_is, true),
    ];
    for (filter, change, expected) in cases {
        assert_eq!(lets_through(filter, change), expected, "{filter}");
    }
}

#[test]
fn a_job_makes_its_column_run() {
    let signup = with(no_account);
    let diagnosis = diagnose(&signup);
    let seen = |job, running| Seen {
        signup: &signup,
        diagnosis: &diagnosis,
        now: now(),
        job,
        running,
    };
    let cases = [
        ("job:running", seen(Some(Doing::Running), None), true),
        ("job:running", seen(None, None), false),
        ("-job:running", seen(None, None), true),
        (
            "job:failed",
            seen(Some(Doing::Ended(Outcome::Failed)), None),
            true,
        ),
        ("job:left", seen(Some(Doing::Left), None), true),
        ("did:running", seen(None, Some(Column::Did)), true),
        ("did:missing", seen(None, Some(Column::Did)), false),
    ];
    for (text, seen, expected) in cases {
        let filter = Filter::parse(text, &known()).unwrap();
        assert_eq!(filter.lets_through(&seen), expected, "{text}");
        assert!(filter.follows_jobs());
    }
}

#[test]
fn a_word_that_cannot_be_understood_is_pointed_at() {
    let cases = [
        (
            "pds:mising",
            5,
            "mising",
            "a state is one of ok, waiting, missing, drift, running, unknown",
        ),
        ("mira pds:", 6, "pds:", "a state is one of"),
        (
            "é foo:bar",
            3,
            "foo:",
            "before the colon stands one of auth0, mongo,",
        ),
        ("mira -", 6, "-", "a minus wants a word right after it"),
        (
            "finding:handle-drft",
            9,
            "handle-drft",
            "meant handle-drift or handle-fallback?",
        ),
        (
            "finding:x",
            9,
            "x",
            "no finding has this name; handle-drift and missing-account are two",
        ),
        (
            "job:lost",
            5,
            "lost",
            "a job is one of running, waiting, left, done,",
        ),
        (
            "-is:brokn",
            5,
            "brokn",
            "a signup is one of broken, unknown, waiting, whole",
        ),
        (
            "code:mising",
            6,
            "mising",
            "here stands a code such as ac26*, or one of ok,",
        ),
        ("age<soon", 5, "soon", "an age is a number and a unit"),
        ("age<-2h", 5, "-2h", "an age is a number and a unit"),
        ("age:2h", 1, "age:", "an age is compared: age<2h, age>7d"),
        ("pds<2h", 1, "pds<", "before < and > stands age"),
        ("email:", 1, "email:", "email: wants a text such as *@example.com"),
        ("mira \"free wor", 6, "\"free wor", "this quote is not closed"),
        ("\"\"", 1, "\"\"", "there is no word to look for here"),
        ("-@night", 1, "-@night", "a saved view cannot be negated"),
    ];
    for (text, column, at, why) in cases {
        let error = Filter::parse(text, &known()).unwrap_err();
        assert_eq!(&text[error.at.clone()], at, "{text}");
        assert_eq!(error.column(text), column, "{text}");
        assert!(error.why.contains(why), "{text}: {}", error.why);
    }
    let here = Known::default();
    let error = Filter::parse("job:failed", &here).unwrap_err();
    assert_eq!(error.why, "jobs are known to the dashboard alone");
    let text = "纯\u{1b} pds:mising";
    let error = Filter::parse(text, &here).unwrap_err();
    assert_eq!(error.pointed(text), "纯\\u{1b} pds:mising\n             ^^^^^^");
}

#[test]
fn a_saved_view_stands_for_its_words_and_others_narrow_it() {
    let young: Change = |s| {
        no_account(s);
        auth0(s).created_at = Timestamp::from_second(2 * 3600).unwrap();
    };
    let named = |filter| lets_through(filter, young);
    assert!(Filter::parse("did:missing age<2h", &known()).is_ok());
    assert!(
        named("@night") && !lets_through("@night", no_account),
        "older than 2 hours"
    );
    assert!(!named("@night tenant:sotce"));
    // No such view, and a view within a view: a handle.
    assert!(!named("@other") && !named("@odd"));
    for (typed, meant) in [("@nihgt", "@night"), ("@Night", "@night"), ("@od", "@odd")] {
        let why = Filter::parse(typed, &known()).unwrap_err().why;
        assert!(why.contains(&format!(": {meant} is one")), "{why}");
    }
    assert!(lets_through("@auth0", young));
}

#[test]
fn what_is_proposed_is_what_may_follow() {
    let at = |text: &str, caret: usize| {
        let completion = complete(text, caret, &known());
        (completion.replace, completion.candidates)
    };
    let end = |text: &str| at(text, text.len()).1;
    assert_eq!(at("mira pds:mi", 11), (9..11, vec!["missing".into()]));
    assert_eq!(at("-p", 2), (1..2, vec!["pds:".into()]));
    assert_eq!(at("pds:ok fin", 10), (7..10, vec!["finding:".into()]));
    assert_eq!(at("is: mira", 3).1, Verdict::ALL.map(Verdict::word));
    assert_eq!(end("pds:"), State::ALL.map(State::word));
    assert_eq!(end("finding:"), FindingId::ALL.map(FindingId::name));
    assert_eq!(end("finding:handle"), ["handle-drift", "handle-fallback"]);
    assert_eq!(end("finding:drift"), ["handle-drift", "record-drift"]);
    assert_eq!(end("tenant:s"), ["sotce"]);
    assert_eq!(end("@"), ["@night", "@odd"]);
    assert_eq!(end("age<"), ["1h", "2h", "1d", "7d"]);
    assert_eq!(end("ver"), ["verified"]);
    assert_eq!(end("job:fa"), ["failed"]);
    assert_eq!(end("").len(), 2 + 12 + 2 + 1);
    for whole in [
        "pds:missing",
        "verified",
        "foo:",
        "mira",
        "\"pds:",
        "tenant:x",
        "email:m",
    ] {
        assert_eq!(end(whole), [""; 0], "{whole}");
    }
    // Where the language is read without jobs, none is proposed.
    assert!(complete("jo", 2, &Known::default()).candidates.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_every_mistake_has_a_place(text in words(), caret in 0usize..60, signup in arbitrary::signup()) {
        match Filter::parse(&text, &known()) {
            Ok(filter) => {
                filter.matches(&signup, &diagnose(&signup), now());
            }
            Err(error) => {
                prop_assert!(!text[error.at.clone()].is_empty());
                prop_assert!(error.column(&text) <= text.chars().count());
                prop_assert!(!error.why.is_empty());
                error.pointed(&text);
            }
        }
        let completion = complete(&text, caret, &known());
        let replace = completion.replace;
        prop_assert!(text.is_char_boundary(replace.start) && text.is_char_boundary(replace.end));
    }

    /// A term and its negation never let the same signup through.
    #[test]
    fn nobody_matches_a_word_and_its_negation(word in term(), signup in arbitrary::signup()) {
        let holds = |text: &str| {
            let filter = Filter::parse(text, &known()).unwrap();
            filter.matches(&signup, &diagnose(&signup), now())
        };
        let negated = format!("-{word}");
        prop_assert!(!(holds(&word) && holds(&negated)));
    }

    /// What is proposed is understood where it completes a word.
    #[test]
    fn what_is_proposed_is_understood(word in prop::sample::select(vec!["pds:", "code:", "finding:m", "is:", "tenant:", "job:", "age<", "-v", "@n"])) {
        let completion = complete(word, word.len(), &known());
        prop_assert!(!completion.candidates.is_empty());
        for candidate in completion.candidates {
            let mut text = word.to_string();
            text.replace_range(completion.replace.clone(), &candidate);
            prop_assert!(Filter::parse(&text, &known()).is_ok(), "{}", text);
        }
    }
}

/// A word that is understood.
fn term() -> impl Strategy<Value = String> {
    let words = [
        "pds:missing",
        "mongo:unknown",
        "code:ac25*",
        "email:*@example.com",
        "verified",
        "age<2h",
        "age>2h",
        "finding:*",
        "is:whole",
        "handle:mira*",
        "tenant:a*",
        "mira",
    ];
    prop::sample::select(words.map(String::from).to_vec())
}

/// Texts of any kind, most of them made of pieces of the language.
fn words() -> impl Strategy<Value = String> {
    let pieces = [
        "pds",
        "code",
        "did",
        "age",
        "finding",
        "email",
        "is",
        "job",
        ":",
        "<",
        ">",
        "-",
        "\"",
        "@",
        "*",
        " ",
        "ok",
        "missing",
        "plc:",
        "2h",
        "verified",
        "@night",
        "纯",
        "é",
        "\u{1b}",
        "\u{202e}",
        "handle-drift",
        "ac26",
        "99999999999999y",
    ];
    let made =
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..9).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => made, 1 => any::<String>()]
}
