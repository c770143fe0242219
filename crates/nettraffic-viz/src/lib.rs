//! The one-file HTML report: what was found, why, and what the traffic looked like.
//!
//! A [`Report`] is filled with plain values (text, numbers, nanoseconds) by whoever detected,
//! and written as one HTML file that needs no network, no server and no script to be read.
//! The same values give the same bytes. Every text is treated as hostile and escaped;
//! a content-security policy inside the file forbids every request.
//!
//! ```
//! use nettraffic_viz::{Alert, Reason, Report, ScorePoint, Threshold, Unit};
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
//!     reasons: vec![Reason::measured("duration", Unit::Seconds, 840.0, (0.1, 95.0), 0.62)],
//!     ..Alert::default()
//! }];
//! let html = report.to_html();
//! assert!(html.contains("1 alert from 1 source"));
//! assert!(html.contains("duration 14 min, usual: 100 ms to 1 min 35 s"));
//! ```

mod card;
mod chart;
mod comparison;
mod figure;
mod html;
mod json;
#[cfg(feature = "dashboard")]
pub mod live;
mod number;
mod page;
mod pca;
mod report;
mod sentence;
mod time;
mod traffic;
mod view;

pub use card::{Card, CardFeature, Drift, DriftedFeature, Measured};
pub use comparison::{
    Beside, Better, CalibrationPoint, ClassRecall, Comparison, Confusion, Curve, Importance,
    Measure, ModelOutcome, PairedTest, Study,
};
pub use figure::Figure;
pub use pca::{Components, principal_components};
pub use report::{Limits, Report};
pub use traffic::Traffic;
pub use view::{
    Alert, Exchange, Fact, FlowMap, Incident, MapPoint, Reason, Rhythm, ScorePoint, Share, Talker,
    Threshold, Unit,
};
