//! The endpoints that read users: search in pages, by id, by e-mail. The search language lives in
//! `query.rs` and `search.rs`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Map, Value, json};

use super::query::Query;
use super::search::{matches, order};
use super::user::Auth0User;
use super::{Params, Refusal, Site};

/// No query shows more records than this, whatever its page.
const CEILING: i64 = 1000;
const DEFAULT_PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 100;

/// `GET /api/v2/users`
pub(super) async fn list(
    State(site): State<Site>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    site.require(&headers, "read:users")?;
    let params = Params::of(&uri);
    let per_page = params.number(
        "per_page",
        0,
        LARGEST_PAGE,
        "Number of results per page. Paging is disabled if parameter not sent.",
    )?;
    let page = params.number("page", 0, i64::MAX, "Page index of the results to return.")?;
    // Without a page nothing is paged, and at most 50 records come.
    let size = match page {
        Some(_) => per_page.unwrap_or(DEFAULT_PAGE),
        None => per_page.unwrap_or(DEFAULT_PAGE).min(DEFAULT_PAGE),
    };
    let start = page.unwrap_or(0).saturating_mul(size);
    if start.saturating_add(size) > CEILING {
        return Err(beyond_ceiling());
    }
    let query = match params.get("q") {
        Some(text) if !text.trim().is_empty() => Some(
            Query::parse(text)
                .map_err(|why| Refusal::bad_query(&format!("Failed query syntax validation: {why}")))?,
        ),
        _ => None,
    };
    let sort = params.get("sort").unwrap_or("user_id:1");
    site.tenant(|tenant| {
        let mut found: Vec<Value> = tenant
            .users
            .values()
            .filter(|user| !tenant.unindexed.contains(&user.user_id))
            .map(Auth0User::to_json)
            .filter(|user| query.as_ref().is_none_or(|query| matches(query, user)))
            .collect();
        order(&mut found, sort).map_err(|why| Refusal::bad_query(&why))?;
        let total = found.len();
        let shown = found.into_iter().skip(start as usize).take(size as usize);
        let users: Vec<Value> = shown.map(|user| select(user, &params)).collect();
        let answer = match params.get("include_totals") {
            Some("true") => json!({
                "start": start,
                "limit": size,
                "length": users.len(),
                "total": total,
                "users": users,
            }),
            _ => json!(users),
        };
        Ok(Json(answer).into_response())
    })
}

fn beyond_ceiling() -> Refusal {
    let message = "You can only page through the first 1000 records. See \
        https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation";
    Refusal::new(StatusCode::BAD_REQUEST, message, Some("invalid_paging"))
}

/// `GET /api/v2/users/{id}`
pub(super) async fn one(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    site.require(&headers, "read:users")?;
    let params = Params::of(&uri);
    site.tenant(|tenant| match tenant.users.get(&id) {
        Some(user) => Ok(Json(select(user.to_json(), &params)).into_response()),
        None => {
            let message = "The user does not exist.";
            Err(Refusal::new(
                StatusCode::NOT_FOUND,
                message,
                Some("inexistent_user"),
            ))
        }
    })
}

/// `GET /api/v2/users-by-email`: exact in case, and never behind as the search may be.
pub(super) async fn by_email(
    State(site): State<Site>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    site.require(&headers, "read:users")?;
    let params = Params::of(&uri);
    let Some(email) = params.get("email") else {
        let message = "Query validation error: 'Missing required property: email'";
        return Err(Refusal::bad_query(message));
    };
    site.tenant(|tenant| {
        let found = tenant
            .users
            .values()
            .filter(|u| u.email.as_deref() == Some(email));
        let users = found.map(|user| select(user.to_json(), &params));
        Ok(Json(users.collect::<Value>()).into_response())
    })
}

/// `fields` and `include_fields`: only these, or all but these.
fn select(user: Value, params: &Params) -> Value {
    let (Some(fields), Value::Object(all)) = (params.get("fields"), &user) else {
        return user;
    };
    let included = params.get("include_fields") != Some("false");
    let named = |key: &str| fields.split(',').any(|field| field.trim() == key);
    let kept = all.iter().filter(|(key, _)| named(key) == included);
    Value::Object(
        kept.map(|(key, value)| (key.clone(), value.clone()))
            .collect::<Map<_, _>>(),
    )
}
