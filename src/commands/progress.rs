//! A progress bar, only where stderr is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;

/// A bar over `total` users, or a counter where the total is unknown. Invisible where nobody looks.
pub fn bar(output: &Output, total: Option<usize>, what: &str) -> ProgressBar {
    if output.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = match total {
        Some(total) => ProgressBar::new(total as u64),
        None => ProgressBar::no_length(),
    };
    let template = match total {
        Some(_) => "{msg} {bar:24} {pos} of {len}  {elapsed} gone, {eta} left",
        None => "{msg} {spinner} {pos}  {elapsed} gone",
    };
    // The template is a constant that the tests print once.
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what.to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
