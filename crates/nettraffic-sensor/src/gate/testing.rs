//! Alerts for tests.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_detect::{Alert, AlertId, ClassGuess, Evidence, Verdict};
use nettraffic_flow::{Flow, FlowKey};

use crate::{SensorAlert, Severity};

/// What matters of an alert.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raised {
    pub(crate) id: u64,
    pub(crate) second: i64,
    pub(crate) source: u32,
    pub(crate) target: u32,
    pub(crate) port: u16,
    pub(crate) severity: Severity,
    pub(crate) class: &'static str,
    pub(crate) model: &'static str,
}

pub(crate) fn address(number: u32) -> IpAddr {
    Ipv4Addr::from(number).into()
}

impl Raised {
    /// One without a class, of low severity.
    pub(crate) const fn new(id: u64, second: i64, source: u32) -> Self {
        Self {
            id,
            second,
            source,
            target: 9,
            port: 80,
            severity: Severity::Low,
            class: "",
            model: "kmeans:1",
        }
    }

    pub(crate) fn alert(&self) -> SensorAlert {
        let (source, target) = (address(self.source), address(self.target));
        let key = FlowKey::new(source, 40_000, target, self.port, IpProtocol::TCP);
        let flow = Flow::new(key, Timestamp::from_seconds(self.second, 0), ());
        let mut verdict = Verdict::new(flow, 1.0, 0.5);
        let mut alert = Alert::new(AlertId(self.id), Evidence::Unusual, 0.01);
        alert.class = (!self.class.is_empty()).then(|| ClassGuess {
            name: self.class.to_owned(),
            probability: 0.9,
        });
        verdict.alert = Some(alert);
        let alert = SensorAlert::of(verdict, self.model.into(), Arc::from("test"));
        let Some(mut alert) = alert else {
            unreachable!("the verdict holds an alert")
        };
        alert.severity = self.severity;
        alert
    }
}
