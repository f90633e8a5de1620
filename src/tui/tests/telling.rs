//! What is told: toasts that are not lost to each other, and the log that keeps everything.

use super::runs::{SIZES, broken, ends, index_refuses, running, stops};
use super::{App, demo, press, said};
use crate::audit::AuditNews;
use crate::domain::event::StepReport;
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Step, StepOutcome};
use crate::services::health::Liveness;
use crate::tui::message::Message;
use crate::tui::passage::{Copied, Passage};
use crate::tui::state::{Mode, State};
use crate::tui::theme::{ColourDepth, Role, Theme};

fn last_lines(app: &mut App, count: usize) -> String {
    let screen = app.screen();
    let lines: Vec<&str> = screen.lines().collect();
    lines[lines.len() - 1 - count..lines.len() - 1].join("\n")
}

fn copied(app: &mut App, what: &str, to: Copied) {
    let what = what.to_string();
    app.send(Message::Copied { what, to });
}

/// The log as it is shown, without what lies around it.
fn log(app: &mut App) -> Vec<String> {
    press(app, "L");
    let screen = app.screen();
    press(app, "<esc>");
    let inside = |line: &str| {
        line.starts_with('│')
            .then(|| line.trim_matches(['│', '↑', '↓']).trim_end().to_string())
    };
    screen
        .lines()
        .filter_map(inside)
        .map(|line| line.trim_start().to_string())
        .collect()
}

#[test]
fn toasts_that_follow_each_other_stand_above_each_other() {
    let mut app = App::of_demo(80, 24);
    app.state.told_of_clipboard = true;
    press(&mut app, "u");
    copied(&mut app, "the id: auth0|mira", Copied::Sent(Passage::Open));
    app.send(Message::Copied {
        what: "the ids of 3 users".into(),
        to: Copied::Lost("/state/copied.txt: no space left".into()),
    });
    assert_eq!(
        last_lines(&mut app, 4),
        " Nobody is marked.
 Sent to the terminal's clipboard: the id: auth0|mira
 ✗ Not copied: the ids of 3 users. /state/copied.txt: no space left. Is there
   room, and is the folder yours?"
    );
    // Each goes in its time.
    app.pass(7);
    assert_eq!(
        last_lines(&mut app, 2),
        " ✗ Not copied: the ids of 3 users. /state/copied.txt: no space left. Is there
   room, and is the folder yours?"
    );
    app.pass(20);
    assert!(!app.screen().contains("Not copied"));
}

/// Whether what was copied is told, and not cut.
fn copied_line(screen: &str, what: &str) -> bool {
    let mut lines = screen.lines();
    lines.any(|line| {
        line.starts_with(&format!(" Sent to the terminal's clipboard: {what}")) && !line.ends_with('…')
    })
}

/// None is told in part, but for one that nothing else has room beside.
#[test]
fn a_sentence_is_told_in_full_or_waits() {
    let mut app = App::of_demo(80, 24);
    app.state.told_of_clipboard = true;
    let long = "a long sentence about something that was copied ".repeat(3);
    copied(&mut app, &long, Copied::Sent(Passage::Open));
    copied(&mut app, "the id: auth0|mira", Copied::Sent(Passage::Open));
    copied(
        &mut app,
        &long.replace("copied", "kept"),
        Copied::Sent(Passage::Open),
    );
    let screen = app.screen();
    let whole = copied_line(&screen, "the id") && copied_line(&screen, "a long");
    assert!(whole, "{screen}");
    assert!(
        screen.contains("the id: auth0|mira") && !screen.contains("was copied"),
        "{screen}"
    );
    let endless = "word ".repeat(200);
    copied(&mut app, &endless, Copied::Sent(Passage::Open));
    assert!(last_lines(&mut app, 4).ends_with('…'));
}

#[test]
fn a_failure_has_another_glyph_and_another_colour() {
    let mut app = App::of_demo(80, 24);
    let told = Ok("/home/mira/x.csv".into());
    app.send(Message::Exported { rows: 2, told });
    copied(&mut app, "the id: auth0|mira", Copied::Lost("no room".into()));
    let picture = app.picture();
    let theme = Theme {
        depth: ColourDepth::True,
        ..Theme::default()
    };
    let at = |tone: crate::tui::toast::Tone| theme.style(Role::State(tone.fact().unwrap())).fg.unwrap();
    let (good, bad) = (&picture[(1, 20)], &picture[(1, 21)]);
    assert_eq!((good.symbol(), good.fg), ("✓", at(crate::tui::toast::Tone::Good)));
    assert_eq!((bad.symbol(), bad.fg), ("✗", at(crate::tui::toast::Tone::Bad)));
    assert_ne!(picture[(3, 20)].fg, picture[(3, 21)].fg);
    let mut setup = demo::setup();
    setup.ascii = true;
    let mut app = App::with(State::new(setup), 80, 24);
    copied(&mut app, "the id: auth0|mira", Copied::Lost("no room".into()));
    assert!(last_lines(&mut app, 2).starts_with(" XX Not copied"));
}

#[test]
fn esc_dismisses_what_was_told_and_still_goes_back() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<enter>u");
    assert!(app.screen().contains("Nobody is marked."));
    press(&mut app, "<esc>");
    assert!(app.state.detail.is_none() && !app.screen().contains("Nobody is marked."));
    let before = app.screen().lines().last().map(String::from);
    press(&mut app, "u");
    assert_eq!(
        app.screen().lines().last().map(String::from),
        before,
        "no key moves"
    );
    app.resize(280, 24);
    assert!(app.screen().lines().last().unwrap().contains("Esc dismiss"));
    app.resize(80, 24);
    press(&mut app, "<esc>");
    assert!(!app.screen().contains("Nobody is marked."));
    press(&mut app, "<esc>");
    assert!(
        app.screen()
            .contains("There is nothing to go back from; q quits.")
    );
}

#[test]
fn the_progress_and_what_is_typed_stay_below_a_toast() {
    let (mut app, targets) = running(4, (80, 24));
    app.pass(2);
    ends(&mut app, &targets[0], Outcome::Done);
    press(&mut app, "u");
    assert_eq!(
        last_lines(&mut app, 2),
        " Nobody is marked.
 run 7f3a  1 of 4  █████░░░░░░░░░░░░░░░  0.5/s  6 s to go"
    );
    press(&mut app, "/pds");
    assert_eq!(last_lines(&mut app, 2), " Nobody is marked.\n / pds");
    press(&mut app, "<esc><esc>");
    assert!(last_lines(&mut app, 1).contains("1 of 4"));
}

/// The cursor and the table's header are seen, however much is told, on the smallest screen.
#[test]
fn what_is_told_leaves_the_cursor_in_sight() {
    let mut app = App::of_demo(60, 15);
    press(&mut app, "GJ<enter>");
    for n in 0..5 {
        let long = "a long sentence about something that failed ".repeat(6);
        app.send(Message::Copied {
            what: format!("{n}"),
            to: Copied::Lost(long),
        });
    }
    let screen = app.screen();
    assert!(screen.contains("AUTH0") && screen.contains('▸'), "{screen}");
    assert!(screen.contains("Not copied: 4"), "{screen}");
}

#[test]
fn the_log_keeps_what_happened_with_class_and_advice() {
    let (mut app, targets) = running(12, (120, 40));
    app.pass(1);
    ends(&mut app, &targets[11], Outcome::Done);
    stops(&mut app, &targets[..11]);
    let mut health = demo::health();
    health[3].liveness = Liveness::Down;
    health[3].problem = Some(Problem::new(
        Class::Unavailable,
        "pds does not answer.",
        "Is it up?",
    ));
    app.pass(60);
    app.send(Message::Health(health));
    for _ in 0..3 {
        app.start();
        app.send(Message::Audit(AuditNews::Failed {
            tenant: "aesthetic".into(),
            problem: Problem::new(Class::RateLimit, "auth0 refuses for now.", ""),
        }));
    }
    app.send(Message::Health(demo::health()));
    app.start();
    app.finish();
    let told = log(&mut app);
    let failed = "✗ a…@example.com auth0|auser0: failed: mongo refused createIndexes: an equivalent index exists already";
    let expected = [
        "2026-11-22",
        "14:32:20    Run 7f3a began: 12 users. Why: the code index was broken",
        "14:32:21  ✓ l…@example.com: mended",
        "14:32:21  ! a…@example.com auth0|auser0: ensure-code-index failed",
    ];
    assert_eq!(told[..4], expected, "{told:#?}");
    assert_eq!(told[4], format!("14:32:21  {failed}"), "{told:#?}");
    assert_eq!(
        told[5],
        "(code 85). Drop the index code_1 on users, then go on. (internal, look)"
    );
    let text = said(&told.join("\n"));
    for part in [
        "✗ Run 7f3a stopped after 5: ensure-code-index fails: mongo refused createIndexes: an equivalent index exists",
        "f…@example.com: left for later",
        "14:33:21 ✗ pds is down: pds does not answer. Is it up? (unavailable, retry)",
        "✗ aesthetic cannot be listed: auth0 refuses for now. (rate limit, retry) (3 times)",
        "✓ pds answers again",
        "✓ aesthetic is listed again",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn everything_that_a_toast_says_stands_in_the_log() {
    let mut app = broken(3, (80, 24));
    app.state.local = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    press(&mut app, "u]TTaFnL");
    assert_eq!(
        app.screen().matches("Nothing was changed.").count(),
        1,
        "once is enough: {}",
        app.screen()
    );
    press(&mut app, "<esc>");
    let told = said(&log(&mut app).join("\n"));
    for part in [
        "14:32:20 Nobody is marked.",
        "Enter opens the detail, which this key scrolls.",
        "Times are in local time (+02:00).",
        "Times are in UTC.",
        "Nothing was changed.",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_log_is_masked_and_its_times_follow_the_zone() {
    let (mut app, targets) = running(2, (80, 24));
    ends(&mut app, &targets[0], Outcome::Done);
    let name = targets[0].sub.trim_start_matches("auth0|").to_string();
    press(&mut app, "L");
    assert!(!app.screen().contains(&name), "{}", app.screen());
    press(&mut app, "p");
    assert!(
        app.screen().contains(&format!("✓ {name}@example.com: mended")),
        "{}",
        app.screen()
    );
    app.state.local = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    press(&mut app, "T");
    assert!(app.screen().contains("16:32:20  ✓"), "{}", app.screen());
    assert!(app.screen().contains("· +02 "), "{}", app.screen());
    app.pass(121);
    assert!(!app.screen().contains(&name), "{}", app.screen());
}

#[test]
fn the_log_follows_its_end_unless_it_is_scrolled_up() {
    for size in SIZES.into_iter().chain([(60, 15), (200, 60)]) {
        let mut app = App::of_demo(size.0, size.1);
        let say = |app: &mut App, n: usize| app.send(Message::Notice(format!("sentence {n} of many")));
        (0..100).for_each(|n| say(&mut app, n));
        press(&mut app, "L");
        assert!(app.screen().contains("sentence 99 of many"), "{}", app.screen());
        say(&mut app, 100);
        assert!(app.screen().contains("sentence 100 of many"), "{}", app.screen());
        press(&mut app, "kk");
        assert!(matches!(app.state.mode, Mode::Log { scroll: Some(_) }));
        assert!(app.screen().contains("G follows the newest"), "{}", app.screen());
        let before = app.screen();
        app.pass(30);
        say(&mut app, 101);
        let inside = |text: &str| text.lines().skip(3).take(7).collect::<Vec<_>>().join("\n");
        assert_eq!(
            inside(&app.screen()),
            inside(&before),
            "it stays where it is read"
        );
        press(&mut app, "g");
        assert!(app.screen().contains("2026-11-22"), "{}", app.screen());
        press(&mut app, "G");
        assert!(matches!(app.state.mode, Mode::Log { scroll: None }));
        say(&mut app, 102);
        assert!(app.screen().contains("sentence 102 of many"), "{}", app.screen());
        let effects = app.effects.len();
        press(&mut app, "q");
        assert!(matches!(app.state.mode, Mode::Table));
        assert_eq!(app.effects.len(), effects, "nothing is asked for by looking");
    }
}

/// Sentences that come from elsewhere cannot paint over the screen.
#[test]
fn nothing_hostile_reaches_the_log() {
    let (mut app, targets) = running(1, (120, 40));
    let report = StepReport {
        step: Step::CreateAccount,
        at: demo::now(),
        outcome: StepOutcome::Failed,
        ms: 4,
        detail: "\u{1b}[2J\u{202e}evil".into(),
    };
    app.job(&targets[0], JobNews::StepDone(report));
    let mut problem = index_refuses();
    problem.message = "\u{1b}]52;c;AAAA\u{7}".into();
    app.run(RunNews::Unwritten(problem));
    let told = said(&log(&mut app).join("\n"));
    assert!(
        told.contains("create-account failed: \\u{1b}[2J\\u{202e}evil"),
        "{told}"
    );
    assert!(told.contains("\\u{1b}]52;c;AAAA\\u{7}"), "{told}");
}

#[test]
fn an_empty_log_says_so() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "L");
    assert!(app.screen().contains("Log · 0 entries · UTC"), "{}", app.screen());
    assert!(app.screen().contains("Nothing happened yet."));
}
