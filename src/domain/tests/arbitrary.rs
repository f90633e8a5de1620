//! Signups of arbitrary facts, from few enough values that names, handles and refusals meet.

use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;

use super::sample::{CODE, CODE_HANDLE, DID, DOMAIN, account, auth0_user};
use crate::domain::observed::Observed;
use crate::domain::signup::{
    Account, AtprotoRecord, Auth0User, Deletion, Fallback, Older, PlcData, Signup, Standing, UserRecord,
    Verification,
};

fn observed<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Observed<T>> {
    prop_oneof![
        1 => Just(Observed::Unknown),
        2 => Just(Observed::Absent),
        5 => value.prop_map(Observed::Present),
        1 => Just(Observed::Unreadable("why".into())),
    ]
}

fn user0() -> impl Strategy<Value = Auth0User> {
    (
        prop::bool::weighted(0.8),
        any::<bool>(),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(mail, email_verified, blocked)| {
            let user = auth0_user("auth0|1");
            let email = user.email.clone().filter(|_| mail);
            Auth0User {
                email,
                email_verified,
                blocked,
                ..user
            }
        })
}

fn handle() -> impl Strategy<Value = String> {
    let handles = [
        CODE_HANDLE,
        "AC25MOMEZ.at.example.com",
        "admin.at.example.com",
        "mira.at.example.com",
    ];
    prop::sample::select(handles.map(String::from).to_vec())
}

fn atproto() -> impl Strategy<Value = AtprotoRecord> {
    let fallback = handle().prop_map(|wanted| Fallback {
        wanted,
        reason: "Reserved handle".into(),
    });
    (
        option::weighted(0.8, Just(DID.to_string())),
        option::weighted(0.8, handle()),
        any::<bool>(),
        any::<bool>(),
        option::of(fallback),
    )
        .prop_map(|(did, handle, has_password, is_older, fallback)| AtprotoRecord {
            older: Older {
                did: is_older && did.is_some(),
                handle: is_older && handle.is_some(),
                password: is_older && has_password,
            },
            did,
            handle,
            has_password,
            fallback,
        })
}

fn user() -> impl Strategy<Value = UserRecord> {
    let code = prop::sample::select(vec![CODE.to_string(), "malformed".to_string()]);
    (observed(code), observed(atproto())).prop_map(|(code, atproto)| UserRecord {
        id: "auth0|1".into(),
        code,
        when: Some(Timestamp::UNIX_EPOCH),
        atproto,
    })
}

fn pds() -> impl Strategy<Value = Account> {
    let standing = prop_oneof![
        6 => Just(Standing::Active),
        1 => Just(Standing::TakenDown),
        1 => Just(Standing::Deactivated),
        1 => Just(Standing::Broken),
        1 => Just(Standing::Unknown),
    ];
    (handle(), standing).prop_map(|(handle, standing)| Account {
        standing,
        ..account(&handle)
    })
}

fn plc() -> impl Strategy<Value = PlcData> {
    let lives = |here| PlcData::Lives {
        endpoint: "https://pds.example.com".into(),
        here,
    };
    prop_oneof![6 => Just(lives(true)), 1 => Just(lives(false)), 1 => Just(PlcData::Tombstoned)]
}

fn deletion() -> impl Strategy<Value = Observed<Deletion>> {
    prop_oneof![
        6 => Just(Observed::Absent),
        1 => Just(Observed::Present(Deletion::Scheduled)),
        1 => Just(Observed::Present(Deletion::Tombstone)),
        1 => Just(Observed::Unknown),
        1 => Just(Observed::Unreadable("why".into())),
    ]
}

pub fn signup() -> impl Strategy<Value = Signup> {
    let names = prop::sample::select(["admin", "Mira", CODE].map(String::from).to_vec());
    let others = prop_oneof![4 => Just(Vec::new()), 1 => Just(vec!["email|2".to_string()])];
    let count = (-1i64..3).prop_map(|count| Verification {
        id: "auth0|1".into(),
        count,
    });
    let mongo = (observed(count), observed(user()), observed(names), deletion());
    let outside = (
        option::weighted(0.8, Just(DOMAIN.to_string())),
        observed(pds()),
        observed(pds()),
        observed(plc()),
    );
    (
        observed(user0()),
        observed(others),
        mongo,
        outside,
        observed(any::<bool>()),
    )
        .prop_map(
            |(
                auth0,
                same_email,
                (verification, user, name, deletion),
                (domain, account, found, plc),
                password_opens,
            )| {
                Signup {
                    auth0,
                    same_email,
                    verification,
                    user,
                    name,
                    deletion,
                    domain,
                    account,
                    found,
                    plc,
                    password_opens,
                    ..Signup::named("aesthetic", "auth0|1", "auth0|1")
                }
            },
        )
}
