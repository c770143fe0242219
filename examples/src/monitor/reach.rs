//! Whether what a sensor reads and writes beyond its own folders is there, tried without sending anything.

use std::collections::BTreeSet;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::Duration;

use nettraffic_capture::{Skip, decode};
use nettraffic_sensor::SinkSettings;

use crate::Captures;
use crate::describe::grouped;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether captures can be opened, hold packets, and are of links that can be decoded.
pub(super) fn captures(captures: &Captures) -> Result<String, String> {
    let mut links = BTreeSet::new();
    let mut empty = 0;
    for file in captures.files() {
        if file == Path::new("-") {
            return Ok("standard input is not tried: what is read of it is gone".to_owned());
        }
        let mut source = nettraffic_capture::open(file).map_err(|error| error.to_string())?;
        let first = source.next_packet().map_err(|error| error.to_string())?;
        let Some(packet) = first else {
            empty += 1;
            continue;
        };
        let link = packet.link_type.0;
        if decode(&packet) == Err(Skip::LinkType) {
            let file = file.display();
            return Err(format!(
                "{file}: packets of link type {link} cannot be decoded"
            ));
        }
        links.insert(link.to_string());
    }
    let files = captures.files().len();
    if empty == files {
        return Err("there is no packet in it".to_owned());
    }
    let without = match empty {
        0 => String::new(),
        _ => format!(" ({} of them without a packet)", grouped(empty as u64)),
    };
    let links: Vec<String> = links.into_iter().collect();
    Ok(format!(
        "{} can be read{without}, link type {}",
        grouped(files as u64),
        links.join(" and ")
    ))
}

/// Whether somebody listens where alerts are sent to; `None` where they are sent nowhere.
pub(super) fn receiver(sink: &SinkSettings) -> Option<(String, Result<String, String>)> {
    match sink {
        SinkSettings::Webhook(to) => Some(webhook(&to.url)),
        SinkSettings::Syslog(to) => Some((format!("syslog {}", to.to), syslog(&to.to))),
        _ => None,
    }
}

/// An alert that is made up would be one too many for those who receive it: it is connected to, and that is all.
fn webhook(url: &str) -> (String, Result<String, String>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = match (has_port, scheme) {
        (true, _) => host.to_owned(),
        (false, "https") => format!("{host}:443"),
        (false, _) => format!("{host}:80"),
    };
    // The rest of a hook's address may be a secret.
    let what = format!("webhook at {address}");
    let found = connect(&address).map(|()| match scheme {
        "https" => "somebody listens; its certificate is not tried, and nothing was posted",
        _ => "somebody listens; nothing was posted",
    });
    (
        what,
        found.map(str::to_owned).map_err(|error| error.to_string()),
    )
}

fn syslog(to: &str) -> Result<String, String> {
    let found = match to.split_once("://") {
        Some(("tcp", address)) => connect(address).map(|()| "somebody listens; nothing was sent"),
        Some(("udp", address)) => route(address)
            .map(|()| "there is a way to it; by UDP nobody tells whether somebody listens"),
        Some(("unix", path)) => {
            socket(Path::new(path)).map(|()| "somebody listens; nothing was sent")
        }
        // Settings with anything else were refused.
        _ => Ok("not tried"),
    };
    found.map(str::to_owned).map_err(|error| error.to_string())
}

fn connect(address: &str) -> io::Result<()> {
    first(address, |address| {
        TcpStream::connect_timeout(&address, PATIENCE).map(drop)
    })
}

/// Whether a datagram would have somewhere to go; connecting sends none.
fn route(address: &str) -> io::Result<()> {
    first(address, |address| {
        let own = match address {
            SocketAddr::V4(_) => SocketAddr::from(([0; 4], 0)),
            SocketAddr::V6(_) => SocketAddr::from(([0; 16], 0)),
        };
        UdpSocket::bind(own)?.connect(address)
    })
}

fn socket(path: &Path) -> io::Result<()> {
    UnixDatagram::unbound()?
        .connect(path)
        .or_else(|_| UnixStream::connect(path).map(drop))
}

/// The first address of a name that works.
fn first(address: &str, works: impl Fn(SocketAddr) -> io::Result<()>) -> io::Result<()> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in address.to_socket_addrs()? {
        match works(address) {
            Ok(()) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}
