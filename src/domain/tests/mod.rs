//! Tables and properties of the pure core: what facts mean, what is planned about them, and that plans come to an end.

mod arbitrary;
mod diagnosis;
mod filter;
mod plan;
mod properties;
mod sample;
mod world;
