//! What holds of all signups, whatever the facts are.

use proptest::prelude::*;

use super::{arbitrary, world::World};
use crate::domain::observed::Observed::Unknown;
use crate::domain::{Column, FindingId, Policy, Severity, State, Step, Verdict, diagnose, plan};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_agree_with_their_columns(signup in arbitrary::signup()) {
        let d = diagnose(&signup);
        for finding in &d.findings {
            let state = d.state(finding.column);
            let agrees = match finding.severity {
                Severity::Error => state == State::Missing,
                // Drift, unless something worse stands in the same column: a missing user or record, an account that
                // is not recorded. While one of Mongo's two records is unknown, that worse thing may yet be the case.
                Severity::Warning => matches!(state, State::Drift | State::Missing)
                    || (finding.column == Column::Mongo && state == State::Unknown),
                Severity::Info => true,
            };
            prop_assert!(agrees, "{:?} {:?}", finding.id, state);
        }
    }

    #[test]
    fn what_is_whole_lacks_nothing(signup in arbitrary::signup()) {
        let d = diagnose(&signup);
        let bad = Column::ALL.iter().any(|c| matches!(d.state(*c), State::Missing | State::Drift));
        if bad && !d.is_left_alone() {
            prop_assert!(matches!(d.verdict(), Verdict::Broken | Verdict::Unknown));
        }
        if d.is_left_alone() {
            prop_assert_eq!(d.verdict(), Verdict::Whole);
        }
    }

    /// A time-out never looks like something that is missing.
    #[test]
    fn silence_is_never_missing(signup in arbitrary::signup(), column in prop::sample::select(Column::ALL.to_vec())) {
        let mut signup = signup;
        match column {
            Column::Auth0 => (signup.auth0, signup.same_email) = (Unknown, Unknown),
            Column::Mongo | Column::Code | Column::Did => (signup.user, signup.verification) = (Unknown, Unknown),
            Column::Pds => {
                (signup.account, signup.found) = (Unknown, Unknown);
                signup.domain = None;
            }
        }
        prop_assert!(!matches!(diagnose(&signup).state(column), State::Missing | State::Drift));
    }

    #[test]
    fn nothing_is_planned_on_what_is_unknown(signup in arbitrary::signup()) {
        let d = diagnose(&signup);
        let plan = plan(&signup, &d, Policy::default());
        for step in &plan.steps {
            let column = match step {
                Step::CreateVerification | Step::SetVerificationCount | Step::CreateUser => Column::Mongo,
                Step::EnsureCodeIndex | Step::AssignCode => Column::Code,
                Step::CreateAccount | Step::RecordAccount => Column::Did,
                Step::AdoptAccount | Step::ResetPassword | Step::SyncHandle => Column::Pds,
                Step::Verify => Column::Auth0,
                Step::RemoveRehearsal => panic!("no plan removes anybody"),
            };
            prop_assert_ne!(d.state(column), State::Unknown, "{:?}", step);
        }
        // Whoever has something to mend and gets nothing done is told why.
        if plan.steps.is_empty() && d.verdict() == Verdict::Broken {
            prop_assert!(!plan.left.is_empty(), "{:?}", d.findings);
        }
    }

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_plan(signup in arbitrary::signup()) {
        let mut after = signup;
        let first = plan(&after, &diagnose(&after), Policy::default());
        let mut world = World::default();
        for step in &first.steps {
            world.apply(&mut after, *step);
        }
        prop_assert!(!world.unrecorded, "a change that is not written down: {:?}", first.steps);
        let d = diagnose(&after);
        let second = plan(&after, &d, Policy::default());
        prop_assert!(second.is_empty(), "{:?} then {:?}", first.steps, second.steps);
        if !first.is_empty() {
            let left: Vec<FindingId> = d.findings.iter().filter(|f| f.repair == crate::domain::Repair::Auto).map(|f| f.id).collect();
            prop_assert!(left.is_empty() || !second.left.is_empty(), "{left:?}");
        }
    }
}
