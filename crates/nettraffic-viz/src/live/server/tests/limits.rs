//! How many, how long, how large.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use super::{Outcome, ask, begin, body, connect, get, read_until, status};
use crate::Alert;
use crate::live::server::{connection, events};
use crate::live::{Dashboard, DashboardOptions, LiveAlert, Model};

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
