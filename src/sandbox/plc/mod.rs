//! The PLC directory of the sandbox. What it knows lives in `directory.rs`, how it is asked over
//! HTTP in `routes.rs`.

pub(super) mod directory;
pub(super) mod routes;
