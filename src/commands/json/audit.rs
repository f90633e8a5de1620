//! An audit as JSON: the parts that are written as they come, and the whole that they make.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{SCHEMA, shown};
use crate::audit::emails::SharedEmail;
use crate::audit::report::{Row, Summary};
use crate::domain::plan::Step;
use crate::domain::signup::Standing;
use crate::domain::stray::{Stray, StrayKind};
use crate::domain::tally::{Systemic, Totals};
use crate::domain::text::{clean, mask_email, mask_handle, mask_name};
use crate::domain::{Column, Finding, Policy, Problem, State, plan};

/// The audit of one tenant. It is never held as a whole: its lists are written while the audit runs.
#[derive(Serialize, JsonSchema)]
#[allow(
    dead_code,
    reason = "the shape that the parts make, for the schema and the test that holds them together"
)]
pub struct AuditView {
    #[serde(flatten)]
    pub head: AuditHead,
    pub signups: Vec<SignupView>,
    pub orphans: Vec<SignupView>,
    #[serde(flatten)]
    pub rest: AuditRest,
    /// Of one tenant alone; with `both` they stand beside the tenants.
    #[serde(flatten)]
    pub accounts: Option<AccountsView>,
}

/// With `both`: one object whose `tenants` holds one audit each.
#[derive(Serialize, JsonSchema)]
#[allow(
    dead_code,
    reason = "the shape that the parts make, for the schema and the test that holds them together"
)]
pub struct AuditsView {
    pub schema: u32,
    pub tenants: Vec<AuditView>,
    #[serde(flatten)]
    pub accounts: AccountsView,
    /// Why the accounts of the PDS are not all told.
    pub error: Option<Problem>,
}

/// What an audit prints as JSON: one tenant, or several.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[allow(
    dead_code,
    reason = "the shape that the parts make, for the schema and the test that holds them together"
)]
pub enum AuditAnswer {
    One(Box<AuditView>),
    Both(AuditsView),
}

/// What an audit prints as NDJSON: a line a signup; what is no signup stands in an object of its name; and the summary.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AuditLine {
    Signup(Box<SignupView>),
    Orphan {
        orphan: Box<SignupView>,
    },
    OrphanAccount {
        orphan_account: StrayView,
    },
    Summary(Box<AuditSummary>),
    /// With `both` and `--orphans`: the summary of what the tenants share, at the end.
    Sweep {
        schema: u32,
        accounts_of_others: Option<usize>,
        error: Option<Problem>,
    },
}

/// The summary of a tenant.
#[derive(Serialize, JsonSchema)]
pub struct AuditSummary {
    #[serde(flatten)]
    pub head: AuditHead,
    #[serde(flatten)]
    pub rest: AuditRest,
    /// Of one tenant alone, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts_of_others: Option<usize>,
}

/// What is known when an audit begins.
#[derive(Serialize, JsonSchema)]
pub struct AuditHead {
    pub schema: u32,
    pub tenant: String,
}

/// What is known when it ends.
#[derive(Serialize, JsonSchema)]
pub struct AuditRest {
    pub checked_at: Timestamp,
    pub duration_ms: u128,
    pub sources: Sources,
    pub totals: Totals,
    pub systemic: Vec<Systemic>,
    /// Whose row lacks `duplicate-email`, since whom they share it with came later in the list. Where they were counted,
    /// they are counted as broken.
    pub shared_emails: Vec<SharedEmailView>,
    /// Why it ended early: then signups or orphans are missing.
    pub error: Option<Problem>,
}

/// Somebody with whom others, who came later in the list, share their e-mail: each of them names them.
#[derive(Serialize, JsonSchema)]
pub struct SharedEmailView {
    pub sub: String,
    /// Subs of the others.
    pub with: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct Sources {
    auth0: State,
    mongo: State,
    pds: State,
    plc: State,
}

/// What the PDS holds that no record names, where it was asked for.
#[derive(Serialize, JsonSchema, Default)]
pub struct AccountsView {
    pub orphan_accounts: Vec<StrayView>,
    /// How many accounts are another service's; `None` where not all accounts were looked at.
    pub accounts_of_others: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
pub struct SignupView {
    pub tenant: String,
    pub sub: String,
    pub key: String,
    pub created_at: Option<Timestamp>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub handle: Option<String>,
    pub code: Option<String>,
    pub did: Option<String>,
    pub pds_handle: Option<String>,
    pub columns: Columns,
    pub findings: Vec<Finding>,
    /// Why a column is unknown although its backend answered.
    pub notes: Vec<String>,
    pub plan: Vec<Step>,
}

#[derive(Serialize, JsonSchema)]
pub struct Columns {
    pub auth0: State,
    pub mongo: State,
    pub code: State,
    pub did: State,
    pub pds: State,
}

#[derive(Serialize, JsonSchema)]
pub struct StrayView {
    pub kind: StrayKind,
    pub did: String,
    pub handle: String,
    pub created_at: Option<Timestamp>,
    pub standing: Standing,
    /// The tenant and the sub of the user to whom it belongs.
    pub tenant: Option<String>,
    pub belongs_to: Option<String>,
    pub message: String,
    pub hint: &'static str,
}

impl AuditHead {
    pub fn of(tenant: &str) -> Self {
        Self {
            schema: SCHEMA,
            tenant: tenant.to_string(),
        }
    }
}

impl AuditRest {
    pub fn new(summary: &Summary) -> Self {
        let source = |name: &str| {
            let found = summary.sources.iter().find(|source| source.name == name);
            found.map_or(State::Unknown, |source| source.liveness.state())
        };
        Self {
            checked_at: summary.checked_at,
            duration_ms: summary.took.as_millis(),
            sources: Sources {
                auth0: source("auth0"),
                mongo: source("mongo"),
                pds: source("pds"),
                plc: source("plc"),
            },
            totals: summary.totals,
            systemic: summary.systemic.clone().into_iter().collect(),
            shared_emails: summary.shared_emails.iter().map(SharedEmailView::new).collect(),
            error: summary.broke_off.clone(),
        }
    }
}

impl SharedEmailView {
    fn new(shared: &SharedEmail) -> Self {
        Self {
            sub: clean(&shared.sub),
            with: shared.with.iter().map(|sub| clean(sub)).collect(),
        }
    }
}

impl SignupView {
    pub fn new((signup, diagnosis): &Row, unmask: bool) -> Self {
        Self {
            tenant: signup.tenant.clone(),
            sub: clean(&signup.sub),
            key: clean(&signup.key),
            created_at: signup.created_at(),
            email: signup.email().map(|email| shown(email, unmask, mask_email)),
            email_verified: signup.verified(),
            handle: signup.name.present().map(|name| shown(name, unmask, mask_name)),
            code: signup.code().map(clean),
            did: signup.did().map(clean),
            pds_handle: signup
                .any_account()
                .map(|account| shown(&account.handle, unmask, mask_handle)),
            columns: Columns {
                auth0: diagnosis.state(Column::Auth0),
                mongo: diagnosis.state(Column::Mongo),
                code: diagnosis.state(Column::Code),
                did: diagnosis.state(Column::Did),
                pds: diagnosis.state(Column::Pds),
            },
            findings: diagnosis.findings.clone(),
            notes: diagnosis.notes.clone(),
            plan: plan(signup, diagnosis, Policy::default()).steps,
        }
    }
}

impl StrayView {
    pub fn new(stray: &Stray, unmask: bool) -> Self {
        let (tenant, sub) = stray.belongs_to.clone().unzip();
        Self {
            kind: stray.kind,
            did: clean(&stray.account.did),
            handle: shown(&stray.account.handle, unmask, mask_handle),
            created_at: stray.made_at,
            standing: stray.account.standing,
            tenant,
            belongs_to: sub.as_deref().map(clean),
            message: stray.message.clone(),
            hint: stray.hint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields that `tests/audit.rs` finds in what is written piece by piece.
    #[test]
    fn the_parts_make_the_whole() {
        let summary = Summary::unlisted("aesthetic", Problem::new(crate::domain::Class::Auth, "", ""));
        let audit = |accounts| AuditView {
            head: AuditHead::of("aesthetic"),
            signups: Vec::new(),
            orphans: Vec::new(),
            rest: AuditRest::new(&summary),
            accounts,
        };
        let keys = |value: serde_json::Value| {
            let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys.join(" ")
        };
        let alone = audit(Some(AccountsView::default()));
        assert_eq!(
            keys(serde_json::to_value(alone).unwrap()),
            "accounts_of_others checked_at duration_ms error orphan_accounts orphans schema shared_emails signups sources systemic tenant totals"
        );
        let both = AuditsView {
            schema: SCHEMA,
            tenants: vec![audit(None)],
            accounts: AccountsView::default(),
            error: None,
        };
        assert_eq!(
            keys(serde_json::to_value(both).unwrap()),
            "accounts_of_others error orphan_accounts schema tenants"
        );
    }
}
