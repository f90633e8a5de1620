//! A pattern of the filter language: `*` stands for any text, the rest for itself, in capitals or not. It has to fit the
//! whole of a text.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    pub fn fits(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let Some((first, rest)) = self.0.split_once('*') else {
            return text == self.0;
        };
        let Some(mut text) = text.strip_prefix(first) else {
            return false;
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in middle.split('*') {
            match text.find(part) {
                Some(at) => text = &text[at + part.len()..],
                None => return false,
            }
        }
        text.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        let cases = [
            ("*@example.com", "Mira@Example.com", true),
            ("*@example.com", "mira@example.org", false),
            ("ac26*", "ac26momez", true),
            ("ac26*", "xac26", false),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "acb", false),
            ("*b*b*", "b", false),
            ("*", "", true),
            ("**", "x", true),
            ("a*a", "a", false),
            ("plain", "plain", true),
            ("plain", "plainer", false),
            ("", "", true),
        ];
        for (pattern, text, fits) in cases {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
        }
    }
}
