//! `atriage check-config` against real services: where everything is right every line is ok, and so is the picture of it.
//! Beside: each planted fault by its own line, and what is not known.

mod faults;
mod index;
mod intents;
mod rights;
mod unknown;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::command::Outcome;
use crate::support::services::PdsOptions;
use crate::support::town::Town;

const EVENTS: &str = "https://site.example.com/auth0-events";
const TOKEN: &str = "the-token-of-the-log-stream";
const VARIABLES: [(&str, &str); 4] = [
    ("AUTH0_LOG_TOKEN", TOKEN),
    ("AUTH0_EVENTS_URL", EVENTS),
    ("SOTCE_AUTH0_LOG_TOKEN", TOKEN),
    ("SOTCE_AUTH0_EVENTS_URL", EVENTS),
];

fn stream() -> Value {
    json!({
        "id": "lst_0000000000014444",
        "name": "site",
        "type": "http",
        "status": "active",
        "filters": [
            {"type": "category", "name": "auth.signup.success"},
            {"type": "category", "name": "user.success"},
        ],
        "sink": {
            "httpEndpoint": EVENTS,
            "httpAuthorization": TOKEN,
            "httpContentFormat": "JSONOBJECT",
            "httpContentType": "application/json",
        },
    })
}

/// Makes everything right in a town that has nothing yet.
fn right(town: Town) -> Town {
    town.secrets.add(TOKEN, "the token of the log stream");
    for tenant in ["aesthetic", "sotce"] {
        let scopes = ["read:users", "read:log_streams"];
        town.world.set_scopes(tenant, &scopes);
        town.world.set_log_streams(tenant, vec![stream()]);
    }
    town.code_index("code_unique");
    set_mode(town.state(), 0o700);
    town
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

/// What a run said: the exit status, and of each line its state, message and hint.
#[derive(Debug)]
struct Told {
    code: i32,
    lines: BTreeMap<String, [String; 3]>,
}

impl Told {
    fn of(town: &Town, args: &[&str], more: &[(&str, &str)]) -> Self {
        let outcome = run(town, &[args, &["-o", "json"]].concat(), more);
        let view: Value =
            serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
        let checks = view["checks"].as_array().expect("a list of checks");
        let line = |check: &Value| {
            let text = |name: &str| check[name].as_str().expect("a text").to_owned();
            (text("id"), [text("state"), text("message"), text("hint")])
        };
        let lines: BTreeMap<String, [String; 3]> = checks.iter().map(line).collect();
        assert_eq!(lines.len(), checks.len(), "an id comes twice: {view:#}");
        for state in ["ok", "warning", "problem", "unknown"] {
            let count = lines.values().filter(|line| line[0] == state).count();
            assert_eq!(view["totals"][state], count, "{view:#}");
        }
        Self {
            code: outcome.code,
            lines,
        }
    }

    /// The lines that stand so.
    fn that_are(&self, state: &str) -> Vec<&str> {
        let those = self.lines.iter().filter(|(_, line)| line[0] == state);
        those.map(|(id, _)| id.as_str()).collect()
    }

    fn line(&self, id: &str) -> [&str; 3] {
        let line = self.lines.get(id).unwrap_or_else(|| panic!("no {id}: {self:#?}"));
        [&line[0], &line[1], &line[2]]
    }
}

fn run(town: &Town, args: &[&str], more: &[(&str, &str)]) -> Outcome {
    let mut variables = VARIABLES.to_vec();
    variables.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    variables.extend(more);
    town.run_with(&[&["check-config"], args].concat(), &variables)
}

/// The fault is found by this line, and nothing else becomes a problem by it.
fn found(town: &Town, args: &[&str], more: &[(&str, &str)], id: &str, message: &str, hint: &str, code: i32) {
    let told = Told::of(town, args, more);
    assert_eq!(told.that_are("problem"), [id], "{told:#?}");
    assert_eq!(told.line(id), ["problem", message, hint]);
    assert_eq!(told.code, code, "{told:#?}");
}

#[test]
fn where_everything_is_right_every_line_is_ok() {
    let town = right(Town::with_pds(PdsOptions {
        env: vec![("PDS_RATE_LIMITS_ENABLED", "true"), ("PDS_VERSION", "0.4.217")],
        ..PdsOptions::default()
    }));
    let outcome = run(&town, &[], &[]);
    let state = town.state().display().to_string();
    let shown = [
        (town.auth0_urls[0].1.as_str(), "AESTHETIC"),
        (&town.auth0_urls[1].1, "SOTCE"),
        (&town.pds_url, "PDS"),
        (&town.plc_url, "PLC"),
        (town.mongo_uri.trim_end_matches("/?replicaSet=rs0"), "MONGO"),
        (&town.database, "DATABASE"),
        (&state, "STATE"),
    ];
    let shown = shown.iter().fold(outcome.stdout.clone(), |text, (value, name)| {
        text.replace(value, name)
    });
    assert_eq!(shown, WHOLE, "{outcome:?}");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    // For a script nothing is wrong with a variable that need not be set.
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.line("env.ATRIAGE_LOG"),
        ["ok", "ATRIAGE_LOG is not set: no log is written.", ""]
    );
    assert_eq!(told.that_are("ok").len(), told.lines.len(), "{told:#?}");
}

/// A town where everything is right but the shared PDS, whose limiter is off.
fn town() -> Town {
    right(Town::new())
}

/// The stream of aesthetic is changed so.
fn with_stream(change: impl FnOnce(&mut Value)) -> Town {
    let town = town();
    let mut changed = stream();
    change(&mut changed);
    town.world.set_log_streams("aesthetic", vec![changed]);
    town
}

/// How the hints name the client of aesthetic, and where its stream is changed.
const CLIENT: &str = "AUTH0_M2M_CLIENT_ID and AUTH0_M2M_SECRET";
const PLACE: &str = "in Auth0 under Monitoring, Streams, site";

fn add(scope: &str) -> String {
    format!(
        "Add {scope} to the application of {CLIENT}: in Auth0 under Applications, APIs, Auth0 Management API, Machine to \
         Machine Applications."
    )
}

const WHOLE: &str = "\
✓ env.AUTH0_M2M_CLIENT_ID          AUTH0_M2M_CLIENT_ID is set, from the environment.
✓ env.AUTH0_M2M_SECRET             AUTH0_M2M_SECRET is set, from the environment.
✓ env.AUTH0_BASE_URL               AUTH0_BASE_URL is AESTHETIC, from the environment.
✓ env.AUTH0_LOG_TOKEN              AUTH0_LOG_TOKEN is set, from the environment.
✓ env.AUTH0_EVENTS_URL             AUTH0_EVENTS_URL is https://site.example.com/auth0-events, from the environment.
✓ env.SOTCE_AUTH0_M2M_CLIENT_ID    SOTCE_AUTH0_M2M_CLIENT_ID is set, from the environment.
✓ env.SOTCE_AUTH0_M2M_SECRET       SOTCE_AUTH0_M2M_SECRET is set, from the environment.
✓ env.SOTCE_AUTH0_BASE_URL         SOTCE_AUTH0_BASE_URL is SOTCE, from the environment.
✓ env.SOTCE_AUTH0_LOG_TOKEN        SOTCE_AUTH0_LOG_TOKEN is set, from the environment.
✓ env.SOTCE_AUTH0_EVENTS_URL       SOTCE_AUTH0_EVENTS_URL is https://site.example.com/auth0-events, from the environment.
✓ env.MONGODB_CONNECTION_STRING    MONGODB_CONNECTION_STRING names MONGO, from the environment.
✓ env.MONGODB_NAME                 MONGODB_NAME is DATABASE, from the environment.
✓ env.PDS_URL                      PDS_URL is PDS, from the environment.
✓ env.PDS_ADMIN_PASSWORD           PDS_ADMIN_PASSWORD is set, from the environment.
· env.PDS_HANDLE_DOMAIN            PDS_HANDLE_DOMAIN is not set: what the PDS names first.
✓ env.PLC_URL                      PLC_URL is PLC, from the environment.
· env.ATRIAGE_ALERT_WEBHOOK        ATRIAGE_ALERT_WEBHOOK is not set: nobody is alerted.
· env.ATRIAGE_OPERATOR             ATRIAGE_OPERATOR is not set: the login name.
· env.ATRIAGE_CONFIG               ATRIAGE_CONFIG is not set: atriage/config.toml in the user's configuration folder.
✓ env.ATRIAGE_STATE_DIR            ATRIAGE_STATE_DIR is STATE, from the environment.
· env.ATRIAGE_READ_ONLY            ATRIAGE_READ_ONLY is not set: --fix may write.
· env.ATRIAGE_LOG                  ATRIAGE_LOG is not set: no log is written.
✓ file.env                         There is no .env here or above; only the environment counts.
✓ file.config                      There is no config.toml: the tenants are those that are built in.
✓ file.state.mode                  Only its owner may write into STATE (mode 700).
✓ auth0.aesthetic.reachable        Auth0 answers at AESTHETIC.
✓ auth0.aesthetic.secret           Auth0 knows the client and its secret.
✓ auth0.aesthetic.scope.users      The client has read:users.
✓ auth0.aesthetic.list             Auth0 lists users; the tenant has none.
✓ auth0.aesthetic.stream           The log stream site sends to a webhook.
✓ auth0.aesthetic.stream.status    The log stream is active.
✓ auth0.aesthetic.stream.endpoint  The log stream sends to https://site.example.com/auth0-events, as AUTH0_EVENTS_URL says.
✓ auth0.aesthetic.stream.format    The log stream sends JSON Object.
✓ auth0.aesthetic.stream.filters   The log stream lets sign-ups (ss) and verified e-mails (sv) through.
✓ auth0.aesthetic.stream.token     The log stream sends the token of AUTH0_LOG_TOKEN.
✓ auth0.aesthetic.clock            Auth0's clock agrees with ours.
✓ auth0.sotce.reachable            Auth0 answers at SOTCE.
✓ auth0.sotce.secret               Auth0 knows the client and its secret.
✓ auth0.sotce.scope.users          The client has read:users.
✓ auth0.sotce.list                 Auth0 lists users; the tenant has none.
✓ auth0.sotce.stream               The log stream site sends to a webhook.
✓ auth0.sotce.stream.status        The log stream is active.
✓ auth0.sotce.stream.endpoint      The log stream sends to https://site.example.com/auth0-events, as SOTCE_AUTH0_EVENTS_URL says.
✓ auth0.sotce.stream.format        The log stream sends JSON Object.
✓ auth0.sotce.stream.filters       The log stream lets sign-ups (ss) and verified e-mails (sv) through.
✓ auth0.sotce.stream.token         The log stream sends the token of SOTCE_AUTH0_LOG_TOKEN.
✓ auth0.sotce.clock                Auth0's clock agrees with ours.
✓ mongo.reachable                  MongoDB answers.
✓ mongo.login                      MongoDB asks for no user.
✓ mongo.primary                    The replica set rs0 has a primary.
✓ mongo.clock                      MongoDB's clock agrees with ours.
✓ mongo.access-control             MongoDB runs without access control, on this machine, which is fine for a trial.
✓ mongo.rights.users               Everybody may do everything with users.
✓ mongo.rights.verifications       Everybody may do everything with verifications.
✓ mongo.rights.handles             Everybody may do everything with @handles.
✓ mongo.rights.account-deletions   Everybody may do everything with account-deletions.
✓ mongo.rights.account-tombstones  Everybody may do everything with account-tombstones.
✓ mongo.rights.atriage-intents     Everybody may do everything with atriage-intents.
✓ mongo.rights.atriage-runs        Everybody may do everything with atriage-runs.
✓ mongo.rights.atriage-jobs        Everybody may do everything with atriage-jobs.
✓ mongo.rights.atriage-leases      Everybody may do everything with atriage-leases.
✓ mongo.rights.atriage-history     Everybody may do everything with atriage-history.
✓ mongo.database                   DATABASE has the collections of signups.
✓ mongo.index                      users.code has code_unique {code: 1} unique sparse.
✓ mongo.intents                    No intent of an account stands longer than a job lives.
✓ pds.health                       The PDS answers at PDS, version 0.4.217.
✓ pds.password                     The PDS knows the admin's password.
✓ pds.handle-domain                The PDS gives handles under at.aesthetic.computer.
✓ pds.invites                      The PDS wants an invite for a new account.
✓ pds.limiter                      The PDS limits how often it is asked: its window holds 3000 calls.
✓ pds.clock                        The PDS's clock agrees with ours.
✓ plc.reachable                    The PLC directory answers at PLC.
66 ok, 6 not set, 0 warnings, 0 problems, 0 unknown
";
