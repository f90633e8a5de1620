//! A town whose program reaches every service through a line of one fuse, also the PDS its directory; and what went over
//! the last of these and came to nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::accounts::client;
use super::fuse::Fuse;
use super::runtime;
use super::services::{PdsOptions, services};
use super::tap::Tap;
use super::town::Town;
use super::wire::MongoTap;

#[derive(Debug)]
pub struct Wiring {
    pub fuse: Arc<Fuse>,
    pub mongo: MongoTap,
    pub pds: Tap,
    pub plc: Tap,
    /// Of each tenant.
    pub auth0: [Tap; 2],
    /// Between the PDS and its directory, where the town has a PDS of its own.
    pub directory: Option<Tap>,
}

impl Wiring {
    /// Puts the lines before a town's services.
    pub fn of(town: &mut Town) -> Self {
        Self::on(Fuse::new(), None, town)
    }

    /// A town with a PDS of its own, wired.
    pub fn with_pds(options: PdsOptions) -> (Town, Self) {
        let fuse = Fuse::new();
        let plc_url = options.plc_url.as_ref().unwrap_or(&services().plc_url);
        let directory = Tap::beside_fuse(plc_url, &fuse, "pds to plc");
        let plc_url = Some(directory.url.clone());
        let mut town = Town::with_pds(PdsOptions { plc_url, ..options });
        let wiring = Self::on(fuse, Some(directory), &mut town);
        (town, wiring)
    }

    /// A town with a PDS and a MongoDB of its own. The program reaches that MongoDB without a line, as a member of its
    /// replica set: through a line it would take it for a server that stands alone, and behave otherwise when it is gone.
    pub fn with_pds_and_mongo() -> (Town, Self) {
        let fuse = Fuse::new();
        let directory = Tap::beside_fuse(&services().plc_url, &fuse, "pds to plc");
        let plc_url = Some(directory.url.clone());
        let mut town = Town::with_pds_and_mongo(PdsOptions {
            plc_url,
            ..PdsOptions::default()
        });
        let mongo_uri = town.mongo_uri.clone();
        let wiring = Self::on(fuse, Some(directory), &mut town);
        town.mongo_uri = mongo_uri;
        (town, wiring)
    }

    /// The DIDs that were made in the directory and have no account on the PDS, whether or not the PDS heard of their making.
    pub fn strays(&self, town: &Town) -> usize {
        let directory = self.directory.as_ref().expect("the PDS is the town's own");
        let calls = directory.log();
        let asked = calls.iter().filter(|call| call.method == "POST");
        let asked: BTreeSet<String> = asked.map(|call| call.path.replace("%3A", ":")).collect();
        let accounts = town.all_accounts();
        let has_account = |path: &str| accounts.iter().any(|account| account["did"] == path[1..]);
        runtime().block_on(async {
            let mut strays = 0;
            for path in asked.iter().filter(|path| !has_account(path)) {
                let answer = client().get(format!("{}{path}", services().plc_url)).send().await;
                strays += usize::from(answer.expect("the directory answers").status() == 200);
            }
            strays
        })
    }

    fn on(fuse: Arc<Fuse>, directory: Option<Tap>, town: &mut Town) -> Self {
        let wiring = Self {
            mongo: MongoTap::start(&town.mongo_uri, &fuse),
            pds: Tap::on_fuse(&town.pds_url, &fuse, "pds"),
            plc: Tap::on_fuse(&town.plc_url, &fuse, "plc"),
            auth0: [0, 1].map(|at| Tap::on_fuse(&town.auth0_urls[at].1, &fuse, "auth0")),
            directory,
            fuse,
        };
        town.mongo_uri.clone_from(&wiring.mongo.uri);
        town.pds_url.clone_from(&wiring.pds.url);
        town.plc_url.clone_from(&wiring.plc.url);
        for (at, tap) in wiring.auth0.iter().enumerate() {
            town.auth0_urls[at].1.clone_from(&tap.url);
        }
        town.fuse = Some(Arc::clone(&wiring.fuse));
        wiring
    }
}
