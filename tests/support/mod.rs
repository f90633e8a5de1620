//! What the integration tests stand on: real services, a proxy that misbehaves on demand, a terminal, the
//! program itself, and the official clients. No test lives here.
// Each test module uses a part of this, and some parts wait for the test that needs them.
#![allow(dead_code)]

use std::sync::LazyLock;

use tokio::runtime::Runtime;

pub mod accounts;
pub mod clients;
pub mod codes;
pub mod command;
pub mod fetch;
pub mod fuse;
mod keys;
pub mod mongo;
mod passing;
pub mod picture;
pub mod process;
pub mod quiet;
pub mod runs;
pub mod schemas;
pub mod screen;
pub mod secrets;
pub mod services;
pub mod steady;
pub mod stores;
pub mod svg;
pub mod tap;
pub mod terminal;
pub mod town;
pub mod watched;
pub mod whole;
pub mod wire;
pub mod wiring;
pub mod yardstick;

/// One runtime for whatever outlives a single `#[tokio::test]`: the taps, and a database client that a
/// synchronous test holds. From a synchronous test: `runtime().block_on(async { … })`.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("test-support")
            .enable_all()
            .build()
            .expect("the machine lets a test start threads")
    });
    &RUNTIME
}
