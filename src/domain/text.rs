//! Text that came from outside, made fit to be shown: nothing in it can move the cursor, turn the writing direction
//! or hide; and personal data masked.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Replaces what must not reach a terminal (control characters, escape sequences, bidi overrides, zero-width and
/// private characters, line separators) by a visible `\u{…}`.
pub fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

fn is_harmless(c: char) -> bool {
    use GeneralCategory as G;
    !c.is_control()
        && !matches!(
            c.general_category(),
            G::Format
                | G::LineSeparator
                | G::ParagraphSeparator
                | G::PrivateUse
                | G::Surrogate
                | G::Unassigned
        )
}

/// `mira@example.com` becomes `m…@example.com`: enough to tell people apart and to see whose mail service is concerned,
/// too little to write to them.
pub fn mask_email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", mask_name(local)),
        None => mask_name(email),
    }
}

/// The first character and `…`. An empty name stays empty.
pub fn mask_name(name: &str) -> String {
    name.chars()
        .next()
        .map_or_else(String::new, |first| format!("{first}…"))
}

/// Masks the label of a full handle, but never a user code, which names nobody.
pub fn mask_handle(handle: &str) -> String {
    let (label, domain) = handle.split_once('.').unwrap_or((handle, ""));
    if super::code::is_well_formed(label) {
        handle.to_string()
    } else if domain.is_empty() {
        mask_name(label)
    } else {
        format!("{}.{domain}", mask_name(label))
    }
}

/// `old → new`, of two that differ. Where both are masked alike it says that the other is another one.
pub fn became(old: &str, new: &str) -> String {
    match old == new {
        true => format!("{old} → another {new}"),
        false => format!("{old} → {new}"),
    }
}

/// `12 s`, `3 min`, `1h03m`: how long something lasts.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `auth0|68ee0123…` becomes `auth0|68ee…`: whoever may look can find the user, and nobody else.
pub fn mask_sub(sub: &str) -> String {
    let (provider, id) = sub.split_once('|').unwrap_or(("", sub));
    let begin: String = id.chars().take((id.chars().count() / 2).min(4)).collect();
    let bar = if provider.is_empty() { "" } else { "|" };
    clean(&format!("{provider}{bar}{begin}…"))
}

/// `1 user`, `2 users`.
pub fn count(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_harm_a_terminal_becomes_visible() {
        assert_eq!(clean("a\x1b[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(clean("a\u{200b}b\n"), "a\\u{200b}b\\u{a}");
        assert_eq!(clean("纯 𝄞 é 🦊"), "纯 𝄞 é 🦊");
    }

    #[test]
    fn people_are_masked_and_codes_are_not() {
        assert_eq!(mask_email("mira@example.com"), "m…@example.com");
        assert_eq!(mask_email("no address"), "n…");
        assert_eq!(mask_handle("zhuxin.at.example.com"), "z….at.example.com");
        assert_eq!(
            mask_handle("ac25momez.at.example.com"),
            "ac25momez.at.example.com"
        );
        assert_eq!(mask_handle("zhuxin"), "z…");
        assert_eq!(mask_handle(""), "");
        assert_eq!(mask_sub("auth0|68ee0123456789"), "auth0|68ee…");
        assert_eq!(mask_sub("email|abc"), "email|a…");
    }
}
