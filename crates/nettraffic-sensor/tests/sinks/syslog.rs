//! Syslog receivers of every kind, also such as go and come back.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::time::Duration;

use nettraffic_sensor::{Outlet, OutletConfig, Sink as _, Syslog, SyslogConfig, SyslogTarget};

use crate::events::{scan, scans};
use crate::{Outcome, wait_for};

const PATIENT: Duration = Duration::from_secs(20);

fn quick() -> OutletConfig {
    OutletConfig::default().with_pauses(Duration::from_millis(1), Duration::from_millis(10))
}

/// The identifier in a message.
fn id(message: &str) -> Option<u64> {
    let id = message.split_once(" id=\"")?.1.get(..16)?;
    u64::from_str_radix(id, 16).ok()
}

/// Reads a message behind its length.
fn framed(stream: &mut impl std::io::BufRead) -> Result<String, Box<dyn std::error::Error>> {
    let mut len = Vec::new();
    stream.read_until(b' ', &mut len)?;
    let mut message = vec![0; std::str::from_utf8(&len)?.trim_end().parse()?];
    stream.read_exact(&mut message)?;
    Ok(String::from_utf8(message)?)
}

#[test]
fn a_datagram_per_message() -> Outcome {
    let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    receiver.set_read_timeout(Some(PATIENT))?;
    let target = SyslogTarget::Udp(receiver.local_addr()?.to_string());
    let mut syslog = Syslog::new(&SyslogConfig::new(target));
    let mut datagram = [0; 9_000];
    for event in scans(3)? {
        syslog.write(std::slice::from_ref(&event))?;
        let len = receiver.recv(&mut datagram)?;
        assert_eq!(datagram[..len], *syslog.message(&event).as_bytes());
    }
    Ok(())
}

#[test]
fn a_length_before_each_message_of_a_stream() -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let target = SyslogTarget::Tcp(listener.local_addr()?.to_string());
    let mut syslog = Syslog::new(&SyslogConfig::new(target));
    for event in scans(3)? {
        syslog.write(std::slice::from_ref(&event))?;
    }
    drop(syslog);
    let mut stream = BufReader::new(listener.accept()?.0);
    for number in 0..3 {
        assert_eq!(id(&framed(&mut stream)?), Some(number));
    }
    assert_eq!(stream.read(&mut [0])?, 0);
    Ok(())
}

/// A receiver that closes, is away for a while and comes back at the same place: what is sent meanwhile waits, and
/// what is sent after the end was seen is not sent into the void.
#[test]
fn a_receiver_that_comes_back_gets_what_waited() -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let config = SyslogConfig::new(SyslogTarget::Tcp(address.to_string()));
    let outlet = Outlet::new(Syslog::new(&config), &quick())?;
    outlet.offer(&scan(0)?);
    let (stream, _) = listener.accept()?;
    let mut stream = BufReader::new(stream);
    assert_eq!(id(&framed(&mut stream)?), Some(0));
    drop((stream, listener));
    // The end of the connection is on its way.
    std::thread::sleep(Duration::from_millis(50));
    outlet.offer(&scan(1)?);
    outlet.offer(&scan(2)?);
    wait_for("failures", || outlet.status().counters.errors > 2)?;
    assert_eq!(outlet.status().counters.waiting, 2);
    let listener = reusable(address)?;
    let mut stream = BufReader::new(listener.accept()?.0);
    assert_eq!(id(&framed(&mut stream)?), Some(1));
    assert_eq!(id(&framed(&mut stream)?), Some(2));
    let counters = outlet.close(PATIENT).counters;
    assert_eq!((counters.written, counters.lost()), (3, 0));
    Ok(())
}

/// The port may be held for a while by what is left of the old connection.
fn reusable(address: std::net::SocketAddr) -> Result<TcpListener, Box<dyn std::error::Error>> {
    let mut listener = None;
    wait_for("the port", || {
        listener = TcpListener::bind(address).ok();
        listener.is_some()
    })?;
    listener.ok_or_else(|| "no port".into())
}

#[test]
fn the_socket_of_a_machine_goes_and_comes_back() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log");
    let config = SyslogConfig::new(SyslogTarget::Unix(path.clone()));
    let outlet = Outlet::new(Syslog::new(&config), &quick())?;
    outlet.offer(&scan(0)?);
    wait_for("failures", || outlet.status().counters.errors > 2)?;
    let mut datagram = [0; 9_000];
    let mut expected = 0..4;
    for offered in [1, 2, 3] {
        let receiver = UnixDatagram::bind(&path)?;
        receiver.set_read_timeout(Some(PATIENT))?;
        for _ in 0..2 {
            let Some(number) = expected.next() else { break };
            if number == offered {
                outlet.offer(&scan(offered)?);
            }
            let len = receiver.recv(&mut datagram)?;
            assert_eq!(id(std::str::from_utf8(&datagram[..len])?), Some(number));
            if number == offered {
                break;
            }
        }
        drop(receiver);
        std::fs::remove_file(&path)?;
        if offered < 3 {
            outlet.reopen();
        }
    }
    let counters = outlet.close(PATIENT).counters;
    assert_eq!((counters.written, counters.lost()), (4, 0));
    Ok(())
}

#[test]
fn a_socket_of_a_machine_may_be_a_stream() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log");
    let listener = UnixListener::bind(&path)?;
    let mut syslog = Syslog::new(&SyslogConfig::new(SyslogTarget::Unix(path)));
    for event in scans(2)? {
        syslog.write(std::slice::from_ref(&event))?;
    }
    drop(syslog);
    let lines: Result<Vec<String>, _> = BufReader::new(listener.accept()?.0).lines().collect();
    let ids: Vec<_> = lines?.iter().map(|line| id(line)).collect();
    assert_eq!(ids, [Some(0), Some(1)]);
    Ok(())
}

#[test]
fn a_receiver_that_does_not_read_holds_up_nothing_but_itself() -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let config = SyslogConfig::new(SyslogTarget::Tcp(listener.local_addr()?.to_string()));
    let outlet = Outlet::new(Syslog::new(&config), &quick().with_capacity(100))?;
    let _unread: TcpStream = {
        outlet.offer(&scan(0)?);
        listener.accept()?.0
    };
    let event = scan(1)?;
    let mut before = 0;
    wait_for("the sink to be stuck", || {
        // As much as the system takes in for a reader who does not come.
        (0..200).for_each(|_| {
            outlet.offer(&event);
        });
        std::thread::sleep(Duration::from_millis(100));
        let written = outlet.status().counters.written;
        let stuck = written > 0 && written == before && !outlet.offer(&event);
        before = written;
        stuck
    })?;
    let began = std::time::Instant::now();
    let counters = outlet.close(Duration::from_millis(100)).counters;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(counters.failed > 0);
    let sum = counters.written + counters.refused + counters.failed;
    assert_eq!(sum, counters.offered);
    Ok(())
}
