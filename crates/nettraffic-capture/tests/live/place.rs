//! Two network namespaces, joined by a pair of virtual interfaces, and nothing else in them.

use std::error::Error;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nettraffic_capture::{InterfaceState, interfaces};
use nix::ifaddrs::getifaddrs;
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockType, SockaddrStorage, sendto, socket,
};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The end that sends is `there`, the end that is captured is `here`.
pub(crate) struct Place {
    there: String,
    here: String,
}

pub(crate) const THERE: &str = "there0";
pub(crate) const HERE: &str = "here0";

impl Place {
    /// `None` where this machine or this user cannot make one.
    pub(crate) fn new() -> Outcome<Option<Self>> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "nt{}-{}",
            process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let place = Self {
            there: format!("{name}-there"),
            here: format!("{name}-here"),
        };
        for namespace in [&place.there, &place.here] {
            let made = Command::new("ip")
                .args(["netns", "add", namespace])
                .output();
            if !made.is_ok_and(|output| output.status.success()) {
                println!("skipped: network namespaces cannot be made here");
                return Ok(None);
            }
            // Or the kernel sends of itself, to find routers.
            run(&format!(
                "ip netns exec {namespace} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
                 net.ipv6.conf.default.disable_ipv6=1"
            ))?;
        }
        place.join_up()?;
        Ok(Some(place))
    }

    /// Makes the pair of interfaces and switches it on.
    pub(crate) fn join_up(&self) -> Outcome {
        let Self { there, here } = self;
        run(&format!(
            "ip -n {there} link add name {THERE} type veth peer name {HERE} netns {here}"
        ))?;
        self.there(&format!("link set {THERE} up"))?;
        self.here(&format!("link set {HERE} up"))?;
        self.inside(|| {
            wait_until(|| {
                Ok(interfaces()?.iter().any(|interface| {
                    interface.name == HERE && interface.state == InterfaceState::Up
                }))
            })
        })
    }

    /// Runs `ip` on the end that is captured.
    pub(crate) fn here(&self, command: &str) -> Outcome {
        run(&format!("ip -n {} {command}", self.here))
    }

    /// Runs `ip` on the end that sends.
    pub(crate) fn there(&self, command: &str) -> Outcome {
        run(&format!("ip -n {} {command}", self.there))
    }

    /// Does something in a thread of its own, in the namespace that is captured.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
        within(&self.here, work)
    }

    /// Sends frames from the other end.
    pub(crate) fn send<'a>(&self, frames: impl Iterator<Item = &'a [u8]> + Send) -> Outcome {
        within(&self.there, || {
            let wire = Wire::open(THERE)?;
            for frame in frames {
                wire.send(frame)?;
            }
            Ok(())
        })
    }

    /// Sends a frame every few milliseconds until it is told to stop; failures are nothing to it.
    pub(crate) fn send_steadily(
        &self,
        frame: &[u8],
        is_over: impl Fn() -> bool + Send + Sync,
    ) -> Outcome {
        within(&self.there, || {
            while !is_over() {
                let _lost = Wire::open(THERE).and_then(|wire| wire.send(frame));
                thread::sleep(Duration::from_millis(5));
            }
            Ok(())
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for namespace in [&self.there, &self.here] {
            let _gone = run(&format!("ip netns del {namespace}"));
        }
    }
}

struct Wire {
    socket: std::os::fd::OwnedFd,
    address: LinkAddr,
}

impl Wire {
    fn open(interface: &str) -> Outcome<Self> {
        let kind = (AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC);
        let address = getifaddrs()?
            .filter(|found| found.interface_name == interface)
            .find_map(|found| {
                found
                    .address
                    .as_ref()
                    .and_then(SockaddrStorage::as_link_addr)
                    .copied()
            })
            .ok_or("no interface to send from")?;
        Ok(Self {
            socket: socket(kind.0, kind.1, kind.2, None)?,
            address,
        })
    }

    fn send(&self, frame: &[u8]) -> Outcome {
        sendto(
            self.socket.as_raw_fd(),
            frame,
            &self.address,
            MsgFlags::empty(),
        )?;
        Ok(())
    }
}

/// An Ethernet frame with a UDP packet of this length on the wire, told apart by `number`.
pub(crate) fn frame(number: u32, port: u16, len: usize) -> Vec<u8> {
    let ip_len = u16::try_from(len - 14).unwrap_or(u16::MAX);
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0];
    frame.extend(ip_len.to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend(4000_u16.to_be_bytes());
    frame.extend(port.to_be_bytes());
    frame.extend((ip_len - 20).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(number.to_be_bytes());
    let mut next = number;
    while frame.len() < len {
        next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        frame.extend(next.to_be_bytes());
    }
    frame.truncate(len);
    frame
}

/// Tries again, with a short sleep in between, for a few seconds at most.
pub(crate) fn wait_until(mut is_so: impl FnMut() -> Outcome<bool>) -> Outcome {
    let begin = Instant::now();
    while !is_so()? {
        if begin.elapsed() > Duration::from_secs(10) {
            return Err("waited for too long".into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn within<T: Send>(namespace: &str, work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    let namespace = File::open(Path::new("/run/netns").join(namespace))?;
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            setns(&namespace, CloneFlags::CLONE_NEWNET)?;
            work()
        });
        worker.join().map_err(|_| "a thread panicked")?
    })
}

fn run(command: &str) -> Outcome {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("no command")?;
    let output = Command::new(program).args(words).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command}: {}", String::from_utf8_lossy(&output.stderr)).into())
}
