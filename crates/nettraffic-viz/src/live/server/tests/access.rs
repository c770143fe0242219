//! Who may ask.

use super::{Outcome, TOKEN, ask, begin, body, get, post, status};
use crate::live::{DashboardOptions, Health, MarkUse};

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
fn probes_learn_one_word_and_no_more() -> Outcome {
    let (board, serving) = begin(DashboardOptions::new().with_token(TOKEN))?;
    let at = serving.address();
    let problems = vec!["eth0 is down".into()];
    let known = format!("Host: {at}\r\nAuthorization: Bearer {TOKEN}\r\n");
    let anybody = format!("Host: {at}\r\n");
    let refused = |headers| format!("Host: {at}\r\n{headers}\r\n");
    for (version, headers, expected) in [
        ("1.1", &*anybody, "well"),
        ("1.1", "Host: sensor.internal:8800\r\n", "well"),
        ("1.1", "Host: 192.0.2.7\r\n", "well"),
        // As some load balancers ask.
        ("1.0", "", "well"),
        ("1.1", &*known, "reasons"),
        ("1.1", &*refused("Origin: http://evil.example"), ""),
        ("1.1", &*refused("Sec-Fetch-Site: cross-site"), ""),
        (
            "1.1",
            "Host: evil.example\r\nSec-Fetch-Site: same-origin\r\n",
            "",
        ),
    ] {
        for (path, word, is_well) in [
            ("/health", "\"well\"", true),
            ("/health", "\"degraded\"", false),
            ("/live", "\"live\"", true),
            ("/live", "\"live\"", false),
        ] {
            let problems = if is_well {
                Vec::new()
            } else {
                problems.clone()
            };
            board.set_health(Health {
                problems,
                ..Health::default()
            });
            let request =
                format!("GET {path} HTTP/{version}\r\n{headers}Connection: close\r\n\r\n");
            let answer = ask(at, &request)?;
            let told = body(&answer);
            let facts = format!("{{\"status\":{word}");
            match expected {
                "" => assert!(!told.contains("status"), "{request}{answer}"),
                "reasons" => {
                    assert!(
                        told.starts_with(&format!("{facts},\"reasons\":[")),
                        "{answer}"
                    );
                    assert_eq!(told.contains("eth0"), path == "/health" && !is_well);
                }
                _ => assert_eq!(told, format!("{facts}}}"), "{request}{answer}"),
            }
            if !expected.is_empty() {
                let code = match path == "/live" || is_well {
                    true => "200",
                    false => "503",
                };
                assert_eq!(status(&answer), code, "{request}");
            }
        }
    }
    let changes = post(at, "/health", "", "")?;
    assert_eq!(status(&changes), "403");
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
            r#"{"becomes": "training", "note": "x", "extra": 1}"#,
            "400",
        ),
        (path, &*ours, r#"{"becomes": "training"}"#, "400"),
        (
            path,
            &*ours,
            r#"{"becomes": "training", "note": " \t"}"#,
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
    let training = Some(MarkUse::Training);
    assert!(
        marked
            .iter()
            .all(|marking| marking.becomes == training && marking.note.contains("<b>"))
    );
    let is_told = |mark: &str| -> Result<bool, std::io::Error> {
        Ok(get(at, "/api/alerts", "")?.contains(&format!("\"mark\":{{{mark}")))
    };
    assert!(is_told("\"becomes\":null,\"waits\":true")?);
    marked
        .iter()
        .for_each(|marking| board.answer(marking, Ok(())));
    assert!(is_told("\"becomes\":\"training\",\"waits\":false")?);
    let take_back = |headers: &str| {
        let head = format!("DELETE {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n");
        ask(at, &format!("{head}{headers}\r\n"))
    };
    assert_eq!(status(&take_back("")?), "403");
    assert_eq!(
        status(&take_back("Origin: http://evil.example\r\n")?),
        "403"
    );
    assert_eq!(waiting.try_iter().count(), 0);
    assert_eq!(status(&take_back(&ours)?), "202");
    assert!(waiting.try_iter().all(|marking| marking.becomes.is_none()));
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
        r#"{"becomes": "allow_list", "note": "our scanner"}"#,
    )?;
    assert_eq!((status(&answer), waiting.try_iter().count()), ("202", 1));
    Ok(())
}
