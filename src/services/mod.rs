//! The outside: one file a backend, each with its own URLs, queries, headers and status codes.

pub mod alerts;
pub mod answers;
pub mod auth0;
pub mod error;
pub mod health;
pub mod http;
pub mod links;
pub mod notebook;
pub mod observe;
pub mod owner;
pub mod pds;
pub mod plc;
pub mod store;

pub use error::Error;
