//! The sensor as a tool: settings, signals, crashes, the live page.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Folder, command};

/// A capture with attacks in it, and a detector of another one for a sensor.
static LAB: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new();
    for (scenario, seed, name) in [("benign", "1", "usual.pcap"), ("syn-scan", "3", "lab.pcap")] {
        folder
            .run("synth", &[scenario, "--seed", seed, "-o", name])
            .expect(0);
    }
    let arguments = [
        "--live",
        "--benign",
        "usual.pcap",
        "--false-alarm-rate",
        "0.01",
        "-o",
        "live.ntm",
    ];
    folder.run("train", &arguments).expect(0);
    folder
});

/// The arguments of a sensor that replays the capture, and further ones.
fn replaying<'a>(lab: &'a str, model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["--replay", lab, "--model", model][..], more].concat()
}

/// Starts a sensor that replays the capture in a folder.
fn start(folder: &Folder, more: &[&str]) -> Child {
    let (lab, model) = lab();
    let mut monitor = command("monitor");
    let monitor: &mut Command = monitor
        .args(replaying(&lab, &model, more))
        .current_dir(folder.path());
    monitor
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn lab() -> (String, String) {
    let file = |name: &str| LAB.file(name).to_string_lossy().into_owned();
    (file("lab.pcap"), file("live.ntm"))
}

/// The alerts in a file; each line must be whole.
fn alerts(folder: &Folder, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.file(name)).unwrap_or_default();
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "a torn line: {:?}",
        text.lines().last()
    );
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn id(alert: &Value) -> String {
    alert["nettraffic"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_a_sensor_writes_is_what_is_detected_offline() {
    let (lab, model) = lab();
    let offline = LAB
        .run("detect", &["--model", &model, &lab, "--json"])
        .expect(0)
        .stdout();
    let offline: BTreeSet<String> = (offline.lines())
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let folder = Folder::new();
    let arguments = replaying(&lab, &model, &["--eve", "eve.json", "--quiet"]);
    let told = folder.run("monitor", &arguments).expect(0).stderr();
    let written: Vec<String> = alerts(&folder, "eve.json").iter().map(id).collect();
    assert!(
        written.len() > 10 && written.iter().all(|id| offline.contains(id)),
        "{told}"
    );
    let raised = format!(
        "{} alerts raised = {} written",
        grouped(offline.len()),
        written.len()
    );
    assert!(told.contains(&raised), "{raised} is not in {told}");
    assert!(told.contains(" 0 shed at the queue"), "{told}");
}

fn grouped(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

#[test]
fn a_sensor_that_is_killed_again_and_again_writes_every_alert_once() {
    let (lab, model) = lab();
    let whole = Folder::new();
    whole
        .run(
            "monitor",
            &replaying(&lab, &model, &["--eve", "eve.json", "--quiet"]),
        )
        .expect(0);
    let expected: BTreeSet<String> = alerts(&whole, "eve.json").iter().map(id).collect();

    let folder = Folder::new();
    let more = [
        "--eve", "eve.json", "--quiet", "--state", "state", "--speed", "3000",
    ];
    let kills: u64 = std::env::var("NETTRAFFIC_KILLS").map_or(12, |kills| kills.parse().unwrap());
    let mut cut_short = 0;
    for round in 0..kills {
        let mut child = start(&folder, &more);
        // Anywhere within the run, which takes some 300 ms.
        std::thread::sleep(Duration::from_millis(20 + 37 * round % 300));
        cut_short += u64::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(cut_short > kills / 2, "{cut_short} of {kills}");
    let mut last = start(&folder, &more);
    let mut told = String::new();
    last.stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(last.wait().unwrap().success(), "{told}");
    assert!(told.contains("did not end as it should"), "{told}");
    let written: Vec<String> = alerts(&folder, "eve.json").iter().map(id).collect();
    let once: BTreeSet<String> = written.iter().cloned().collect();
    assert_eq!(written.len(), once.len(), "written twice");
    assert!(
        expected.is_subset(&once),
        "{} of {}",
        once.len(),
        expected.len()
    );
}

#[test]
fn it_ends_when_it_is_told_to_and_reads_again_when_it_is_told_to() {
    let folder = Folder::new();
    fs::write(folder.file("allow.toml"), "").unwrap();
    let more = ["--speed", "1", "--eve", "eve.json", "--allow", "allow.toml"];
    let mut child = start(&folder, &more);
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut wait_for = |what: &str| {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            assert_ne!(told.read_line(&mut line).unwrap(), 0, "{what} was not told");
        }
        line
    };
    wait_for("watching");
    signal(&child, "HUP");
    wait_for("reloaded");
    fs::write(
        folder.file("allow.toml"),
        "[[allow]]\nsources = \"10.0.0.1\"\n",
    )
    .unwrap();
    signal(&child, "HUP");
    let error = wait_for("not reloaded");
    assert!(error.contains("allow.toml:2:"), "{error}");
    let begin = Instant::now();
    signal(&child, "TERM");
    wait_for("alerts raised");
    assert!(child.wait().unwrap().success());
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn settings_are_checked_and_what_is_wrong_has_a_line() {
    let folder = Folder::new();
    fs::write(
        folder.file("good.toml"),
        "[input]\nreplay = [\"a.pcap\"]\n[[sink]]\ntype = \"terminal\"\n",
    )
    .unwrap();
    let told = folder
        .run("monitor", &["--config", "good.toml", "--check-config"])
        .expect(0);
    assert!(told.stdout().contains("sound"));
    for (settings, expected) in [
        (
            "[input]\ninterfaces = [\"a\"]\nsnap = 1\n",
            "line 3: unknown field `snap`",
        ),
        (
            "[[sink]]\ntype = \"eve\"\npath = \"a\"\n\n[[sink]]\ntype = \"evil\"\n",
            "line 5: unknown variant `evil`",
        ),
        (
            "[[sink]]\ntype = \"eve\"\npath = \"a\"\nrotate = 1\n",
            "line 1: unknown field `rotate`",
        ),
        (
            "[learn]\nperiod = \"1 fortnight\"\n",
            "line 2: `1 fortnight` is no time",
        ),
    ] {
        fs::write(folder.file("bad.toml"), settings).unwrap();
        let error = folder
            .run("monitor", &["--config", "bad.toml", "--check-config"])
            .expect(2)
            .stderr();
        assert!(error.contains(expected), "{error}");
    }
    let error = folder.run("monitor", &[]).expect(2).stderr();
    assert!(
        error.contains("--interface") && error.contains("--replay") && error.contains("--demo"),
        "{error}"
    );
}

#[test]
fn what_is_told_is_dated_and_a_journal_dates_itself() {
    let (lab, model) = lab();
    let folder = Folder::new();
    let told = |journal: Option<&str>| {
        let mut monitor = command("monitor");
        monitor.args(replaying(&lab, &model, &["--quiet"]));
        monitor.env_remove("JOURNAL_STREAM");
        journal.map(|stream| monitor.env("JOURNAL_STREAM", stream));
        let ran = monitor.current_dir(folder.path()).output().unwrap();
        String::from_utf8(ran.stderr).unwrap()
    };
    let is_dated = |line: &str| {
        let (time, _) = line.split_once(' ').unwrap();
        humantime::parse_rfc3339(time).is_ok_and(|time| time.elapsed().unwrap().as_secs() < 600)
    };
    for (journal, dated) in [(None, true), (Some("8:12"), false)] {
        let text = told(journal);
        let first: Vec<&str> = (text.lines())
            .filter(|line| !line.starts_with("  "))
            .collect();
        assert!(first.len() >= 2, "{text}");
        assert!(first.iter().all(|line| is_dated(line) == dated), "{text}");
    }
}

#[test]
fn learning_waits_for_as_many_flows_as_it_is_told_to() {
    let (lab, _) = lab();
    let folder = Folder::new();
    for (flows, code, expected) in [
        ("50", 0, "learned what is usual from"),
        ("100000000", 2, "(at least 100,000,000)"),
    ] {
        let arguments = [
            "--replay",
            &lab,
            "--learn",
            "1m",
            "--learn-flows",
            flows,
            "--quiet",
        ];
        let told = folder.run("monitor", &arguments).expect(code).stderr();
        assert!(told.contains(expected), "{told}");
    }
}

/// What a doctor says of settings, and whether all is well.
fn examined(folder: &Folder, settings: &str) -> (bool, String) {
    fs::write(folder.file("doctor.toml"), settings).unwrap();
    let ran = folder.run("monitor", &["--config", "doctor.toml", "--doctor"]);
    (ran.code() == 0, ran.stdout())
}

#[test]
fn a_doctor_tries_captures_receivers_secrets_and_folders() {
    use std::net::{TcpListener, UdpSocket};
    use std::os::unix::fs::PermissionsExt;

    let (lab, _) = lab();
    let folder = Folder::new();
    for (name, text) in [
        ("not.pcap", "no capture"),
        ("token", "0123456789abcdef\n"),
        ("short", "0123\n"),
        ("empty", "\n"),
    ] {
        fs::write(folder.file(name), text).unwrap();
        fs::set_permissions(folder.file(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::copy(folder.file("token"), folder.file("open")).unwrap();
    fs::set_permissions(folder.file("open"), fs::Permissions::from_mode(0o644)).unwrap();
    // A link type that nobody decodes, 147, behind a packet of nothing.
    let unknown: Vec<u8> = [
        0xa1b2_c3d4_u32,
        0x0004_0002,
        0,
        0,
        65_535,
        147,
        1,
        0,
        4,
        4,
        0,
    ]
    .iter()
    .flat_map(|word| word.to_le_bytes())
    .collect();
    fs::write(folder.file("unknown.pcap"), unknown).unwrap();

    let listens = TcpListener::bind("127.0.0.1:0").unwrap();
    listens.set_nonblocking(true).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    datagrams.set_nonblocking(true).unwrap();
    let heard = listens.local_addr().unwrap();
    let deaf = {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    let udp = datagrams.local_addr().unwrap();
    let replay = format!("[input]\nreplay = [\"{lab}\"]\n");
    let with = |more: &str| format!("{replay}{more}");
    let webhook = |url: &str, more: &str| {
        with(&format!(
            "[[sink]]\ntype = \"webhook\"\nurl = \"{url}\"\n{more}"
        ))
    };
    let syslog = |to: &str| with(&format!("[[sink]]\ntype = \"syslog\"\nto = \"{to}\"\n"));
    for (settings, is_well, expected) in [
        (
            replay.clone(),
            true,
            "ok    captures: 1 can be read, link type 1",
        ),
        (
            "[input]\nreplay = [\"gone.pcap\"]\n".to_owned(),
            false,
            "WRONG captures",
        ),
        (
            "[input]\nreplay = [\"not.pcap\"]\n".to_owned(),
            false,
            "WRONG captures",
        ),
        (
            "[input]\nreplay = [\"unknown.pcap\"]\n".to_owned(),
            false,
            "packets of link type 147 cannot be decoded",
        ),
        (
            webhook(&format!("http://user@{heard}/hook/of-a-secret?x"), ""),
            true,
            "somebody listens; nothing was posted",
        ),
        (
            webhook(&format!("http://{deaf}/"), ""),
            false,
            "WRONG webhook at 127.0.0.1",
        ),
        (
            webhook(&format!("http://{heard}/"), "secret_file = \"empty\"\n"),
            false,
            "the first line of empty is empty",
        ),
        (
            webhook(&format!("http://{heard}/"), "secret_file = \"open\"\n"),
            true,
            "by others than its owner too: chmod 600 open",
        ),
        (
            syslog(&format!("tcp://{heard}")),
            true,
            "somebody listens; nothing was sent",
        ),
        (syslog(&format!("tcp://{deaf}")), false, "WRONG syslog"),
        (
            syslog(&format!("udp://{udp}")),
            true,
            "nobody tells whether somebody listens",
        ),
        (syslog("unix:///nowhere/log"), false, "WRONG syslog"),
        (
            with("[state]\nfolder = \"gone\"\n"),
            false,
            "WRONG folder of state: gone",
        ),
        (
            with("[[sink]]\ntype = \"eve\"\npath = \"gone/eve.json\"\n"),
            false,
            "WRONG gone/eve.json: gone",
        ),
    ] {
        let (found, told) = examined(&folder, &settings);
        assert!(
            found == is_well && told.contains(expected),
            "{settings}{told}"
        );
        assert!(!told.contains("of-a-secret"), "{told}");
    }
    // It was polite: connections, and not a byte.
    let mut visits = 0;
    while let Ok((mut visitor, _)) = listens.accept() {
        visitor.set_nonblocking(false).unwrap();
        let mut sent = Vec::new();
        visitor.read_to_end(&mut sent).unwrap();
        assert!(sent.is_empty());
        visits += 1;
    }
    assert_eq!(visits, 4);
    assert!(datagrams.recv(&mut [0; 9]).is_err());
    let left: BTreeSet<String> = (fs::read_dir(folder.path()).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let made = [
        "doctor.toml",
        "empty",
        "not.pcap",
        "open",
        "short",
        "token",
        "unknown.pcap",
    ];
    assert!(left.iter().eq(made), "{left:?}");
}

#[test]
#[cfg(feature = "dashboard")]
fn a_doctor_tries_the_page_and_its_token() {
    let (lab, _) = lab();
    let folder = Folder::new();
    fs::write(folder.file("token"), "0123456789abcdef\n").unwrap();
    fs::write(folder.file("short"), "0123\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap();
    let page = |listen: &str, more: &str| {
        format!("[input]\nreplay = [\"{lab}\"]\n[dashboard]\nlisten = \"{listen}\"\n{more}")
    };
    for (settings, is_well, expected) in [
        (
            page("127.0.0.1:0", ""),
            true,
            "every user of this machine may",
        ),
        (
            page("127.0.0.1:0", "token_file = \"token\"\n"),
            true,
            "it asks for the token",
        ),
        (
            page("127.0.0.1:0", "token_file = \"short\"\n"),
            false,
            "16 to 256 characters",
        ),
        (
            page("127.0.0.1:0", "token_file = \"gone\"\n"),
            false,
            "WRONG token of the live page",
        ),
        (page(&taken.to_string(), ""), false, "cannot listen"),
    ] {
        let (found, told) = examined(&folder, &settings);
        assert!(
            found == is_well && told.contains(expected),
            "{settings}{told}"
        );
    }
}

/// A sensor with a live page, which is stopped in the end.
#[cfg(feature = "dashboard")]
struct Paged {
    child: Child,
    address: String,
    told: BufReader<std::process::ChildStderr>,
}

#[cfg(feature = "dashboard")]
impl Paged {
    fn start(folder: &Folder, more: &[&str]) -> Self {
        let mut child = start(folder, &[&["--dashboard", "127.0.0.1:0"], more].concat());
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(told.read_line(&mut line).unwrap(), 0, "no page");
            if let Some((_, address)) = line.trim().split_once("live page: http://") {
                break address.trim_end_matches("/?token=… once").to_owned();
            }
        };
        Self {
            child,
            address,
            told,
        }
    }

    /// Asks for something; the answer with its head.
    fn ask(&self, request: &str, headers: &str, body: &str) -> String {
        use std::io::Write;

        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(
            &format!("GET {path}"),
            &format!("Host: {}\r\n", self.address),
            "",
        )
    }

    fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Asks again and again until the answer is as it should be.
    #[track_caller]
    fn until(&self, path: &str, is_so: impl Fn(&str) -> bool) -> String {
        let begin = Instant::now();
        loop {
            let answer = self.get(path);
            if is_so(&answer) {
                return answer;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "{path}: {answer}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(mut self) -> String {
        signal(&self.child, "TERM");
        let mut told = String::new();
        self.told.read_to_string(&mut told).unwrap();
        assert!(self.child.wait().unwrap().success(), "{told}");
        told
    }
}

#[test]
#[cfg(feature = "dashboard")]
fn the_live_page_tells_of_health_and_metrics() {
    let folder = Folder::new();
    let page = Paged::start(&folder, &["--speed", "60"]);
    let number = |metrics: &str, name: &str| -> Option<f64> {
        let told = metrics.lines().find_map(|line| line.strip_prefix(name));
        told?.trim().parse().ok()
    };
    let metrics = page.until("/metrics", |metrics| {
        number(metrics, "nettraffic_packets_received_total").is_some_and(|packets| packets > 0.0)
            && number(metrics, "nettraffic_watched_seconds").is_some_and(|watched| watched > 9.0)
    });
    // Sixty times as much time has passed for packets as for us.
    let uptime = number(&metrics, "nettraffic_uptime_seconds").unwrap();
    let watched = number(&metrics, "nettraffic_watched_seconds").unwrap();
    assert!(uptime > 0.0 && uptime < watched, "{uptime} {watched}");
    for line in [
        "nettraffic_queue_depth{queue=\"packets\"}",
        "nettraffic_condition{kind=\"reload\"} 0",
        "nettraffic_phase{phase=\"detecting\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    assert!(page.get("/health").starts_with("HTTP/1.1 200"));
    assert!(page.get("/").contains("<title>"));
    let foreign = page.ask("GET /", "Host: evil.example\r\n", "");
    assert!(foreign.starts_with("HTTP/1.1 421"), "{foreign}");
    page.stop();
}

#[test]
#[cfg(feature = "dashboard")]
fn a_failed_reload_degrades_health_until_one_goes_well() {
    let folder = Folder::new();
    fs::write(folder.file("allow.toml"), "").unwrap();
    fs::write(folder.file("token"), "0123456789abcdef\n").unwrap();
    fs::write(
        folder.file("page.toml"),
        "[dashboard]\ntoken_file = \"token\"\n",
    )
    .unwrap();
    let more = [
        "--speed",
        "1",
        "--allow",
        "allow.toml",
        "--config",
        "page.toml",
    ];
    let page = Paged::start(&folder, &more);
    let known = format!(
        "Host: {}\r\nAuthorization: Bearer 0123456789abcdef\r\n",
        page.address
    );
    let anybody = "Host: balancer.example\r\n";
    let until = |headers: &str, word: &str| {
        let begin = Instant::now();
        loop {
            let answer = page.ask("GET /health", headers, "");
            if answer.contains(word) {
                return answer;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "{word}: {answer}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    until(anybody, "{\"status\":\"well\"}");
    fs::write(folder.file("allow.toml"), "[[allow]]\nsources = 1\n").unwrap();
    signal(&page.child, "HUP");
    let bare = until(anybody, "{\"status\":\"degraded\"}");
    assert!(bare.starts_with("HTTP/1.1 503"), "{bare}");
    let why = until(&known, "degraded");
    assert!(
        why.contains("allow.toml:2:") && why.contains("(since 2"),
        "{why}"
    );
    let metrics = page.ask("GET /metrics", &known, "");
    assert!(
        metrics.contains("nettraffic_condition{kind=\"reload\"} 1"),
        "{metrics}"
    );
    assert!(page.ask("GET /live", anybody, "").contains("\"live\""));
    assert!(
        page.ask("GET /metrics", anybody, "")
            .starts_with("HTTP/1.1 421")
    );
    fs::write(folder.file("allow.toml"), "").unwrap();
    signal(&page.child, "HUP");
    until(anybody, "{\"status\":\"well\"}");
    page.stop();
}

#[test]
#[cfg(feature = "dashboard")]
fn an_alert_is_marked_and_the_mark_taken_back_even_after_a_restart() {
    let folder = Folder::new();
    fs::write(
        folder.file("allow.toml"),
        "[[allow]]\nreason = \"never seen\"\nsource = \"203.0.113.250\"\n",
    )
    .unwrap();
    let more = ["--state", "state", "--allow", "allow.toml", "--quiet"];
    // The page stays when the replay is over, but takes no marks then.
    let slow = [&more[..], &["--speed", "60"]].concat();
    let page = Paged::start(&folder, &slow);
    page.until("/api/alerts", |answer| answer.contains("\"id\":"));
    let alert = page.json("/api/alerts")[0].clone();
    for words in ["severity_reason", "raised_by", "mark_scope"] {
        assert!(
            alert[words].as_str().is_some_and(|words| words.len() > 10),
            "{alert}"
        );
    }
    assert!(
        alert["mark_scope"]
            .as_str()
            .unwrap()
            .ends_with("for 30 days")
    );
    let path = format!("/api/alerts/{}/false", alert["id"].as_str().unwrap());
    let ours = format!(
        "Host: {0}\r\nOrigin: http://{0}\r\nContent-Type: application/json\r\n",
        page.address
    );
    let said = r#"{"becomes": "both", "note": "our own scanner"}"#;
    let answer = page.ask(&format!("POST {path}"), &ours, said);
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    page.until("/api/alerts?suppressed=yes", |all| {
        all.contains("\"mark\":{\"becomes\":\"both\",\"waits\":false")
    });
    let state = page.until("/api/state", |state| state.contains("our own scanner"));
    assert!(state.contains("never seen"), "{state}");
    page.stop();
    let marked = || fs::read_to_string(folder.file("state/marked.toml")).unwrap();
    assert!(marked().contains("our own scanner"));

    let page = Paged::start(&folder, &slow);
    let ours = format!("Host: {0}\r\nOrigin: http://{0}\r\n", page.address);
    page.until("/api/state", |state| state.contains("our own scanner"));
    let answer = page.ask(&format!("DELETE {path}"), &ours, "");
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    page.until("/api/state", |state| !state.contains("our own scanner"));
    page.stop();
    assert!(!marked().contains("our own scanner"), "{}", marked());
}
