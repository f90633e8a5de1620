//! How slow this machine is just now, so that a test can say how long something may take on any machine, however busy.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What the work takes on the idle machine that the tests' times were measured on, as the tests are built.
const THERE: Duration = Duration::from_millis(80);

/// How many times longer a piece of work takes here and now than there; at least 1.
pub fn slowness() -> f64 {
    let begun = Instant::now();
    let mut sum = 0_u64;
    for n in 0..4_000_000_u64 {
        sum = black_box(sum.rotate_left(5) ^ n);
    }
    black_box(sum);
    (begun.elapsed().as_secs_f64() / THERE.as_secs_f64()).max(1.0)
}

/// Whether one of three tries is done within this time, or as much more of it as this machine is slower: the other tests
/// share its processors. Each try says how long it took.
pub fn one_of_three(within: Duration, mut measure: impl FnMut() -> Duration) {
    let mut all = Vec::new();
    for _ in 0..3 {
        let before = slowness();
        let took = measure();
        let slow = before.max(slowness());
        if took.as_secs_f64() <= within.as_secs_f64() * slow {
            return;
        }
        all.push((took, slow));
    }
    panic!(
        "it took this long, on a machine so many times slower than ours, with {within:?} allowed: {all:?}"
    );
}
