//! `POST /oauth/token`: client credentials against a token for the Management API. What a token
//! then allows is checked in `mod.rs`.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Json, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Grant, Params, Site};
use crate::sandbox::chance;

const LIFE: Duration = Duration::from_secs(86_400);

pub(super) async fn grant(State(site): State<Site>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(form) = Form::read(&headers, &body) else {
        let message = "Payload could not be parsed";
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", message);
    };
    let denied = |status, message: &str| refuse(status, "access_denied", message);
    if form.get("grant_type") != "client_credentials" {
        let message = format!(
            "Grant type '{}' not allowed for the client.",
            form.get("grant_type")
        );
        return refuse(StatusCode::FORBIDDEN, "unauthorized_client", &message);
    }
    let audience = form.get("audience");
    if audience.is_empty() {
        let message = "No audience parameter was provided, and no default audience has been configured";
        return denied(StatusCode::FORBIDDEN, message);
    }
    site.tenant(|tenant| {
        let known = form.get("client_id") == tenant.client_id
            && form.get("client_secret") == tenant.client_secret.expose_secret();
        if !known {
            return denied(StatusCode::UNAUTHORIZED, "Unauthorized");
        }
        // The name of the API is not its address (a custom domain keeps the old one), so only its
        // path is held against it, with the slash at its end.
        if !audience.ends_with("/api/v2/") {
            let message = format!("Service not found: {audience}");
            return denied(StatusCode::FORBIDDEN, &message);
        }
        let scope = tenant.scopes.join(" ");
        let issued = Timestamp::now().as_second();
        let token = chance::jwt(
            "JWT",
            &json!({
                "iss": format!("{}/", site.base_url),
                "sub": format!("{}@clients", tenant.client_id),
                "aud": audience,
                "iat": issued,
                "exp": issued + LIFE.as_secs() as i64,
                "scope": scope,
                "gty": "client-credentials",
                "azp": tenant.client_id,
                "jti": chance::secret(16),
            }),
        );
        let grant = Grant {
            scopes: tenant.scopes.clone(),
            until: Instant::now() + LIFE,
        };
        tenant.tokens.insert(token.clone(), grant);
        let body = json!({
            "access_token": token,
            "scope": scope,
            "expires_in": LIFE.as_secs(),
            "token_type": "Bearer",
        });
        Json(body).into_response()
    })
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description});
    (status, Json(body)).into_response()
}

/// The request's fields, from JSON or from a form.
enum Form {
    Json(Value),
    Pairs(Params),
}

impl Form {
    fn read(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        if kind.starts_with("application/json") {
            return serde_json::from_slice(body).ok().map(Form::Json);
        }
        // A form is spelled like a query, so the query's reader serves for both.
        let text = std::str::from_utf8(body).ok()?;
        let uri: Uri = format!("/?{text}").parse().ok()?;
        Some(Form::Pairs(Params::of(&uri)))
    }

    fn get(&self, name: &str) -> &str {
        match self {
            Form::Json(value) => value[name].as_str().unwrap_or_default(),
            Form::Pairs(params) => params.get(name).unwrap_or_default(),
        }
    }
}
