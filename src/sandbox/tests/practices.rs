//! What people practise on, asked by our own clients: each practice breaks what it says, nothing else, and all of it ends.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::code_index::{IndexStep, conflict, next_step};
use crate::domain::observed::Observed;
use crate::domain::practice::Practice;
use crate::domain::signup::{Auth0User, Signup};
use crate::domain::{Class, FindingId, diagnose};
use crate::sandbox::Sandbox;
use crate::services::Error;
use crate::services::auth0::Range;
use crate::services::observe::Backends;
use crate::services::pds::NewAccount;
use crate::services::store::Written;

struct Practising {
    sandbox: Sandbox,
    backends: Backends,
}

impl Practising {
    async fn new() -> Self {
        let sandbox = Sandbox::quiet(Duration::from_secs(10)).await.expect("it starts");
        let backends = Backends::open(sandbox.config()).await.expect("it is there");
        Self { sandbox, backends }
    }

    async fn carry_out(&self, practice: Practice) {
        let done = self.sandbox.practices().carry_out(practice).await;
        done.expect("the sandbox can be broken");
    }

    /// Everything off. The clients are new ones: the old remember for how long they were refused.
    async fn mend(&mut self) {
        self.carry_out(Practice::Mend).await;
        self.backends = Backends::open(self.sandbox.config()).await.expect("it is there");
        let whole = (self.auth0().await, self.pds().await, self.mongo().await);
        assert!(whole.0.is_ok() && whole.1.is_ok() && whole.2.is_ok(), "{whole:?}");
        assert_eq!(self.sandbox.practices().on().await, []);
    }

    /// The newest users.
    async fn auth0(&self) -> Result<Vec<Auth0User>, Error> {
        let auth0 = self.backends.auth0("aesthetic").expect("it is configured");
        let users = auth0.walk(Range::default()).next(50).await?;
        Ok(users.expect("somebody lives here"))
    }

    async fn pds(&self) -> Result<(), Error> {
        self.backends.pds.lets_admin_in().await
    }

    async fn mongo(&self) -> Result<(), Error> {
        self.backends.store.ping().await
    }

    async fn subs(&self) -> BTreeSet<String> {
        let users = self.auth0().await.expect("Auth0 answers");
        users.into_iter().map(|user| user.sub).collect()
    }

    /// Lets four people sign up and verify at once, and observes them.
    async fn crowd(&self) -> Vec<Signup> {
        let before = self.subs().await;
        let practices = self.sandbox.practices();
        let on = practices.on().await;
        practices.newcomers().crowd(4, &on).await;
        self.observe_all_but(&before).await
    }

    async fn observe_all_but(&self, before: &BTreeSet<String>) -> Vec<Signup> {
        let mut found = Vec::new();
        for sub in self.subs().await.difference(before) {
            let observed = self.backends.observe("aesthetic", sub).await;
            found.push(observed.expect("it is configured").0);
        }
        found
    }
}

/// What all of them have, in the order of the columns.
fn findings(signups: &[Signup]) -> Vec<FindingId> {
    let of = |signup| -> Vec<FindingId> {
        let found = diagnose(signup).findings;
        found.into_iter().map(|finding| finding.id).collect()
    };
    assert_eq!(signups.len(), 4);
    let first = of(&signups[0]);
    assert!(
        signups.iter().all(|signup| of(signup) == first),
        "they differ: {signups:?}"
    );
    first
}

#[tokio::test]
async fn a_mended_sandbox_makes_everybody_whole_and_a_broken_index_nobody() {
    let mut here = Practising::new().await;
    // It begins as the incident does.
    assert_eq!(findings(&here.crowd().await)[0], FindingId::MissingUserRecord);
    here.mend().await;
    assert_eq!(findings(&here.crowd().await), []);

    let before = here.subs().await;
    here.carry_out(Practice::BreakIndex).await;
    let indexes = here.backends.store.code_indexes().await.expect("it answers");
    let found = conflict(&indexes).expect("the site stumbles over it");
    assert_eq!((found.code, found.index.as_str()), (85, "code_1"));
    let newest = here.observe_all_but(&before).await;
    assert_eq!(findings(&newest)[0], FindingId::MissingUserRecord);
    assert!(
        newest
            .iter()
            .all(|signup| signup.verification.present().is_some())
    );
    assert_eq!(here.sandbox.practices().on().await, [Practice::BreakIndex]);

    here.mend().await;
    let indexes = here.backends.store.code_indexes().await.expect("it answers");
    assert!(indexes.len() == 1 && indexes[0].is_good(), "{indexes:?}");
    assert_eq!(findings(&here.crowd().await), []);
}

/// As `diagnose --fix-index` and the dashboard mend it.
#[tokio::test]
async fn whoever_mends_the_index_ends_its_practice() {
    let mut here = Practising::new().await;
    here.carry_out(Practice::BreakIndex).await;
    here.carry_out(Practice::SlowAuth0).await;
    let store = here.backends.store.clone();
    loop {
        let indexes = store.code_indexes().await.expect("it answers");
        match next_step(&indexes).expect("nothing is in the way") {
            None => break,
            Some(IndexStep::Make(wanted)) => store.build_code_index(wanted).await.expect("it is made"),
            Some(IndexStep::Drop { name, .. }) => {
                let dropped = store.drop_code_index(&name).await;
                assert_eq!(dropped.expect("it is dropped"), Written::Done);
            }
        }
    }
    let on = here.sandbox.practices().on().await;
    assert_eq!(on, [Practice::SlowAuth0], "the other goes on");
    here.mend().await;
    let indexes = store.code_indexes().await.expect("it answers");
    assert!(indexes.len() == 1 && indexes[0].is_good(), "{indexes:?}");
    assert_eq!(findings(&here.crowd().await), []);
}

#[tokio::test]
async fn a_pds_that_is_down_answers_nothing_and_gets_no_accounts() {
    let mut here = Practising::new().await;
    here.mend().await;
    here.carry_out(Practice::BreakPds).await;
    assert_eq!(here.pds().await.unwrap_err().kind, Class::Unavailable);
    assert!(here.auth0().await.is_ok() && here.mongo().await.is_ok());
    let newest = here.crowd().await;
    assert!(
        newest.iter().all(|signup| signup.found.is_unknown()),
        "{newest:?}"
    );
    here.mend().await;
    for signup in &newest {
        let (signup, _) = here.backends.observe("aesthetic", &signup.sub).await.unwrap();
        let found = diagnose(&signup).findings;
        assert_eq!(found[0].id, FindingId::MissingAccount);
    }
}

#[tokio::test]
async fn budgets_that_are_used_up_say_until_when() {
    let mut here = Practising::new().await;
    for practice in [Practice::LimitPds, Practice::LimitAuth0] {
        here.carry_out(practice).await;
        let error = match practice {
            Practice::LimitPds => here.pds().await.unwrap_err(),
            _ => here.auth0().await.unwrap_err(),
        };
        assert_eq!(error.kind, Class::RateLimit, "{practice:?}");
        let wait = error.until.expect("a moment").duration_since(Timestamp::now());
        assert!((5..=12).contains(&wait.as_secs()), "{practice:?}: {wait}");
        let others = match practice {
            Practice::LimitPds => here.auth0().await.is_ok(),
            _ => here.pds().await.is_ok(),
        };
        assert!(others && here.mongo().await.is_ok(), "{practice:?}");
        here.mend().await;
    }
}

#[tokio::test]
async fn a_slow_auth0_answers_later() {
    let mut here = Practising::new().await;
    here.carry_out(Practice::SlowAuth0).await;
    let soon = tokio::time::timeout(Duration::from_secs(1), here.auth0()).await;
    assert!(soon.is_err(), "it answered within a second");
    assert!(here.pds().await.is_ok() && here.mongo().await.is_ok());
    assert!(here.auth0().await.is_ok());
    here.mend().await;
}

#[tokio::test]
async fn a_mongo_that_is_out_of_reach_loses_nothing() {
    let mut here = Practising::new().await;
    let sub = here
        .auth0()
        .await
        .expect("Auth0 answers")
        .pop()
        .expect("somebody")
        .sub;
    let (before, _) = here.backends.observe("aesthetic", &sub).await.unwrap();
    here.carry_out(Practice::BreakMongo).await;
    let error = here.mongo().await.unwrap_err();
    assert_eq!(
        (error.kind, error.what.as_str()),
        (Class::Unavailable, "mongo cannot be reached.")
    );
    let (meanwhile, why) = here.backends.observe("aesthetic", &sub).await.unwrap();
    assert!(meanwhile.user.is_unknown() && why.is_some());
    assert!(here.auth0().await.is_ok() && here.pds().await.is_ok());
    let known = here.subs().await;
    here.crowd().await;
    // The index can be broken and mended all the same, and it stays out of reach meanwhile: for those too who sign up then.
    here.carry_out(Practice::BreakIndex).await;
    assert!(here.mongo().await.is_err());
    let newest = here.observe_all_but(&known).await;
    assert_eq!(newest.len(), 8);
    here.mend().await;
    let (after, _) = here.backends.observe("aesthetic", &sub).await.unwrap();
    assert_eq!(after, before);
    for signup in &newest {
        let (signup, _) = here.backends.observe("aesthetic", &signup.sub).await.unwrap();
        let found = diagnose(&signup).findings;
        let ids: Vec<FindingId> = found.iter().map(|finding| finding.id).collect();
        assert_eq!(ids[..1], [FindingId::MissingUserRecord]);
        assert!(ids.contains(&FindingId::MissingVerificationRecord), "{ids:?}");
        assert_eq!(signup.verification, Observed::Absent);
    }
}

#[tokio::test]
async fn what_cannot_be_switched_leaves_everything_as_it_was() {
    let mut here = Practising::new().await;
    here.mend().await;
    let mut keys = Vec::new();
    for signup in here.crowd().await {
        keys.push(signup.key);
    }
    let dropped = here.backends.store.drop_code_index("code_unique").await;
    dropped.expect("it answers");
    let practices = here.sandbox.practices();
    for key in &keys {
        practices.give_code(key, "ac25momez").expect("it answers");
    }
    here.carry_out(Practice::BreakMongo).await;
    here.carry_out(Practice::BreakPds).await;
    for practice in [Practice::Mend, Practice::BreakIndex] {
        practices
            .carry_out(practice)
            .await
            .expect_err("several have one code");
        assert_eq!(practices.on().await, [Practice::BreakPds, Practice::BreakMongo]);
        assert!(here.mongo().await.is_err() && here.pds().await.is_err());
    }
}

#[tokio::test]
async fn lost_answers_leave_accounts_that_nobody_recorded() {
    let mut here = Practising::new().await;
    here.mend().await;
    here.carry_out(Practice::LoseAnswers).await;
    assert!(here.pds().await.is_ok());
    let pds = &here.backends.pds;
    let invite = pds.new_invite("auth0|somebody").await.expect("the PDS answers");
    let password = "open-sesame".into();
    let asked = pds.create_account(NewAccount {
        handle: "somebody.at.aesthetic.computer",
        email: "somebody@example.com",
        password: &password,
        invite: &invite,
    });
    assert!(asked.await.unwrap_err().unclear);
    assert!(pds.invite_used_by(&invite).await.expect("it answers").is_some());
    assert_eq!(findings(&here.crowd().await), [FindingId::UnrecordedAccount]);
    here.mend().await;
}

#[tokio::test]
async fn several_things_at_once_end_together() {
    let mut here = Practising::new().await;
    for practice in [Practice::LoseAnswers, Practice::SlowAuth0, Practice::BreakPds] {
        here.carry_out(practice).await;
        here.carry_out(practice).await;
    }
    // What is down is down, whatever was broken later or earlier.
    assert_eq!(here.pds().await.unwrap_err().kind, Class::Unavailable);
    assert_eq!(
        here.sandbox.practices().on().await,
        [Practice::BreakPds, Practice::LoseAnswers, Practice::SlowAuth0]
    );
    here.mend().await;
}

#[tokio::test]
async fn an_index_that_is_mended_by_other_means_is_noticed() {
    use crate::domain::code_index::Wanted;
    let here = Practising::new().await;
    here.carry_out(Practice::BreakIndex).await;
    let store = &here.backends.store;
    store.drop_code_index("code_1").await.expect("it answers");
    store.build_code_index(Wanted::Good).await.expect("it answers");
    let going_on = here
        .sandbox
        .practices()
        .newcomers()
        .go_on(Duration::from_millis(5));
    let noticed = async {
        while !here.sandbox.practices().on().await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = going_on => unreachable!("people never stop signing up"),
        noticed = tokio::time::timeout(Duration::from_secs(20), noticed) => noticed.expect("it is noticed"),
    }
}
