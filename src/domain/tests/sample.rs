//! Invented signups, and the changes that the tables make to them.

use jiff::Timestamp;

use crate::domain::observed::Observed::{self, Absent, Present};
use crate::domain::signup::{
    Account, AtprotoRecord, Auth0User, Fallback, Older, PlcData, Signup, Standing, UserRecord, Verification,
};

pub const DOMAIN: &str = "at.example.com";
pub const CODE: &str = "ac25momez";
pub const CODE_HANDLE: &str = "ac25momez.at.example.com";
pub const DID: &str = "did:plc:example";

/// A change to a signup.
pub type Change = fn(&mut Signup);

pub fn auth0_user(sub: &str) -> Auth0User {
    Auth0User {
        sub: sub.into(),
        email: Some("mira@example.com".into()),
        email_verified: true,
        created_at: Timestamp::UNIX_EPOCH,
        blocked: false,
    }
}

pub fn account(handle: &str) -> Account {
    Account {
        did: DID.into(),
        handle: handle.into(),
        email: Some("mira@example.com".into()),
        standing: Standing::Active,
    }
}

/// A verified user with everything, who chose no name.
pub fn whole() -> Signup {
    let mut signup = Signup::named("aesthetic", "auth0|1", "auth0|1");
    signup.auth0 = Present(auth0_user("auth0|1"));
    signup.same_email = Present(Vec::new());
    signup.verification = Present(Verification {
        id: "auth0|1".into(),
        count: 1,
    });
    signup.user = Present(UserRecord {
        id: "auth0|1".into(),
        code: Present(CODE.into()),
        when: Some(Timestamp::UNIX_EPOCH),
        atproto: Present(AtprotoRecord {
            did: Some(DID.into()),
            handle: Some(CODE_HANDLE.into()),
            has_password: true,
            older: Older::default(),
            fallback: None,
        }),
    });
    signup.name = Absent;
    signup.deletion = Absent;
    signup.intent = Absent;
    signup.domain = Some(DOMAIN.into());
    signup.account = Present(account(CODE_HANDLE));
    signup.plc = Present(PlcData::Lives {
        endpoint: "https://at.example.com".into(),
        here: true,
    });
    signup
}

/// As older scripts wrote a record.
pub const IN_OLDER_FIELDS: Older = Older {
    did: true,
    handle: true,
    password: true,
};

pub fn with(change: Change) -> Signup {
    let mut signup = whole();
    change(&mut signup);
    signup
}

fn inside<T>(fact: &mut Observed<T>) -> &mut T {
    match fact {
        Present(value) => value,
        _ => panic!("the sample has it"),
    }
}

pub fn auth0(s: &mut Signup) -> &mut Auth0User {
    inside(&mut s.auth0)
}

pub fn user(s: &mut Signup) -> &mut UserRecord {
    inside(&mut s.user)
}

pub fn record(s: &mut Signup) -> &mut AtprotoRecord {
    inside(&mut user(s).atproto)
}

pub fn pds(s: &mut Signup) -> &mut Account {
    inside(&mut s.account)
}

/// The e-mail was never verified: records, but no account.
pub fn unverified(s: &mut Signup) {
    auth0(s).email_verified = false;
    inside(&mut s.verification).count = 0;
    no_account(s);
}

/// Nothing is recorded, and the PDS has nothing.
pub fn no_account(s: &mut Signup) {
    user(s).atproto = Absent;
    s.account = Observed::Unknown;
    s.found = Absent;
    s.plc = Observed::Unknown;
}

/// Nothing is recorded, but the PDS has an account.
pub fn unrecorded(s: &mut Signup) {
    user(s).atproto = Absent;
    s.found = std::mem::take(&mut s.account);
}

/// The incident: neither record nor account.
pub fn no_record(s: &mut Signup) {
    no_account(s);
    s.user = Absent;
}

/// The PDS did not answer.
pub fn silent_pds(s: &mut Signup) {
    s.account = Observed::Unknown;
    s.found = Observed::Unknown;
    s.domain = None;
}

/// MongoDB did not answer.
pub fn silent_mongo(s: &mut Signup) {
    s.user = Observed::Unknown;
    s.verification = Observed::Unknown;
    s.name = Observed::Unknown;
    s.deletion = Observed::Unknown;
    s.intent = Observed::Unknown;
    s.account = Observed::Unknown;
}

/// Auth0 has no such user.
pub fn orphan(s: &mut Signup) {
    s.auth0 = Absent;
    s.same_email = Observed::Unknown;
}

/// The user chose `Zhu_xin`, and the PDS and Mongo say so.
pub fn named(s: &mut Signup) {
    s.name = Present("Zhu_xin".into());
    pds(s).handle = "zhu-xin.at.example.com".into();
    record(s).handle = Some("zhu-xin.at.example.com".into());
}

/// The user chose a name that the PDS refused, and the code stands in.
pub fn fallback(s: &mut Signup) {
    s.name = Present("admin".into());
    record(s).fallback = Some(Fallback {
        wanted: "admin.at.example.com".into(),
        reason: "Reserved handle".into(),
    });
}
