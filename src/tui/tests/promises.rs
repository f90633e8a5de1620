//! Sentences that promise no more than holds: where nothing may be written, for this session alone, with the date of what
//! is days ago, and in the zone that is really shown.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{App, demo, dialog, press, said};
use crate::audit::AuditNews;
use crate::domain::{Class, Problem};
use crate::tui::message::Message;
use crate::tui::state::State;

fn reading_only() -> App {
    let mut setup = demo::setup();
    setup.read_only = true;
    let mut app = App::with(State::new(setup), 120, 40);
    app.refresh(demo::signups());
    app.send(Message::Health(demo::health()));
    app.effects.clear();
    app
}

#[test]
fn where_nothing_may_be_written_no_key_is_said_to_mend() {
    let mut app = reading_only();
    press(&mut app, "J");
    let screen = app.screen();
    assert!(
        screen.contains("There were no jobs in this session: it only reads. atriage runs list names"),
        "{screen}"
    );
    press(&mut app, "ia");
    let screen = app.screen();
    assert!(
        screen.contains("3 users marked; d in the table says what would be done to them."),
        "{screen}"
    );
    assert!(!screen.contains("F asks"), "{screen}");
    press(&mut app, "<esc>d");
    assert!(dialog(&mut app).contains("Plan for 3 users"), "{}", app.screen());
}

/// An accident of so many minutes ago, the last whole signup half an hour before it.
fn accident(minutes: i64) -> App {
    let mut app = App::new(120, 40);
    let lacks = |n: i64| demo::without_record(&format!("{}user", char::from(b'a' + n as u8)), minutes - n);
    let mut signups: Vec<_> = (0..4).map(lacks).collect();
    signups.push(demo::whole("chen", minutes + 30));
    app.refresh(signups);
    app.send(Message::Health(demo::health()));
    app
}

#[test]
fn what_is_days_ago_has_its_date() {
    // 2026-11-22 14:32:20 UTC less so many minutes.
    for (minutes, since, hours) in [
        (
            8,
            "have no users record since 14:24 UTC.",
            "Hours 13:00 0 of 1 · 14:00 4 of 4",
        ),
        (
            2 * 1_440,
            "have no users record since 2026-11-20 14:32 UTC.",
            "Hours 2026-11-20 14:00 4 of 5",
        ),
    ] {
        let mut app = accident(minutes);
        let screen = app.screen();
        assert!(screen.contains(since), "{screen}");
        press(&mut app, "i");
        let told = said(&dialog(&mut app));
        assert!(told.contains(hours), "{told}");
    }
}

#[test]
fn a_tenant_that_cannot_be_listed_for_days_says_of_which_day_its_rows_are() {
    let mut app = App::of_demo(120, 24);
    app.send(Message::Tick(app.now() + SignedDuration::from_hours(50)));
    let problem = Problem::new(Class::Unavailable, "auth0 does not answer.", "Is it up?");
    let tenant = "aesthetic".to_string();
    app.send(Message::Audit(AuditNews::Failed { tenant, problem }));
    let screen = app.screen();
    assert!(
        screen.contains("what is shown is of 2026-11-22 14:32 UTC"),
        "{screen}"
    );
}

#[test]
fn the_zone_is_named_and_one_that_was_not_understood_is_said_to_be() {
    let mut app = App::of_demo(120, 24);
    for (zone, told) in [
        (
            TimeZone::fixed(jiff::tz::offset(2)),
            "Times are in local time (+02:00).",
        ),
        (TimeZone::get("UTC").unwrap(), "Times are in local time (UTC)."),
        (
            TimeZone::unknown(),
            "The local time zone is not understood (TZ, or /etc/localtime), so that times stay in UTC.",
        ),
    ] {
        app.state.local = zone;
        press(&mut app, "T");
        assert!(app.screen().contains(told), "{told}: {}", app.screen());
        press(&mut app, "T");
        assert!(app.screen().contains("Times are in UTC."), "{}", app.screen());
    }
}
