//! What the PLC directory knows of each DID, and the operations that the PDS submits. The routes
//! that read it live in `routes.rs`; who asks for an operation and why lives in `pds/`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::chance;
use crate::sandbox::faults::{Fault, Service};
use crate::sandbox::world::World;

/// The directory takes at most this many operations a DID in an hour, the first one included.
const OPERATIONS_AN_HOUR: usize = 10;

/// Every DID that was ever registered, by DID.
#[derive(Default)]
pub(in crate::sandbox) struct Directory {
    pub(super) identities: BTreeMap<String, Identity>,
    /// The address that `Home::Here` stands for.
    pub home_url: String,
}

pub(super) struct Identity {
    signing_key: String,
    pub(super) log: Vec<Operation>,
}

#[derive(Clone)]
pub(super) struct Operation {
    pub(super) at: Timestamp,
    pub(super) cid: String,
    prev: Option<String>,
    change: Change,
}

#[derive(Clone)]
enum Change {
    Document(Document),
    Tombstone,
}

#[derive(Clone)]
pub(super) struct Document {
    also_known_as: Vec<String>,
    home: Home,
}

/// The PDS that a document names: the sandbox's own, whose address is known only after its start,
/// or another.
#[derive(Clone)]
pub(in crate::sandbox) enum Home {
    Here,
    Elsewhere(String),
}

/// Why an operation failed, as the PDS that sent it sees it.
pub(in crate::sandbox) enum PlcFailure {
    /// 4xx with PLC's own message.
    Refused(String),
    /// No answer, or 5xx; the operation may have been committed.
    Unclear,
    /// The DID is tombstoned, which the PDS does not expect.
    Tombstoned,
}

impl Directory {
    pub(in crate::sandbox) fn register(&mut self, did: &str, handle: &str, at: Timestamp) {
        let document = Document {
            also_known_as: vec![format!("at://{handle}")],
            home: Home::Here,
        };
        let identity = Identity {
            signing_key: chance::public_key(),
            log: vec![Operation {
                at,
                cid: chance::cid(),
                prev: None,
                change: Change::Document(document),
            }],
        };
        self.identities.insert(did.to_owned(), identity);
    }

    pub(in crate::sandbox) fn dids(&self) -> Vec<String> {
        self.identities.keys().cloned().collect()
    }

    pub(in crate::sandbox) fn forget(&mut self, did: &str) {
        self.identities.remove(did);
    }

    pub(in crate::sandbox) fn move_to(&mut self, did: &str, home: Home) {
        self.amend(did, |document| document.home = home);
    }

    pub(in crate::sandbox) fn set_handle(&mut self, did: &str, handle: &str) {
        let entry = format!("at://{handle}");
        self.amend(did, |document| {
            let names = &mut document.also_known_as;
            match names.iter_mut().find(|name| name.starts_with("at://")) {
                Some(name) => *name = entry,
                None => names.insert(0, entry),
            }
        });
    }

    pub(in crate::sandbox) fn tombstone(&mut self, did: &str) {
        if let Some(identity) = self.identities.get_mut(did) {
            identity.append(Change::Tombstone);
        }
    }

    /// Changes a live document by one more operation; a DID without one stays as it is.
    fn amend(&mut self, did: &str, edit: impl FnOnce(&mut Document)) {
        if let Some(identity) = self.identities.get_mut(did)
            && let Some(mut document) = identity.document().cloned()
        {
            edit(&mut document);
            identity.append(Change::Document(document));
        }
    }

    /// Whether the directory would take one more operation for this DID now.
    fn admit(&self, did: &str) -> Result<(), PlcFailure> {
        let Some(identity) = self.identities.get(did) else {
            return Err(PlcFailure::Refused(format!("DID not registered: {did}")));
        };
        if identity.document().is_none() {
            return Err(PlcFailure::Tombstoned);
        }
        let hour_ago = Timestamp::now() - SignedDuration::from_hours(1);
        if identity.log.iter().filter(|op| op.at > hour_ago).count() >= OPERATIONS_AN_HOUR {
            let message = format!("Too many operations within last hour (max {OPERATIONS_AN_HOUR})");
            return Err(PlcFailure::Refused(message));
        }
        Ok(())
    }

    /// The handle that the document claims, without `at://`.
    pub(in crate::sandbox) fn handle(&self, did: &str) -> Option<&str> {
        let names = &self.identities.get(did)?.document()?.also_known_as;
        names.iter().find_map(|name| name.strip_prefix("at://"))
    }

    /// The DID document, `None` where there is no live one.
    pub(in crate::sandbox) fn did_document(&self, did: &str) -> Option<Value> {
        let identity = self.identities.get(did)?;
        let document = identity.document()?;
        Some(json!({
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
                "https://w3id.org/security/suites/secp256k1-2019/v1",
            ],
            "id": did,
            "alsoKnownAs": document.also_known_as,
            "verificationMethod": [{
                "id": format!("{did}#atproto"),
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": identity.signing_key,
            }],
            "service": [{
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": self.endpoint(&document.home),
            }],
        }))
    }

    fn endpoint<'a>(&'a self, home: &'a Home) -> &'a str {
        match home {
            Home::Here => &self.home_url,
            Home::Elsewhere(url) => url,
        }
    }

    pub(super) fn content(&self, identity: &Identity, document: &Document) -> Value {
        json!({
            "verificationMethods": {"atproto": format!("did:key:{}", identity.signing_key)},
            "rotationKeys": ["did:key:zQ3shvz7U91CCesNF6k2UM9n82V5X3MSGJfhxKJgHkBJL8gKP"],
            "alsoKnownAs": document.also_known_as,
            "services": {"atproto_pds": {
                "type": "AtprotoPersonalDataServer",
                "endpoint": self.endpoint(&document.home),
            }},
        })
    }

    pub(super) fn operation(&self, identity: &Identity, operation: &Operation) -> Value {
        let mut value = match &operation.change {
            Change::Tombstone => json!({"type": "plc_tombstone"}),
            Change::Document(document) => {
                let mut content = self.content(identity, document);
                content["type"] = json!("plc_operation");
                content
            }
        };
        value["prev"] = json!(operation.prev);
        // A signature depends on the content; here it only has to look like one and stay the same.
        value["sig"] = json!(format!("{}{}", &operation.cid[7..], &operation.cid[17..51]));
        value
    }
}

impl Identity {
    pub(super) fn document(&self) -> Option<&Document> {
        match self.log.last().map(|operation| &operation.change) {
            Some(Change::Document(document)) => Some(document),
            _ => None,
        }
    }

    fn append(&mut self, change: Change) {
        self.log.push(Operation {
            at: Timestamp::now(),
            cid: chance::cid(),
            prev: self.log.last().map(|operation| operation.cid.clone()),
            change,
        });
    }
}

/// Submits an operation as the PDS would: through the directory's faults, then its limits.
/// `fresh` is the genesis of a DID that the directory does not know yet.
pub(in crate::sandbox) async fn submit(
    world: &World,
    did: &str,
    handle: &str,
    fresh: bool,
) -> Result<(), PlcFailure> {
    let fault = world.strike(Service::Plc, &format!("/{did}"));
    world.note(format!("POST /{did}"));
    match fault {
        Fault::Down | Fault::Unavailable => return Err(PlcFailure::Unclear),
        Fault::RateLimited | Fault::Limited(_) => {
            return Err(PlcFailure::Refused("Rate Limit Exceeded".into()));
        }
        Fault::Hang => std::future::pending().await,
        Fault::Slow(delay) => tokio::time::sleep(delay).await,
        Fault::None | Fault::LostAnswer => {}
    }
    let mut state = world.lock();
    if fresh {
        state.plc.register(did, handle, Timestamp::now());
    } else {
        state.plc.admit(did)?;
        state.plc.set_handle(did, handle);
    }
    match fault {
        Fault::LostAnswer => Err(PlcFailure::Unclear),
        _ => Ok(()),
    }
}
