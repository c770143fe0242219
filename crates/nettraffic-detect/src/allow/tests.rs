use std::error::Error;

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_features::Unit;
use nettraffic_flow::{Flow, FlowKey};

use super::*;
use crate::{Alert, AlertId, ClassGuess, Evidence, Expected, Observed, Reason, Verdict};

type Outcome = Result<(), Box<dyn Error>>;

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_392_000, 0);

/// An alert on TCP, looking like a scan, because of its duration.
fn alert(source: &str, target: &str, port: u16) -> Result<Verdict, Box<dyn Error>> {
    let key = FlowKey::new(
        source.parse()?,
        40_000,
        target.parse()?,
        port,
        IpProtocol::TCP,
    );
    let reason = Reason {
        feature: "duration".into(),
        unit: Unit::Seconds,
        observed: Observed::Number(1.0),
        expected: Expected::Range {
            low: 0.0,
            high: 0.5,
        },
        share: 0.25,
    };
    Ok(Verdict {
        flow: Flow::new(key, NOW, ()),
        score: 1.0,
        threshold: 0.5,
        alert: Some(Alert {
            id: AlertId(7),
            evidence: Evidence::Unusual,
            p_value: 0.01,
            class: Some(ClassGuess {
                name: "scan".into(),
                probability: 0.9,
            }),
            reasons: vec![reason],
        }),
    })
}

fn list(criteria: &str) -> Result<AllowList, AllowError> {
    AllowList::parse(
        "a.toml",
        &format!("[[allow]]\nreason = 'known'\n{criteria}\n"),
    )
}

#[test]
fn every_criterion_that_is_stated_must_hold() -> Outcome {
    let verdict = alert("10.0.0.1", "192.0.2.9", 443)?;
    for (criteria, allowed) in [
        ("source = '10.0.0.0/8'", true),
        ("source = ['172.16.0.0/12', '10.0.0.1']", true),
        ("source = '192.0.2.9'", false),
        ("destination = '192.0.2.0/24'", true),
        ("destination = '10.0.0.1'", false),
        ("either = '192.0.2.9'", true),
        ("either = '10.0.0.1'", true),
        ("either = '10.0.0.2'", false),
        ("ports = 443", true),
        ("ports = [22, '400-500']", true),
        ("ports = '444-500'", false),
        ("ports = 40000", false),
        ("protocols = 'tcp'", true),
        ("protocols = [6]", true),
        ("protocols = ['udp', 'icmp']", false),
        ("models = 'kmeans'", true),
        ("models = ['fusion', 'forest']", false),
        ("classes = 'scan'", true),
        ("classes = ['flood']", false),
        ("features = 'duration'", true),
        ("features = 'packets'", false),
        ("source = '10.0.0.1'\nports = 22", false),
        ("source = '10.0.0.1'\nports = 443\nclasses = 'scan'", true),
    ] {
        let mut list = list(criteria)?;
        assert_eq!(
            list.allows(&verdict, "kmeans", NOW).is_some(),
            allowed,
            "{criteria}"
        );
        let hits = list.entries().first().map(|listed| listed.use_count.hits);
        assert_eq!(hits, Some(u64::from(allowed)), "{criteria}");
    }
    let mut usual = verdict;
    usual.alert = None;
    assert!(
        list("source = '10.0.0.1'")?
            .allows(&usual, "kmeans", NOW)
            .is_none()
    );
    Ok(())
}

#[test]
fn icmp_has_one_name_and_no_ports() -> Outcome {
    for (criteria, protocol, allowed) in [
        ("protocols = 'icmp'", IpProtocol::ICMP, true),
        ("protocols = 'icmp'", IpProtocol::ICMPV6, true),
        ("protocols = 58", IpProtocol::ICMP, true),
        ("ports = 443", IpProtocol::ICMP, false),
        ("ports = 443", IpProtocol::UDP, true),
        ("ports = '0-65535'", IpProtocol::GRE, false),
    ] {
        let mut verdict = alert("10.0.0.1", "192.0.2.9", 443)?;
        verdict.flow.key.protocol = protocol;
        assert_eq!(
            list(criteria)?.allows(&verdict, "kmeans", NOW).is_some(),
            allowed,
            "{criteria} {protocol}"
        );
    }
    Ok(())
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_is_allowed() {
    for (text, expected) in [
        (
            "[[allow]]\nreason = 'x'\nsources = '::1'",
            "a.toml:3:1: unknown field `sources`, expected one of `name`",
        ),
        (
            "[[deny]]",
            "a.toml:1:3: unknown field `deny`, expected `allow`",
        ),
        (
            "\n[[allow]]\nsource = '::1'",
            "a.toml:2:1: missing field `reason`",
        ),
        (
            "[[allow]]\nreason = ' '\nsource = '::1'",
            "a.toml:1:1: the reason is empty",
        ),
        (
            "[[allow]]\nreason = 'x'",
            "a.toml:1:1: this entry would allow everything: state source",
        ),
        (
            "[[allow]]\nreason = 'x'\nsource = '10.0.0.0/40'",
            "a.toml:3:10: `10.0.0.0/40` has no prefix length between 0 and 32",
        ),
        (
            "[[allow]]\nreason = 'x'\nsource = ['::1',\n 'host']",
            "a.toml:3:10: `host` is no network; write it like 10.0.0.0/8",
        ),
        (
            "[[allow]]\nreason = 'x'\nsource = []",
            "a.toml:3:10: an empty list matches nothing",
        ),
        (
            "[[allow]]\nreason = 'x'\nports = 65536",
            "a.toml:3:9: `65536` is no port: write a number from 0 to 65535",
        ),
        ("[[allow]]\nreason = 'x'\nports = -1", "`-1` is no port"),
        ("[[allow]]\nreason = 'x'\nports = '9-8'", "`9-8` is no port"),
        (
            "[[allow]]\nreason = 'x'\nprotocols = 'tpc'",
            "a.toml:3:13: `tpc` is no protocol: tcp, udp, icmp",
        ),
        (
            "[[allow]]\nreason = 'x'\nprotocols = 256",
            "`256` is no protocol",
        ),
        (
            "[[allow]]\nreason = 'x'\nmodels = 'svm'",
            "a.toml:3:10: `svm` is no model: fusion, kmeans",
        ),
        (
            "[[allow]]\nreason = 'x'\nsource = '::1'\nexpires = 'soon'",
            "a.toml:4:11: `soon` is no time: write it like 2030-01-31",
        ),
        (
            "[[allow]]\nreason = 'x'\nsource = '::1'\nexpires = 2030-01-31T10:00:00",
            "`2030-01-31T10:00:00` is no time",
        ),
        (
            "[[allow]]\nreason = 'x'\nsource = '::1'\nexpires = 5",
            "`5` is no time",
        ),
        (
            "[[allow]]\nreason = 'x'\nreason = 'y'",
            "a.toml:3:1: duplicate key",
        ),
        ("ü = [", "a.toml:1:6: unclosed array"),
    ] {
        let error = AllowList::parse("a.toml", text)
            .map(|_| ())
            .map_err(|error| error.to_string());
        let error = error.err().unwrap_or_default();
        assert!(error.contains(expected), "{text:?}\n{error}");
    }
    let many = "[[allow]]\nreason = 'x'\nsource = '::1'\n".repeat(10_001);
    let error = AllowList::parse("a.toml", &many)
        .map(|_| ())
        .map_err(|error| error.to_string());
    assert_eq!(
        error,
        Err("a.toml has 10001 entries, at most 10000 are taken".to_owned())
    );
}

#[test]
fn an_entry_counts_until_it_expires_in_packet_time() -> Outcome {
    let verdict = alert("10.0.0.1", "192.0.2.9", 443)?;
    let day = 86_400_000_000_000;
    // NOW is the first moment of the 23rd.
    for (expires, offset, allowed) in [
        ("2026-11-23", 0, true),
        ("2026-11-23", day - 1, true),
        ("2026-11-23", day, false),
        ("2026-11-22", 0, false),
        ("'2026-11-23'", 0, true),
        ("2026-11-23T00:00:01Z", 0, true),
        ("2026-11-23T00:00:00Z", 0, false),
        ("2026-11-23T00:30:00+01:00", 0, false),
        ("'2026-11-22T23:30:00-01:00'", 0, true),
    ] {
        let mut list = list(&format!("source = '10.0.0.1'\nexpires = {expires}"))?;
        let at = Timestamp::from_nanos(NOW.as_nanos() + offset);
        assert_eq!(
            list.allows(&verdict, "kmeans", at).is_some(),
            allowed,
            "{expires} {offset}"
        );
        assert_eq!(list.expired(at).count(), usize::from(!allowed), "{expires}");
        let use_count = list.entries().first().ok_or("an entry")?.use_count;
        let used = (use_count.hits, use_count.after_expiry, use_count.last_hit());
        let expected = if allowed {
            (1, 0, Some(at))
        } else {
            (0, 1, None)
        };
        assert_eq!(used, expected, "{expires}");
    }
    Ok(())
}

#[test]
fn an_expired_entry_leaves_the_alert_to_the_next_one() -> Outcome {
    let old = "[[allow]]\nreason = 'old'\nsource = '10.0.0.1'\nexpires = 2020-01-01\n";
    let new = "[[allow]]\nreason = 'new'\neither = '10.0.0.1'\n";
    let mut list = AllowList::parse("a.toml", &format!("{old}{new}"))?;
    let verdict = alert("10.0.0.1", "192.0.2.9", 443)?;
    let listed = list.allows(&verdict, "kmeans", NOW).ok_or("allowed")?;
    assert_eq!(
        (listed.entry.reason(), listed.line, &*listed.file),
        ("new", 5, "a.toml")
    );
    Ok(())
}

#[test]
fn entries_that_stayed_keep_their_counters() -> Outcome {
    let entry = |source: &str| format!("[[allow]]\nreason = 'x'\nsource = '{source}'\n");
    let mut list = AllowList::parse(
        "a.toml",
        &(entry("10.0.0.1") + &entry("10.0.0.2") + &entry("10.0.0.2")),
    )?;
    for source in ["10.0.0.1", "10.0.0.2", "10.0.0.2"] {
        list.allows(&alert(source, "192.0.2.9", 443)?, "kmeans", NOW);
    }
    let hits = |list: &AllowList| -> Vec<u64> {
        list.entries()
            .iter()
            .map(|listed| listed.use_count.hits)
            .collect()
    };
    assert_eq!(hits(&list), [1, 2, 0]);
    let before = list.uses();
    // Moved, new, and gone.
    let fresh = || {
        AllowList::parse(
            "a.toml",
            &(entry("10.0.0.3") + "# a line\n" + &entry("10.0.0.2") + &entry("10.0.0.2")),
        )
    };
    list.reload(fresh()?);
    assert_eq!(hits(&list), [0, 2, 0]);
    let mut restarted = fresh()?;
    restarted.restore_uses(&before);
    assert_eq!(hits(&restarted), [0, 2, 0]);
    Ok(())
}

#[test]
fn an_entry_says_what_it_speaks_of() -> Outcome {
    for (criteria, expected) in [
        ("source = '10.0.0.12'", "source 10.0.0.12"),
        (
            "ports = [22, '8000-8100']\ndestination = ['10.0.9.0/24', '2001:db8::1']\nname = 'x'\nexpires = 2030-01-31",
            "destination 10.0.9.0/24 or 2001:db8::1, ports 22 or 8000-8100",
        ),
        (
            "either = '10.0.0.0/8'\nprotocols = ['tcp', 89]\nmodels = 'fusion'\nclasses = 'scan'\nfeatures = 'duration'",
            "either 10.0.0.0/8, protocols tcp or 89, models fusion, classes scan, features duration",
        ),
    ] {
        let list = list(criteria)?;
        let listed = list.entries().first().ok_or("an entry")?;
        assert_eq!(listed.entry.criteria(), expected);
    }
    let verdict = alert("10.0.0.1", "192.0.2.9", 443)?;
    let entry = AllowEntry::of_false_alarm(&verdict, "kmeans", "x", NOW).ok_or("an alert")?;
    assert_eq!(
        entry.criteria(),
        "source 10.0.0.1, destination 192.0.2.9, ports 443, protocols tcp, models kmeans"
    );
    Ok(())
}

#[test]
fn an_alert_marked_as_false_is_not_raised_again_but_its_neighbours_are() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("marked.toml");
    let mut marked = MarkedList::open(&path)?;
    let verdict = alert("10.0.0.1", "2001:db8::1", 443)?;
    let reason = "backup to the \"second\" site\n\u{7f}ü";
    let entry = AllowEntry::of_false_alarm(&verdict, "kmeans", reason, NOW).ok_or("an alert")?;
    assert!(marked.add(entry.clone())?);
    assert!(!marked.add(entry.clone())?);
    for list in [
        marked.list().clone(),
        MarkedList::open(&path)?.list().clone(),
    ] {
        let listed = list.entries().first().ok_or("an entry")?;
        assert_eq!(
            (list.len(), &*listed.entry, listed.entry.reason()),
            (1, &entry, reason)
        );
    }
    let day = 86_400_000_000_000;
    let mut list = marked.list().clone();
    for (source, target, port, model, days, allowed) in [
        ("10.0.0.1", "2001:db8::1", 443, "kmeans", 0, true),
        ("10.0.0.1", "2001:db8::1", 443, "kmeans", 29, true),
        ("10.0.0.1", "2001:db8::1", 443, "kmeans", 30, false),
        ("10.0.0.2", "2001:db8::1", 443, "kmeans", 0, false),
        ("10.0.0.1", "2001:db8::2", 443, "kmeans", 0, false),
        ("10.0.0.1", "2001:db8::1", 22, "kmeans", 0, false),
        ("10.0.0.1", "2001:db8::1", 443, "fusion", 0, false),
    ] {
        let at = Timestamp::from_nanos(NOW.as_nanos() + days * day);
        let verdict = alert(source, target, port)?;
        let is_allowed = list.allows(&verdict, model, at).is_some();
        assert_eq!(
            is_allowed, allowed,
            "{source} {target} {port} {model} {days}"
        );
    }
    Ok(())
}

#[test]
fn a_mark_that_cannot_be_saved_changes_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("marked.toml");
    let mut marked = MarkedList::open(&path)?;
    let verdict = alert("10.0.0.1", "192.0.2.9", 443)?;
    let entry =
        |model, reason| AllowEntry::of_false_alarm(&verdict, model, reason, NOW).ok_or("an alert");
    assert!(marked.add(entry("kmeans", "")?).is_err());
    assert!(marked.add(entry("of my own", "x")?).is_err());
    let nowhere = folder.path().join("gone").join("marked.toml");
    assert!(
        MarkedList::open(nowhere)?
            .add(entry("kmeans", "x")?)
            .is_err()
    );
    assert!(marked.list().is_empty() && !path.exists());
    std::fs::write(&path, "[[allow]]\nreason = 5")?;
    let error = MarkedList::open(&path)
        .map(|_| ())
        .map_err(|error| error.to_string());
    assert!(
        error
            .err()
            .unwrap_or_default()
            .contains("marked.toml:2:10: invalid type")
    );
    Ok(())
}
