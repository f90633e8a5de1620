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
    bar.set_style(style(total.is_some()));
    bar.set_message(what.to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Says how many are done, and of how many as soon as that is known.
pub fn show(bar: &ProgressBar, done: usize, of: Option<usize>) {
    if let Some(of) = of
        && bar.length().is_none()
    {
        bar.set_style(style(true));
        bar.set_length(of as u64);
    }
    bar.set_position(done as u64);
}

fn style(has_total: bool) -> ProgressStyle {
    let template = match has_total {
        true => "{msg} {bar:24} {pos} of {len}  {elapsed} gone, {eta} left",
        false => "{msg} {spinner} {pos}  {elapsed} gone",
    };
    // The template is a constant that the tests print once.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
