//! The official clients of the PDS and of Auth0, run against an address: what they see is what production code of
//! others would see. The programs are in `tests/clients`.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::fetch;

/// What `@atproto/api` saw of the PDS at this address: statuses, error names, messages and shapes, nothing that
/// differs between two PDSs of the same behaviour.
pub fn atproto_client(pds_url: &str, admin_password: &str) -> Value {
    let env = [("PDS_URL", pds_url), ("PDS_ADMIN_PASSWORD", admin_password)];
    let packages = fetch::packages()
        .to_str()
        .expect("the cache folder has a readable name");
    run(
        "node",
        "atproto_client.mjs",
        &[env[0], env[1], ("PACKAGES", packages)],
    )
}

/// What auth0-python saw of the Auth0 at this address (`http://127.0.0.1:…`, without a path).
pub fn auth0_client(url: &str, client_id: &str, client_secret: &str, audience: &str) -> Value {
    let site = fetch::auth0_python()
        .to_str()
        .expect("the cache folder has a readable name");
    let env = [
        ("AUTH0_URL", url),
        ("AUTH0_CLIENT_ID", client_id),
        ("AUTH0_CLIENT_SECRET", client_secret),
    ];
    run(
        "python3",
        "auth0_client.py",
        &[
            env[0],
            env[1],
            env[2],
            ("AUTH0_AUDIENCE", audience),
            ("PYTHONPATH", site),
        ],
    )
}

fn run(interpreter: &str, program: &str, env: &[(&str, &str)]) -> Value {
    let path = format!("{}/tests/clients/{program}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(interpreter);
    command.arg(path).env_clear().envs(
        ["PATH", "HOME"]
            .iter()
            .filter_map(|name| Some((*name, std::env::var_os(name)?))),
    );
    // The services are on loopback, and the checkout stays clean.
    command
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(env.iter().copied());
    let done = command
        .stdin(Stdio::null())
        .output()
        .expect("fetch.rs has found the interpreter");
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{program} ended with {}:\n{complaints}",
        done.status
    );
    serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|why| panic!("{program} printed no JSON ({why}):\n{complaints}"))
}
