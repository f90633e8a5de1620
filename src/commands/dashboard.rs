//! placeholder until the screen is merged
use super::args::Global;
use super::output::Output;
use super::{Failure, Status};
pub async fn run(_global: &Global, _output: &Output) -> Result<Status, Failure> {
    Ok(Status::Good)
}
