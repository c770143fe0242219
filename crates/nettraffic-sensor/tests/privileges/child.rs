//! The process that drops its privileges and says what it can still do.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use nettraffic_sensor::{PrivilegeOptions, Privileges, drop_privileges};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::{Uid, setuid};

use crate::Outcome;

pub(crate) fn run(case: &str, folder: &Path) -> Outcome {
    println!("before: {}", Privileges::current()?.effective.join(" "));
    #[cfg(feature = "live")]
    let mut source =
        nettraffic_capture::LiveSource::open("lo", &nettraffic_capture::LiveOptions::new())?;

    let (hold, held) = mpsc::channel::<()>();
    let other = (case == "threads").then(|| thread::spawn(move || held.recv()));
    let options = PrivilegeOptions::new()
        .with_user(if case == "stranger" {
            "nt-nobody-at-all"
        } else {
            "nobody"
        })
        .readable(folder.join("config"))
        .writable(folder.join("state"));
    let report = drop_privileges(&options)?;
    drop((hold, other));
    println!("{report}");
    println!("{}", report.left);

    probe(folder)?;
    #[cfg(feature = "live")]
    capture(&mut source)?;
    Ok(())
}

/// In another thread: those that start later must have nothing either.
fn probe(folder: &Path) -> Outcome {
    thread::scope(|scope| {
        let prober = scope.spawn(|| {
            status();
            println!("becoming root: {}", said(setuid(Uid::from_raw(0))));
            let raw = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::empty(),
                None,
            );
            println!("a raw socket: {}", said(raw.map(drop)));
            println!("reading /etc/shadow: {}", done(fs::read("/etc/shadow")));
            println!("reading /etc/passwd: {}", done(fs::read("/etc/passwd")));
            println!("own memory: {}", done(File::open("/proc/self/mem")));
            println!(
                "reading its own file: {}",
                done(fs::read(folder.join("config")))
            );
            println!(
                "writing its own file: {}",
                done(fs::write(folder.join("config"), "other"))
            );
            println!("writing its folder: {}", done(in_state(folder)));
            println!(
                "writing beside its folder: {}",
                done(fs::write(folder.join("new"), ""))
            );
            println!(
                "starting a program: {}",
                done(Command::new("/bin/true").status())
            );
        });
        prober.join().map_err(|_| "the thread panicked".into())
    })
}

/// Makes, renames, reads and removes a file.
fn in_state(folder: &Path) -> io::Result<()> {
    let (new, kept) = (folder.join("state/new"), folder.join("state/kept"));
    fs::write(&new, "text")?;
    fs::rename(&new, &kept)?;
    fs::read(&kept)?;
    fs::remove_file(&kept)
}

/// What the kernel says of the thread.
fn status() {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let field = |name: &str| {
        let text = status.lines().find_map(|line| line.strip_prefix(name));
        let words: Vec<&str> = text.unwrap_or("?").split_whitespace().collect();
        words.join(" ")
    };
    println!("uid: {}", field("Uid:"));
    println!("gid: {}", field("Gid:"));
    println!("groups: {}", field("Groups:"));
    for name in [
        "CapInh",
        "CapPrm",
        "CapEff",
        "CapBnd",
        "CapAmb",
        "NoNewPrivs",
    ] {
        println!("{name}: {}", field(&format!("{name}:")));
    }
    let limits = fs::read_to_string("/proc/thread-self/limits").unwrap_or_default();
    let core = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<&str> = core.unwrap_or_default().split_whitespace().collect();
    println!(
        "a core file: {} {}",
        core.first().unwrap_or(&"?"),
        core.last().unwrap_or(&"?")
    );
}

/// What was captured of what this process sends to itself.
#[cfg(feature = "live")]
fn capture(source: &mut nettraffic_capture::LiveSource) -> Outcome {
    use std::net::UdpSocket;
    use std::time::{Duration, Instant};

    use nettraffic_capture::LiveEvent;

    let socket = UdpSocket::bind("127.0.0.1:0")?;
    for _ in 0..10 {
        socket.send_to(b"text", socket.local_addr()?)?;
    }
    let (begin, mut packets) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_millis(300) {
        packets += u64::from(matches!(source.poll()?, LiveEvent::Packet(_)));
    }
    println!("captured: {packets} packets");
    Ok(())
}

fn said(result: nix::Result<()>) -> String {
    result.map_or_else(|error| format!("{error:?}"), |()| "done".to_owned())
}

fn done<T>(result: io::Result<T>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(error) => error.kind().to_string(),
    }
}
