//! The table of what many share: which signups count for a finding, and which only have it as a consequence.

use jiff::Timestamp;

use crate::domain::finding::FindingId::{self, *};
use crate::domain::tally::{Case, Evidence, Streaks, concerns};

/// Whether the e-mail is verified, and what was found.
type One<'a> = (bool, &'a [FindingId]);
/// The finding, who is affected, and of how many.
type Told = Option<(FindingId, usize, usize)>;

/// What the newest signups share, the newest first.
fn shared(cases: &[One]) -> Told {
    let cases = cases.iter().enumerate().map(|(n, (verified, findings))| Case {
        created_at: Timestamp::from_second(1_700_000_000 - n as i64).ok(),
        verified: *verified,
        findings: findings.to_vec(),
    });
    let found = Streaks::of(cases).systemic(&Evidence::default())?;
    Some((found.finding, found.affected, found.of))
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
