//! The user code: `ac`, two digits of the signup year, and five letters that can be spoken.

use rand::{Rng, RngExt};

const CONSONANTS: &[u8; 19] = b"bcdfghjkmnprstvwxyz";
const VOWELS: &[u8; 4] = b"aeou";

/// How many codes a year has: 19³·4². Collisions are normal, so that uniqueness is the index's and not a look-up's.
pub const CODES_A_YEAR: u32 = 19 * 19 * 19 * 4 * 4;

/// Draws a code for a signup of `year`; the caller brings the source of randomness.
pub fn draw(year: i16, rng: &mut impl Rng) -> String {
    let mut code = format!("ac{:02}", year.rem_euclid(100));
    for place in 0..5 {
        let letters: &[u8] = if place % 2 == 0 { CONSONANTS } else { VOWELS };
        code.push(char::from(letters[rng.random_range(0..letters.len())]));
    }
    code
}

/// Whether a text looks like `acYYcvcvc`.
pub fn is_well_formed(code: &str) -> bool {
    let bytes = code.as_bytes();
    bytes.len() == 9
        && bytes.starts_with(b"ac")
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().enumerate().all(|(place, letter)| {
            if place % 2 == 0 {
                CONSONANTS.contains(letter)
            } else {
                VOWELS.contains(letter)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawn_code_is_well_formed_and_of_its_year() {
        let mut rng = rand::rng();
        for year in [1999, 2000, 2025, 2026, 2105] {
            for _ in 0..200 {
                let code = draw(year, &mut rng);
                assert!(is_well_formed(&code), "{code}");
                assert_eq!(code[2..4], format!("{:02}", year % 100));
            }
        }
    }

    #[test]
    fn what_is_no_code() {
        for text in [
            "",
            "ac25",
            "ac25momi",
            "ac25momi",
            "ac25momiz",
            "ac25lomez",
            "xx25momez",
            "acxxmomez",
            "ac25momezz",
            "AC25MOMEZ",
            "ac25mömez",
            "art-guest",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert!(is_well_formed("ac25momez"));
    }

    #[test]
    fn a_year_holds_as_many_codes_as_the_domain_says() {
        assert_eq!(CODES_A_YEAR, 109_744);
    }
}
