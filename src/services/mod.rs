//! The outside: one file a backend, each with its own URLs, queries, headers and status codes.

pub mod health;
