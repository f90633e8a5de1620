//! `atriage alert-test`: sends one alert, so that nobody learns in an outage that alerts do not arrive. It needs no
//! backend and changes nothing there, so that it also works in read-only mode.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::args::Global;
use super::json::{AlertTestView, ReceiverView, SCHEMA};
use super::output::Output;
use super::setup::webhook;
use super::{Failure, Status};
use crate::domain::alert::Alert;
use crate::domain::{Class, Problem};
use crate::services::alerts::Courier;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage alert-test               sends a test to ATRIAGE_ALERT_WEBHOOK\n\nExit status: 0 taken, 4 no webhook is set, 6 it was not taken."
)]
pub struct AlertTestArgs {}

pub async fn run(
    global: &Global,
    AlertTestArgs {}: AlertTestArgs,
    output: &Output,
) -> Result<Status, Failure> {
    let address = webhook(global)?.ok_or_else(|| {
        Problem::new(
            Class::Auth,
            "ATRIAGE_ALERT_WEBHOOK is not set, so that no alert goes anywhere.",
            "Put the address of a webhook of Slack, of Discord or of your own there.",
        )
    })?;
    let courier = Courier::new(&address, Duration::from_secs(global.timeout))?;
    let sent = courier.send(&[Alert::test(Timestamp::now())]).await;
    sent.map_err(|refused| refused.problem)?;
    let view = AlertTestView {
        schema: SCHEMA,
        receivers: vec![ReceiverView {
            receiver: courier.receiver(),
            taken: true,
        }],
    };
    output.print(&view, || {
        format!("The webhook ({}) took the alert.", courier.receiver().name())
    });
    Ok(Status::Good)
}
