//! Every row is read again, not only the newest: a page after each refresh, in turn; and how old the oldest reading is.

use jiff::SignedDuration;

use super::{App, demo, press};
use crate::audit::{AuditNews, Stage};
use crate::domain::{Class, Observed, Problem, Signup, Verdict};
use crate::services::health::Liveness;
use crate::tui::message::{Effect, Message};
use crate::tui::state::RowId;

/// How many a page has.
const PAGE: usize = 50;

fn many(count: i64) -> Vec<Signup> {
    (0..count).map(|n| demo::whole(&format!("user{n}"), n)).collect()
}

/// Answers the oldest request as a tenant of these would, the newest first; whether that was for an older page.
fn answer(app: &mut App, all: &[Signup]) -> Option<bool> {
    let is_request = |effect: &Effect| matches!(effect, Effect::Refresh { .. } | Effect::LoadOlder { .. });
    let at = app.effects.iter().position(is_request)?;
    let before = match app.effects.remove(at) {
        Effect::LoadOlder { before, .. } => Some(before),
        _ => None,
    };
    let mut of_page = all.to_vec();
    of_page.retain(|signup| before.is_none() || signup.created_at() <= before);
    let whole_tenant = of_page.len() < PAGE;
    of_page.truncate(PAGE);
    app.start();
    app.news(Stage::Complete, of_page);
    app.send(Message::Audit(AuditNews::Finished {
        tenant: "aesthetic".into(),
        at: app.now(),
        whole_tenant,
        evidence: None,
        orphans_unknown: None,
    }));
    Some(before.is_some())
}

/// Lets so many seconds pass and answers all that is asked then: for how many older pages that was.
fn round(app: &mut App, seconds: i64, all: &[Signup]) -> usize {
    app.pass(seconds);
    std::iter::from_fn(|| answer(app, all))
        .filter(|older| *older)
        .count()
}

/// One that has loaded so many of these.
fn loaded(all: &[Signup], count: usize) -> App {
    let mut app = App::new(120, 24);
    app.send(Message::Health(demo::health()));
    round(&mut app, 1, all);
    while app.state.rows.len() < count {
        press(&mut app, "+");
        assert_eq!(answer(&mut app, all), Some(true));
    }
    app
}

fn id(signup: &Signup) -> RowId {
    RowId::of(signup)
}

#[test]
fn who_vanished_loses_row_and_mark_wherever_they_stand() {
    let mut all = many(150);
    let mut app = loaded(&all, 150);
    press(&mut app, "a");
    assert_eq!(app.state.marks.len(), 150);
    let gone = [140, 101, 77].map(|at| id(&all.remove(at)));
    let broken = id(&all[120]);
    all[120] = Signup {
        user: Observed::Absent,
        ..all[120].clone()
    };
    for _ in 0..3 {
        assert_eq!(round(&mut app, 15, &all), 1, "one page more, no less");
    }
    for gone in gone {
        assert!(
            !app.state.rows.contains_key(&gone) && !app.state.marks.contains(&gone),
            "{gone:?}"
        );
    }
    assert_eq!((app.state.rows.len(), app.state.marks.len()), (147, 147));
    assert_eq!(app.state.rows[&broken].verdict, Verdict::Broken);
}

#[test]
fn the_header_and_the_export_say_how_old_the_oldest_reading_is() {
    let all = many(400);
    // Each page begins with the last of the one above.
    let mut app = loaded(&all, 148);
    let first = app.now();
    assert!(
        app.screen().contains("newest 148 · just now  "),
        "{}",
        app.screen()
    );
    round(&mut app, 130, &all);
    let screen = app.screen();
    assert!(screen.contains("newest 148 · just now to 2 min ago"), "{screen}");
    // Where both have no room, the services are told before the number of rows.
    app.resize(80, 24);
    let first_line = app.screen().lines().next().unwrap().to_string();
    assert!(
        first_line.contains("  just now to 2 min ago ") && first_line.contains("plc ✓"),
        "{first_line}"
    );
    app.resize(120, 24);
    app.effects.clear();
    press(&mut app, "e<enter>");
    let checked_at = app.effects.iter().find_map(|effect| match effect {
        Effect::Export(export) => Some(export.tenants[0].checked_at),
        _ => None,
    });
    assert_eq!(checked_at, Some(first));
    // The pages of two more turns, and nothing is that old any more.
    round(&mut app, 15, &all);
    round(&mut app, 15, &all);
    app.pass(3);
    assert!(
        app.screen().contains("newest 148 · 3 s ago  "),
        "{}",
        app.screen()
    );
}

#[test]
fn nothing_is_read_again_where_that_is_not_wanted() {
    let all = many(150);
    // Frozen, also while the newest are being read.
    let mut app = loaded(&all, 148);
    app.pass(15);
    press(&mut app, "z");
    assert_eq!(answer(&mut app, &all), Some(false));
    assert!(app.effects.is_empty(), "{:?}", app.effects);
    assert_eq!(round(&mut app, 100, &all), 0);
    // While the budget of Auth0 is used up.
    let mut app = loaded(&all, 148);
    app.pass(15);
    let mut health = demo::health();
    health[0].liveness = Liveness::Limited;
    health[0].free_at = Some(app.now() + SignedDuration::from_secs(60));
    app.send(Message::Health(health));
    assert_eq!(answer(&mut app, &all), Some(false));
    assert!(app.effects.is_empty(), "{:?}", app.effects);
    // Where the newest are all that is loaded.
    let mut app = App::new(120, 24);
    assert_eq!(round(&mut app, 1, &all), 0);
    assert_eq!(round(&mut app, 15, &all), 0);
}

#[test]
fn who_came_between_what_was_read_is_read_in_turn() {
    let mut all = many(50);
    let mut app = loaded(&all, 50);
    let newcomers = (0..120).map(|n| demo::whole(&format!("new{n}"), n - 200));
    all.splice(0..0, newcomers);
    round(&mut app, 15, &all);
    round(&mut app, 15, &all);
    assert_eq!(app.state.rows.len(), 170);
}

#[test]
fn a_key_for_older_ones_is_heard_while_a_page_is_read_again() {
    let all = many(400);
    let mut app = loaded(&all, 148);
    app.pass(15);
    assert_eq!(answer(&mut app, &all), Some(false));
    assert!(
        !app.screen().contains("older…"),
        "nobody asked for it: {}",
        app.screen()
    );
    press(&mut app, "+");
    assert!(
        app.screen().contains("as soon as this reading is over"),
        "{}",
        app.screen()
    );
    while answer(&mut app, &all).is_some() {}
    assert_eq!(app.state.rows.len(), 197);
}

#[test]
fn who_signed_up_at_the_moment_at_which_a_page_ends_is_not_gone() {
    let mut all = many(60);
    let (last, next) = (all[PAGE - 1].created_at(), &mut all[PAGE]);
    if let Observed::Present(auth0) = &mut next.auth0 {
        auth0.created_at = last.unwrap();
    }
    let tied = id(next);
    let mut app = loaded(&all, 60);
    app.pass(15);
    assert_eq!(answer(&mut app, &all), Some(false));
    assert!(app.state.rows.contains_key(&tied));
    round(&mut app, 15, &all);
    assert_eq!(app.state.rows.len(), 60);
}

/// Whom Auth0 does not have stands on no page.
#[test]
fn who_lost_their_auth0_user_is_looked_at_again_wherever_they_stand() {
    let all = many(120);
    let mut app = loaded(&all, 120);
    let orphans: Vec<Signup> = (0..6)
        .map(|n| Signup {
            auth0: Observed::Absent,
            ..demo::whole(&format!("orphan{n}"), 100 + n)
        })
        .collect();
    // They lost it while they stood there.
    for orphan in &orphans {
        app.news(Stage::Complete, vec![orphan.clone()]);
    }
    let asked = |app: &mut App| -> Vec<String> {
        let asked = app.effects.iter().filter_map(|effect| match effect {
            Effect::Observe(target) => Some(target.sub.clone()),
            _ => None,
        });
        let asked = asked.collect();
        app.effects.clear();
        asked
    };
    asked(&mut app);
    let of = |sub: &String| orphans.iter().find(|orphan| orphan.sub == *sub);
    round(&mut app, 15, &all);
    let first = asked(&mut app);
    assert_eq!(first.len(), 4, "a few at a time: {first:?}");
    // One is cured, one is gone altogether, the others are as they were.
    let mut cured = demo::whole("cured", 100);
    for (n, orphan) in first.iter().filter_map(of).enumerate() {
        let observed = match n {
            0 => {
                cured = Signup {
                    auth0: cured.auth0.clone(),
                    ..orphan.clone()
                };
                cured.clone()
            }
            1 => Signup {
                auth0: Observed::Absent,
                user: Observed::Absent,
                verification: Observed::Absent,
                name: Observed::Absent,
                ..Signup::named(&orphan.tenant, &orphan.sub, &orphan.key)
            },
            _ => orphan.clone(),
        };
        app.send(Message::Observed(Box::new(observed)));
    }
    let gone = first.get(1).and_then(of).map(id).expect("four were asked about");
    assert!(!app.state.rows.contains_key(&gone));
    assert_ne!(app.state.rows[&id(&cured)].verdict, Verdict::Broken);
    // The next are those whose reading is oldest, and nobody any more who has a user.
    round(&mut app, 15, &all);
    let second = asked(&mut app);
    let others = orphans.iter().filter(|orphan| !first.contains(&orphan.sub));
    let others: Vec<&String> = others.map(|orphan| &orphan.sub).collect();
    assert!(others.iter().all(|sub| second.contains(sub)), "{second:?}");
    assert!(!second.contains(&cured.sub), "{second:?}");
    // Frozen, nobody is asked about.
    app.pass(15);
    press(&mut app, "z");
    app.effects.clear();
    app.refresh(all[..PAGE].to_vec());
    assert!(asked(&mut app).is_empty());
}

/// The newest are listed: one page that could not be read again is no outage.
#[test]
fn a_page_that_cannot_be_read_again_does_not_make_the_tenant_unlisted() {
    let all = many(400);
    let mut app = loaded(&all, 148);
    app.pass(15);
    assert_eq!(answer(&mut app, &all), Some(false));
    let older = |effect: &Effect| matches!(effect, Effect::LoadOlder { .. });
    assert!(app.effects.iter().any(older), "{:?}", app.effects);
    app.effects.clear();
    let fail = |app: &mut App| {
        app.start();
        app.send(Message::Audit(AuditNews::Failed {
            tenant: "aesthetic".into(),
            problem: Problem::new(Class::Unavailable, "auth0 answered 502.", "Wait."),
        }));
    };
    fail(&mut app);
    let screen = app.screen();
    assert!(!screen.contains("cannot be listed"), "{screen}");
    let walk = &app.state.walks["aesthetic"];
    assert_eq!((walk.failures, walk.failure.is_none()), (0, true));
    let told = app.state.log.entries().last().map(|entry| entry.text.clone());
    let told = told.unwrap_or_default();
    assert!(
        told.starts_with("Older signups of aesthetic could not be read again: auth0 answered 502."),
        "{told}"
    );
    // The next refresh comes at its time, and the page after it.
    assert_eq!(round(&mut app, 15, &all), 1);
    // What somebody asked for meanwhile is still loaded.
    app.pass(15);
    assert_eq!(answer(&mut app, &all), Some(false));
    app.effects.clear();
    press(&mut app, "+");
    fail(&mut app);
    assert!(app.effects.iter().any(older), "{:?}", app.effects);
    // That one was asked for: that it fails is told.
    fail(&mut app);
    assert!(app.screen().contains("cannot be listed"), "{}", app.screen());
}
