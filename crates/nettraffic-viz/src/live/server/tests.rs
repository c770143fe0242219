//! Requests as they come over the wire, written by hand: what no library would send is what matters.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::*;
use crate::live::{Health, LiveAlert, MarkUse, Metric, Model, TrafficSample};
use crate::{Alert, Card, Reason};

const TOKEN: &str = "0123456789abcdef";

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A dashboard with one alert of a hostile name.
fn begin(options: DashboardOptions) -> Result<(Board, Serving), Box<dyn std::error::Error>> {
    let board = Board::new();
    let alert = Alert {
        id: "a1".into(),
        source: "<script>alert(1)</script>\u{202e}:9".into(),
        target: "10.0.0.1:22".into(),
        score: 9.3,
        reasons: vec![Reason::new("duration", "14 min", "1 s to 3 s", 0.6)],
        ..Alert::default()
    };
    board.push_alert(LiveAlert {
        alert,
        ..LiveAlert::default()
    });
    board.push_sample(TrafficSample {
        time_ns: 5,
        packets: 7,
        ..TrafficSample::default()
    });
    let dashboard = Dashboard::bind(([127, 0, 0, 1], 0).into(), options)?;
    let serving = dashboard.serve(board.clone())?;
    Ok((board, serving))
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(15)))?;
    Ok(stream)
}

/// The whole answer to some bytes.
fn ask(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn get(address: SocketAddr, path: &str, headers: &str) -> io::Result<String> {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"),
    )
}

fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> io::Result<String> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n"
    );
    ask(address, &format!("{head}{headers}\r\n{body}"))
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Reads until a text has come.
fn read_until(stream: &mut TcpStream, end: &str) -> io::Result<String> {
    let mut text = String::new();
    let mut part = [0; 4096];
    while !text.contains(end) {
        let length = stream.read(&mut part)?;
        if length == 0 {
            return Err(io::Error::other(format!("the stream ended: {text}")));
        }
        text += &String::from_utf8_lossy(&part[..length]);
    }
    Ok(text)
}

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
fn foreign_hosts_are_turned_away() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new().with_names(["Sensor.example"]))?;
    let at = serving.address();
    let port = at.port();
    for (host, expected) in [
        (&*format!("Host: 127.0.0.1:{port}"), "200"),
        (&*format!("Host: LOCALHOST:{port}"), "200"),
        ("Host: localhost:9999", "200"),
        ("Host: [::1]:80", "200"),
        ("Host: sensor.example", "200"),
        ("Host: sensor.example:8443", "200"),
        ("Host: evil.example", "421"),
        (&*format!("Host: evil.example:{port}"), "421"),
        ("Host: localhost.evil.example", "421"),
        ("Host: 192.0.2.7", "421"),
        ("Host: localhost:x", "421"),
        ("Host: ", "421"),
        ("X: no host", "421"),
        ("Host: localhost\r\nHost: evil.example", "421"),
    ] {
        for path in ["/", "/events", "/metrics", "/api/state", "/nothing"] {
            if path == "/events" && expected == "200" {
                continue;
            }
            let answer = ask(
                at,
                &format!("GET {path} HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"),
            )?;
            let expected = if path == "/nothing" && expected == "200" {
                "404"
            } else {
                expected
            };
            assert_eq!(status(&answer), expected, "{host} {path}");
        }
    }
    let twofold =
        "GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&ask(at, twofold)?), "421");
    let twofold =
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&ask(at, twofold)?), "421");
    Ok(())
}

#[test]
fn foreign_origins_are_turned_away() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    for (headers, expected) in [
        (format!("Origin: http://{at}\r\n"), "200"),
        (format!("Origin: https://{at}\r\n"), "200"),
        ("Origin: http://evil.example\r\n".into(), "403"),
        (format!("Origin: http://{at}.evil.example\r\n"), "403"),
        // The same machine at another port is another origin.
        ("Origin: http://127.0.0.1:1\r\n".into(), "403"),
        ("Origin: null\r\n".into(), "403"),
        (
            format!("Origin: http://{at}\r\nOrigin: http://evil.example\r\n"),
            "403",
        ),
        (
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n".into(),
            "403",
        ),
        (
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n".into(),
            "200",
        ),
    ] {
        for path in ["/", "/api/state", "/metrics"] {
            assert_eq!(
                status(&get(at, path, &headers)?),
                expected,
                "{headers} {path}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_token_is_asked_for_everywhere() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new().with_token(TOKEN))?;
    let at = serving.address();
    let cookie = format!("nettraffic-{}", at.port());
    for path in [
        "/",
        "/parts/main.js",
        "/events",
        "/api/state",
        "/api/alerts",
        "/card",
        "/metrics",
        "/health",
        "/x",
    ] {
        for headers in [
            String::new(),
            "Authorization: Bearer 0123456789abcdee\r\n".into(),
            "Authorization: Basic 0123456789abcdef\r\n".into(),
            format!("Cookie: {cookie}=wrong; other={TOKEN}\r\n"),
            format!("Authorization: Bearer {TOKEN}\r\nAuthorization: Bearer {TOKEN}\r\n"),
        ] {
            assert_eq!(status(&get(at, path, &headers)?), "401", "{path} {headers}");
        }
    }
    for headers in [
        format!("Authorization: Bearer {TOKEN}\r\n"),
        format!("Cookie: a=b; {cookie}={TOKEN}\r\n"),
    ] {
        assert_eq!(
            status(&get(at, "/api/state", &headers)?),
            "200",
            "{headers}"
        );
    }
    Ok(())
}

#[test]
fn the_token_does_not_stay_in_the_address() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new().with_token(TOKEN))?;
    let at = serving.address();
    let welcome = get(at, &format!("/?token={TOKEN}"), "")?;
    assert_eq!(status(&welcome), "303");
    assert!(welcome.contains("location: /\r\n") && welcome.contains("HttpOnly; SameSite=Lax"));
    let cookie = welcome
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie
        .and_then(|cookie| cookie.split(';').next())
        .ok_or("no cookie")?;
    assert_eq!(
        status(&get(at, "/", &format!("Cookie: {cookie}\r\n"))?),
        "200"
    );
    assert_eq!(status(&get(at, "/?token=wrong", "")?), "401");
    // Only the page takes it: other addresses end in logs.
    assert_eq!(
        status(&get(at, &format!("/metrics?token={TOKEN}"), "")?),
        "401"
    );
    Ok(())
}

#[test]
fn alerts_are_marked_by_who_may() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    let json = "Content-Type: application/json\r\n";
    let ours = format!("{json}Origin: http://{at}\r\n");
    let marking = r#"{"becomes": "training", "note": "our <b>scanner</b>"}"#;
    let path = "/api/alerts/a1/false";
    assert_eq!(status(&post(at, path, &ours, marking)?), "501");
    let waiting = board.markings(1);
    for (path, headers, body, expected) in [
        (path, json, marking, "403"),
        (
            path,
            &*format!("{json}Origin: http://evil.example\r\n"),
            marking,
            "403",
        ),
        (
            path,
            &*format!("Content-Type: text/plain\r\nOrigin: http://{at}\r\n"),
            marking,
            "415",
        ),
        (path, &*ours, "{}", "400"),
        (
            path,
            &*ours,
            r#"{"becomes": "training", "extra": 1}"#,
            "400",
        ),
        (path, &*ours, &*" ".repeat(5_000), "413"),
        ("/api/alerts/none/false", &*ours, marking, "404"),
        (path, &*ours, marking, "202"),
        (path, &*ours, marking, "503"),
    ] {
        assert_eq!(
            status(&post(at, path, headers, body)?),
            expected,
            "{path} {headers} {body:.60}"
        );
    }
    let marked: Vec<_> = waiting.try_iter().collect();
    assert_eq!(marked.len(), 1);
    assert!(
        marked
            .iter()
            .all(|marking| marking.becomes == MarkUse::Training && marking.note.contains("<b>"))
    );
    assert!(get(at, "/api/alerts", "")?.contains("\"marked\":\"training\""));
    Ok(())
}

#[test]
fn programs_mark_with_the_token_alone() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new().with_token(TOKEN))?;
    let waiting = board.markings(4);
    let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {TOKEN}\r\n");
    let answer = post(
        serving.address(),
        "/api/alerts/a1/false",
        &headers,
        r#"{"becomes": "allow_list"}"#,
    )?;
    assert_eq!((status(&answer), waiting.try_iter().count()), ("202", 1));
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
fn readers_and_connections_are_limited() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    let mut readers = Vec::new();
    for _ in 0..events::READERS {
        let mut stream = connect(at)?;
        write!(stream, "GET /events HTTP/1.1\r\nHost: {at}\r\n\r\n")?;
        read_until(&mut stream, "event: state")?;
        readers.push(stream);
    }
    assert_eq!(status(&get(at, "/events", "")?), "503");
    assert!(get(at, "/metrics", "")?.contains("\nnettraffic_dashboard_readers 16\n"));
    readers.pop();
    let freed = Instant::now();
    while get(at, "/metrics", "")?.contains("\nnettraffic_dashboard_readers 16\n") {
        assert!(
            freed.elapsed() < Duration::from_secs(5),
            "the place is not given back"
        );
    }

    let idle: io::Result<Vec<_>> = (readers.len()..connection::CONNECTIONS)
        .map(|_| connect(at))
        .collect();
    let idle = idle?;
    let answer = get(at, "/", "")?;
    assert_eq!(
        (status(&answer), body(&answer)),
        ("503", "too many connections\n")
    );
    drop(idle);
    let freed = Instant::now();
    while status(&get(at, "/", "")?) != "200" {
        assert!(
            freed.elapsed() < Duration::from_secs(5),
            "the connections are not given back"
        );
    }
    Ok(())
}

#[test]
fn slow_and_large_headers_end() -> Outcome {
    let (_board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    let many = "X: y\r\n".repeat(60);
    assert_eq!(status(&get(at, "/", &many)?), "431");
    let large = format!("X: {}\r\n", "y".repeat(20_000));
    assert_eq!(status(&get(at, "/", &large)?), "431");

    // Neither headers that never end nor silence after an answer hold a connection, nor a body that never comes.
    let half = format!("GET / HTTP/1.1\r\nHost: {at}\r\n");
    let whole = format!("GET /health HTTP/1.1\r\nHost: {at}\r\n\r\n");
    let bodiless = format!(
        "POST /api/alerts/a1/false HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nContent-Length: 9\r\n\
         Content-Type: application/json\r\nConnection: close\r\n\r\n"
    );
    let started = Instant::now();
    let answers = std::thread::scope(|scope| {
        let asked =
            [&*half, &*whole, "", &*bodiless].map(|text| scope.spawn(move || ask(at, text)));
        asked.map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("panicked")))
        })
    });
    assert!(
        started.elapsed() < Duration::from_secs(9),
        "{:?}",
        started.elapsed()
    );
    let [_, answered, silent, late] = answers;
    assert_eq!(
        (status(&answered?), silent?.len(), status(&late?)),
        ("200", 0, "408")
    );
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
    board.set_health(Health::default());
    assert_eq!(status(&get(at, "/health", "")?), "200");
    std::thread::sleep(Duration::from_millis(500));
    let silent = get(at, "/health", "")?;
    assert_eq!(status(&silent), "503");
    assert!(body(&silent).contains("nothing was heard"));
    board.set_learning(crate::live::Learning::new(crate::live::Phase::Ended));
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(status(&get(at, "/health", "")?), "200");
    Ok(())
}

#[test]
fn a_scrape_holds_health_and_the_sensors_own() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    board.set_health(Health {
        received: 9,
        kernel_drops: Some(2),
        ..Health::default()
    });
    board
        .set_metrics(|| vec![Metric::counter("own_total", "Own.").with(&[("l", "a\"\n}")], 3_u64)]);
    let answer = get(serving.address(), "/metrics", "")?;
    for line in [
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

#[test]
fn stopping_is_quick_and_gives_the_address_back() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    let mut reader = connect(at)?;
    write!(reader, "GET /events HTTP/1.1\r\nHost: {at}\r\n\r\n")?;
    read_until(&mut reader, "event: state")?;
    let _idle = connect(at)?;
    let started = Instant::now();
    serving.stop();
    assert!(
        started.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        started.elapsed()
    );
    board.set_model(Model::default());
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest)?;
    assert!(!String::from_utf8_lossy(&rest).contains("\"model\""));
    Dashboard::bind(at, DashboardOptions::new())?;
    Ok(())
}

#[test]
fn a_reader_that_does_not_read_holds_nothing_up() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new())?;
    let at = serving.address();
    let mut deaf = connect(at)?;
    write!(deaf, "GET /events HTTP/1.1\r\nHost: {at}\r\n\r\n")?;
    let started = Instant::now();
    let mut longest = Duration::ZERO;
    let mut pushed = 0_u64;
    while started.elapsed() < Duration::from_secs(3) {
        let alert = Alert {
            id: pushed.to_string(),
            service: "x".repeat(300),
            ..Alert::default()
        };
        let begin = Instant::now();
        board.push_alert(LiveAlert {
            alert,
            ..LiveAlert::default()
        });
        longest = longest.max(begin.elapsed());
        pushed += 1;
        if pushed.is_multiple_of(5_000) {
            assert_eq!(status(&get(at, "/health", "")?), "200");
        }
    }
    println!("{pushed} alerts, the longest push took {longest:?}");
    assert!(pushed > 10_000);
    Ok(())
}
