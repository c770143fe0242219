//! What the benches share: how long they measure, and the traffic that they measure on.
//!
//! The traffic is synthetic and always the same: figures of two runs differ by the code and the
//! machine alone.

mod bare;
mod fixture;
mod formats;
mod frames;

use std::time::Duration;

use criterion::Criterion;

pub use bare::bare_loop;
pub use fixture::{Traffic, busy_packets};
pub use formats::{gzip, pcapng};
pub use frames::{Frames, LINKS, TUNNELS};

/// Short measurements, so that all benches together take about two minutes; the options of
/// criterion's command line lengthen them.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}
