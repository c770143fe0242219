//! Alerts, incidents and flows of which every part is known.

use std::net::Ipv6Addr;

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_detect::{
    Alert, AlertId, ClassGuess, Evidence, Expected, Observed, Reason, Verdict,
};
use nettraffic_features::Unit;
use nettraffic_flow::{Flow, FlowEnd, FlowKey, InitiatorEvidence, SideState};
use nettraffic_sensor::{Event, Fate, IncidentConfig, OpenIncidents, SensorAlert, Why};

/// 2023-11-14 22:13:20 UTC.
const BEGAN: i64 = 1_700_000_000;

/// A connection to a web server: 5 packets against 4, 1.5 s long.
pub(crate) fn flow() -> Flow {
    let key = FlowKey::new(
        [192, 168, 1, 10].into(),
        40_000,
        [10, 0, 0, 2].into(),
        443,
        IpProtocol::TCP,
    );
    let mut flow = Flow::new(key, Timestamp::from_seconds(BEGAN, 123_456_789), ());
    flow.last = Timestamp::from_seconds(BEGAN + 1, 623_456_789);
    flow.ended = flow.last;
    flow.end = FlowEnd::Fin;
    flow.forward.packets = 5;
    flow.forward.ip_bytes = 700;
    flow.forward.payload_bytes = 400;
    flow.forward.state = SideState::Active;
    flow.backward.packets = 4;
    flow.backward.ip_bytes = 2_400;
    flow.backward.payload_bytes = 2_000;
    flow.backward.state = SideState::Active;
    flow.vlan = Some(100);
    flow
}

/// An echo request over IPv6 that nobody answered, found unusual.
pub(crate) fn ping() -> Flow {
    let mut flow = Flow::new(
        FlowKey::new(
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
            77,
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2).into(),
            77,
            IpProtocol::ICMPV6,
        ),
        Timestamp::from_seconds(BEGAN, 0),
        (),
    );
    flow.evidence = InitiatorEvidence::Query;
    flow.end = FlowEnd::Idle;
    flow.forward.packets = 1;
    flow.forward.ip_bytes = 48;
    flow.forward.state = SideState::Active;
    flow
}

/// What a detector would say of it: unusual, with a reason of each kind.
pub(crate) fn alert(id: u64, class: Option<&str>) -> Alert {
    let mut alert = Alert::new(AlertId(id), Evidence::Unusual, 0.001);
    alert.class = class.map(|name| ClassGuess {
        name: name.to_owned(),
        probability: 0.875,
    });
    alert.reasons = vec![
        Reason::new(
            "duration",
            Unit::Seconds,
            Observed::Number(600.5),
            Expected::Range {
                low: 0.0,
                high: 30.0,
            },
            0.414,
        ),
        Reason::new(
            "protocol",
            Unit::None,
            Observed::Category("tcp".to_owned()),
            Expected::Categories(vec![("udp".to_owned(), 0.75), ("icmp".to_owned(), 0.25)]),
            0.3,
        ),
        Reason::new(
            "gap",
            Unit::Seconds,
            Observed::Undefined,
            Expected::Range {
                low: 0.5,
                high: 0.5,
            },
            0.1,
        ),
    ];
    alert
}

pub(crate) fn sensor_alert(flow: Flow, alert: Alert, source: &str) -> Option<SensorAlert> {
    let mut verdict = Verdict::new(flow, 2.5, 1.1);
    verdict.alert = Some(alert);
    SensorAlert::of(verdict, "fusion 00c0ffee".into(), source.into())
}

/// A scan, the alert with that identifier.
pub(crate) fn scan(id: u64) -> Result<Event, &'static str> {
    let mut alert = sensor_alert(flow(), alert(id, Some("syn_scan")), "eth0").ok_or("an alert")?;
    alert.left_out = 3;
    Ok(Event::alert(alert))
}

/// Alerts and what happens to incidents in turn: a scan, the begin of an incident, its end.
pub(crate) fn mixed(number: u64) -> Result<Event, &'static str> {
    match number % 3 {
        0 => scan(number),
        1 => incident(number).map(|[begin, _]| begin),
        _ => incident(number - 1).map(|[_, end]| end),
    }
}

/// As many different scans.
pub(crate) fn scans(count: u64) -> Result<Vec<Event>, &'static str> {
    (0..count).map(scan).collect()
}

/// How the incident of the scan with that identifier begins, and how it ends with the sensor.
pub(crate) fn incident(id: u64) -> Result<[Event; 2], &'static str> {
    let Event::Alert(alert) = scan(id)? else {
        return Err("no alert");
    };
    told(&[(&alert, Fate::Write)], 3)
}

/// What is told of the incidents of some alerts, the sensor being stopped so many seconds after the first began.
pub(crate) fn told<const N: usize>(
    alerts: &[(&SensorAlert, Fate)],
    end: i64,
) -> Result<[Event; N], &'static str> {
    let mut incidents = OpenIncidents::new(IncidentConfig::default());
    let mut events = Vec::new();
    for (alert, fate) in alerts {
        events.extend(incidents.push(&mut (*alert).clone(), fate));
    }
    events.extend(incidents.end(Timestamp::from_seconds(BEGAN + end, 0)));
    let events: Vec<Event> = events.into_iter().map(Event::from).collect();
    events.try_into().map_err(|_| "another number of events")
}

/// A scan that is judged early, and again at its end; then a ping that is beyond the limits: 3 alerts of 2 flows.
pub(crate) fn of_three_alerts() -> Result<[Event; 3], &'static str> {
    let (mut early, over) = (flow(), flow());
    (early.end, early.ended) = (FlowEnd::Early, early.first);
    let mut other = ping();
    other.key.initiator = over.key.initiator;
    let found = |flow, id, class| sensor_alert(flow, alert(id, class), "eth0").ok_or("an alert");
    let (early, over) = (found(early, 7, None)?, found(over, 7, Some("syn_scan"))?);
    let repeated = Why::Repeated {
        of: early.alert().id,
    };
    let limited = Why::Limited(nettraffic_sensor::Limit::Source);
    let other = found(other, 8, None)?;
    told(
        &[
            (&early, Fate::Write),
            (&over, Fate::Suppress(repeated)),
            (&other, Fate::Suppress(limited)),
        ],
        60,
    )
}

/// A flow that is unusual in no way, from another port each.
pub(crate) fn usual(number: u16) -> Event {
    let mut flow = flow();
    flow.key.initiator_port = number;
    Event::flow(Verdict::new(flow, 0.1, 1.1), "eth0")
}

/// An incident that begins with such an alert.
pub(crate) fn hostile_incident(word: &str) -> Result<Event, &'static str> {
    let Event::Alert(alert) = hostile(word)? else {
        return Err("no alert");
    };
    told(&[(&alert, Fate::Write)], 3).map(|[begin, _]| begin)
}

/// An alert with a hostile word wherever words come from outside.
pub(crate) fn hostile(word: &str) -> Result<Event, &'static str> {
    let mut alert = alert(7, Some(word));
    alert.reasons = vec![Reason::new(
        word,
        Unit::None,
        Observed::Category(word.to_owned()),
        Expected::Categories(vec![(word.to_owned(), 1.0)]),
        1.0,
    )];
    let mut verdict = Verdict::new(flow(), 2.5, 1.1);
    verdict.alert = Some(alert);
    let alert = SensorAlert::of(verdict, word.into(), word.into()).ok_or("an alert")?;
    Ok(Event::alert(alert))
}
