//! Lines that were held against their specification by hand.

use std::sync::mpsc::{Sender, channel};

use nettraffic_sensor::{
    Colour, Event, Facility, Form, Sink as _, Syslog, SyslogConfig, SyslogTarget, Terminal,
};
use serde_json::{Value, json};

use crate::Outcome;
use crate::events::{alert, flow, of_three_alerts, ping, scan, sensor_alert, usual};

fn parsed(form: Form, event: &Event) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(serde_json::from_str(&form.json(event)?)?)
}

fn own(alert: &Value) -> Value {
    let mut own = json!({
        "uid": flow().uid().to_string(),
        "score": 2.5, "threshold": 1.1, "continuation": 0,
        "first": "2023-11-14T22:13:20.123456789Z", "last": "2023-11-14T22:13:21.623456789Z",
        "end_reason": "fin",
    });
    if let (Value::Object(own), Value::Object(alert)) = (&mut own, alert) {
        own.extend(alert.clone());
    }
    own
}

fn own_of_scan() -> Value {
    own(&json!({
        "id": "0000000000000007", "incident": "0000000000000007", "severity": "critical",
        "evidence": "unusual", "p_value": 0.001,
        "class": { "name": "syn_scan", "probability": 0.875 },
        "detector": "fusion 00c0ffee", "left_out": 3,
        "reasons": [
            { "feature": "duration", "unit": "seconds", "observed": { "number": 600.5 },
              "expected": { "low": 0.0, "high": 30.0 }, "share": 0.414,
              "text": "duration 600 s (usually 0 s to 30 s), 41 % of the alert" },
            { "feature": "protocol", "unit": "none", "observed": { "category": "tcp" },
              "expected": { "categories": [
                  { "name": "udp", "share": 0.75 }, { "name": "icmp", "share": 0.25 }] },
              "share": 0.3, "text": "protocol tcp (usually udp 75 %, icmp 25 %), 30 % of the alert" },
            { "feature": "gap", "unit": "seconds", "observed": {},
              "expected": { "low": 0.5, "high": 0.5 }, "share": 0.1,
              "text": "gap undefined (usually 0.500 s), 10 % of the alert" },
        ],
    }))
}

#[test]
fn an_alert_in_suricatas_form() -> Outcome {
    let expected = json!({
        "timestamp": "2023-11-14T22:13:21.623456+0000",
        "flow_id": u64::try_from(flow().uid().0 % (1 << 53))?,
        "in_iface": "eth0", "event_type": "alert", "vlan": [100],
        "src_ip": "192.168.1.10", "src_port": 40_000, "dest_ip": "10.0.0.2", "dest_port": 443,
        "proto": "TCP", "community_id": COMMUNITY_ID,
        "alert": { "action": "allowed", "gid": 1, "signature_id": 1_040_921, "rev": 1,
            "signature": "nettraffic: looks like syn_scan",
            "category": "Traffic like a known attack", "severity": 1 },
        "flow": { "pkts_toserver": 5, "pkts_toclient": 4, "bytes_toserver": 700,
            "bytes_toclient": 2_400, "start": "2023-11-14T22:13:20.123456+0000" },
        "nettraffic": own_of_scan(),
    });
    assert_eq!(parsed(Form::Eve, &scan(7)?)?, expected);
    Ok(())
}

/// The order of names is Suricata's: some readers go by the first ones.
#[test]
fn the_bytes_of_a_line_never_change() -> Outcome {
    let line = Form::Eve.json(&scan(7)?)?;
    let start = format!(
        "{{\"timestamp\":\"2023-11-14T22:13:21.623456+0000\",\"flow_id\":{},\"in_iface\":\"eth0\",\
         \"event_type\":\"alert\",\"vlan\":[100],\"src_ip\":\"192.168.1.10\",\"src_port\":40000,\
         \"dest_ip\":\"10.0.0.2\",\"dest_port\":443,\"proto\":\"TCP\",",
        flow().uid().0 % (1 << 53)
    );
    assert!(line.starts_with(&start), "{line}");
    assert!(
        line.contains("\"nettraffic\":{\"id\":\"0000000000000007\","),
        "{line}"
    );
    assert_eq!(line, Form::Eve.json(&scan(7)?)?);
    Ok(())
}

#[test]
fn a_flow_in_suricatas_form() -> Outcome {
    let line = parsed(Form::Eve, &usual(40_000))?;
    assert_eq!(line["event_type"], "flow");
    assert_eq!(
        line["flow"],
        json!({ "pkts_toserver": 5, "pkts_toclient": 4, "bytes_toserver": 700,
            "bytes_toclient": 2_400, "start": "2023-11-14T22:13:20.123456+0000",
            "end": "2023-11-14T22:13:21.623456+0000", "age": 1, "state": "closed",
            "reason": "timeout", "alerted": false })
    );
    assert_eq!(line["nettraffic"], {
        let mut own = own(&json!({}));
        own["score"] = json!(0.1);
        own
    });
    assert_eq!(line.get("alert"), None);
    Ok(())
}

#[test]
fn what_has_no_ports_is_told_without() -> Outcome {
    let event = Event::alert(sensor_alert(ping(), alert(9, None), "eth0").ok_or("an alert")?);
    let line = parsed(Form::Eve, &event)?;
    for missing in ["src_port", "dest_port", "icmp_type", "icmp_code", "vlan"] {
        assert_eq!(line.get(missing), None, "{missing}");
    }
    assert_eq!(line["proto"], "IPv6-ICMP");
    assert_eq!(line["src_ip"], "2001:db8::1");
    assert_eq!(line["alert"]["signature"], "nettraffic: unusual flow");
    assert_eq!(line["alert"]["signature_id"], 1_000_000);
    assert_eq!(line["alert"]["severity"], 3);
    let line = parsed(Form::Ecs, &event)?;
    assert_eq!(line["network"]["transport"], "ipv6-icmp");
    assert_eq!(line["network"]["type"], "ipv6");
    assert_eq!(line["source"].get("port"), None);
    assert_eq!(line["event"]["severity"], 47);
    Ok(())
}

#[test]
fn an_icmp_message_has_type_and_code() -> Outcome {
    let mut flow = ping();
    flow.evidence = nettraffic_flow::InitiatorEvidence::FirstPacket;
    (flow.key.initiator_port, flow.key.responder_port) = (1, 4);
    let event = Event::alert(sensor_alert(flow, alert(9, None), "eth0").ok_or("an alert")?);
    let line = parsed(Form::Eve, &event)?;
    assert_eq!(
        (&line["icmp_type"], &line["icmp_code"]),
        (&json!(1), &json!(4))
    );
    Ok(())
}

#[test]
fn an_alert_in_the_elastic_common_schema() -> Outcome {
    let expected = json!({
        "@timestamp": "2023-11-14T22:13:21.623456Z",
        "ecs": { "version": "8.11.0" },
        "message": SENTENCE,
        "event": { "kind": "alert", "category": ["network", "intrusion_detection"],
            "type": ["info"], "module": "nettraffic", "dataset": "nettraffic.alert",
            "id": "0000000000000007", "severity": 99,
            "start": "2023-11-14T22:13:20.123456Z", "end": "2023-11-14T22:13:21.623456Z",
            "duration": 1_500_000_000 },
        "source": { "ip": "192.168.1.10", "port": 40_000, "packets": 5, "bytes": 700 },
        "destination": { "ip": "10.0.0.2", "port": 443, "packets": 4, "bytes": 2_400 },
        "network": { "type": "ipv4", "transport": "tcp", "iana_number": "6",
            "community_id": COMMUNITY_ID, "vlan": { "id": "100" }, "packets": 9, "bytes": 3_100 },
        "observer": { "product": "nettraffic", "type": "ids",
            "ingress": { "interface": { "name": "eth0" } } },
        "rule": { "id": "1040921", "name": "nettraffic: looks like syn_scan",
            "category": "Traffic like a known attack", "ruleset": "fusion 00c0ffee" },
        "nettraffic": own_of_scan(),
    });
    assert_eq!(parsed(Form::Ecs, &scan(7)?)?, expected);
    let flow = parsed(Form::Ecs, &usual(40_000))?;
    assert_eq!(flow["event"]["kind"], "event");
    assert_eq!(flow["event"]["category"], json!(["network"]));
    assert_eq!((flow.get("rule"), flow.get("message")), (None, None));
    Ok(())
}

#[test]
fn an_alert_as_a_message_of_rfc_5424() -> Outcome {
    let target = SyslogTarget::Udp("localhost:514".to_owned());
    let facility = Facility::named("local5").ok_or("a facility")?;
    let config = SyslogConfig::new(target)
        .with_facility(facility)
        .with_host_name("sensor 1");
    // 21 * 8 + 2; the blank of the name would have ended it.
    let expected = format!(
        "<170>1 2023-11-14T22:13:21.623456Z sensor_1 nettraffic - alert [nettraffic@32473 \
         id=\"0000000000000007\" incident=\"0000000000000007\" severity=\"critical\" \
         evidence=\"unusual\" class=\"syn_scan\" probability=\"0.875\" detector=\"fusion 00c0ffee\" \
         left_out=\"3\" uid=\"{}\" src_ip=\"192.168.1.10\" dest_ip=\"10.0.0.2\" src_port=\"40000\" \
         dest_port=\"443\" proto=\"tcp\" community_id=\"{COMMUNITY_ID}\" score=\"2.5\" \
         threshold=\"1.1\" interface=\"eth0\"] {SENTENCE}",
        flow().uid()
    );
    let syslog = Syslog::new(&config);
    assert_eq!(syslog.message(&scan(7)?), expected);
    let message = syslog.message(&usual(40_000));
    assert!(message.starts_with("<174>1 2023-11-14T22:13:21.623456Z sensor_1 nettraffic - flow ["));
    assert!(message.ends_with(']'));
    Ok(())
}

/// What is known of the incident of three alerts at its end, but for its identifiers.
fn own_of_end() -> Value {
    let mut own = own_of_scan();
    let reasons = own["reasons"].take();
    json!({
        "turn": "closed", "state": "closed", "cause": "stopped", "distributed": false,
        "severity": "critical", "class": { "name": "syn_scan" }, "detector": "fusion 00c0ffee",
        "score": 2.5, "first": "2023-11-14T22:13:20.000000000Z",
        "last": "2023-11-14T22:13:21.623456789Z",
        "sources": ["192.168.1.10"], "targets": ["10.0.0.2", "2001:db8::2"], "ports": [443],
        "protocols": ["tcp", "ipv6-icmp"], "truncated": false,
        "counts": { "alerts": 3, "flows": 2, "written": 1, "repeated": 1, "limited": 1 },
        "worst": "0000000000000007", "reasons": reasons, "text": END,
    })
}

/// The object without identifiers, and the identifiers of event and incident.
fn without_ids(mut own: Value) -> Result<(Value, [String; 2]), &'static str> {
    let own_fields = own.as_object_mut().ok_or("an object")?;
    let mut taken = ["id", "incident"].map(|name| own_fields.remove(name));
    let ids = taken
        .each_mut()
        .map(|id| id.take().and_then(|id| id.as_str().map(String::from)));
    match ids {
        [Some(id), Some(incident)] => Ok((own, [id, incident])),
        _ => Err("no identifiers"),
    }
}

#[test]
fn an_incident_in_suricatas_form() -> Outcome {
    let [begin, rise, end] = of_three_alerts()?;
    let mut line = parsed(Form::Eve, &end)?;
    let (own, [id, incident]) = without_ids(line["nettraffic"].take())?;
    assert_eq!(own, own_of_end());
    // Of several targets none is told as the other end.
    let expected = json!({
        "timestamp": "2023-11-14T22:14:20.000000+0000", "in_iface": "eth0", "event_type": "incident",
        "src_ip": "192.168.1.10", "dest_port": 443, "nettraffic": null,
    });
    assert_eq!(line, expected);
    let mut line = parsed(Form::Eve, &begin)?;
    let (own, [other, same]) = without_ids(line["nettraffic"].take())?;
    let expected = json!({
        "timestamp": "2023-11-14T22:13:21.623456+0000", "in_iface": "eth0", "event_type": "incident",
        "src_ip": "192.168.1.10", "dest_ip": "10.0.0.2", "dest_port": 443, "proto": "TCP",
        "nettraffic": null,
    });
    assert_eq!(line, expected);
    assert_eq!(
        (&own["turn"], &own["state"]),
        (&json!("opened"), &json!("open"))
    );
    assert_eq!((own.get("cause"), own.get("class")), (None, None));
    assert_eq!(own["counts"]["alerts"], 1);
    assert_eq!((same == incident, other == id), (true, false));
    assert_eq!(parsed(Form::Eve, &rise)?["nettraffic"]["turn"], "worsened");
    Ok(())
}

#[test]
fn an_incident_in_the_elastic_common_schema() -> Outcome {
    let [begin, rise, end] = of_three_alerts()?;
    let mut line = parsed(Form::Ecs, &end)?;
    let (own, [id, _]) = without_ids(line["nettraffic"].take())?;
    assert_eq!(own, own_of_end());
    let expected = json!({
        "@timestamp": "2023-11-14T22:14:20.000000Z", "ecs": { "version": "8.11.0" }, "message": END,
        "event": { "kind": "event", "category": ["network", "intrusion_detection"],
            "type": ["end", "info"], "action": "incident-closed", "module": "nettraffic",
            "dataset": "nettraffic.incident", "id": id, "severity": 99,
            "start": "2023-11-14T22:13:20.000000Z", "end": "2023-11-14T22:13:21.623456Z",
            "duration": 1_623_456_789 },
        "source": { "ip": "192.168.1.10" },
        "observer": { "product": "nettraffic", "type": "ids",
            "ingress": { "interface": { "name": "eth0" } } },
        "related": { "ip": ["10.0.0.2", "192.168.1.10", "2001:db8::2"] },
        "nettraffic": null,
    });
    assert_eq!(line, expected);
    let begin = parsed(Form::Ecs, &begin)?;
    assert_eq!(begin["event"]["type"], json!(["start", "info"]));
    assert_eq!(
        begin["destination"],
        json!({ "ip": "10.0.0.2", "port": 443 })
    );
    assert_eq!(
        begin["network"],
        json!({ "transport": "tcp", "iana_number": "6" })
    );
    let rise = parsed(Form::Ecs, &rise)?;
    assert_eq!(rise["event"]["type"], json!(["info"]));
    assert_eq!(
        (&rise["event"]["action"], &rise["event"]["severity"]),
        (&json!("incident-worsened"), &json!(99))
    );
    Ok(())
}

#[test]
fn an_incident_as_a_message_of_rfc_5424() -> Outcome {
    let target = SyslogTarget::Udp("localhost:514".to_owned());
    let syslog = Syslog::new(&SyslogConfig::new(target));
    let [_, _, end] = of_three_alerts()?;
    let (_, [id, incident]) = without_ids(parsed(Form::Eve, &end)?["nettraffic"].take())?;
    let expected = format!(
        "<130>1 2023-11-14T22:14:20.000000Z - nettraffic - incident [nettraffic@32473 id=\"{id}\" \
         incident=\"{incident}\" turn=\"closed\" state=\"closed\" cause=\"stopped\" \
         severity=\"critical\" class=\"syn_scan\" detector=\"fusion 00c0ffee\" \
         first=\"2023-11-14T22:13:20.000000Z\" last=\"2023-11-14T22:13:21.623456Z\" sources=\"1\" \
         targets=\"2\" ports=\"1\" truncated=\"false\" src_ip=\"192.168.1.10\" dest_port=\"443\" \
         alerts=\"3\" flows=\"2\" written=\"1\" repeated=\"1\" limited=\"1\" score=\"2.5\" \
         interface=\"eth0\"] {END}"
    );
    assert_eq!(syslog.message(&end), expected);
    Ok(())
}

#[test]
fn an_incident_on_a_terminal() -> Outcome {
    let [begin, rise, end] = of_three_alerts()?;
    for (event, expected) in [
        (
            &begin,
            "2023-11-14 22:13:21 medium   incident of 192.168.1.10 begins: unusual traffic, 10.0.0.2 on port 443 within \
             1s; 1 alert; duration 600 s (usually 0 s to 30 s), 41 % of the alert\n"
                .to_owned(),
        ),
        (
            &rise,
            "2023-11-14 22:13:21 critical incident of 192.168.1.10 is critical now: looks like syn_scan, 10.0.0.2 on \
             port 443 within 1s; 2 alerts of 1 flow, 1 written, 1 left out: 1 repeat; duration 600 s (usually 0 s to 30 s), 41 % \
             of the alert\n"
                .to_owned(),
        ),
        (&end, format!("2023-11-14 22:14:20 critical {END}\n")),
    ] {
        assert_eq!(shown(event, Colour::Never)?, expected);
    }
    Ok(())
}

/// A place that keeps what is written.
struct Page(Sender<Vec<u8>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let sent = self.0.send(bytes.to_vec());
        sent.map_err(|_| std::io::Error::from(std::io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn shown(event: &Event, colour: Colour) -> Result<String, Box<dyn std::error::Error>> {
    let (sender, page) = channel();
    let mut terminal = Terminal::new(Page(sender), colour);
    terminal.write(std::slice::from_ref(event))?;
    drop(terminal);
    Ok(String::from_utf8(page.iter().flatten().collect())?)
}

#[test]
fn an_alert_on_a_terminal() -> Outcome {
    let words = "192.168.1.10:40000 → 10.0.0.2:443/tcp looks like syn_scan (88 %): duration 600 s \
                 (usually 0 s to 30 s), 41 % of the alert; 3 more like it were left out\n";
    assert_eq!(
        shown(&scan(7)?, Colour::Never)?,
        format!("2023-11-14 22:13:21 critical {words}")
    );
    assert_eq!(
        shown(&scan(7)?, Colour::Always)?,
        format!("2023-11-14 22:13:21 \x1b[1;31mcritical\x1b[0m {words}")
    );
    Ok(())
}

/// SHA-1 over seed, addresses, protocol, padding and ports, the lower end first, in base 64; computed with Python.
const COMMUNITY_ID: &str = "1:3ZMayl2BkSM98dvN4h5690HCPJY=";

const END: &str = "incident of 192.168.1.10 is closed, as the sensor stops: looks like syn_scan, 2 hosts on port 443 \
                   and by icmp within 1s; 3 alerts of 2 flows, 1 written, 2 left out: 1 repeat, 1 too many";

const SENTENCE: &str = "192.168.1.10:40000 to 10.0.0.2:443/tcp looks like syn_scan (88 %): duration \
                        600 s (usually 0 s to 30 s), 41 % of the alert; 3 more like it were left out";
