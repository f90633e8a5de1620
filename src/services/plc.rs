//! The PLC directory: where a DID's account lives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use proto_blue_syntax::Did;

use super::error::Error;
use super::health::Pulse;
use super::http::Http;
use super::http::call::Call;
use crate::config::address::host_of;
use crate::domain::signup::PlcData;
use crate::domain::{Advice, Class};

const SERVICE: &str = "plc";
/// How long an answer serves for display. Before a write the directory is asked again.
const FRESH: Duration = Duration::from_secs(600);

pub struct Plc {
    http: Http,
    cache: Mutex<HashMap<String, (Instant, Option<PlcData>)>>,
}

impl Plc {
    pub fn new(base: &str, timeout: Duration) -> Result<Self, Error> {
        Ok(Self {
            http: Http::new(SERVICE, base, "PLC_URL", timeout, Pulse::new(SERVICE, ""))?,
            cache: Mutex::default(),
        })
    }

    pub fn pulse(&self) -> &Pulse {
        self.http.pulse()
    }

    /// What the directory says of a DID, at most ten minutes old; `None` where it does not know it.
    /// `ours` are the hosts under which our own PDS is known.
    pub async fn data(&self, did: &str, ours: &[String]) -> Result<Option<PlcData>, Error> {
        let cached = self
            .cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(did)
            .cloned();
        match cached {
            Some((at, data)) if at.elapsed() < FRESH => Ok(data),
            _ => self.data_now(did, ours).await,
        }
    }

    /// The same, asked anew.
    ///
    /// # Errors
    /// `Auth` and `Internal` where whoever answers is no PLC directory: it says nothing of the DID.
    pub async fn data_now(&self, did: &str, ours: &[String]) -> Result<Option<PlcData>, Error> {
        if Did::new(did).is_err() {
            // A text that is no DID is nobody's: what a directory answers to it says nothing of the directory.
            return Ok(None);
        }
        let data = match self.http.send(Call::get(format!("/{did}/data"))).await {
            // Some servers answer everything, and well.
            Ok(answer) if answer["did"].as_str() != Some(did) => return Err(self.unreadable()),
            Ok(answer) => {
                let endpoint = answer["services"]["atproto_pds"]["endpoint"]
                    .as_str()
                    .unwrap_or_default();
                let here = host_of(endpoint).is_some_and(|host| ours.contains(&host));
                Some(PlcData::Lives {
                    endpoint: crate::domain::text::clean(endpoint),
                    here,
                })
            }
            Err(error) if error.says("DID not available") => Some(PlcData::Tombstoned),
            Err(error) if error.kind == Class::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(did.to_string(), (Instant::now(), data.clone()));
        Ok(data)
    }

    fn unreadable(&self) -> Error {
        let error = Error::new(
            SERVICE,
            Class::Internal,
            "plc answered with something that is no data of the DID.",
            format!("Is {} the right address?", self.http.base()),
        )
        .advised(Advice::Configure);
        self.pulse().failed(error.problem());
        self.pulse().gave_up();
        error
    }
}
