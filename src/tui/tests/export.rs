//! What `e` asks, and what is handed to whoever writes the file.

use super::{App, demo, dialog, press};
use crate::domain::{Class, JobNews, Outcome, Problem};
use crate::tui::export::{Export, Format};
use crate::tui::message::{Effect, Message};
use crate::tui::state::{Mode, State};

fn exported(app: &mut App, keys: &str) -> Export {
    app.effects.clear();
    press(app, keys);
    match app.effects.as_slice() {
        [Effect::Export(export)] => (**export).clone(),
        other => panic!("{keys}: {other:?}"),
    }
}

fn subs(export: &Export) -> Vec<&str> {
    export
        .rows
        .iter()
        .map(|shown| shown.signup.sub.as_str())
        .collect()
}

#[test]
fn it_asks_for_the_format_and_says_where_it_will_lie() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "ejj");
    assert_eq!(
        dialog(&mut app),
        "
┌ Export 18 signups of aesthetic · sandbox ────────────────────────────────┐
│   CSV       the columns that are shown, for a spreadsheet                │
│   JSON      everything about each, as audit -o json tells it             │
│ ▸ NDJSON    the same, a line each                                        │
│   Markdown  the columns that are shown, for a ticket                     │
│                                                                          │
│ All that are loaded, in this order.                                      │
│ E-mails and handles are masked, as on the screen; p shows them.          │
│ /home/mira/atriage-aesthetic-2026-11-22T143220Z.ndjson                   │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    press(&mut app, "p");
    app.pass(5);
    let shown = dialog(&mut app);
    assert!(
        shown.contains("│ E-mails and handles are written in full, as they are shown now."),
        "{shown}"
    );
    assert!(
        shown.contains("143220Z.ndjson"),
        "the name does not change while it is read"
    );
    let export = exported(&mut app, "<enter>");
    assert_eq!((export.format, export.unmask), (Format::Ndjson, true));
    assert!(matches!(app.state.mode, Mode::Table));
    for keys in ["e<esc>", "eq", "ee"] {
        app.effects.clear();
        press(&mut app, keys);
        assert!(
            app.effects.is_empty() && matches!(app.state.mode, Mode::Table),
            "{keys}"
        );
    }
}

#[test]
fn what_is_shown_is_exported_in_its_order_and_its_columns() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "/pds:missing<enter>S");
    let export = exported(&mut app, "e<enter>");
    assert_eq!(export.format, Format::Csv);
    assert_eq!(
        subs(&export),
        ["auth0|orla", "auth0|kato", "auth0|mira"],
        "the oldest first"
    );
    assert!(!export.unmask);
    assert_eq!(
        export.fields.join(" "),
        "tenant created_at sub email email_verified handle auth0_state mongo_state code code_state did did_state \
         pds_handle pds_state findings messages plan"
    );
    assert_eq!(
        (export.tenants[0].name.as_str(), export.tenants[0].loaded),
        ("aesthetic", 18)
    );
    assert_eq!(
        export.tenants[0].systemic.as_ref().map(|found| found.affected),
        Some(3)
    );
    // Without the age, and with what a job does.
    press(&mut app, "c<space><esc>Fy");
    let targets = app.started();
    app.job(
        &targets[0],
        JobNews::Finished {
            outcome: Outcome::Cancelled,
            error: None,
        },
    );
    let export = exported(&mut app, "e<tab><tab><tab><enter>");
    assert_eq!(export.format, Format::Markdown);
    assert!(export.fields.ends_with(&["plan", "job"]), "{:?}", export.fields);
    assert!(!export.fields.contains(&"created_at"), "{:?}", export.fields);
    let jobs: Vec<&str> = export
        .rows
        .iter()
        .filter_map(|shown| shown.job.as_deref())
        .collect();
    assert_eq!(jobs, ["cancelled"]);
}

#[test]
fn all_tenants_are_named_so_and_read_only_may_export() {
    let mut setup = demo::setup();
    setup.read_only = true;
    setup.tenants = vec!["aesthetic".into(), "../so tce".into()];
    let mut app = App::with(State::new(setup), 120, 40);
    app.refresh(demo::signups());
    press(&mut app, "tte");
    // Of the other nothing was read: when, would be invented.
    assert!(matches!(app.state.mode, Mode::Table), "{}", app.screen());
    let now = app.now();
    for walk in app.state.walks.values_mut() {
        walk.doing = crate::tui::state::Doing::Nothing;
        walk.fresh_at = Some(now);
    }
    let export = exported(&mut app, "e<enter>");
    assert_eq!(
        export.path.to_str(),
        Some("/home/mira/atriage-all-2026-11-22T143220Z.csv")
    );
    assert_eq!(export.tenants.len(), 2);
    let path = crate::tui::export::path;
    press(&mut app, "tt");
    let of_odd = path(&app.state, Format::Json, app.now());
    assert_eq!(
        of_odd.to_str(),
        Some("/home/mira/atriage-sotce-2026-11-22T143220Z.json")
    );
}

#[test]
fn nothing_shown_is_nothing_to_export() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "/xyzzy<enter>e");
    assert!(matches!(app.state.mode, Mode::Table));
    assert!(app.screen().contains("No signup is shown here."));
}

#[test]
fn what_became_of_it_is_told() {
    let mut app = App::of_demo(120, 24);
    app.send(Message::Exported {
        rows: 3,
        told: Ok("/home/mira/atriage-aesthetic-2026-11-22T143220Z.csv".into()),
    });
    assert!(
        app.screen()
            .contains(" ✓ Wrote 3 rows to /home/mira/atriage-aesthetic-2026-11-22T143220Z.csv\n"),
        "{}",
        app.screen()
    );
    app.send(Message::Exported {
        rows: 3,
        told: Err(Problem::new(
            Class::Internal,
            "/home/mira cannot be written: no space left.",
            "Make room there.",
        )),
    });
    assert!(
        app.screen().contains(
            " ✗ Nothing was exported: /home/mira cannot be written: no space left. Make room there. (internal, look)"
        ),
        "{}",
        app.screen()
    );
}
