//! What a whole run tells a sink: of every alert the incidents give account.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nettraffic_capture::from_reader;
use nettraffic_sensor::{
    Closing, Dealt, Event, IncidentEvent, Learning, Outlet, OutletConfig, Outlets, Replay, Sensor,
    Sink, SinkError, Turn, Wants,
};
use nettraffic_synth::{Attack, AttackKind, Scenario};

use crate::Outcome;

/// Keeps what it is given.
struct Kept(Arc<Mutex<Vec<Event>>>);

impl Sink for Kept {
    fn name(&self) -> &str {
        "kept"
    }

    fn wants(&self) -> Wants {
        Wants::ALERTS.and(Wants::INCIDENTS)
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let mut kept = self.0.lock().map_err(|_| SinkError::lasting("poisoned"))?;
        kept.extend(events.iter().cloned());
        Ok(Dealt::written(events.len()))
    }
}

#[test]
fn the_ends_of_incidents_account_for_every_alert_of_a_run() -> Outcome {
    let at = |kind, second| Attack::new(kind).at(Duration::from_secs(second));
    let office = Scenario::new(7)
        .hosts(4)
        .duration(Duration::from_secs(600))
        .attack(at(AttackKind::SynScan, 400).lasting(Duration::from_secs(4)))
        .attack(at(AttackKind::UdpFlood, 500).lasting(Duration::from_secs(1)));
    let capture = from_reader("office", Cursor::new(office.pcap_bytes()))?;
    let mut learning = Learning::over(Duration::from_secs(300));
    learning.least_flows = 100;
    let events = Arc::<Mutex<Vec<Event>>>::default();
    let outlet = Outlet::new(Kept(Arc::clone(&events)), &OutletConfig::default())?;
    let sensor = Sensor::learning(learning)
        .outlets(Outlets::new(vec![outlet]))
        .input(Replay::new("office", capture));
    let status = sensor.start()?.wait();
    let events = events.lock().map_err(|_| "poisoned")?;
    let mut open = BTreeMap::new();
    let (mut alerts, mut sums) = (0, [0; 4]);
    for event in events.iter() {
        match event {
            Event::Alert(alert) => {
                alerts += 1;
                assert!(open.contains_key(&alert.incident), "told before its alerts");
            }
            Event::Incident(IncidentEvent { turn, incident, .. }) => match turn {
                Turn::Opened => assert!(open.insert(incident.id, true).is_none()),
                Turn::Closed(Closing::Merged(_)) => {
                    assert_eq!(open.insert(incident.id, false), Some(true));
                }
                Turn::Closed(_) => {
                    assert_eq!(open.insert(incident.id, false), Some(true));
                    let told = [
                        incident.facts.alerts,
                        incident.written,
                        incident.repeated,
                        incident.limited,
                    ];
                    sums.iter_mut()
                        .zip(told)
                        .for_each(|(sum, told)| *sum += told);
                    assert!(incident.flows <= incident.facts.alerts);
                }
                _ => assert_eq!(open.get(&incident.id), Some(&true)),
            },
            _ => return Err("a flow was not asked for".into()),
        }
    }
    let raised = &status.alerts;
    let limited = raised.limited_by_source + raised.limited_overall;
    assert_eq!(
        sums,
        [raised.raised, raised.written, raised.repeated, limited]
    );
    assert_eq!(alerts, raised.written);
    assert!(raised.repeated > 0, "{raised:?}");
    assert!(open.values().all(|is_open| !is_open), "all are closed");
    let told = &status.incidents;
    assert_eq!((told.told_opened, told.open), (open.len() as u64, 0));
    assert_eq!(told.told_closed, told.told_opened);
    Ok(())
}
