//! What Auth0's log streams must be like, so that the site hears of each sign-up (`ss`) and each verified e-mail (`sv`).

use super::{Auth0, Line, Setting};

/// One of a tenant's log streams that sends to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    pub name: String,
    /// `active`, `paused` or `suspended`.
    pub status: String,
    /// As it is configured: it may hold a token in its query, and is not shown.
    pub endpoint: String,
    /// The same without what may be secret.
    pub shown: String,
    /// `JSONOBJECT`, `JSONARRAY` or `JSONLINES`.
    pub format: String,
    /// The categories that it lets through; none: everything.
    pub categories: Vec<String>,
    pub token: Token,
}

/// How the stream's `Authorization` compares with ours. The values themselves stay where they were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Same,
    Other,
    /// The same but for a `Bearer ` before one of the two.
    Bearer,
    /// The stream sends none.
    Missing,
    /// Auth0 does not show it.
    Masked,
    /// We have none to hold against it.
    NotOurs,
}

/// The only format that the site's handler reads: it takes `body.logs`.
const FORMAT: &str = "JSONOBJECT";
/// The category with `ss`, and the one with `sv`, `sdu` and `sce`.
const CATEGORIES: [(&str, &str); 2] = [
    ("auth.signup.success", "sign-ups (ss)"),
    ("user.success", "verified e-mails (sv)"),
];
const PATH: &str = "/auth0-events";

/// Which lines there are beside `stream`.
const PARTS: [Auth0; 5] = [
    Auth0::StreamStatus,
    Auth0::StreamEndpoint,
    Auth0::StreamFormat,
    Auth0::StreamFilters,
    Auth0::StreamToken,
];

/// The lines of a tenant's log stream. `wanted`: `AUTH0_EVENTS_URL`; `variables`: the names of that and of the token's.
pub fn judge(
    tenant: &str,
    streams: &[LogStream],
    wanted: Option<&str>,
    variables: (&str, &str),
) -> Vec<Line> {
    let setting = |part| Setting::Auth0(tenant.to_string(), part);
    let (url, log_token) = variables;
    let stream = match choose(streams, wanted) {
        Choice::One(stream) => stream,
        Choice::None => {
            let none = "The tenant has no log stream to a webhook: nobody hears of its sign-ups.";
            let hint = "Make one in Auth0 under Monitoring, Streams: a custom webhook with the content format JSON Object.";
            let mut lines = vec![setting(Auth0::Stream).problem(none, hint)];
            lines.extend(not_known(tenant, "There is no log stream."));
            return lines;
        }
        Choice::Several(names) => {
            let several = format!(
                "The tenant has several log streams to webhooks: {}.",
                names.join(", ")
            );
            let hint = format!("Set {url} to the address of the one that is meant.");
            let mut lines = vec![setting(Auth0::Stream).unknown(several, hint)];
            lines.extend(not_known(tenant, "Which log stream is meant is not known."));
            return lines;
        }
    };
    let place = format!("in Auth0 under Monitoring, Streams, {}", stream.name);
    vec![
        setting(Auth0::Stream).ok(format!("The log stream {} sends to a webhook.", stream.name)),
        status(setting(Auth0::StreamStatus), stream, &place),
        endpoint(setting(Auth0::StreamEndpoint), stream, wanted, url, &place),
        match stream.format.as_str() {
            FORMAT => setting(Auth0::StreamFormat).ok("The log stream sends JSON Object."),
            other => setting(Auth0::StreamFormat).problem(
                format!("The log stream sends {other}, which the site's handler cannot read."),
                format!("Set its content format to JSON Object, {place}."),
            ),
        },
        filters(setting(Auth0::StreamFilters), stream, &place),
        token(setting(Auth0::StreamToken), stream.token, log_token, &place),
    ]
}

/// Every line beside `stream` where the stream itself is not known.
pub fn not_known(tenant: &str, why: &str) -> Vec<Line> {
    let line = |part| Setting::Auth0(tenant.to_string(), part).unknown(why, "");
    PARTS.map(line).into()
}

enum Choice<'a> {
    None,
    One(&'a LogStream),
    Several(Vec<String>),
}

/// The stream that is meant: the one that points where it must, else the only one that looks like ours, else the only
/// one.
fn choose<'a>(streams: &'a [LogStream], wanted: Option<&str>) -> Choice<'a> {
    let only = |fits: &dyn Fn(&LogStream) -> bool| {
        let mut fitting = streams.iter().filter(|stream| fits(stream));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    let first = |fits: &dyn Fn(&LogStream) -> bool| streams.iter().find(|stream| fits(stream));
    let there = |stream: &LogStream| wanted.is_some_and(|wanted| same(&stream.endpoint, wanted));
    let active = |stream: &LogStream| there(stream) && stream.status == "active";
    let ours = |stream: &LogStream| stream.endpoint.contains(PATH);
    let found = first(&active)
        .or_else(|| first(&there))
        .or_else(|| only(&ours))
        .or_else(|| only(&|_| true));
    match found {
        Some(stream) => Choice::One(stream),
        None if streams.is_empty() => Choice::None,
        None => Choice::Several(streams.iter().map(|stream| stream.name.clone()).collect()),
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn status(setting: Setting, stream: &LogStream, place: &str) -> Line {
    match stream.status.as_str() {
        "active" => setting.ok("The log stream is active."),
        other => setting.problem(
            format!("The log stream is {other}: nobody hears of sign-ups."),
            format!(
                "Resume it, {place}; Auth0 pauses a stream whose address failed for seven days. atriage replay catches up."
            ),
        ),
    }
}

fn endpoint(setting: Setting, stream: &LogStream, wanted: Option<&str>, variable: &str, place: &str) -> Line {
    let shown = &stream.shown;
    match wanted {
        Some(wanted) if same(wanted, &stream.endpoint) => {
            setting.ok(format!("The log stream sends to {shown}, as {variable} says."))
        }
        Some(_) => setting.problem(
            format!("The log stream sends to {shown}, which is not what {variable} says."),
            format!("Correct the webhook's address, {place}; or {variable}."),
        ),
        None => setting.unknown(
            format!("The log stream sends to {shown}; whether that is right is not known."),
            format!("Set {variable} to where it must send, and it is judged."),
        ),
    }
}

fn filters(setting: Setting, stream: &LogStream, place: &str) -> Line {
    if stream.categories.is_empty() {
        return setting.ok("The log stream lets everything through.");
    }
    let has = |category: &str| stream.categories.iter().any(|had| had == category);
    let missing: Vec<_> = CATEGORIES.iter().filter(|(name, _)| !has(name)).collect();
    if missing.is_empty() {
        return setting.ok("The log stream lets sign-ups (ss) and verified e-mails (sv) through.");
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let what: Vec<&str> = missing.iter().map(|(_, what)| *what).collect();
    setting.problem(
        format!("The log stream keeps {} back.", what.join(" and ")),
        format!(
            "Add {} to its filters, {place}; or remove all filters.",
            names.join(" and ")
        ),
    )
}

fn token(setting: Setting, token: Token, variable: &str, place: &str) -> Line {
    let mend = || format!("Make the two the same, {place}, Authorization Token.");
    match token {
        Token::Same => setting.ok(format!("The log stream sends the token of {variable}.")),
        Token::Other => setting.problem(
            format!("The log stream sends another token than {variable}: everything it sends is refused."),
            mend(),
        ),
        Token::Bearer => setting.problem(
            format!("The log stream's token and {variable} differ by a leading Bearer; they are compared as they are."),
            mend(),
        ),
        Token::Missing => setting.problem(
            "The log stream sends no token: everything it sends is refused.",
            format!("Put the token of {variable} into it, {place}, Authorization Token."),
        ),
        Token::Masked => setting.unknown(
            "Auth0 does not show the log stream's token.",
            format!("Where the site refuses events, set it once more to that of {variable}, {place}."),
        ),
        Token::NotOurs => setting.unknown(
            format!("The log stream sends a token; {variable} is not set, so that it is not judged."),
            format!("Set {variable} to what the site has."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState::{self, Ok, Problem, Unknown};

    const URL: &str = "https://example.com/auth0-events";

    fn stream() -> LogStream {
        LogStream {
            name: "site".into(),
            status: "active".into(),
            endpoint: URL.into(),
            shown: URL.into(),
            format: "JSONOBJECT".into(),
            categories: Vec::new(),
            token: Token::Same,
        }
    }

    fn states(streams: &[LogStream], wanted: Option<&str>) -> [CheckState; 6] {
        let lines = judge("aesthetic", streams, wanted, ("URL", "TOKEN"));
        let states: Vec<CheckState> = lines.iter().map(|line| line.check.state).collect();
        states.try_into().unwrap()
    }

    /// Stream, status, endpoint, format, filters, token.
    #[test]
    fn each_fault_of_a_stream_has_its_own_line() {
        let whole = [Ok; 6];
        let but = |at: usize, state| {
            let mut states = whole;
            states[at] = state;
            states
        };
        let with = |change: fn(&mut LogStream)| {
            let mut stream = stream();
            change(&mut stream);
            states(&[stream], Some(URL))
        };
        assert_eq!(with(|_| {}), whole);
        assert_eq!(with(|s| s.endpoint.push('/')), whole);
        assert_eq!(with(|s| s.status = "paused".into()), but(1, Problem));
        assert_eq!(with(|s| s.status = "suspended".into()), but(1, Problem));
        assert_eq!(
            with(|s| s.endpoint = "https://example.com/other".into()),
            but(2, Problem)
        );
        assert_eq!(with(|s| s.format = "JSONLINES".into()), but(3, Problem));
        assert_eq!(with(|s| s.format = String::new()), but(3, Problem));
        assert_eq!(
            with(|s| s.categories = vec!["auth.signup.success".into()]),
            but(4, Problem)
        );
        let both = |s: &mut LogStream| s.categories = CATEGORIES.map(|(name, _)| name.to_string()).into();
        assert_eq!(with(both), whole);
        for (token, state) in [
            (Token::Other, Problem),
            (Token::Bearer, Problem),
            (Token::Missing, Problem),
            (Token::Masked, Unknown),
            (Token::NotOurs, Unknown),
        ] {
            let changed = LogStream { token, ..stream() };
            assert_eq!(states(&[changed], Some(URL)), but(5, state), "{token:?}");
        }
        assert_eq!(states(&[stream()], None), but(2, Unknown));
    }

    #[test]
    fn the_stream_that_is_meant_is_found_among_others() {
        let other = |endpoint: &str| LogStream {
            name: "other".into(),
            endpoint: endpoint.into(),
            status: "paused".into(),
            ..stream()
        };
        let nobody = [Problem, Unknown, Unknown, Unknown, Unknown, Unknown];
        let whole = [Ok; 6];
        assert_eq!(states(&[], Some(URL)), nobody);
        assert_eq!(
            states(&[other("https://logs.example.com"), stream()], Some(URL)),
            whole
        );
        // Of two that point there, one that is paused does no harm.
        assert_eq!(states(&[other(URL), stream()], Some(URL)), whole);
        let mut judged = whole;
        judged[2] = Unknown;
        assert_eq!(
            states(&[other("https://logs.example.com"), stream()], None),
            judged
        );
        let elsewhere = [other("https://a.example.com"), other("https://b.example.com")];
        assert_eq!(states(&elsewhere, None), [Unknown; 6]);
    }
}
