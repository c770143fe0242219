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
#[cfg(feature = "dashboard")]
fn the_live_page_tells_of_health_and_metrics() {
    use std::io::Write;
    use std::net::TcpStream;

    let folder = Folder::new();
    let mut child = start(&folder, &["--speed", "60", "--dashboard", "127.0.0.1:0"]);
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("live page: http://") {
        line.clear();
        assert_ne!(told.read_line(&mut line).unwrap(), 0, "no page");
    }
    let address = line
        .trim()
        .trim_start_matches("live page: http://")
        .to_owned();
    let get = |path: &str, host: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    std::thread::sleep(Duration::from_millis(1_500));
    let health = get("/health", &address);
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let metrics = get("/metrics", &address);
    let packets = metrics
        .lines()
        .find(|line| line.starts_with("nettraffic_packets_received_total "));
    let packets: f64 = packets
        .and_then(|line| line.rsplit(' ').next()?.parse().ok())
        .unwrap_or_default();
    assert!(packets > 0.0, "{metrics}");
    assert!(get("/", &address).contains("<title>"));
    assert!(!get("/", "evil.example").starts_with("HTTP/1.1 200"));
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}
