//! What is seen without opening anything: the finding of the user under the cursor, what was found of all, and the keys
//! that are needed next.

use super::runs::{ends, running};
use super::{App, demo, press};
use crate::domain::Outcome;
use crate::tui::state::State;

/// The line above the keys.
fn told(app: &mut App) -> String {
    let screen = app.screen();
    screen.lines().rev().nth(1).unwrap_or_default().to_string()
}

fn footer(app: &mut App) -> String {
    app.screen().lines().last().unwrap_or_default().to_string()
}

#[test]
fn where_the_column_has_no_room_the_finding_under_the_cursor_has_a_line() {
    let mut app = App::of_demo(80, 24);
    assert!(!app.screen().contains("FINDING"));
    let first = " ✗ missing-user-record +1 · There is no users record, so that there can be neit…";
    assert_eq!(told(&mut app), first);
    press(&mut app, "jjjj");
    assert_eq!(
        told(&mut app),
        " ! handle-drift · The handle on the PDS is not the wanted one."
    );
    // Whoever is whole has none, and nothing jumps.
    let rows = app.screen().matches("@e").count();
    press(&mut app, "jj");
    assert_eq!(told(&mut app), "");
    assert_eq!(app.screen().matches("@e").count(), rows);
    press(&mut app, "j");
    assert_eq!(
        told(&mut app),
        " ! account-taken-down · The account is taken down."
    );
    // What was told comes before it, and goes.
    press(&mut app, "gu");
    assert_eq!(told(&mut app), " Nobody is marked.");
    press(&mut app, "<esc>");
    assert!(
        told(&mut app).contains("missing-user-record"),
        "{}",
        told(&mut app)
    );
    // The pane says it itself.
    press(&mut app, "<enter>");
    assert!(
        !told(&mut app).contains("missing-user-record"),
        "{}",
        told(&mut app)
    );
    // Where the column is seen, or was hidden on purpose, there is no line.
    press(&mut app, "<esc>");
    app.resize(200, 24);
    assert!(app.screen().contains("FINDING"), "{}", app.screen());
    assert_eq!(told(&mut app), "");
    app.resize(80, 24);
    press(&mut app, "c");
    let at = app
        .state
        .layout
        .all()
        .iter()
        .position(|(column, _)| column.name() == "finding");
    press(&mut app, &"j".repeat(at.unwrap()));
    press(&mut app, "<space><esc>");
    assert_eq!(told(&mut app), "");
}

/// What cannot be read is no finding, and why it cannot is told all the same; whose facts are on their way, nothing is.
#[test]
fn what_cannot_be_read_is_told_too() {
    let mut app = App::new(80, 24);
    let mut odd = demo::whole("olaf", 3);
    odd.user = crate::domain::Observed::Unreadable("code is no text".into());
    app.refresh(vec![odd]);
    assert_eq!(
        told(&mut app),
        " ? The users record cannot be read: code is no text"
    );
    let mut app = App::new(80, 24);
    app.start();
    app.news(
        crate::audit::Stage::Listed,
        vec![demo::listed(&demo::whole("olaf", 3))],
    );
    assert_eq!(told(&mut app), "");
}

#[test]
fn beside_the_progress_the_finding_keeps_its_line() {
    let (mut app, targets) = running(4, (80, 24));
    ends(&mut app, &targets[0], Outcome::Done);
    let screen = app.screen();
    let last: Vec<&str> = screen.lines().rev().take(3).collect();
    assert!(last[1].starts_with(" run 7f3a"), "{screen}");
    assert!(last[2].starts_with(" ✗ missing-user-record"), "{screen}");
    // Of two lines, both are left to what is typed.
    press(&mut app, "/x");
    let found = |line: &str| line.starts_with(" ✗ missing-user-record");
    assert!(!app.screen().lines().any(found), "{}", app.screen());
}

#[test]
fn what_is_found_is_told_whole_or_counted() {
    let summary = |app: &mut App| app.screen().lines().nth(1).unwrap().to_string();
    let mut told = Vec::new();
    for width in [60, 80, 100, 120, 200] {
        let mut app = App::new(width, 24);
        let mut all = vec![
            demo::drifted("zhuxin", 4),
            demo::drifted("yusuf", 4),
            demo::drifted("xenia", 4),
            demo::taken_down("dina", 9),
            demo::without_record("mira", 3),
            demo::without_record("kato", 3),
        ];
        all.extend((0..3).map(|n| demo::whole(&format!("w{n}"), 20 + n)));
        app.refresh(all);
        told.push(summary(&mut app));
        press(&mut app, "/mira<enter>");
        told.push(summary(&mut app));
    }
    assert_eq!(
        format!("\n{}\n", told.join("\n")),
        "
 3 whole  0 waiting  6 broken   3 handle-drift  +3 kinds
 3 whole  0 waiting  6 broken           filter mira  1 of 9
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  +2 kinds
 3 whole  0 waiting  6 broken   3 handle-drift  +3 kinds    filter mira  1 of 9
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  2 missing-account  +1 kind
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  +2 kinds filter mira  1 of 9
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  2 missing-account  1 account-taken-down
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  2 missing-account  +1 kind   filter mira  1 of 9
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  2 missing-account  1 account-taken-down
 3 whole  0 waiting  6 broken   3 handle-drift  2 missing-user-record  2 missing-account  1 account-taken-down                                                                      filter mira  1 of 9
"
    );
}

/// At the usual size, in each state, the keys that are needed next.
#[test]
fn the_last_line_has_the_keys_that_are_needed_next() {
    let mut seen = Vec::new();
    let mut app = App::of_demo(80, 24);
    let mut see = |name: &'static str, app: &mut App| seen.push(format!("{name:<12}{}", footer(app)));
    see("idle", &mut app);
    press(&mut app, "a");
    see("marks", &mut app);
    press(&mut app, "uz");
    see("frozen", &mut app);
    press(&mut app, "z/pds:missing<enter>");
    see("filter", &mut app);
    press(&mut app, "<esc>!");
    see("broken", &mut app);
    press(&mut app, "!<enter>");
    see("pane", &mut app);
    press(&mut app, "<enter>");
    see("whole", &mut app);
    press(&mut app, "<esc><esc>uL");
    see("log", &mut app);
    press(&mut app, "<esc>F");
    see("question", &mut app);
    let (mut app, targets) = running(3, (80, 24));
    see("running", &mut app);
    ends(&mut app, &targets[0], Outcome::Done);
    ends(&mut app, &targets[1], Outcome::Failed);
    ends(&mut app, &targets[2], Outcome::Done);
    app.run(crate::domain::RunNews::Ended);
    press(&mut app, "<esc>");
    see("one failed", &mut app);
    let (mut app, targets) = running(2, (80, 24));
    for target in &targets {
        ends(&mut app, target, Outcome::Done);
    }
    app.run(crate::domain::RunNews::Ended);
    press(&mut app, "<esc>");
    see("all mended", &mut app);
    let mut setup = demo::setup();
    setup.read_only = true;
    let mut app = App::with(State::new(setup), 80, 24);
    app.refresh(demo::signups());
    see("read-only", &mut app);
    press(&mut app, "a");
    see("r-o, marks", &mut app);
    assert_eq!(
        format!("\n{}\n", seen.join("\n")),
        "
idle         Enter detail  F fix  Space mark  d plan  / filter  ! broken  : palette  ? help
marks        Enter detail  F fix 4 of 18  Space mark  d plan  u unmark  : palette  ? help
frozen       Enter detail  F fix  z go on  Space mark  d plan  / filter  : palette  ? help
filter       Enter detail  F fix  Space mark  d plan  Esc show all  : palette  ? help
broken       Enter detail  F fix  Space mark  d plan  ! all  / filter  : palette  ? help
pane         Enter all of it  F fix  Space mark  d plan  Esc back  : palette  ? help
whole        Esc back  F fix  ↑↓ user  [ scroll  1-9 copy  p unmask  : palette  ? help
log          Esc close  ↑↓ scroll  g ends  y copy all of it  T UTC  p unmask
question     y do it  n cancel  Enter press  Tab other button  ↑↓ scroll  c less  p unmask
running      Enter detail  x cancel job  J jobs  Space mark  d plan  : palette  ? help
one failed   Enter detail  F fix  R retry 1  J jobs  ! broken  : palette  ? help
all mended   Enter detail  F fix  J jobs  ! broken  Space mark  d plan  : palette  ? help
read-only    Enter detail  Space mark  d plan  / filter  ! broken  : palette  ? help
r-o, marks   Enter detail  Space mark (18)  d plan 18  u unmark  : palette  ? help
"
    );
}
