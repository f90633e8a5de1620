//! Runs as an operator sees them while they work.

use jiff::SignedDuration;

use super::{App, demo, press};
use crate::domain::event::StepReport;
use crate::domain::run::{Pause, Run, RunState, Signature};
use crate::domain::trail::{Change, Deed, Field};
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Signup, Step, StepOutcome};
use crate::tui::message::{Effect, Message, OpenRun, Target};

pub fn many(width: u16, height: u16) -> App {
    let mut app = App::new(width, height);
    let all: Vec<Signup> = (0..12)
        .map(|n| demo::without_record(&format!("user{n}"), 3 + n))
        .collect();
    app.refresh(all);
    app.send(Message::Health(demo::health()));
    app.effects.clear();
    app
}

#[test]
fn look() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = many(w, h);
        press(&mut app, "aFy");
        println!("{}\n----", app.screen());
        press(&mut app, "<enter>");
        println!("{}\n----", app.screen());
        press(&mut app, "the code index was broken");
        println!("{}\n----", app.screen());
        press(&mut app, "<enter>");
        app.run(RunNews::Registered { total: 12 });
        let targets = app.started();
        app.job(&targets[0], JobNews::Started);
        app.job(
            &targets[1],
            JobNews::Busy {
                by: "ivo@desk".into(),
            },
        );
        app.job(&targets[2], JobNews::Left);
        app.job(&targets[4], JobNews::StepStarted(Step::CreateAccount));
        app.pass(2);
        app.job(
            &targets[3],
            JobNews::Finished {
                outcome: Outcome::Done,
                error: None,
            },
        );
        println!("{}\n----", app.screen());
        press(&mut app, "J");
        println!("{}\n----", app.screen());
        press(&mut app, "q");
        println!("{}\n----", app.screen());
        press(&mut app, "n");
        app.run(RunNews::Holding {
            until: app.now() + SignedDuration::from_secs(8),
            why: Problem::new(Class::Unavailable, "pds did not answer within 10 s.", "Wait."),
        });
        println!("{}\n----", app.screen());
        let problem = Problem::new(
            Class::Internal,
            "mongo refused createIndex: Index build failed: E11000 duplicate key error (code 85).",
            "Look at the index on users.code: two kinds of it collide.",
        );
        let pause = Pause {
            at: app.now(),
            after: 5,
            signature: Signature::of(Some(Step::EnsureCodeIndex), &problem),
            problem: problem.clone(),
        };
        for t in &targets[5..10] {
            app.job(
                t,
                JobNews::StepDone(StepReport {
                    step: Step::EnsureCodeIndex,
                    at: app.now(),
                    outcome: StepOutcome::Failed,
                    ms: 3,
                    detail: "".into(),
                }),
            );
            app.job(
                t,
                JobNews::Finished {
                    outcome: Outcome::Failed,
                    error: Some(problem.clone()),
                },
            );
        }
        app.run(RunNews::Paused(pause.clone()));
        app.run(RunNews::Ended);
        println!("{}\n----", app.screen());
        press(&mut app, "R");
        println!("{}\n----", app.screen());
        println!("{:?}", crate::tui::shell::left_behind(&app.state));

        let mut app = App::of_demo(w, h);
        let run = |id: &str, pause| OpenRun {
            run: Run {
                id: id.into(),
                tenant: "aesthetic".into(),
                operator: "mira".into(),
                host: "desk".into(),
                reason: Some("the code index was broken".into()),
                deep: false,
                total: 20,
                created_at: app.now() - SignedDuration::from_mins(12),
                state: RunState::Running,
                pause,
                ended_at: None,
            },
            left: 15,
            failed: 2,
        };
        let open = vec![
            run("7f3a09c1", None),
            run("81bb0000", None),
            run("91bb0000", Some(pause)),
        ];
        app.send(Message::Interrupted(open.clone()));
        println!("{}\n----", app.screen());
        press(&mut app, "n");
        println!("{}\n----", app.screen());
        app.send(Message::Interrupted(open[2..].to_vec()));
        println!("{}\n----", app.screen());
        press(&mut app, "nH");
        println!("{}\n----", app.screen());
        let target = Target {
            tenant: "aesthetic".into(),
            sub: "auth0|mira".into(),
            key: "auth0|mira".into(),
        };
        assert!(app.effects.contains(&Effect::History(target.clone())));
        let deed = |step, outcome, changes, error: Option<&str>| Deed {
            run: "7f3a09c1".into(),
            tenant: "aesthetic".into(),
            sub: target.sub.clone(),
            key: target.key.clone(),
            step,
            at: app.now(),
            ended_at: None,
            operator: "mira".into(),
            host: "desk".into(),
            reason: Some("the code index was broken".into()),
            outcome,
            changes,
            error: error.map(String::from),
        };
        let change = |field, before: Option<&str>, after: Option<&str>| Change {
            field,
            before: before.map(String::from),
            after: after.map(String::from),
        };
        let told = vec![
            deed(
                Step::RecordAccount,
                None,
                vec![change(Field::RecordedDid, None, None)],
                None,
            ),
            deed(
                Step::CreateAccount,
                Some(StepOutcome::Failed),
                vec![],
                Some("pds refused createAccount: Handle already taken: mira.at.example.com"),
            ),
            deed(
                Step::SyncHandle,
                Some(StepOutcome::Done),
                vec![
                    change(
                        Field::Handle,
                        Some("mira.at.example.com"),
                        Some("mira2.at.example.com"),
                    ),
                    change(Field::Password, None, Some("set")),
                ],
                None,
            ),
            deed(
                Step::CreateUser,
                Some(StepOutcome::Done),
                vec![
                    change(Field::UserRecord, None, Some("auth0|mira")),
                    change(Field::Code, None, Some("ac26momez")),
                ],
                None,
            ),
        ];
        app.send(Message::History {
            target: target.clone(),
            told: Ok(told),
        });
        println!("{}\n----", app.screen());
        press(&mut app, "p");
        println!("{}\n----", app.screen());
    }
}
