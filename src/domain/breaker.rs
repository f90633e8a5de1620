//! What makes a run stop by itself: one cause behind many failures, or a refused credential. Whoever is forbidden something
//! alone keeps nobody else from being mended.

use jiff::Timestamp;

use super::error::{Advice, Problem};
use super::run::{Pause, Signature};

/// From how many users in a row on the same failure is no coincidence any more.
pub const ENOUGH: usize = 5;

/// How a job failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub signature: Signature,
    pub problem: Problem,
    /// Our credential was not refused: something was forbidden, perhaps for this user alone.
    pub forbidden: bool,
}

/// Whose failure it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concerns {
    /// This user's alone: the others are gone on with.
    Alone,
    /// That will show when somebody else gets on, or nobody does: the others are gone on with meanwhile.
    Unclear,
    /// The run is to stop.
    Everybody(Pause),
}

/// Watches the ends of jobs for one cause behind many. What is forbidden for one user is their own failure as soon as the
/// account of another could be worked on; as long as nobody's could, they wait to know.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    streak: usize,
    signature: Option<Signature>,
    /// Somebody's account could be worked on.
    proven: bool,
    /// How many wait to know whether it is theirs alone, and what the last of them met.
    unclear: usize,
    last: Option<Failure>,
}

impl Breaker {
    /// A job ended well.
    pub fn went_well(&mut self) {
        (self.streak, self.signature) = (0, None);
    }

    /// Somebody's account could be worked on: what others are forbidden is theirs alone.
    pub fn prove(&mut self) {
        self.proven = true;
        (self.unclear, self.last) = (0, None);
    }

    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// Takes the failure of a job in.
    pub fn failed(&mut self, failure: Failure, at: Timestamp) -> Concerns {
        let advice = failure.problem.advice;
        if advice == Advice::Decide {
            // It concerns this user alone, however many such users there are.
            return Concerns::Alone;
        }
        if self.signature.as_ref() != Some(&failure.signature) {
            self.streak = 0;
        }
        self.streak += 1;
        self.signature = Some(failure.signature.clone());
        let unclear = failure.forbidden && !self.proven;
        self.unclear += usize::from(unclear);
        // A wrong credential fails everybody: one is enough.
        let refused = advice == Advice::Configure && !failure.forbidden;
        let many = self.streak.max(if unclear { self.unclear } else { 0 });
        if refused || many >= ENOUGH {
            (self.streak, self.unclear, self.last) = (0, 0, None);
            Concerns::Everybody(pause(failure, many, at))
        } else if unclear {
            self.last = Some(failure);
            Concerns::Unclear
        } else {
            Concerns::Alone
        }
    }

    /// Nobody is left but those who wait to know: nobody got on, so that it counts as everybody's. `None` where that was
    /// said already.
    pub fn nobody_else(&mut self, at: Timestamp) -> Option<Pause> {
        let last = self.last.take()?;
        Some(pause(last, std::mem::take(&mut self.unclear), at))
    }
}

fn pause(failure: Failure, after: usize, at: Timestamp) -> Pause {
    Pause {
        at,
        after,
        signature: failure.signature,
        problem: failure.problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Class;
    use crate::domain::plan::Step;

    fn failure(step: Option<Step>, problem: Problem, forbidden: bool) -> Failure {
        Failure {
            signature: Signature::of(step, &problem),
            problem,
            forbidden,
        }
    }

    fn see(breaker: &mut Breaker, message: &str) -> Concerns {
        let problem = Problem::new(Class::Internal, message, "");
        let failure = failure(Some(Step::EnsureCodeIndex), problem, false);
        breaker.failed(failure, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn five_of_one_kind_in_a_row_stop_a_run_and_fewer_do_not() {
        let mut breaker = Breaker::default();
        for round in 0..3 {
            for n in 0..4 {
                let message = format!("The account did:plc:{round}{n} of auth0|{n} is gone.");
                assert_eq!(see(&mut breaker, &message), Concerns::Alone);
            }
            // A success ends the streak.
            breaker.went_well();
        }
        for _ in 0..4 {
            assert_eq!(see(&mut breaker, "one (code 85)."), Concerns::Alone);
        }
        assert_eq!(
            see(&mut breaker, "another."),
            Concerns::Alone,
            "another failure begins anew"
        );
        for _ in 0..4 {
            assert_eq!(see(&mut breaker, "one (code 85)."), Concerns::Alone);
        }
        let Concerns::Everybody(pause) = see(&mut breaker, "one (code 85).") else {
            panic!("the fifth stops it");
        };
        assert_eq!(
            pause.sentence(),
            "stopped after 5: ensure-code-index fails: one (code 85)."
        );
    }

    #[test]
    fn a_wrong_credential_stops_it_at_once() {
        let mut breaker = Breaker::default();
        breaker.prove();
        let refused = failure(None, Problem::new(Class::Auth, "pds refused it.", ""), false);
        let Concerns::Everybody(pause) = breaker.failed(refused, Timestamp::UNIX_EPOCH) else {
            panic!("it stops");
        };
        assert_eq!(
            pause.sentence(),
            "stopped: looking at the user fails: pds refused it."
        );
    }

    /// What happens one after the other to a run, and what is said of each: `f` a user is forbidden something, `r` the
    /// credential is refused, `d` somebody has to decide, `w` a user is whole in the end, `a` somebody's account could be
    /// worked on, `n` nobody is left but those who wait.
    #[test]
    fn who_is_forbidden_something_alone_stops_nobody() {
        let told = |events: &str| -> String {
            let mut breaker = Breaker::default();
            let problem = |class| Problem::new(class, "pds refused it.", "");
            let word = |whose: Concerns| match whose {
                Concerns::Alone => 'o',
                Concerns::Unclear => '?',
                Concerns::Everybody(_) => '!',
            };
            let mut see = |event| {
                let step = Some(Step::SyncHandle);
                let failed = match event {
                    'f' => failure(step, problem(Class::Auth), true),
                    'r' => failure(step, problem(Class::Auth), false),
                    'd' => failure(step, problem(Class::Conflict), false),
                    'w' => {
                        breaker.went_well();
                        return '.';
                    }
                    'a' => {
                        breaker.prove();
                        return '.';
                    }
                    _ => return breaker.nobody_else(Timestamp::UNIX_EPOCH).map_or('.', |_| '!'),
                };
                word(breaker.failed(failed, Timestamp::UNIX_EPOCH))
            };
            events.chars().map(&mut see).collect()
        };
        for (events, expected) in [
            // A refused credential stops everybody, whoever got on before.
            ("r", "!"),
            ("awr", "..!"),
            ("fr", "?!"),
            // Alone: somebody gets on before, or after.
            ("awf", "..o"),
            ("faw", "?.."),
            ("fawf", "?..o"),
            // Nobody does: it is everybody's, and said once.
            ("fn", "?!"),
            ("ffnn", "??!."),
            ("fawn", "?..."),
            ("n", "."),
            // That others are whole without anything being done to an account tells nothing.
            ("fwf", "?.?"),
            ("fwfwfwfwf", "?.?.?.?.!"),
            // Too many are no coincidence, even where somebody got on.
            ("fffff", "????!"),
            ("awfffff", "..oooo!"),
            ("awffawffff", "..oo..oooo"),
            // What somebody has to decide is no part of it.
            ("fdf", "?o?"),
        ] {
            assert_eq!(told(events), expected, "{events}");
        }
    }
}
