//! The one integration-test binary: everything links once, and the real services start once for all tests.

mod account;
mod asking;
mod bad_input;
mod budget;
mod dashboard;
mod dashboard_runs;
mod findings;
mod governor;
mod house;
mod incident;
mod journal;
mod killed;
mod leases;
mod limits;
mod lines_hold;
mod outages;
mod refusals;
mod runs;
mod services_answer;
mod simulators;
mod stores;
mod support;
mod support_holds;
mod tenants;
mod trail;
mod walk;
