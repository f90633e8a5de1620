//! What must not come back: a refusal may echo what was sent, so that the secrets of a call, and whom it was about, are
//! taken out of the answer before anything of it is kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::call::{Auth, Call};

/// Fields of a body whose values are secrets.
const SECRETS: [&str; 8] = [
    "password",
    "inviteCode",
    "codes",
    "client_secret",
    "accessJwt",
    "refreshJwt",
    "access_token",
    "token",
];
/// Fields whose values tell whom a call is about, with the words that stand for them.
const PEOPLE: [(&str, &str); 3] = [
    ("email", "(the e-mail)"),
    ("handle", "(the handle)"),
    ("identifier", "(the account)"),
];
const SECRET: &str = "(secret)";
/// A shorter text occurs in any sentence by chance.
const SHORTEST: usize = 4;

/// The texts that an answer to one call must not hold, the longest first.
pub(super) struct TakenOut(Vec<(String, &'static str)>);

impl TakenOut {
    pub(super) fn of(call: &Call<'_>) -> Self {
        let mut texts = Vec::new();
        match &call.auth {
            Auth::Nobody => {}
            Auth::Basic { user, password } => {
                let password = password.expose_secret();
                texts.push((STANDARD.encode(format!("{user}:{password}")), SECRET));
                texts.push((password.to_string(), SECRET));
            }
            Auth::Bearer(token) => texts.push((token.expose_secret().to_string(), SECRET)),
        }
        if let Some(Value::Object(fields)) = &call.body {
            for (name, value) in fields {
                if SECRETS.contains(&name.as_str()) {
                    texts.extend(strings(value).map(|text| (text.to_string(), SECRET)));
                } else if let Some((_, word)) = PEOPLE.iter().find(|(field, _)| field == name) {
                    texts.extend(strings(value).map(|text| (text.to_string(), *word)));
                }
            }
        }
        for (name, value) in &call.query {
            if let Some((_, word)) = PEOPLE.iter().find(|(field, _)| field == name) {
                texts.push((value.clone(), word));
            }
        }
        // As it looks inside of a text of JSON, where it holds quotes or backslashes.
        let escaped: Vec<_> = texts
            .iter()
            .map(|(text, word)| {
                (
                    Value::from(text.as_str())
                        .to_string()
                        .trim_matches('"')
                        .to_string(),
                    *word,
                )
            })
            .collect();
        texts.extend(escaped);
        texts.retain(|(text, _)| text.len() >= SHORTEST);
        texts.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        texts.dedup();
        Self(texts)
    }

    /// The text without them, in whatever case they stand.
    pub(super) fn clean(&self, text: &str) -> String {
        self.0.iter().fold(text.to_string(), |text, (taken, word)| {
            replace(&text, taken, word)
        })
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str().into_iter();
    one.chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

/// Replaces without regard to the case of ASCII letters: a PDS answers in lower case.
fn replace(text: &str, taken: &str, word: &str) -> String {
    // Lower case of ASCII changes no length, so that places in the one are places in the other.
    let (low, taken) = (text.to_ascii_lowercase(), taken.to_ascii_lowercase());
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (at, found) in low.match_indices(&taken) {
        out.push_str(&text[from..at]);
        out.push_str(word);
        from = at + found.len();
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;
    use serde_json::json;

    #[test]
    fn a_refusal_that_echoes_the_call_keeps_none_of_its_secrets() {
        let (admin, token) = (
            SecretString::from("hunter\"22"),
            SecretString::from("abc.def.ghi"),
        );
        let body = json!({
            "handle": "Mira.at.example.com", "email": "mira@example.com", "password": "pass-word-1",
            "inviteCode": "at-example-com-abcde-fghij", "did": "did:plc:a", "codes": ["code-one", "code-two"],
        });
        let call = Call::post("/x", body).auth(Auth::Basic {
            user: "admin",
            password: &admin,
        });
        let basic = STANDARD.encode("admin:hunter\"22");
        let echo = format!(
            "got {{\"password\":\"pass-word-1\"}} code-two AT-example-com-abcde-fghij mira.AT.example.com \
             Mira@Example.com hunter\"22 hunter\\\"22 Basic {basic} did:plc:a"
        );
        assert_eq!(
            TakenOut::of(&call).clean(&echo),
            "got {\"password\":\"(secret)\"} (secret) (secret) (the handle) (the e-mail) (secret) (secret) Basic \
             (secret) did:plc:a"
        );
        let call = Call::get("/x")
            .auth(Auth::Bearer(&token))
            .query("email", "a@example.com");
        assert_eq!(
            TakenOut::of(&call).clean("Bearer abc.def.ghi for a@example.com"),
            "Bearer (secret) for (the e-mail)"
        );
    }

    #[test]
    fn what_is_too_short_to_be_told_from_chance_stays() {
        let call = Call::post("/x", json!({"password": "a"}));
        assert_eq!(TakenOut::of(&call).clean("a bad answer"), "a bad answer");
    }
}
