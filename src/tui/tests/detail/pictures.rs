//! What stands there at each size, before, during and after a job.

use super::*;

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
│            index on users.code     ? → kept if unique, made if none is       │
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
│ Plan     ensure-code-index  index on users.code     ? → kept if unique, made if none is                              │
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

#[test]
fn a_wide_screen_shows_what_was_done_beside_what_is() {
    let mut app = whole(200, 60, 0);
    at_work(&mut app);
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert_eq!(
        frame(&mut app),
        "
┌ m…@example.com ── auth0|mira ── 1 of 18 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
│ Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.                                                                                                                                      │
│ ✗ There is no users record, so that there can be neither a code nor an account.  A backfill makes the record, with a code of the signup year.                                                        │
│ ✗ The e-mail is verified, but no account is recorded and the PDS shows none.  A backfill makes the account on the PDS.                                                                               │
│                                                                                                                                                                                                      │
│          WANTED                  AUTH0             MONGO        PDS          PLC                                                                                                                     │
│ e-mail   m…@example.com          m…@example.com                                                                                                                                                      │
│ verified yes                     yes               count 1                                                                                                                                           │
│ code     ac26…                                   ✗ no record                                                                                                                                         │
│ handle   ac26….at.example.com                    ✗ –          ✗ –                                                                                                                                    │
│ DID      to be made                              ✗ –          ✗ –          ? not asked                                                                                                               │
│ lives    here                                                                                                                                                                                        │
│ standing active                  active                       ✗ –                                                                                                                                    │
│ password recorded                                ✗ –            not asked                                                                                                                            │
│                                                                                                                                                                                                      │
│ Job      ◐ create-account · 14:32:20 · run 7f3a                                                                     │ History  run 81bb · ivo@desk                                                   │
│          ✓ create-user            14:32:20     4 ms  ac26momez                                                      │          why: the PDS was moved                                                │
│          ◐ create-account                                                                                           │            2026-11-22 11:32:20 UTC  ✗ record-account failed                    │
│          · record-account                                                                                           │                error               mongo does not answer.                      │
│          · verify                                                                                                   │            2026-11-22 11:32:20 UTC  ✓ sync-handle                              │
│                                                                                                                     │                handle              o….at.example.com → m….at.example.com       │
│ Links    1 Auth0 dashboard  https://manage.auth0.com/d…aDAlN0NtaXJh  5 Auth0 id   auth0|mira                        │                                                                                │
│          2 PLC document     – (no DID yet)                           6 Mongo id   auth0|mira                        │                                                                                │
│          3 PLC log          – (no DID yet)                           7 user code  – (none yet)                      │                                                                                │
│          4 PDS repository   – (no DID yet)                           8 DID        – (none yet)                      │                                                                                │
│                                                                      9 handle     – (none yet)                      │                                                                                │
"
    );
    // The rule between the two goes down to the frame in one line, whatever stands there.
    press(&mut app, "jjjjp");
    for width in [200, 164] {
        app.resize(width, 60);
        let screen = app.screen();
        let places = |line: &str| -> Vec<usize> {
            let bars = line.chars().enumerate().filter(|(_, c)| *c == '│');
            bars.map(|(x, _)| x).collect()
        };
        let framed: Vec<Vec<usize>> = screen
            .lines()
            .map(places)
            .filter(|bars| !bars.is_empty())
            .collect();
        let ruled: Vec<&Vec<usize>> = framed.iter().skip_while(|bars| bars.len() == 2).collect();
        assert!(framed.len() == 54 && ruled.len() > 30, "{screen}");
        assert!(
            ruled.iter().all(|bars| bars.len() == 3 && *bars == ruled[0]),
            "{screen}"
        );
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
