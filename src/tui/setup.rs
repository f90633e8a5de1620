//! What the screen is told once, before it opens: by the configuration, the environment and the command line.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::config::screen::Look;
use crate::services::links::Places;

use super::keymap::Keys;
use super::line::Reach;
use super::memory::View;
use super::mode::Visit;
use super::passage::Clipboard;
use super::theme::ColourDepth;

#[derive(Debug, Clone)]
pub struct Setup {
    /// The configured tenants, in their order. `t` goes through them and then shows them all.
    pub tenants: Vec<String>,
    /// Tenants that lack credentials.
    pub unconfigured: Vec<String>,
    /// The host, or `sandbox`.
    pub badge: String,
    /// `None` for the real thing.
    pub sandbox: Option<Visit>,
    pub read_only: bool,
    pub utc: bool,
    pub ascii: bool,
    pub colours: ColourDepth,
    pub look: Look,
    /// Nothing turns.
    pub reduced_motion: bool,
    /// The mouse is ours from the start.
    pub mouse: bool,
    /// The terminal's bell rings when a long run ends.
    pub bell: bool,
    /// The terminal shows a notification then.
    pub notification: bool,
    /// Where exports go: the folder in which the dashboard was started.
    pub folder: PathBuf,
    /// How a command reaches the same world.
    pub reach: Reach,
    /// Where a copied text goes.
    pub clipboard: Clipboard,
    pub keys: Keys,
    pub now: Timestamp,
    pub refresh_every: Duration,
    /// Saved in the configuration; `@name` in the filter stands for one.
    pub views: Vec<View>,
    /// Where a user can be looked at outside.
    pub places: Places,
}
