//! What is answered.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Outcome, begin, body, connect, get, read_until, status};
use crate::live::{Allowed, DashboardOptions, Health, Learning, LiveAlert, Metric, Phase};
use crate::{Alert, Card};

#[test]
fn every_route_answers_and_nothing_else_does() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    for (path, expected, kind) in [
        ("/", "200", "text/html; charset=utf-8"),
        ("/parts/main.js", "200", "text/javascript; charset=utf-8"),
        ("/parts/style.css", "200", "text/css; charset=utf-8"),
        ("/parts/uplot.js", "200", "text/javascript; charset=utf-8"),
        ("/parts/..%2fmod.rs", "404", ""),
        ("/api/state", "200", "application/json"),
        (
            "/api/alerts?order=score&suppressed=yes",
            "200",
            "application/json",
        ),
        ("/api/alerts?sevrity=high", "400", ""),
        (
            "/metrics",
            "200",
            "text/plain; version=0.0.4; charset=utf-8",
        ),
        ("/health", "200", "application/json"),
        ("/live", "200", "application/json"),
        ("/card", "404", ""),
        ("/nothing", "404", ""),
        ("/api/alerts/a1/false", "405", ""),
    ] {
        let answer = get(at, path, "")?;
        assert_eq!(status(&answer), expected, "{path}");
        assert!(
            kind.is_empty() || answer.contains(&format!("content-type: {kind}\r\n")),
            "{path}: {answer}"
        );
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(answer.contains(header), "{path} has no {header}");
        }
        assert!(!answer.contains("unsafe-inline"), "{path}");
    }
    board.set_card(&Card::new("office"));
    let card = get(at, "/card", "")?;
    assert!(card.contains("sandbox allow-scripts") && body(&card).contains("office"));
    assert!(!card.contains("script-src 'unsafe-inline'"));
    Ok(())
}

#[test]
fn hostile_names_are_escaped_in_json() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new())?;
    let answer = get(serving.address(), "/api/alerts", "")?;
    let text = body(&answer);
    assert!(!text.contains('<') && !text.contains('\u{202e}'));
    let read: serde_json::Value = serde_json::from_str(text)?;
    let alert = read.get(0).ok_or("no alert")?;
    assert_eq!(
        alert.get("source").and_then(|s| s.as_str()),
        Some("<script>alert(1)</script>\u{202e}:9")
    );
    assert_eq!(
        alert
            .pointer("/reasons/0/expected")
            .and_then(|s| s.as_str()),
        Some("1 s to 3 s")
    );
    Ok(())
}

#[test]
fn events_begin_with_everything_and_can_be_resumed() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    let open = |last: &str| -> io::Result<TcpStream> {
        let mut stream = connect(at)?;
        write!(stream, "GET /events HTTP/1.1\r\nHost: {at}\r\n{last}\r\n")?;
        Ok(stream)
    };
    let mut stream = open("")?;
    let first = read_until(&mut stream, "\n\n")?;
    assert!(
        first.contains("event: state\n") && first.contains("\"id\":\"a1\""),
        "{first}"
    );
    let name = first
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .ok_or("no id")?
        .to_owned();
    let push = |id: &str| {
        let alert = Alert {
            id: id.into(),
            ..Alert::default()
        };
        board.push_alert(LiveAlert {
            alert,
            ..LiveAlert::default()
        });
    };
    push("a2");
    let next = read_until(&mut stream, "\n\n")?;
    assert!(
        next.contains("event: change\n")
            && next.contains("\"id\":\"a2\"")
            && !next.contains("\"a1\"")
    );
    drop(stream);

    push("a3");
    let resumed = read_until(&mut open(&format!("Last-Event-ID: {name}\r\n"))?, "\n\n")?;
    assert!(resumed.contains("event: change\n") && !resumed.contains("\"id\":\"a1\""));
    assert!(resumed.contains("\"id\":\"a2\"") && resumed.contains("\"id\":\"a3\""));
    let foreign = read_until(&mut open("Last-Event-ID: 0123456789abcdef-1\r\n")?, "\n\n")?;
    assert!(foreign.contains("event: state\n"));
    Ok(())
}

#[test]
fn health_tells_what_is_wrong() -> Outcome {
    let (board, serving) =
        begin(DashboardOptions::new().with_stale_after(Some(Duration::from_millis(300))))?;
    let at = serving.address();
    board.set_health(Health {
        problems: vec!["eth0 is down".into()],
        ..Health::default()
    });
    let answer = get(at, "/health", "")?;
    assert_eq!(status(&answer), "503");
    assert!(body(&answer).contains("\"eth0 is down\""));
    // To start it anew would mend nothing.
    assert_eq!(status(&get(at, "/live", "")?), "200");
    board.set_health(Health::default());
    assert_eq!(status(&get(at, "/health", "")?), "200");
    std::thread::sleep(Duration::from_millis(500));
    let silent = get(at, "/health", "")?;
    assert_eq!(status(&silent), "503");
    assert!(body(&silent).contains("nothing was heard"));
    assert_eq!(status(&get(at, "/live", "")?), "503");
    board.set_learning(Learning::new(Phase::Ended));
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(status(&get(at, "/health", "")?), "200");
    Ok(())
}

#[test]
fn a_scrape_holds_health_and_the_sensors_own() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    board.set_health(Health {
        received: 9,
        uptime_ns: Some(2_500_000_000),
        kernel_drops: Some(2),
        ..Health::default()
    });
    board
        .set_metrics(|| vec![Metric::counter("own_total", "Own.").with(&[("l", "a\"\n}")], 3_u64)]);
    let entry = |name: &str, hits, last_ns| Allowed {
        name: name.into(),
        criteria: "ports 22".into(),
        hits,
        last_ns,
        ..Allowed::default()
    };
    let backup = entry("backup", 4, Some(1_500_000_000));
    board.set_allowed(vec![backup, entry("never", 0, None)]);
    let answer = get(serving.address(), "/metrics", "")?;
    assert!(!answer.contains("last_seconds{criteria=\"ports 22\",entry=\"never\"}"));
    for line in [
        "nettraffic_allowed_alerts_total{criteria=\"ports 22\",entry=\"backup\"} 4",
        "nettraffic_allowed_alerts_total{criteria=\"ports 22\",entry=\"never\"} 0",
        "nettraffic_allowed_last_seconds{criteria=\"ports 22\",entry=\"backup\"} 1.5",
        "nettraffic_uptime_seconds 2.5",
        "nettraffic_packets_received_total 9",
        "nettraffic_packets_dropped_total{place=\"kernel\"} 2",
        "own_total{l=\"a\\\"\\n}\"} 3",
    ] {
        assert!(
            body(&answer).lines().any(|told| told == line),
            "{line} is not in {answer}"
        );
    }
    assert!(!answer.contains("place=\"interface\""), "unknown is not 0");
    Ok(())
}
