//! Tables and properties of the pure core: what facts mean, what is planned about them, and that plans come to an end.

mod accident;
mod alert;
mod arbitrary;
mod change;
mod diagnosis;
mod filter;
mod mending;
mod plan;
mod properties;
mod sample;
mod side_by_side;
mod suspect;
mod tally;
mod watch;
mod world;
