//! The question before a fix, and the plan of many: what is alike is said once, everybody is named, what differs is one key
//! away; and the footer says beforehand how many of the marked can be mended.

use proptest::prelude::*;

use super::runs::{broken, ends, running};
use super::{App, demo, dialog, press, said};
use crate::domain::{JobNews, Outcome};
use crate::tui::sheet::Sheet;
use crate::tui::state::{RowId, State};

/// Three who lack their records, two with another handle, and three for whom nothing is done.
fn several((width, height): (u16, u16)) -> App {
    let mut app = App::new(width, height);
    app.refresh(vec![
        demo::without_record("mira", 3),
        demo::drifted("zhuxin", 4),
        demo::without_record("kato", 6),
        demo::whole("chen", 7),
        demo::without_record("orla", 8),
        demo::taken_down("dina", 9),
        demo::drifted("yusuf", 10),
        demo::whole("fay", 11),
    ]);
    app.effects.clear();
    app
}

fn footer(app: &mut App) -> String {
    app.screen().lines().last().unwrap_or_default().to_string()
}

#[test]
fn what_is_alike_is_said_once_and_everybody_is_named() {
    let mut app = several((80, 40));
    press(&mut app, "aF");
    assert_eq!(
        dialog(&mut app),
        "
┌ Mend 5 users of aesthetic · sandbox ─────────────────────────────────────┐
│ 3 users: ensure-code-index → create-user → create-account →              │
│          record-account → verify                                         │
│   m…@example.com  auth0|mira                                             │
│   k…@example.com  auth0|kato                                             │
│   o…@example.com  auth0|orla                                             │
│                                                                          │
│ 2 users: sync-handle → record-account → verify                           │
│   z…@example.com  auth0|zhuxin                                           │
│   y…@example.com  auth0|yusuf                                            │
│                                                                          │
│ Nothing is done to 3 users:                                              │
│   2 users: This signup is whole.                                         │
│     c…@example.com  auth0|chen                                           │
│     f…@example.com  auth0|fay                                            │
│   1 user: account-taken-down: The account is taken down. A moderator     │
│           took it down on purpose; lift the takedown on the PDS if that  │
│           is over.                                                       │
│     d…@example.com  auth0|dina                                           │
│                                                                          │
│ [ n: Cancel ]  [ y: Mend 5 users ]                                       │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
}

#[test]
fn what_differs_is_one_key_away() {
    let mut app = several((80, 60));
    press(&mut app, "aFc");
    assert_eq!(
        dialog(&mut app),
        "
┌ Mend 5 users of aesthetic · sandbox ─────────────────────────────────────┐
│ 3 users: ensure-code-index → create-user → create-account →              │
│          record-account → verify                                         │
│       index on users.code     ? → kept if unique, made if none is        │
│       users record            – → made                                   │
│       users.code              – → ac26…, to be drawn                     │
│       PDS account             – → made, with a DID from the PDS          │
│       PDS handle              – → ac26….at.example.com (by the code)     │
│       PDS password            – → set, never shown                       │
│       users.atproto.did       – → the DID from the PDS                   │
│       users.atproto.handle    – → ac26….at.example.com (by the code)     │
│       users.atproto.password  – → set, never shown                       │
│   m…@example.com  auth0|mira                                             │
│   k…@example.com  auth0|kato                                             │
│   o…@example.com  auth0|orla                                             │
│                                                                          │
│ 2 users: sync-handle → record-account → verify                           │
│   z…@example.com  auth0|zhuxin                                           │
│       PDS handle            z….at.example.com                            │
│                             → z….at.example.com or the code              │
│       users.atproto.handle  z….at.example.com                            │
│                             → z….at.example.com or the code              │
│   y…@example.com  auth0|yusuf                                            │
│       PDS handle            y….at.example.com                            │
│                             → y….at.example.com or the code              │
│       users.atproto.handle  y….at.example.com                            │
│                             → y….at.example.com or the code              │
│                                                                          │
│ Nothing is done to 3 users:                                              │
│   2 users: This signup is whole.                                         │
│     c…@example.com  auth0|chen                                           │
│     f…@example.com  auth0|fay                                            │
│   1 user: account-taken-down: The account is taken down. A moderator     │
│           took it down on purpose; lift the takedown on the PDS if that  │
│           is over.                                                       │
│     d…@example.com  auth0|dina                                           │
│                                                                          │
│ [ n: Cancel ]  [ y: Mend 5 users ]                                       │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
}

/// Masked, two handles may look the same.
#[test]
fn what_is_masked_is_shown_where_it_is_asked_about() {
    let mut app = several((80, 60));
    press(&mut app, "aFcp");
    let told = said(&dialog(&mut app));
    for part in [
        "zhuxin@example.com auth0|zhuxin PDS handle zhuxin.at.example.com → zhuxin2.at.example.com or the code",
        "yusuf@example.com auth0|yusuf PDS handle yusuf.at.example.com → yusuf2.at.example.com or the code",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    press(&mut app, "<esc>p");
    press(&mut app, "dcp");
    assert!(
        said(&dialog(&mut app)).contains("→ yusuf2.at.example.com or the code"),
        "{}",
        app.screen()
    );
}

#[test]
fn of_one_alone_everything_is_shown_and_less_where_asked() {
    let mut app = several((80, 40));
    press(&mut app, "F");
    assert!(dialog(&mut app).contains("users.code"), "{}", app.screen());
    assert!(footer(&mut app).contains("c less"), "{}", footer(&mut app));
    press(&mut app, "c");
    assert!(!dialog(&mut app).contains("users.code"), "{}", app.screen());
    press(&mut app, "nGd");
    assert!(!footer(&mut app).contains("what changes"), "{}", footer(&mut app));
    press(&mut app, "c");
    assert!(app.screen().contains("Nothing is changed about anybody here."));
}

/// However long the list is, exactly those who stand in it above the spared are started.
#[test]
fn who_is_named_is_who_is_touched() {
    let mut app = several((120, 60));
    press(&mut app, "a/-zhuxin<enter>F");
    let told = dialog(&mut app);
    let touched = told.split("Nothing is done").next().unwrap();
    let mut named: Vec<String> = touched
        .split_whitespace()
        .filter(|word| word.starts_with("auth0|"))
        .map(String::from)
        .collect();
    assert!(
        told.contains("hidden by the filter  z…@example.com  auth0|zhuxin"),
        "{told}"
    );
    press(&mut app, "y");
    let mut started: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    named.sort();
    started.sort();
    assert_eq!((named.len(), named), (5, started));
}

#[test]
fn the_footer_says_how_many_of_the_marked_can_be_mended() {
    let mut app = several((80, 24));
    press(&mut app, "a");
    assert_eq!(
        footer(&mut app),
        " Enter detail  F fix 5 of 8  Space mark  d plan  u unmark  : palette  ? help"
    );
    press(&mut app, "F");
    assert!(dialog(&mut app).contains("Mend 5 users of"), "{}", app.screen());
    press(&mut app, "nd");
    assert!(footer(&mut app).contains("F fix 5 of 8"), "{}", footer(&mut app));
    press(&mut app, "<esc>ug<space><space>");
    assert!(
        footer(&mut app).contains("F fix 2  Space mark (2)  d plan 2  u unmark"),
        "{}",
        footer(&mut app)
    );
    // Nobody of them: the key does nothing, and says why.
    press(&mut app, "ujj");
    press(&mut app, "/chen<enter>a<esc>/fay<enter>a<esc>");
    assert!(!footer(&mut app).contains("F fix"), "{}", footer(&mut app));
    press(&mut app, "F");
    assert!(
        app.screen()
            .contains("Nothing to mend by itself for these 2; d says why."),
        "{}",
        app.screen()
    );
}

#[test]
fn whom_a_job_is_on_is_counted_out_until_it_ends() {
    let (mut app, targets) = running(4, (80, 24));
    press(&mut app, "a");
    assert_eq!((app.state.marked, app.state.mendable), (4, 0));
    ends(&mut app, &targets[0], Outcome::Failed);
    assert_eq!((app.state.marked, app.state.mendable), (4, 1));
    assert!(footer(&mut app).contains("F fix 1 of 4"), "{}", footer(&mut app));
    ends(&mut app, &targets[1], Outcome::Done);
    assert_eq!((app.state.marked, app.state.mendable), (3, 1));
}

#[test]
fn a_plan_of_nobody_offers_no_fix() {
    let mut app = several((80, 24));
    press(&mut app, "/chen<enter>d");
    assert!(!footer(&mut app).contains("F fix"), "{}", footer(&mut app));
    press(&mut app, "F");
    assert!(
        said(&app.screen()).contains("Nothing is done to this user; the reason stands beside them."),
        "{}",
        app.screen()
    );
}

/// What is counted when something changes is what the question would count now.
fn counted(app: &App) -> bool {
    let marked: Vec<RowId> = app.state.marked().cloned().collect();
    let touched = Sheet::of(&app.state, &marked).touched.len();
    (app.state.marked, app.state.mendable) == (marked.len(), touched)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn the_count_is_right_whatever_happens(
        deeds in prop::collection::vec((0usize..12, 0usize..6), 1..40),
    ) {
        let mut app = broken(6, (80, 24));
        app.state.setup.read_only = false;
        let targets: Vec<_> = app.state.shown.iter().map(|id| app.state.rows[id].target()).collect();
        for (deed, whom) in deeds {
            let target = &targets[whom];
            match deed {
                0 => press(&mut app, "a"),
                1 => press(&mut app, "u"),
                2 => press(&mut app, "<space>"),
                3 => press(&mut app, "Fy"),
                4 => press(&mut app, "<shift-down>"),
                5 => press(&mut app, "vkkv"),
                6 => app.job(target, JobNews::Queued),
                7 => ends(&mut app, target, Outcome::Failed),
                8 => ends(&mut app, target, Outcome::Done),
                9 => app.job(target, JobNews::Left),
                10 => press(&mut app, "t"),
                _ => {
                    let name = target.sub.trim_start_matches("auth0|");
                    app.refresh(vec![demo::whole(name, 3 + whom as i64)]);
                }
            }
            prop_assert!(counted(&app), "{deed} {whom}: {}", app.screen());
        }
    }
}

#[test]
fn of_thousands_the_count_costs_no_picture_more() {
    let mut app = App::with(State::new(demo::setup()), 80, 24);
    let all = (0..3_000).map(|n| demo::without_record(&format!("u{n}"), n));
    app.refresh(all.collect());
    press(&mut app, "a");
    assert_eq!((app.state.marked, app.state.mendable), (3_000, 3_000));
    assert!(footer(&mut app).contains("F fix 3000"), "{}", footer(&mut app));
}
