//! Web servers that answer, refuse, are slow or gone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nettraffic_sensor::{
    Form, Outlet, OutletConfig, OutletStatus, Sink as _, SinkError, Wants, Webhook, WebhookConfig,
};
use serde_json::Value;

use crate::events::{incident, scan, scans};
use crate::{Outcome, wait_for};

/// What a server was asked.
struct Request {
    head: Vec<String>,
    body: String,
    at: Instant,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let mut request = Self {
            head,
            body: String::new(),
            at: Instant::now(),
        };
        let mut body = vec![0; request.header("content-length")?.parse().ok()?];
        stream.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).ok()?;
        Some(request)
    }
}

/// A server that gives these answers, one per connection; `None` is silence.
fn server(
    answers: Vec<Option<&'static str>>,
) -> Result<(SocketAddr, Receiver<Request>), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let (sender, requests) = channel();
    thread::spawn(move || {
        let mut silent = Vec::new();
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            let mut stream = BufReader::new(stream);
            let Some(request) = Request::read(&mut stream) else {
                continue;
            };
            if sender.send(request).is_err() {
                return;
            }
            match answer {
                Some(answer) => {
                    let _ = write!(
                        stream.get_mut(),
                        "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n"
                    );
                }
                None => silent.push(stream),
            }
        }
    });
    Ok((address, requests))
}

fn config(address: SocketAddr) -> WebhookConfig {
    WebhookConfig::new(format!("http://{address}/hook/secret-token"))
        .with_timeout(Duration::from_millis(300))
}

/// Offers so many alerts and closes when all are dealt with.
fn deliver(
    config: &WebhookConfig,
    alerts: u64,
    patience: Duration,
) -> Result<OutletStatus, Box<dyn std::error::Error>> {
    let outlets = OutletConfig::default()
        .with_pauses(Duration::from_millis(5), Duration::from_millis(20))
        .with_patience(patience);
    let outlet = Outlet::new(Webhook::new(config)?, &outlets)?;
    for event in scans(alerts)? {
        outlet.offer(&event);
    }
    wait_for("all to be dealt with", || {
        outlet.status().counters.waiting == 0
    })?;
    Ok(outlet.close(Duration::from_secs(5)))
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn an_alert_is_posted_with_its_signature() -> Outcome {
    let (address, requests) = server(vec![Some("200 OK")])?;
    let config = config(address)
        .with_secret("key")
        .with_header("Authorization", "Bearer x");
    let status = deliver(&config, 1, LONG)?;
    assert_eq!((status.counters.written, status.last_error), (1, None));
    let request = requests.recv()?;
    assert_eq!(request.head[0], "POST /hook/secret-token HTTP/1.1");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), Some("Bearer x"));
    assert_eq!(request.body, Form::Eve.json(&scan(0)?)?);
    let seconds = request.header("x-nettraffic-timestamp").ok_or("a time")?;
    let age = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs()
        - seconds.parse::<u64>()?;
    assert!(age < 60, "{age}");
    // Checked as a receiver would.
    let check = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", "key"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut check) = check else {
        eprintln!("skipped: there is no openssl here");
        return Ok(());
    };
    let mut stdin = check.stdin.take().ok_or("a pipe")?;
    write!(stdin, "{seconds}.{}", request.body)?;
    drop(stdin);
    let computed = String::from_utf8(check.wait_with_output()?.stdout)?;
    let computed = computed.split_whitespace().next_back().ok_or("a digest")?;
    let expected = format!("sha256={computed}");
    assert_eq!(request.header("x-nettraffic-signature"), Some(&*expected));
    Ok(())
}

#[test]
fn answers_decide_whether_it_is_tried_again() -> Outcome {
    for (answers, requests_made, written) in [
        (vec![Some("204 No Content")], 1, true),
        (
            vec![Some("503 Busy"), Some("500 Oh"), Some("202 Yes")],
            3,
            true,
        ),
        (
            vec![Some("429 Slow"), Some("408 Late"), Some("200 OK")],
            3,
            true,
        ),
        (vec![None, Some("200 OK")], 2, true),
        (vec![Some("400 Bad"), Some("200 OK")], 1, false),
        (vec![Some("401 Who"), Some("200 OK")], 1, false),
        (vec![Some("404 No"), Some("200 OK")], 1, false),
        (
            vec![Some("302 Found\r\nLocation: /other"), Some("200 OK")],
            1,
            false,
        ),
        (
            vec![Some("307 Again\r\nLocation: /other"), Some("200 OK")],
            1,
            false,
        ),
        (vec![Some("garbage"), Some("200 OK")], 2, true),
    ] {
        let shown = format!("{answers:?}");
        let (address, requests) = server(answers)?;
        let status = deliver(&config(address), 1, LONG)?;
        assert_eq!(status.counters.written, u64::from(written), "{shown}");
        assert_eq!(status.counters.failed, u64::from(!written), "{shown}");
        assert_eq!(requests.try_iter().count(), requests_made, "{shown}");
        if let Some(error) = status.last_error {
            assert!(!error.what.contains("secret-token"), "{}", error.what);
        }
    }
    Ok(())
}

#[test]
fn a_server_is_left_alone_as_long_as_it_asks() -> Outcome {
    let (address, requests) = server(vec![
        Some("503 Busy\r\nRetry-After: 1"),
        Some("429 Slow\r\nRetry-After: 99999999999"),
        Some("200 OK"),
    ])?;
    // A wait of three thousand years ends with the patience.
    let status = deliver(&config(address), 1, Duration::from_millis(1_200))?;
    let times: Vec<Instant> = requests.try_iter().map(|request| request.at).collect();
    assert!(times[1] - times[0] >= Duration::from_secs(1));
    assert!(times.len() < 3 || times[2] - times[1] >= Duration::from_millis(1_200));
    assert_eq!(status.counters.written + status.counters.failed, 1);
    Ok(())
}

#[test]
fn a_server_that_is_gone_holds_up_nothing_but_itself() -> Outcome {
    // Nobody listens there any more.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let status = deliver(&config(address), 5, Duration::from_millis(100))?;
    assert_eq!((status.counters.failed, status.counters.written), (5, 0));
    assert!(status.counters.errors >= 5);
    let name = format!("webhook http://{address}");
    assert_eq!(status.name, name);
    assert!(status.last_error.ok_or("an error")?.what.starts_with(&name));
    Ok(())
}

#[test]
fn a_server_that_drips_is_cut_off() -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            thread::spawn(move || {
                while stream.write_all(b"H").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
    });
    let mut webhook = Webhook::new(&config(address))?;
    let began = Instant::now();
    let outcome = webhook.write(&[scan(1)?]);
    assert!(
        matches!(outcome, Err(SinkError::Passing { .. })),
        "{outcome:?}"
    );
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}

#[test]
fn several_alerts_are_posted_as_an_array() -> Outcome {
    let (address, requests) = server(vec![Some("200 OK"); 10])?;
    let config = config(address).with_batch(4).with_form(Form::Ecs);
    let mut webhook = Webhook::new(&config)?;
    assert_eq!(webhook.batch(), 4);
    assert_eq!(webhook.write(&scans(3)?)?.written, 3);
    let body: Value = serde_json::from_str(&requests.recv()?.body)?;
    let ids = body
        .as_array()
        .ok_or("an array")?
        .iter()
        .map(|event| event["event"]["id"].as_str());
    assert_eq!(Vec::from_iter(ids)[2], Some("0000000000000002"));
    webhook.write(&scans(1)?)?;
    assert!(requests.recv()?.body.starts_with('['));
    Ok(())
}

/// What cuts the noise: of ten alerts of one actor its receiver hears twice.
#[test]
fn a_receiver_may_take_incidents_alone() -> Outcome {
    let (address, requests) = server(vec![Some("200 OK"); 10])?;
    let webhook = Webhook::new(&config(address).with_events(Wants::INCIDENTS))?;
    let outlet = Outlet::new(webhook, &OutletConfig::default())?;
    for event in scans(10)?.into_iter().chain(incident(3)?) {
        outlet.offer(&event);
    }
    assert_eq!(outlet.close(LONG).counters.written, 2);
    let mut turns = Vec::new();
    for request in requests.try_iter() {
        let body: Value = serde_json::from_str(&request.body)?;
        assert_eq!(body["event_type"], "incident");
        turns.push(body["nettraffic"]["turn"].clone());
    }
    assert_eq!(turns, ["opened", "closed"]);
    Ok(())
}

#[test]
fn addresses_that_cannot_be_posted_to_are_told() {
    for (url, why) in [
        ("", "is none"),
        ("/hook", "has no scheme"),
        ("ftp://host/x", "begins with neither"),
        ("http://", "is none"),
        ("http:///x", "is none"),
    ] {
        let error = Webhook::new(&WebhookConfig::new(url))
            .err()
            .map(|e| e.to_string());
        assert!(
            error.as_ref().is_some_and(|e| e.contains(why)),
            "{url}: {error:?}"
        );
    }
    let https = Webhook::new(&WebhookConfig::new("https://host/x"));
    assert_eq!(https.is_ok(), cfg!(feature = "https"));
    let header = WebhookConfig::new("http://host/x").with_header("a b", "c");
    assert!(Webhook::new(&header).is_err());
    let secret = WebhookConfig::new("http://host/token")
        .with_secret("key")
        .with_header("X", "hush");
    let shown = format!("{secret:?}");
    assert!(
        !["token", "key", "hush"]
            .iter()
            .any(|word| shown.contains(word)),
        "{shown}"
    );
}
