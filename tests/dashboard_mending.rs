//! A repair of the code index that lasts longer than the screen: it is finished behind it and told there, and who does not
//! wait for that is told how it goes on.

use rustix::process::Signal;

use crate::support::mongo::Mongo;
use crate::support::tap::PATIENT;
use crate::support::terminal::Terminal;
use crate::support::town::Town;

const WAITS: &str = "Waiting for the end of the repair of the code index";

/// The question is open, with its steps.
fn asked(town: &Town) -> Terminal {
    let mut screen = town.open(&[PATIENT], 120, 40);
    screen.wait_for("5 broken");
    screen.wait_gone("reading…");
    screen.press("I");
    screen.wait_for("[ y: Mend the index ]");
    screen
}

/// Agreed to, while MongoDB answers nobody.
fn agreed(town: &Town, screen: &mut Terminal) {
    mongo(town).hold();
    screen.press("y");
    screen.wait_for("The code index is being mended: 0 of 4 steps done.");
}

fn quit(screen: &mut Terminal) {
    screen.press("q");
    screen.wait_for("[ y: Quit ]");
    screen.press("y");
    screen.wait_for(WAITS);
    assert!(!screen.alternate_screen());
}

fn mongo(town: &Town) -> &Mongo {
    town.mongo.as_ref().expect("its own")
}

#[test]
fn a_repair_is_finished_behind_the_closed_screen_and_its_end_is_told() {
    let mut town = Town::with_mongo(Mongo::start());
    town.incident();
    // It succeeds.
    let mut screen = asked(&town);
    agreed(&town, &mut screen);
    quit(&mut screen);
    mongo(&town).go_on();
    screen.wait_for("The index on users.code has its good form now, after 4 steps.");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert_eq!(town.try_code_index("code_unique"), Ok(()));

    // It fails.
    let spoil = |name: &str| {
        town.drop_indexes("users");
        town.code_index(name);
    };
    spoil("code_1");
    let mut screen = asked(&town);
    spoil("code_2");
    agreed(&town, &mut screen);
    quit(&mut screen);
    mongo(&town).go_on();
    screen.wait_for("error: The code index was not mended: The indexes of users were changed since");
    assert_eq!(screen.wait_exit().code(), Some(7));

    // Nobody waits for it, after whichever signal.
    let mut screen = asked(&town);
    agreed(&town, &mut screen);
    screen.signal(Signal::TERM);
    screen.wait_for(WAITS);
    screen.keys("<ctrl-c>");
    screen.wait_for("Left while the code index was being mended");
    // What is asked about its end, MongoDB is to answer.
    mongo(&town).go_on();
    assert_eq!(screen.wait_exit().code(), Some(130));
}
