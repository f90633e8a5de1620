//! What can be broken in the sandbox on purpose, so that people practise: one line each, with the words of the palette, of
//! the header, and of what to look for. How it is broken stands in the sandbox.

/// Something that is broken on purpose, or the end of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Practice {
    BreakIndex,
    BreakPds,
    LimitPds,
    LoseAnswers,
    LimitAuth0,
    SlowAuth0,
    BreakMongo,
    Mend,
}

/// The words of a practice.
#[derive(Debug)]
pub struct Lesson {
    pub practice: Practice,
    /// What the palette calls it.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What to look for once it is done. `{fix}` stands for the key of `fix`, and so with other commands.
    pub look: &'static str,
    /// What the header says while it lasts; empty for what does not last.
    pub badge: &'static str,
}

/// In the order of the palette, which is that of the variants.
pub const LESSONS: [Lesson; 8] = [
    Lesson {
        practice: Practice::BreakIndex,
        name: "break-index",
        does: "October 2025 again: the code index conflicts",
        look: "Four people signed up and got no users record. {systemic} shows the way out.",
        badge: "index conflict",
    },
    Lesson {
        practice: Practice::BreakPds,
        name: "break-pds",
        does: "the PDS does not answer",
        look: "The PDS is down: what it knows turns unknown, not red. mend-sandbox ends it.",
        badge: "PDS down",
    },
    Lesson {
        practice: Practice::LimitPds,
        name: "limit-pds",
        does: "the PDS refuses for want of budget (429)",
        look: "The PDS refuses (429): unknown, not red; the header says until when.",
        badge: "PDS limited",
    },
    Lesson {
        practice: Practice::LoseAnswers,
        name: "lose-answers",
        does: "createAccount works, and its answer is lost",
        look: "Accounts are made, their answers lost: {fix} finds and adopts them, never twice.",
        badge: "answers lost",
    },
    Lesson {
        practice: Practice::LimitAuth0,
        name: "limit-auth0",
        does: "Auth0 refuses for want of budget (429)",
        look: "Auth0 refuses (429): the rows stay, and the banner says of when they are.",
        badge: "Auth0 limited",
    },
    Lesson {
        practice: Practice::SlowAuth0,
        name: "slow-auth0",
        does: "Auth0 takes four seconds for each answer",
        look: "Auth0 takes 4 s an answer, a reading several: the rows stay as they were.",
        badge: "Auth0 slow",
    },
    Lesson {
        practice: Practice::BreakMongo,
        name: "break-mongo",
        does: "MongoDB cannot be reached",
        look: "MongoDB is down: what it knows turns unknown, and nothing is mended unseen.",
        badge: "MongoDB down",
    },
    Lesson {
        practice: Practice::Mend,
        name: "mend-sandbox",
        does: "everything answers, and the code index is good",
        look: "All answers again, a used-up budget in 10 s. Whose signup broke waits for {fix}.",
        badge: "",
    },
];

impl Practice {
    pub const fn lesson(self) -> &'static Lesson {
        &LESSONS[self as usize]
    }
}

/// What the header says of what is broken: nothing, the one thing, or how many.
pub fn badge(on: &[Practice]) -> String {
    match on {
        [] => String::new(),
        [one] => one.lesson().badge.into(),
        many => format!("{} faults on", many.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_practice_finds_its_own_words() {
        for (at, lesson) in LESSONS.iter().enumerate() {
            assert_eq!(lesson.practice as usize, at);
            assert_eq!(lesson.practice.lesson().name, lesson.name);
            assert_eq!(lesson.badge.is_empty(), lesson.practice == Practice::Mend);
        }
    }

    #[test]
    fn the_words_have_room_where_they_stand() {
        for lesson in &LESSONS {
            // The message line at 80 columns, with a letter for each key; and the palette at the same width.
            let look = lesson.look.replace("{fix}", "F").replace("{systemic}", "i");
            assert!(look.len() < 80, "{look}");
            assert!(
                lesson.does.len() <= 46 && lesson.name.len() <= 14,
                "{}",
                lesson.does
            );
        }
    }

    #[test]
    fn the_header_says_one_thing_or_how_many() {
        assert_eq!(badge(&[]), "");
        assert_eq!(badge(&[Practice::BreakPds]), "PDS down");
        assert_eq!(badge(&[Practice::BreakPds, Practice::SlowAuth0]), "2 faults on");
    }
}
