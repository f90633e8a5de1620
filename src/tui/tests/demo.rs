//! Invented signups at example.com, one for each way in which one can stand.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::screen::Look;
use crate::domain::signup::{
    Account, AtprotoRecord, Auth0User, Fallback, PlcData, Standing, UserRecord, Verification,
};
use crate::domain::{Observed, Signup};
use crate::services::health::{Liveness, ServiceHealth};
use crate::services::links::Places;
use crate::tui::keymap::Keys;
use crate::tui::line::Reach;
use crate::tui::passage::Clipboard;
use crate::tui::setup::Setup;
use crate::tui::theme::ColourDepth;

/// 2026-11-22 14:32:20 UTC.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_795_357_940).unwrap()
}

pub fn setup() -> Setup {
    Setup {
        tenants: vec!["aesthetic".into(), "sotce".into()],
        unconfigured: Vec::new(),
        badge: "sandbox".into(),
        sandbox: None,
        read_only: false,
        utc: true,
        ascii: false,
        colours: ColourDepth::True,
        look: Look::Dark,
        reduced_motion: false,
        mouse: false,
        bell: false,
        notification: false,
        folder: "/home/mira".into(),
        reach: Reach::default(),
        clipboard: Clipboard::default(),
        keys: Keys::default(),
        now: now(),
        refresh_every: Duration::from_secs(15),
        views: Vec::new(),
        places: Places {
            auth0: vec![
                ("aesthetic".into(), "https://aesthetic.us.auth0.com".into()),
                ("sotce".into(), "https://login.example.com".into()),
            ],
            pds: "https://at.example.com".into(),
            plc: "https://plc.example.com".into(),
        },
    }
}

pub fn health() -> Vec<ServiceHealth> {
    let up = |name, tenant: &str, ms| ServiceHealth {
        name,
        tenant: tenant.into(),
        liveness: Liveness::Up,
        latency: Some(Duration::from_millis(ms)),
        ..ServiceHealth::default()
    };
    vec![
        up("auth0", "aesthetic", 84),
        up("auth0", "sotce", 91),
        up("mongo", "", 3),
        up("pds", "", 12),
        up("plc", "", 41),
    ]
}

/// A signup of so many minutes ago with everything in its place.
pub fn whole(name: &str, minutes: i64) -> Signup {
    of("aesthetic", "", name, minutes)
}

pub fn of(tenant: &str, prefix: &str, name: &str, minutes: i64) -> Signup {
    let created_at = now() - SignedDuration::from_mins(minutes);
    let sub = format!("auth0|{name}");
    let key = format!("{prefix}{sub}");
    let code = code(name);
    let did = format!(
        "did:plc:{:a<24}",
        name.chars().filter(char::is_ascii_lowercase).collect::<String>()
    );
    let handle = format!("{name}.at.example.com");
    let mut signup = Signup::named(tenant, &sub, &key);
    signup.auth0 = Observed::Present(Auth0User {
        sub: sub.clone(),
        email: Some(format!("{name}@example.com")),
        email_verified: true,
        created_at,
        blocked: false,
    });
    signup.same_email = Observed::Present(Vec::new());
    signup.verification = Observed::Present(Verification {
        id: key.clone(),
        count: 1,
    });
    signup.user = Observed::Present(UserRecord {
        id: key,
        code: Observed::Present(code),
        when: Some(created_at),
        atproto: Observed::Present(AtprotoRecord {
            did: Some(did.clone()),
            handle: Some(handle.clone()),
            has_password: true,
            older: Default::default(),
            fallback: None,
        }),
    });
    signup.name = Observed::Present(name.into());
    signup.deletion = Observed::Absent;
    signup.intent = Observed::Absent;
    signup.domain = Some("at.example.com".into());
    signup.account = Observed::Present(Account {
        did,
        handle,
        email: Some(format!("{name}@example.com")),
        standing: Standing::Active,
    });
    signup.plc = Observed::Present(PlcData::Lives {
        endpoint: "https://at.example.com".into(),
        here: true,
    });
    signup
}

/// A well-formed code that follows from the name.
fn code(name: &str) -> String {
    let sum = name
        .bytes()
        .fold(7u32, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
    let pick = |letters: &[u8], shift: u32| char::from(letters[(sum >> shift) as usize % letters.len()]);
    let (c, v) = (b"bcdfghjkmnprstvwxyz", b"aeou");
    format!(
        "ac26{}{}{}{}{}",
        pick(c, 0),
        pick(v, 5),
        pick(c, 8),
        pick(v, 13),
        pick(c, 16)
    )
}

fn user(signup: &mut Signup) -> &mut UserRecord {
    match &mut signup.user {
        Observed::Present(user) => user,
        _ => panic!("the demo's signup has a record"),
    }
}

/// The incident: verified, but there is no users record.
pub fn without_record(name: &str, minutes: i64) -> Signup {
    let mut signup = whole(name, minutes);
    signup.user = Observed::Absent;
    signup.name = Observed::Absent;
    signup.account = Observed::Unknown;
    signup.found = Observed::Absent;
    signup.plc = Observed::Unknown;
    signup
}

pub fn waiting(name: &str, minutes: i64) -> Signup {
    let mut signup = whole(name, minutes);
    if let Observed::Present(auth0) = &mut signup.auth0 {
        auth0.email_verified = false;
    }
    user(&mut signup).atproto = Observed::Absent;
    signup.name = Observed::Absent;
    signup.account = Observed::Unknown;
    signup.found = Observed::Absent;
    signup.plc = Observed::Unknown;
    signup
}

pub fn drifted(name: &str, minutes: i64) -> Signup {
    let mut signup = whole(name, minutes);
    signup.name = Observed::Present(format!("{name}2"));
    signup
}

pub fn fallen_back(name: &str, minutes: i64) -> Signup {
    let mut signup = whole(name, minutes);
    let handle = signup.code_handle().unwrap();
    signup.name = Observed::Present("ab".into());
    if let Observed::Present(account) = &mut signup.account {
        account.handle.clone_from(&handle);
    }
    if let Observed::Present(record) = &mut user(&mut signup).atproto {
        record.handle = Some(handle);
        record.fallback = Some(Fallback {
            wanted: "ab.at.example.com".into(),
            reason: "Handle too short".into(),
        });
    }
    signup
}

pub fn taken_down(name: &str, minutes: i64) -> Signup {
    let mut signup = whole(name, minutes);
    if let Observed::Present(account) = &mut signup.account {
        account.standing = Standing::TakenDown;
    }
    signup
}

/// The PDS did not answer.
pub fn unknown(name: &str, minutes: i64) -> Signup {
    let mut signup = whole(name, minutes);
    signup.account = Observed::Unknown;
    signup.plc = Observed::Unknown;
    signup
}

/// As the first page of Auth0 tells it: nothing else is known.
pub fn listed(signup: &Signup) -> Signup {
    let mut bare = Signup::named(&signup.tenant, &signup.sub, &signup.key);
    bare.auth0 = signup.auth0.clone();
    bare
}

pub fn signups() -> Vec<Signup> {
    let mut all = vec![
        without_record("mira", 3),
        without_record("kato", 6),
        without_record("orla", 8),
        waiting("vasil", 9),
        drifted("zhuxin", 14),
        fallen_back("bo", 15),
        whole("chen", 21),
        taken_down("dina", 34),
        unknown("emil", 55),
    ];
    for (n, name) in ["fay", "gus", "hana", "ivo", "jun", "kim", "lars", "mona", "nils"]
        .into_iter()
        .enumerate()
    {
        all.push(whole(name, 70 + 45 * n as i64));
    }
    all
}
