//! A town's PDS as its admin and its users see it: accounts, passwords, invites, and what moderators and broken disks do.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::runtime;
use super::services::{ADMIN_PASSWORD, services};
use super::town::Town;

/// What the program makes its invites for: a DID that nobody has.
const OUR_INVITES: &str = "did:atriage:";

impl Town {
    /// The real address of this town's PDS, past whatever `pds_url` leads through.
    pub fn pds_itself(&self) -> &str {
        match &self.pds {
            Some(pds) => pds.url(),
            None => &services().pds_url,
        }
    }

    /// The account that the PDS holds under this DID, as its admin sees it.
    pub fn account(&self, did: &str) -> Value {
        self.admin(&format!("com.atproto.admin.getAccountInfo?did={did}"))
    }

    /// Every account on the PDS with this address, whatever its state.
    pub fn accounts_of(&self, email: &str) -> Vec<Value> {
        let mut accounts = self.all_accounts();
        accounts.retain(|account| account["email"] == email);
        accounts
    }

    pub fn all_accounts(&self) -> Vec<Value> {
        let repos = self.pages("com.atproto.sync.listRepos?limit=1000", "repos");
        let dids: Vec<&str> = repos.iter().filter_map(|repo| repo["did"].as_str()).collect();
        let mut accounts = Vec::new();
        for some in dids.chunks(100) {
            let query = some
                .iter()
                .map(|did| format!("dids={did}"))
                .collect::<Vec<_>>()
                .join("&");
            let answer = self.admin(&format!("com.atproto.admin.getAccountInfos?{query}"));
            accounts.extend(answer["infos"].as_array().expect("it lists").iter().cloned());
        }
        accounts
    }

    /// The invites of ours that could still make an account. Only a PDS of the town's own has none of other tests.
    pub fn unused_invites(&self) -> Vec<String> {
        self.unused_invites_for(OUR_INVITES)
    }

    /// The same, whose account begins so; with "" every one, which on a PDS of the town's own is every one of ours.
    pub fn unused_invites_for(&self, account: &str) -> Vec<String> {
        let usable = |code: &&Value| {
            code["disabled"] == false
                && code["available"]
                    .as_u64()
                    .zip(code["uses"].as_array())
                    .is_some_and(|(all, uses)| all > uses.len() as u64)
                && code["forAccount"]
                    .as_str()
                    .is_some_and(|theirs| theirs.starts_with(account))
        };
        let codes = self.invites();
        let unused = codes.iter().filter(usable);
        unused
            .map(|code| code["code"].as_str().expect("a code").to_owned())
            .collect()
    }

    /// Every invite that the PDS knows.
    pub fn invites(&self) -> Vec<Value> {
        self.pages("com.atproto.admin.getInviteCodes?sort=recent&limit=500", "codes")
    }

    /// A moderator takes an account down.
    pub fn take_down(&self, did: &str) {
        let subject = json!({"$type": "com.atproto.admin.defs#repoRef", "did": did});
        let body = json!({"subject": subject, "takedown": {"applied": true}});
        let (status, answer) = self.ask("com.atproto.admin.updateSubjectStatus", &body, true);
        assert_eq!(status, 200, "{answer}");
    }

    /// The account stays, its repository is gone. Only on a PDS of the town's own.
    pub fn make_ghost(&self, did: &str) {
        let pds = self
            .pds
            .as_ref()
            .expect("other tests have accounts on the shared PDS");
        pds.lose_repository(did);
    }

    /// Whether a password opens an account.
    pub fn opens(&self, did: &str, password: &str) -> bool {
        let body = json!({"identifier": did, "password": password});
        self.ask("com.atproto.server.createSession", &body, false).0 == 200
    }

    /// Posts to the PDS itself; the status, and the answer.
    pub fn ask(&self, method: &str, body: &Value, admin: bool) -> (u16, Value) {
        runtime().block_on(async {
            let url = format!("{}/xrpc/{method}", self.pds_itself());
            let mut request = client().post(url).json(body);
            if admin {
                request = request.basic_auth("admin", Some(ADMIN_PASSWORD));
            }
            let answer = request.send().await.expect("the PDS answers");
            (answer.status().as_u16(), answer.json().await.unwrap_or_default())
        })
    }

    /// A list that comes in pages. The last one names a cursor too: the end is an empty page.
    fn pages(&self, path: &str, list: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.admin(&format!("{path}{cursor}"));
            let items = page[list].as_array().expect("it lists");
            found.extend(items.iter().cloned());
            match page["cursor"].as_str() {
                Some(next) if !items.is_empty() => cursor = format!("&cursor={next}"),
                _ => return found,
            }
        }
    }

    fn admin(&self, path: &str) -> Value {
        runtime().block_on(async {
            let request = client().get(format!("{}/xrpc/{path}", self.pds_itself()));
            let request = request.basic_auth("admin", Some(ADMIN_PASSWORD));
            request
                .send()
                .await
                .expect("the PDS answers")
                .json()
                .await
                .expect("in JSON")
        })
    }
}

/// One for all, since each reads the machine's certificates first, which takes longer than what is asked. It keeps no
/// connections: a test may have killed the PDS behind them.
pub(super) fn client() -> &'static reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        client.build().expect("nothing in it depends on the machine")
    });
    &CLIENT
}
