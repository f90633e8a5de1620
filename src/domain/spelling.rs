//! How far one word is from another that may have been meant.

/// How many characters have to be put in, left out or changed to make one text of the other.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn characters_are_put_in_left_out_or_changed() {
        for (a, b, away) in [
            ("", "", 0),
            ("night", "night", 0),
            ("nght", "night", 1),
            ("nihgt", "night", 2),
            ("", "night", 5),
            ("größe", "grosse", 3),
        ] {
            assert_eq!(distance(a, b), away, "{a} {b}");
            assert_eq!(distance(b, a), away, "{b} {a}");
        }
    }
}
