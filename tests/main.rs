//! The one integration-test binary: everything links once, and the real services start once for all tests.

mod house;
mod services_answer;
mod support;
mod support_holds;
