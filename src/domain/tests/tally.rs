//! The table of what many share: which signups count for a finding, and which only have it as a consequence.

use jiff::Timestamp;

use crate::domain::finding::FindingId::{self, *};
use crate::domain::tally::{Case, Evidence, Streaks, Systemic, concerns};

/// Whether the e-mail is verified, and what was found.
type One<'a> = (bool, &'a [FindingId]);
/// The finding, who is affected, and of how many.
type Told = Option<(FindingId, usize, usize)>;

/// What the newest signups share, the newest first: each a second older than the one before.
fn systemic(cases: &[One]) -> Option<Systemic> {
    let cases = cases.iter().enumerate().map(|(n, (verified, findings))| Case {
        created_at: Timestamp::from_second(1_700_000_000 - n as i64).ok(),
        verified: *verified,
        findings: findings.to_vec(),
    });
    Streaks::of(cases).systemic(&Evidence::default())
}

fn shared(cases: &[One]) -> Told {
    systemic(cases).map(|found| (found.finding, found.affected, found.of))
}

/// Who of the newest has no record, the newest first.
fn without_record(broken: &[bool]) -> Option<Systemic> {
    let case = |broken: &bool| -> One<'static> {
        match broken {
            true => (false, &[MissingUserRecord]),
            false => (false, &[]),
        }
    };
    systemic(&broken.iter().map(case).collect::<Vec<_>>())
}

#[test]
fn a_streak_of_the_newest_is_one_accident() {
    let found = without_record(&[true, true, true, true, false, false, false, false]);
    let found = found.expect("four of the newest four");
    assert_eq!(
        (found.finding, found.affected, found.of),
        (MissingUserRecord, 4, 4)
    );
    assert_eq!(found.since, Timestamp::from_second(1_699_999_997).ok());
}

#[test]
fn two_of_many_are_a_coincidence() {
    assert_eq!(without_record(&[true, true, false, false, false]), None);
    assert_eq!(
        without_record(&[false, true, false, false, true, false, true]),
        None
    );
    assert_eq!(without_record(&[]), None);
}

#[test]
fn who_lacks_a_record_is_no_case_of_what_is_made_from_it() {
    #[rustfmt::skip]
    let cases: &[(FindingId, bool, &[FindingId], bool)] = &[
        // Finding, verified, what the signup has, whether it counts.
        (MissingAccount, true, &[], true),
        (MissingAccount, false, &[], false),
        (MissingAccount, true, &[MissingAccount], true),
        (MissingAccount, true, &[MissingUserRecord, MissingAccount], false),
        (MissingAccount, true, &[MissingCode, MissingAccount], false),
        // What only drifts keeps nobody from an account.
        (MissingAccount, true, &[MissingVerificationRecord, VerificationCount, MissingAccount], true),
        (MissingAccount, true, &[MalformedCode, MissingAccount], true),
        (UnrecordedAccount, true, &[MissingUserRecord, UnrecordedAccount], false),
        (AccountGone, true, &[AccountGone], true),
        (AccountGone, true, &[MissingAccount], false),
        // What comes first counts everybody.
        (MissingUserRecord, false, &[MissingUserRecord], true),
        (MissingUserRecord, true, &[MissingUserRecord, MissingAccount], true),
        (MissingCode, false, &[MissingUserRecord], true),
    ];
    for (finding, verified, findings, counts) in cases {
        let case = Case {
            created_at: None,
            verified: *verified,
            findings: findings.to_vec(),
        };
        assert_eq!(
            concerns(*finding, &case),
            *counts,
            "{finding:?} {verified} {findings:?}"
        );
    }
}

#[test]
fn the_pds_is_not_blamed_for_whom_a_missing_record_keeps_from_an_account() {
    let (whole, lacks): (&[FindingId], &[FindingId]) = (&[], &[MissingUserRecord, MissingAccount]);
    let without = |finding| (finding, 3, 3);
    #[rustfmt::skip]
    let cases: &[(&[One], Told)] = &[
        (&[(true, lacks), (true, lacks), (true, lacks)], Some(without(MissingUserRecord))),
        // Three of them were mended, and some are not verified: the others still lack the record, and nothing else.
        (&[(true, whole), (false, &[]), (true, whole), (true, lacks), (false, &[]), (true, lacks), (true, lacks), (true, lacks)], None),
        (&[(true, &[MissingAccount]), (true, &[MissingAccount]), (true, lacks), (true, &[MissingAccount])],
            Some(without(MissingAccount))),
    ];
    for (cases, told) in cases {
        assert_eq!(shared(cases), *told, "{cases:?}");
    }
}
