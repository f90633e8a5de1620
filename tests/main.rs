//! The one integration-test binary: everything links once, and the real services start once for all tests.

mod account;
mod asking;
mod bad_input;
mod budget;
mod dashboard;
mod findings;
mod house;
mod incident;
mod killed;
mod limits;
mod lines_hold;
mod outages;
mod services_answer;
mod simulators;
mod stores;
mod support;
mod support_holds;
mod tenants;
mod walk;
