//! One user on the whole screen: what stands there at each size, what it asks for, what can be copied, and how one leaves.

use jiff::SignedDuration;

use super::{App, demo, dialog, press, said};
use crate::audit::Stage;
use crate::domain::event::StepReport;
use crate::domain::trail::{Change, Deed, Field};
use crate::domain::{Class, JobNews, Observed, Outcome, Plan, Problem, RunNews, Step, StepOutcome};
use crate::tui::message::{Effect, Message, Target};
use crate::tui::state::State;

fn target(name: &str) -> Target {
    Target {
        tenant: "aesthetic".into(),
        sub: format!("auth0|{name}"),
        key: format!("auth0|{name}"),
    }
}

/// What a colleague did three hours ago.
fn deeds(name: &str) -> Vec<Deed> {
    let Target { tenant, sub, key } = target(name);
    let deed = |step, outcome, error: Option<&str>, changes: Vec<Change>| Deed {
        run: "81bb0000".into(),
        tenant: tenant.clone(),
        sub: sub.clone(),
        key: key.clone(),
        step,
        at: demo::now() - SignedDuration::from_hours(3),
        ended_at: None,
        operator: "ivo".into(),
        host: "desk".into(),
        reason: Some("the PDS was moved".into()),
        outcome: Some(outcome),
        changes,
        error: error.map(String::from),
    };
    let handle = Change {
        field: Field::Handle,
        before: Some("old.at.example.com".into()),
        after: Some(format!("{name}.at.example.com")),
    };
    vec![
        deed(
            Step::RecordAccount,
            StepOutcome::Failed,
            Some("mongo does not answer."),
            Vec::new(),
        ),
        deed(Step::SyncHandle, StepOutcome::Done, None, vec![handle]),
    ]
}

fn tell(app: &mut App, name: &str, told: Result<Vec<Deed>, Problem>) {
    let target = target(name);
    app.send(Message::History { target, told });
}

/// One whose detail has the whole screen, after so many keys down.
fn whole(width: u16, height: u16, down: usize) -> App {
    let mut app = App::of_demo(width, height);
    press(&mut app, &"j".repeat(down));
    press(&mut app, "<enter><enter>");
    app
}

/// The frame and what stands in it, down to the last line that says something.
fn frame(app: &mut App) -> String {
    let screen = app.screen();
    let mut lines: Vec<&str> = screen
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('└'))
        .collect();
    let says = |line: &&str| line.chars().any(|c| !matches!(c, '│' | ' '));
    while lines.last().is_some_and(|line| !says(&line)) {
        lines.pop();
    }
    format!("\n{}\n", lines.join("\n"))
}

fn asked_for_history(app: &App) -> Vec<&str> {
    app.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::History(target) => Some(target.key.as_str()),
            _ => None,
        })
        .collect()
}

fn footer(app: &mut App) -> String {
    app.screen().lines().last().unwrap_or_default().to_string()
}

#[test]
fn enter_gives_it_the_whole_screen_and_esc_goes_back_step_by_step() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<enter>");
    assert!(
        footer(&mut app).contains("Enter all of it"),
        "{}",
        footer(&mut app)
    );
    assert!(asked_for_history(&app).is_empty());
    press(&mut app, "<enter>");
    assert_eq!(asked_for_history(&app), ["auth0|mira"]);
    assert!(
        app.screen()
            .contains("┌ m…@example.com ── auth0|mira ── 1 of 18 ─")
    );
    assert!(!app.screen().contains("MONGO     CODE"), "{}", app.screen());
    assert!(
        footer(&mut app).starts_with(" Esc back  F fix  ↑↓ user"),
        "{}",
        footer(&mut app)
    );
    press(&mut app, "<esc>");
    assert!(app.screen().contains("MONGO     CODE") && app.state.detail.is_some());
    press(&mut app, "<enter><enter>");
    assert!(
        app.state.whole_detail().is_none() && app.state.detail.is_some(),
        "Enter makes it smaller again"
    );
    press(&mut app, "<esc>");
    assert!(app.state.detail.is_none());
    // A dialog over it, and back to it.
    press(&mut app, "<enter><enter>?<esc>H<esc>d<esc>:<esc>");
    assert!(app.state.whole_detail().is_some());
    // What is about the table shows it.
    press(&mut app, ":filter<enter>");
    assert!(app.state.whole_detail().is_none() && app.screen().contains("MONGO     CODE"));
}

#[test]
fn a_narrow_screen_shows_what_is_wrong_and_what_would_be_done_first() {
    let mut app = whole(80, 24, 0);
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert_eq!(
        frame(&mut app),
        "
┌ m…@example.com ── auth0|mira ── 1 of 18 ─────────────────────────────────────┐
│ Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.              │
│ ✗ There is no users record, so that there can be neither a code nor an       │
│   account.                                                                   │
│   A backfill makes the record, with a code of the signup year.               │
│ ✗ The e-mail is verified, but no account is recorded and the PDS shows none. │
│   A backfill makes the account on the PDS.                                   │
│ Plan     ensure-code-index                                                   │
│            index on users.code     ? → a unique one; made where none is      │
│          create-user                                                         │
│            users record            – → made                                  │
│            users.code              – → ac26…, to be drawn                    │
│          create-account                                                      │
│            PDS account             – → made, with a DID from the PDS         │
│            PDS handle              – → ac26….at.example.com (by the code)    │
│            PDS password            – → set, never shown                      │
│          record-account                                                      │
│            users.atproto.did       – → the DID from the PDS                  │
│            users.atproto.handle    – → ac26….at.example.com (by the code)    │
│            users.atproto.password  – → set, never shown                     ↓│
"
    );
    press(&mut app, "<pgdn><pgdn><pgdn><pgdn>");
    assert_eq!(
        frame(&mut app),
        "
┌ m…@example.com ── auth0|mira ── 1 of 18 ─────────────────────────────────────┐
│ DID      to be made            ✗ –          ✗ –          ? not asked        ↑│
│ lives    here                                                                │
│ standing active                             ✗ –                              │
│ password recorded              ✗ –            not asked                      │
│ Links    1 Auth0 dashboard  https://manage.auth0.com/dashboa…XV0aDAlN0NtaXJh │
│          2 PLC document     – (no DID yet)                                   │
│          3 PLC log          – (no DID yet)                                   │
│          4 PDS repository   – (no DID yet)                                   │
│          5 Auth0 id         auth0|mira                                       │
│          6 Mongo id         auth0|mira                                       │
│          7 user code        – (none yet)                                     │
│          8 DID              – (none yet)                                     │
│          9 handle           – (none yet)                                     │
│ History  run 81bb · ivo@desk                                                 │
│          why: the PDS was moved                                              │
│            2026-11-22 11:32:20 UTC  ✗ record-account failed                  │
│                error               mongo does not answer.                    │
│            2026-11-22 11:32:20 UTC  ✓ sync-handle                            │
│                handle              o….at.example.com → m….at.example.com     │
"
    );
    // It goes no further than its end, and the next user is seen from the beginning.
    press(&mut app, "[");
    assert!(frame(&mut app).contains("│ standing active"), "{}", app.screen());
    press(&mut app, "j");
    assert!(
        frame(&mut app).contains("│ Signed up 6 min ago"),
        "{}",
        app.screen()
    );
}

#[test]
fn a_usual_screen_shows_all_of_a_user_at_once() {
    let mut app = whole(120, 40, 0);
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert_eq!(
        frame(&mut app),
        "
┌ m…@example.com ── auth0|mira ── 1 of 18 ─────────────────────────────────────────────────────────────────────────────┐
│ Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.                                                      │
│ ✗ There is no users record, so that there can be neither a code nor an account.                                      │
│   A backfill makes the record, with a code of the signup year.                                                       │
│ ✗ The e-mail is verified, but no account is recorded and the PDS shows none.                                         │
│   A backfill makes the account on the PDS.                                                                           │
│ Plan     ensure-code-index  index on users.code     ? → a unique one; made where none is                             │
│          create-user        users record            – → made                                                         │
│                             users.code              – → ac26…, to be drawn                                           │
│          create-account     PDS account             – → made, with a DID from the PDS                                │
│                             PDS handle              – → ac26….at.example.com (by the code)                           │
│                             PDS password            – → set, never shown                                             │
│          record-account     users.atproto.did       – → the DID from the PDS                                         │
│                             users.atproto.handle    – → ac26….at.example.com (by the code)                           │
│                             users.atproto.password  – → set, never shown                                             │
│          WANTED                  AUTH0             MONGO        PDS          PLC                                     │
│ e-mail   m…@example.com          m…@example.com                                                                      │
│ verified yes                     yes               count 1                                                           │
│ code     ac26…                                   ✗ no record                                                         │
│ handle   ac26….at.example.com                    ✗ –          ✗ –                                                    │
│ DID      to be made                              ✗ –          ✗ –          ? not asked                               │
│ lives    here                                                                                                        │
│ standing active                  active                       ✗ –                                                    │
│ password recorded                                ✗ –            not asked                                            │
│ Links    1 Auth0 dashboard  https://manage.auth0.com/d…0aDAlN0NtaXJh  5 Auth0 id   auth0|mira                        │
│          2 PLC document     – (no DID yet)                            6 Mongo id   auth0|mira                        │
│          3 PLC log          – (no DID yet)                            7 user code  – (none yet)                      │
│          4 PDS repository   – (no DID yet)                            8 DID        – (none yet)                      │
│                                                                       9 handle     – (none yet)                      │
│ History  run 81bb · ivo@desk                                                                                         │
│          why: the PDS was moved                                                                                      │
│            2026-11-22 11:32:20 UTC  ✗ record-account failed                                                          │
│                error               mongo does not answer.                                                            │
│            2026-11-22 11:32:20 UTC  ✓ sync-handle                                                                    │
│                handle              o….at.example.com → m….at.example.com                                             │
"
    );
    let mut app = whole(120, 40, 4);
    tell(&mut app, "zhuxin", Ok(Vec::new()));
    assert_eq!(
        frame(&mut app),
        "
┌ z…@example.com ── auth0|zhuxin ── 5 of 18 ───────────────────────────────────────────────────────────────────────────┐
│ Signed up 14 min ago (2026-11-22 14:18:20 UTC), e-mail verified.                                                     │
│ ! The handle on the PDS is not the wanted one.  A backfill sets the handle on the PDS.                               │
│                                                                                                                      │
│ Plan     sync-handle     PDS handle            z….at.example.com → z….at.example.com or the code                     │
│          record-account  users.atproto.handle  z….at.example.com → z….at.example.com or the code                     │
│                                                                                                                      │
│          WANTED                  AUTH0             MONGO                  PDS                    PLC                 │
│ e-mail   z…@example.com          z…@example.com                           z…@example.com                             │
│ verified yes                     yes               count 1                                                           │
│ code     ac26xuzuv                                 ac26xuzuv                                                         │
│ handle   z….at.example.com                       ! z….at.example.com    ! z….at.example.com                          │
│ DID      did:plc:…aaaaaaaaaaa                      did:plc:…aaaaaaaaaa    did:plc:…aaaaaaaaaa    did:plc:…aaaaaaaaaa │
│ lives    here                                                             here                   here                │
│ standing active                  active                                   active                                     │
│ password recorded                                  recorded               not asked                                  │
│                                                                                                                      │
│ Links    1 Auth0 dashboard  https://manage.auth0.com/d…AlN0N6aHV4aW4  5 Auth0 id   auth0|zhuxin                      │
│          2 PLC document     https://plc.example.com/di…aaaaaaaaaaaaa  6 Mongo id   auth0|zhuxin                      │
│          3 PLC log          https://plc.example.com/di…aaa/log/audit  7 user code  ac26xuzuv                         │
│          4 PDS repository   https://at.example.com/xrp…aaaaaaaaaaaaa  8 DID        did:plc:zhuxinaaaaaaaaaaaaaaaaaa  │
│                                                                       9 handle     z….at.example.com                 │
│                                                                                                                      │
│ History  Nothing was changed by atriage so far.                                                                      │
"
    );
}

/// Mira's job has made a record, and is at the account.
fn at_work(app: &mut App) {
    press(app, "Fy");
    app.run(RunNews::Registered { total: 1 });
    app.job(&target("mira"), JobNews::Started);
    let steps = vec![
        Step::CreateUser,
        Step::CreateAccount,
        Step::RecordAccount,
        Step::Verify,
    ];
    let plan = Plan {
        steps,
        ..Plan::default()
    };
    app.job(&target("mira"), JobNews::Planned(plan));
    step(app, Step::CreateUser, StepOutcome::Done, 4, "ac26momez");
    app.job(&target("mira"), JobNews::StepStarted(Step::CreateAccount));
}

fn step(app: &mut App, step: Step, outcome: StepOutcome, ms: u64, detail: &str) {
    let report = StepReport {
        step,
        at: app.now(),
        outcome,
        ms,
        detail: detail.into(),
    };
    app.job(&target("mira"), JobNews::StepDone(report));
}

#[test]
fn a_wide_screen_shows_what_was_done_beside_what_is() {
    let mut app = whole(200, 60, 0);
    at_work(&mut app);
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert_eq!(
        frame(&mut app),
        "
┌ m…@example.com ── auth0|mira ── 1 of 18 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
│ Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.                                                     │ Job      ◐ create-account · 14:32:20 · run 7f3a                                │
│ ✗ There is no users record, so that there can be neither a code nor an account.                                     │          ✓ create-user            14:32:20     4 ms  ac26momez                 │
│   A backfill makes the record, with a code of the signup year.                                                      │          ◐ create-account                                                      │
│ ✗ The e-mail is verified, but no account is recorded and the PDS shows none.                                        │          · record-account                                                      │
│   A backfill makes the account on the PDS.                                                                          │          · verify                                                              │
│                                                                                                                     │                                                                                │
│          WANTED                  AUTH0             MONGO        PDS          PLC                                    │ Links    1 Auth0 dashboard  https://manage.auth0.com/dashboar…YXV0aDAlN0NtaXJh │
│ e-mail   m…@example.com          m…@example.com                                                                     │          2 PLC document     – (no DID yet)                                     │
│ verified yes                     yes               count 1                                                          │          3 PLC log          – (no DID yet)                                     │
│ code     ac26…                                   ✗ no record                                                        │          4 PDS repository   – (no DID yet)                                     │
│ handle   ac26….at.example.com                    ✗ –          ✗ –                                                   │          5 Auth0 id         auth0|mira                                         │
│ DID      to be made                              ✗ –          ✗ –          ? not asked                              │          6 Mongo id         auth0|mira                                         │
│ lives    here                                                                                                       │          7 user code        – (none yet)                                       │
│ standing active                  active                       ✗ –                                                   │          8 DID              – (none yet)                                       │
│ password recorded                                ✗ –            not asked                                           │          9 handle           – (none yet)                                       │
│                                                                                                                     │                                                                                │
│                                                                                                                     │ History  run 81bb · ivo@desk                                                   │
│                                                                                                                     │          why: the PDS was moved                                                │
│                                                                                                                     │            2026-11-22 11:32:20 UTC  ✗ record-account failed                    │
│                                                                                                                     │                error               mongo does not answer.                      │
│                                                                                                                     │            2026-11-22 11:32:20 UTC  ✓ sync-handle                              │
│                                                                                                                     │                handle              o….at.example.com → m….at.example.com       │
"
    );
    // The rule between the two goes down to the frame, in one line, whatever stands there.
    press(&mut app, "jjjjp");
    for _ in 0..2 {
        let screen = app.screen();
        let places = |line: &str| {
            line.chars()
                .enumerate()
                .filter(|(_, c)| *c == '│')
                .map(|(x, _)| x)
                .collect()
        };
        let rules: Vec<Vec<usize>> = screen
            .lines()
            .filter(|line| line.starts_with('│'))
            .map(places)
            .collect();
        assert_eq!(rules.len(), 55, "{screen}");
        assert!(
            rules.iter().all(|rule| rule.len() == 3 && *rule == rules[0]),
            "{screen}"
        );
        app.resize(171, 60);
    }
}

#[test]
fn a_job_is_followed_while_it_runs_and_what_it_did_is_history_then() {
    let mut app = whole(80, 24, 0);
    tell(&mut app, "mira", Ok(Vec::new()));
    at_work(&mut app);
    assert_eq!(
        frame(&mut app),
        "
┌ m…@example.com ── auth0|mira ── 1 of 18 ─────────────────────────────────────┐
│ Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.              │
│ ✗ There is no users record, so that there can be neither a code nor an       │
│   account.                                                                   │
│   A backfill makes the record, with a code of the signup year.               │
│ ✗ The e-mail is verified, but no account is recorded and the PDS shows none. │
│   A backfill makes the account on the PDS.                                   │
│ Job      ◐ create-account · 14:32:20 · run 7f3a                              │
│          ✓ create-user            14:32:20     4 ms  ac26momez               │
│          ◐ create-account                                                    │
│          · record-account                                                    │
│          · verify                                                            │
│          WANTED                  MONGO        PDS          PLC               │
│ e-mail   m…@example.com                                                      │
│ verified yes                     count 1                                     │
│ code     ac26…                 ✗ no record                                   │
│ handle   ac26….at.example.com  ✗ –          ✗ –                              │
│ DID      to be made            ✗ –          ✗ –          ? not asked         │
│ lives    here                                                                │
│ standing active                             ✗ –                             ↓│
"
    );
    app.effects.clear();
    let refused =
        "The PDS refused the account: Email already taken, by an account that is none of this user's.";
    step(&mut app, Step::CreateAccount, StepOutcome::Failed, 1_240, refused);
    let error = Problem::new(
        Class::Conflict,
        "The e-mail is taken.",
        "Find out whose the account is.",
    );
    let (outcome, error) = (Outcome::Failed, Some(error));
    app.job(&target("mira"), JobNews::Finished { outcome, error });
    let shown = said(&frame(&mut app));
    for text in [
        "Job ✗ failed: The e-mail is taken. · 14:32:20 · run 7f3a",
        "✓ create-user 14:32:20 4 ms ac26momez",
        "✗ create-account 14:32:20 1.2 s The PDS refused the account: Email already taken, by an account that is none",
        "Find out whose the account is.",
        "Plan ensure-code-index",
    ] {
        assert!(shown.contains(text), "{text}: {}", app.screen());
    }
    assert!(
        !shown.contains("· record-account"),
        "it has not begun, and will not"
    );
    // What stood there stays until the answer comes.
    assert_eq!(asked_for_history(&app), ["auth0|mira"]);
    app.resize(80, 60);
    assert!(app.screen().contains("Nothing was changed by atriage so far."));
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert!(
        app.screen().contains("✗ record-account failed"),
        "{}",
        app.screen()
    );
}

#[test]
fn the_next_user_is_looked_at_once_the_cursor_rests_on_them() {
    let mut app = whole(120, 40, 0);
    tell(&mut app, "mira", Ok(deeds("mira")));
    app.effects.clear();
    press(&mut app, "jjj");
    assert!(
        app.effects.is_empty(),
        "whom the cursor only passes is not asked about"
    );
    assert!(
        app.screen()
            .contains("┌ v…@example.com ── auth0|vasil ── 4 of 18 ─")
    );
    // Nothing of the one is told of the other.
    assert!(app.screen().contains("│ History  reading…"), "{}", app.screen());
    app.pass(1);
    app.pass(1);
    assert_eq!(asked_for_history(&app), ["auth0|vasil"]);
    assert!(app.effects.contains(&Effect::Observe(target("vasil"))));
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert!(
        app.screen().contains("│ History  reading…"),
        "an answer about somebody else"
    );
    tell(&mut app, "vasil", Ok(deeds("vasil")));
    assert!(app.screen().contains("why: the PDS was moved"));
    // Somebody else may work on them: it is read again, and stays meanwhile.
    app.effects.clear();
    app.pass(15);
    assert_eq!(asked_for_history(&app), ["auth0|vasil"]);
    assert!(app.screen().contains("why: the PDS was moved"));
    press(&mut app, "z");
    app.effects.clear();
    app.pass(15);
    assert!(asked_for_history(&app).is_empty(), "frozen");
}

#[test]
fn a_history_that_cannot_be_read_is_said_calmly() {
    let mut app = whole(120, 40, 0);
    let problem = Problem::new(
        Class::Unavailable,
        "mongo does not answer.",
        "Look whether it runs.",
    );
    tell(&mut app, "mira", Err(problem));
    let shown = said(&frame(&mut app));
    assert!(
        shown.ends_with("History mongo does not answer. Look whether it runs."),
        "{shown}"
    );
}

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

#[test]
fn personal_data_is_masked_until_p() {
    let mut app = whole(140, 40, 4);
    let shown = app.screen();
    assert!(
        !shown.contains("zhuxin@") && !shown.contains("zhuxin.at"),
        "{shown}"
    );
    press(&mut app, "p");
    let shown = app.screen();
    for text in [
        "e-mail   zhuxin@example.com",
        "! zhuxin.at.example.com",
        "zhuxin.at.example.com → zhuxin2.at.example.com or the code",
        "9 handle     zhuxin.at.example.com",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

/// Whom the filter does not let through any more stays there until one goes on.
#[test]
fn a_user_who_was_mended_stays_on_the_screen_though_only_the_broken_are_shown() {
    let mut app = App::of_demo(120, 40);
    press(&mut app, "!<enter><enter>");
    assert!(app.screen().contains("auth0|mira ── 1 of 5 ─"));
    at_work(&mut app);
    let (outcome, error) = (Outcome::Done, None);
    app.job(&target("mira"), JobNews::Finished { outcome, error });
    app.send(Message::Observed(Box::new(demo::whole("mira", 3))));
    let shown = app.screen();
    assert!(shown.contains("auth0|mira ── 1 of 5 ─"), "{shown}");
    assert!(
        shown.contains("✓ Whole: nothing is wrong.") && shown.contains("✓ done in 4 ms"),
        "{shown}"
    );
    press(&mut app, "j");
    assert!(
        app.screen().contains("auth0|kato ── 1 of 4 ─"),
        "{}",
        app.screen()
    );
    press(&mut app, "<esc><esc>");
    assert!(!app.state.shown.iter().any(|id| id.key == "auth0|mira"));
}

/// Whoever looks at one user alone means that one, whoever is marked.
#[test]
fn what_is_done_there_is_done_to_the_user_who_is_shown() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<space><space><enter>");
    assert!(footer(&mut app).contains("F fix 2"));
    press(&mut app, "<enter>");
    assert!(app.screen().contains("auth0|orla"));
    assert!(footer(&mut app).contains("F fix  "), "{}", footer(&mut app));
    press(&mut app, "F");
    assert!(
        dialog(&mut app).contains("Mend 1 user of aesthetic"),
        "{}",
        app.screen()
    );
    press(&mut app, "y");
    let started: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    assert_eq!(started, ["auth0|orla"]);
    // And so it is with x; the others' marks stay.
    press(&mut app, "x");
    assert!(
        app.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Cancel(target) if target.key == "auth0|orla"))
    );
    assert_eq!(app.state.marks.len(), 2);
}

#[test]
fn the_plan_of_one_user_is_told_as_old_and_new_and_that_of_many_as_steps() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "jjjjd");
    assert_eq!(
        dialog(&mut app),
        "
┌ Plan for 1 user of aesthetic · sandbox · nothing is written ─────────────┐
│ z…@example.com  auth0|zhuxin                                             │
│     sync-handle → record-account → verify                                │
│       PDS handle            z….at.example.com                            │
│                             → z….at.example.com or the code              │
│       users.atproto.handle  z….at.example.com                            │
│                             → z….at.example.com or the code              │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    press(&mut app, "<esc>ad");
    assert!(!dialog(&mut app).contains("users.atproto"));
}

#[test]
fn what_is_still_being_read_is_not_called_silent() {
    let mut app = App::new(120, 40);
    app.start();
    let bare = demo::listed(&demo::whole("chen", 5));
    app.news(Stage::Listed, vec![bare.clone()]);
    press(&mut app, "<enter><enter>");
    let shown = app.screen();
    assert!(shown.contains("The facts are being read."), "{shown}");
    assert!(
        !shown.contains("no answer") && !shown.contains("not asked"),
        "{shown}"
    );
    // Read, and nobody but Auth0 had an answer.
    app.news(Stage::Complete, vec![bare]);
    app.finish();
    let shown = app.screen();
    assert!(
        shown.contains("? no answer") && shown.contains("? not asked"),
        "{shown}"
    );
    assert!(!shown.contains('✗'), "{shown}");
}

const HOSTILE: &str = "\u{1b}[2J\u{202e}gnp\u{200b}纯粹的名字👩\u{200d}👧\u{301}\u{301}\u{301}\0";

#[test]
fn whatever_a_service_holds_the_columns_stand_below_each_other() {
    let mut signup = demo::whole("chen", 5);
    if let Observed::Present(account) = &mut signup.account {
        account.handle = format!("{HOSTILE}.at.example.com");
        account.did = format!("did:plc:{HOSTILE}");
        account.email = Some(format!("{HOSTILE}@example.com"));
    }
    if let Observed::Present(user) = &mut signup.user {
        user.code = Observed::Present(HOSTILE.repeat(4));
    }
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = App::new(width, height);
        app.refresh(vec![signup.clone()]);
        press(&mut app, "<enter><enter>p");
        tell(&mut app, "chen", Ok(Vec::new()));
        for _ in 0..4 {
            let picture = app.picture();
            for cell in &picture.content {
                let hides = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{200d}');
                assert!(!cell.symbol().chars().any(hides), "{:?}", cell.symbol());
            }
            // The frame stands: nothing is wider than it looks.
            for y in 2..height - 3 {
                for x in [0, width - 1] {
                    assert_eq!(picture[(x, y)].symbol(), "│", "{}", super::text(&picture));
                }
            }
            press(&mut app, "<pgdn>");
        }
    }
}

#[test]
fn it_can_be_shown_in_ascii_alone() {
    let mut setup = demo::setup();
    setup.ascii = true;
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = App::with(State::new(setup.clone()), width, height);
        app.refresh(demo::signups());
        press(&mut app, "<enter><enter>");
        let shown = app.screen();
        assert!(shown.is_ascii(), "{shown}");
        assert!(height < 40 || shown.contains("XX no record"), "{shown}");
    }
}
