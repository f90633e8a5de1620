//! The handle that an account should have on the PDS, and when two handles are the same.

/// Turns a name chosen on the site into a full handle of the PDS: `.` and `_` become `-`, lower case, then the
/// domain (`at.aesthetic.computer`, without a leading dot).
pub fn full(name: &str, domain: &str) -> String {
    let label: String = name
        .chars()
        .map(|c| if matches!(c, '.' | '_') { '-' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    format!("{label}.{domain}")
}

/// Case is no difference between handles: the PDS stores them in lower case.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// `local+tag@domain`: the address a second account of one person goes under, since a PDS holds an address once.
/// `None` where the text is no address.
pub fn tagged_email(email: &str, tag: &str) -> Option<String> {
    let (local, domain) = email.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| format!("{local}+{tag}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_handles() {
        let cases = [
            ("zhuxin", "zhuxin"),
            ("Foo", "foo"),
            ("a.b_c", "a-b-c"),
            ("43", "43"),
        ];
        for (name, label) in cases {
            assert_eq!(full(name, "at.example.com"), format!("{label}.at.example.com"));
        }
        assert!(same("Foo.at.example.com", "foo.AT.example.com"));
    }

    #[test]
    fn an_address_is_tagged_before_its_domain() {
        assert_eq!(
            tagged_email("a@example.com", "sotce").as_deref(),
            Some("a+sotce@example.com")
        );
        assert_eq!(tagged_email("no address", "sotce"), None);
        assert_eq!(tagged_email("@example.com", "sotce"), None);
    }
}
