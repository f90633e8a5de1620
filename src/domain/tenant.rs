//! What tells one tenant's records from another's: its name and the prefix of its keys in Mongo.

/// How a tenant's users are named in Mongo.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Naming {
    /// `aesthetic`, `sotce`, or a name from the configuration.
    pub tenant: String,
    /// Put before Auth0's `user_id` to make the `_id` in Mongo; empty for `aesthetic`, `sotce-` for `sotce`.
    pub prefix: String,
}

impl Naming {
    pub fn new(tenant: &str, prefix: &str) -> Self {
        Self {
            tenant: tenant.into(),
            prefix: prefix.into(),
        }
    }

    /// The `_id` in Mongo of the user with this Auth0 id.
    pub fn key(&self, sub: &str) -> String {
        format!("{}{sub}", self.prefix)
    }

    /// The Auth0 id behind a key of this tenant; `None` where the key is another tenant's or no user's at all
    /// (the guest account, say).
    pub fn sub<'a>(&self, key: &'a str, others: &[Naming]) -> Option<&'a str> {
        let sub = key.strip_prefix(self.prefix.as_str())?;
        let anothers = others
            .iter()
            .any(|other| other.prefix.len() > self.prefix.len() && key.starts_with(other.prefix.as_str()));
        (!anothers && is_sub(sub)).then_some(sub)
    }

    /// The unprefixed `_id` under which an older record of this user may lie. Only ids that Auth0 draws at random for
    /// one tenant qualify: those of a social login are the same in every tenant, and would be somebody else's record.
    pub fn legacy_key<'a>(&self, sub: &'a str) -> Option<&'a str> {
        let random = sub.starts_with("auth0|") || sub.starts_with("email|");
        (!self.prefix.is_empty() && random).then_some(sub)
    }
}

/// Whether a text has the form `provider|id` of an Auth0 user id.
pub fn is_sub(text: &str) -> bool {
    text.split_once('|')
        .is_some_and(|(provider, id)| !provider.is_empty() && !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_two_tenants_are_told_apart() {
        let all = [Naming::new("aesthetic", ""), Naming::new("sotce", "sotce-")];
        let cases = [
            ("auth0|a", Some("auth0|a"), None),
            ("sotce-auth0|a", None, Some("auth0|a")),
            ("art-guest", None, None),
            ("sotce-art-guest", None, None),
            ("|x", None, None),
            ("auth0|", None, None),
        ];
        for (key, aesthetic, sotce) in cases {
            assert_eq!(all[0].sub(key, &all), aesthetic, "{key}");
            assert_eq!(all[1].sub(key, &all), sotce, "{key}");
        }
    }

    #[test]
    fn only_random_ids_have_a_legacy_key() {
        let sotce = Naming::new("sotce", "sotce-");
        assert_eq!(sotce.legacy_key("auth0|a"), Some("auth0|a"));
        assert_eq!(sotce.legacy_key("google-oauth2|1"), None);
        assert_eq!(Naming::new("aesthetic", "").legacy_key("auth0|a"), None);
    }
}
