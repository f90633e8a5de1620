//! How an operation reaches MongoDB: within the time limit, noted in the log and in the pulse.

use std::future::Future;
use std::time::{Duration, Instant};

use bson::Document;
use mongodb::Collection;

use super::MongoStore;
use super::failure::{Failure, LOOK, SERVICE};
use crate::domain::Class;
use crate::services::Error;

impl MongoStore {
    pub(super) fn of(&self, collection: &str) -> Collection<Document> {
        self.db.collection(collection)
    }

    /// Runs an operation within the time limit and notes how it went.
    pub(super) async fn run<T>(
        &self,
        what: &str,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let answer = self.attempt(what, operation).await;
        match answer.as_ref().err().map(|failure| &failure.error) {
            Some(error) if matches!(error.kind, Class::Unavailable | Class::Auth | Class::Internal) => {
                self.pulse.failed(error.problem());
                self.pulse.gave_up();
            }
            _ => self.pulse.answered(started.elapsed()),
        }
        answer
    }

    /// The same without a word to the pulse: for what may fail.
    pub(super) async fn attempt<T>(
        &self,
        what: &str,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> Result<T, Failure> {
        within(self.timeout, what, operation).await
    }

    pub(super) async fn update(
        &self,
        collection: &str,
        filter: Document,
        update: Document,
    ) -> Result<(u64, u64), Failure> {
        let operation = async { self.of(collection).update_one(filter, update).await };
        let result = self.run(&format!("a write to {collection}"), operation).await?;
        Ok((result.matched_count, result.modified_count))
    }
}

/// Runs an operation within a time limit.
pub(super) async fn within<T>(
    limit: Duration,
    what: &str,
    operation: impl Future<Output = mongodb::error::Result<T>>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let answer = tokio::time::timeout(limit, operation).await;
    tracing::debug!(
        service = SERVICE,
        call = what,
        ms = started.elapsed().as_millis(),
        ok = matches!(answer, Ok(Ok(_)))
    );
    match answer {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Failure::of(what, &error)),
        Err(_) => Err(Failure {
            code: None,
            id_taken: false,
            error: Error::new(
                SERVICE,
                Class::Unavailable,
                format!("mongo did not answer {what} in time."),
                LOOK,
            )
            .unclear(true),
        }),
    }
}
