//! The tenant's log, its log streams and its daily numbers, as far as the client's scopes let it
//! see them.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Json, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Params, Refusal, Site, put};

/// `GET /api/v2/log-streams`
pub(super) async fn streams(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Refusal> {
    site.require(&headers, "read:log_streams")?;
    Ok(Json(site.tenant(|tenant| tenant.log_streams.clone())).into_response())
}

/// `GET /api/v2/logs`: by checkpoint (`from`, `take`), oldest first and empty when caught up; or
/// in pages, newest first, by `q=type:<code>` or all.
pub(super) async fn events(
    State(site): State<Site>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    site.require(&headers, "read:logs")?;
    let params = Params::of(&uri);
    let take = params.number("take", 1, 100, "Number of entries to retrieve.")?;
    if params.get("from").is_none() && take.is_none() {
        return page(&site, &params);
    }
    let take = take.unwrap_or(50) as usize;
    let from = params.get("from").unwrap_or_default();
    let events: Vec<Value> = site.tenant(|tenant| {
        let log_id = |event: &Value| event["log_id"].as_str().unwrap_or_default().to_owned();
        let after = tenant.logs.iter().filter(|event| log_id(event).as_str() > from);
        let mut events: Vec<Value> = after.cloned().collect();
        events.sort_by_key(log_id);
        events.truncate(take);
        events
    });
    let last = events
        .last()
        .and_then(|event| event["log_id"].as_str().map(str::to_owned));
    let mut response = Json(events).into_response();
    if let Some(last) = last {
        let base = &site.base_url;
        let link = format!("<{base}/api/v2/logs?from={last}&take={take}>; rel=\"next\"");
        put(response.headers_mut(), "link", link);
    }
    Ok(response)
}

fn page(site: &Site, params: &Params) -> Result<Response, Refusal> {
    let per_page = params.number("per_page", 0, 100, "Number of results per page.")?;
    let per_page = per_page.unwrap_or(50) as usize;
    let page = params.number("page", 0, 10_000, "Page index of the results to return.")?;
    let start = page.unwrap_or(0) as usize * per_page;
    let wanted = params.get("q").and_then(|q| q.strip_prefix("type:"));
    let wanted = wanted.map(|code| code.trim_matches('"'));
    let events: Vec<Value> = site.tenant(|tenant| {
        let newest = tenant.logs.iter().rev();
        let fitting = newest.filter(|e| wanted.is_none_or(|code| e["type"] == code));
        fitting.skip(start).take(per_page).cloned().collect()
    });
    Ok(Json(events).into_response())
}

/// `GET /api/v2/stats/daily`: sign-ups of each UTC day between `from` and `to` that had any.
pub(super) async fn daily(
    State(site): State<Site>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    site.require(&headers, "read:stats")?;
    let params = Params::of(&uri);
    let day = |name| {
        params
            .get(name)
            .and_then(|text| Date::strptime("%Y%m%d", text).ok())
    };
    let (from, to) = (day("from").unwrap_or(Date::MIN), day("to").unwrap_or(Date::MAX));
    let mut days = std::collections::BTreeMap::<Date, u64>::new();
    site.tenant(|tenant| {
        for user in tenant.users.values() {
            let day = user.created_at.to_zoned(TimeZone::UTC).date();
            if (from..=to).contains(&day) {
                *days.entry(day).or_default() += 1;
            }
        }
    });
    let rows = days.into_iter().map(|(day, signups)| {
        let at = format!("{day}T00:00:00.000Z");
        json!({
            "date": at, "logins": 0, "signups": signups, "leaked_passwords": 0,
            "created_at": at, "updated_at": at,
        })
    });
    Ok(Json(rows.collect::<Value>()).into_response())
}
