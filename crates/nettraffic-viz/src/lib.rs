//! The one-file HTML report: what was found, why, and what the traffic looked like.
//!
//! A [`Report`] is filled with plain values (text, numbers, nanoseconds) by whoever detected,
//! and written as one HTML file that needs no network, no server and no script to be read.
//! The same values give the same bytes. Every text is treated as hostile and escaped;
//! a content-security policy inside the file forbids every request.
//!
//! ```
//! use nettraffic_viz::{Alert, Reason, Report, ScorePoint, Threshold};
//!
//! let mut report = Report::new("office.pcap");
//! report.threshold = Some(Threshold::new(2.0, "one false alarm in 1,000 benign flows"));
//! report.scores = vec![ScorePoint::new(0, 0.4), ScorePoint::new(1_000_000_000, 9.3).alert()];
//! report.alerts = vec![Alert {
//!     first_ns: 1_000_000_000,
//!     source: "10.0.0.7:40022".into(),
//!     target: "10.0.0.1:22".into(),
//!     service: "tcp/22".into(),
//!     score: 9.3,
//!     reasons: vec![Reason::new("duration", "840 s", "0.1 s to 95 s", 0.62)],
//!     ..Alert::default()
//! }];
//! let html = report.to_html();
//! assert!(html.contains("1 alert from 1 source"));
//! assert!(html.contains("840 s"));
//! ```

mod chart;
mod html;
mod number;
mod page;
mod report;
mod time;
mod traffic;
mod view;

pub use report::{Limits, Report};
pub use traffic::Traffic;
pub use view::{Alert, Fact, Incident, Reason, ScorePoint, Share, Threshold};
