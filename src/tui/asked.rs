//! What a backend was asked for, in the operator's words instead of the names of its calls. The explanation (`i`), the
//! detail and the log keep the names: whoever searches a backend's own log needs them.

/// The calls by their names, each as a thing that is refused, answered or waited for.
const CALLS: [(&str, &str); 20] = [
    (
        "com.atproto.server.createAccount",
        "the request for a new account",
    ),
    ("com.atproto.server.createInviteCode", "the request for an invite"),
    ("com.atproto.server.createSession", "the login"),
    ("com.atproto.server.describeServer", "the question about itself"),
    ("com.atproto.admin.getInviteCodes", "the look-up of invites"),
    ("com.atproto.admin.disableInviteCodes", "the closing of an invite"),
    ("com.atproto.admin.getAccountInfos", "the look-up of accounts"),
    ("com.atproto.admin.updateAccountHandle", "the change of a handle"),
    (
        "com.atproto.admin.updateAccountPassword",
        "the change of a password",
    ),
    ("com.atproto.admin.deleteAccount", "the removal of an account"),
    ("com.atproto.sync.getRepoStatus", "the look-up of a repository"),
    ("com.atproto.sync.listRepos", "the list of accounts"),
    ("com.atproto.identity.resolveHandle", "the look-up of a handle"),
    ("_health", "the question how it is"),
    ("oauth/token", "our own login"),
    ("api/v2/users", "the list of users"),
    ("api/v2/users/{id}", "the look-up of a user"),
    ("api/v2/users-by-email", "the look-up of an e-mail"),
    ("api/v2/log-streams", "the list of log streams"),
    ("api/v2/logs", "the list of events"),
];

/// A sentence with each call that is named in it as what it asks for. What is no call stays as it is.
pub fn in_plain_words(sentence: &str) -> String {
    let words = sentence.split(' ').map(|word| {
        let name = word.trim_end_matches(['.', ':', ',', ';']);
        match CALLS.iter().find(|(call, _)| *call == name) {
            Some((_, plain)) => format!("{plain}{}", &word[name.len()..]),
            None => word.to_string(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_said_as_what_they_ask_for() {
        let cases = [
            (
                "pds refused com.atproto.server.createAccount: 502 Bad Gateway.",
                "pds refused the request for a new account: 502 Bad Gateway.",
            ),
            (
                "The connection to pds broke during com.atproto.admin.updateAccountHandle.",
                "The connection to pds broke during the change of a handle.",
            ),
            (
                "auth0 did not answer api/v2/users in time.",
                "auth0 did not answer the list of users in time.",
            ),
            // Neither part of a word nor what nobody knows.
            (
                "see /xrpc/com.atproto.server.createAccount",
                "see /xrpc/com.atproto.server.createAccount",
            ),
            (
                "plc refused did:plc:abc/data:  no",
                "plc refused did:plc:abc/data:  no",
            ),
        ];
        for (named, plain) in cases {
            assert_eq!(in_plain_words(named), plain);
        }
    }
}
