//! The live page of a sensor: a [`Board`] that the sensor writes to, and a [`Dashboard`] that shows it in a browser.
//!
//! The board takes plain values from the thread that detects, and keeps a bounded part of them. The dashboard
//! serves it from a thread of its own; a reader that is slow misses things, and holds nothing up.
//! Time is nanoseconds of packet time throughout, so that a replay looks like what it replays.
//!
//! ```
//! use nettraffic_viz::live::{Board, Dashboard, DashboardOptions, LiveAlert, TrafficSample};
//! use nettraffic_viz::{Alert, ScorePoint};
//!
//! let board = Board::new();
//! board.push_score(ScorePoint::new(1_700_000_000_200_000_000, 9.3).alert());
//! board.push_alert(LiveAlert {
//!     alert: Alert { id: "a1".into(), source: "10.0.0.7:40022".into(), score: 9.3, ..Alert::default() },
//!     raised_ns: 1_700_000_000_200_000_000,
//!     ..LiveAlert::default()
//! });
//! board.push_sample(TrafficSample {
//!     time_ns: 1_700_000_001_000_000_000,
//!     length_ns: 1_000_000_000,
//!     packets: 812,
//!     ..TrafficSample::default()
//! });
//!
//! let address = ([127, 0, 0, 1], 0).into();
//! let dashboard = Dashboard::bind(address, DashboardOptions::new())?;
//! assert_ne!(dashboard.address().port(), 0);
//! let serving = dashboard.serve(board.clone())?;
//! serving.stop();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod board;
mod metrics;
mod server;
mod view;

pub use board::{Board, BoardLimits};
pub use metrics::{Metric, MetricKind, MetricValue};
pub use server::{Dashboard, DashboardError, DashboardOptions, Serving};
pub use view::{
    Allowed, Gap, Health, Learning, LiveAlert, LiveIncident, MarkUse, Marking, Model, Phase, Queue,
    Sensor, Severity, Sink, Skipped, Suppressed, TrafficSample,
};
