//! Codes of invented users: never the same twice in a run of the tests, and of a year in which nobody signs up. A code is a
//! handle on the PDS that many towns share, and codes that are drawn from one year are soon the same.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

/// Before the first year of any town.
const YEAR: i16 = 1999;

/// A code that nobody else has.
pub fn fresh() -> String {
    static GIVEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let mut given = GIVEN.lock().expect("nobody panics with it");
    loop {
        let code = atriage::domain::code::draw(YEAR, &mut rand::rng());
        if given.insert(code.clone()) {
            return code;
        }
    }
}
