//! What an XRPC method takes and gives: a call with its query, header and input; an answer or a
//! refusal in the PDS's error shape. Which method does what lives beside.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};

use crate::sandbox::world::World;

/// One request to a method, its input already checked to be an object.
pub(super) struct Call {
    pub world: World,
    pub query: Vec<(String, String)>,
    pub authorization: Option<String>,
    pub input: Value,
}

/// A method's answer: a JSON body, or the empty 200 of most writes.
pub(super) enum Reply {
    Body(Value),
    Empty,
}

/// An error in the PDS's shape, `{"error", "message"}`.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub error: &'static str,
    pub message: String,
}

pub(super) type Answered = Result<Reply, Refusal>;

impl Refusal {
    pub fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            error,
            message,
        }
    }

    /// 400 `InvalidRequest`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    /// 400 with another name.
    pub fn bad(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, message)
    }

    /// 401 with this name.
    pub fn unauthorized(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, error, message)
    }

    /// 500, which the reference gives away no more about.
    pub fn internal() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "InternalServerError", "Internal Server Error")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "message": self.message});
        (self.status, Json(body)).into_response()
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Reply::Body(body) => Json(body).into_response(),
            Reply::Empty => StatusCode::OK.into_response(),
        }
    }
}

impl Call {
    /// The first value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key == name;
        self.query.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// A DID in the query. A missing or malformed one is a 500, as in 0.4.217.
    pub fn did_param(&self, name: &str) -> Result<&str, Refusal> {
        match self.param(name) {
            Some(did) if is_did(did) => Ok(did),
            _ => Err(Refusal::internal()),
        }
    }

    /// `limit` between 1 and `most`. Out of range is a 500, as in 0.4.217.
    pub fn limit(&self, default: usize, most: usize) -> Result<usize, Refusal> {
        let Some(limit) = self.param("limit") else {
            return Ok(default);
        };
        match limit.parse() {
            Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
            _ => Err(Refusal::internal()),
        }
    }

    /// A text of the input that must be there.
    pub fn text(&self, key: &str) -> Result<&str, Refusal> {
        self.optional_text(key)?
            .ok_or_else(|| Refusal::invalid(format!("Missing required key \"{key}\" at $")))
    }

    /// A text of the input that may be absent.
    pub fn optional_text(&self, key: &str) -> Result<Option<&str>, Refusal> {
        match self.input.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(unlike("string", other, key)),
        }
    }

    /// A DID of the input that must be there.
    pub fn did(&self, key: &str) -> Result<&str, Refusal> {
        let did = self.text(key)?;
        match is_did(did) {
            true => Ok(did),
            false => Err(unfit("DID", did, key)),
        }
    }

    /// A whole number of the input.
    pub fn integer(&self, key: &str) -> Result<Option<i64>, Refusal> {
        match self.input.get(key) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(unlike("integer", value, key)),
            },
        }
    }

    /// A list of texts of the input, `None` where the key is absent.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.input.get(key) else {
            return Ok(None);
        };
        let texts = value.as_array().and_then(|values| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            values.iter().map(text).collect()
        });
        texts.map(Some).ok_or_else(|| unlike("array", value, key))
    }
}

/// `Expected <kind> value type (got …) at $.<key>`
pub(super) fn unlike(kind: &str, value: &Value, key: &str) -> Refusal {
    let at = if key.is_empty() {
        "$".into()
    } else {
        format!("$.{key}")
    };
    Refusal::invalid(format!(
        "Expected {kind} value type (got {}) at {at}",
        shown(value)
    ))
}

/// `Invalid <kind> (got "…") at $.<key>`
pub(super) fn unfit(kind: &str, text: &str, key: &str) -> Refusal {
    Refusal::invalid(format!("Invalid {kind} (got {}) at $.{key}", shown(&json!(text))))
}

/// A value as the reference shows it in messages: long texts cut, containers summed up.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 48;
    match value {
        Value::String(text) if text.chars().count() >= LONGEST => {
            let cut: String = text.chars().take(LONGEST - 1).chain(['…']).collect();
            json!(cut).to_string()
        }
        Value::Array(values) if !values.is_empty() => "[...]".to_owned(),
        Value::Object(entries) => match entries.keys().next() {
            Some(key) => format!("{{{}: ...}}", json!(key)),
            None => "{}".to_owned(),
        },
        plain => plain.to_string(),
    }
}

/// `did:<method>:<id>` as the protocol spells it.
pub(super) fn is_did(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let scheme = parts.next() == Some("did");
    let method = parts
        .next()
        .is_some_and(|m| !m.is_empty() && m.bytes().all(|b| b.is_ascii_lowercase()));
    let id = parts.next().is_some_and(|id| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:%-".contains(&b);
        !id.is_empty() && id.bytes().all(fits) && !id.ends_with([':', '%'])
    });
    scheme && method && id
}

/// Adds a header whose value is a number or another short ASCII text.
pub(super) fn put(headers: &mut HeaderMap, name: &'static str, value: impl ToString) {
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
