//! The way to a syslog receiver.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::Duration;

use super::SyslogTarget;

/// Connecting and writing take no longer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A way that is open.
pub(super) enum Connection {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Datagram(UnixDatagram),
    Stream(UnixStream),
}

impl Connection {
    pub(super) fn open(target: &SyslogTarget) -> io::Result<Self> {
        match target {
            SyslogTarget::Udp(address) => first(address, udp).map(Self::Udp),
            SyslogTarget::Tcp(address) => first(address, tcp).map(Self::Tcp),
            SyslogTarget::Unix(path) => unix(path),
        }
    }

    /// Sends one message; it is with the system when this returns.
    pub(super) fn send(&mut self, message: &str) -> io::Result<()> {
        let whole = |sent: usize| match sent == message.len() {
            true => Ok(()),
            false => Err(io::Error::from(io::ErrorKind::WriteZero)),
        };
        match self {
            Self::Udp(socket) => socket.send(message.as_bytes()).and_then(whole),
            Self::Datagram(socket) => socket.send(message.as_bytes()).and_then(whole),
            // Octet counting (RFC 6587, 3.4.1).
            Self::Tcp(stream) => {
                still_open(stream)?;
                let framed = format!("{} {message}", message.len());
                stream.write_all(framed.as_bytes())
            }
            // A line per message (RFC 6587, 3.4.2), in which no line end is left.
            Self::Stream(stream) => stream.write_all(format!("{message}\n").as_bytes()),
        }
    }
}

/// What is written after the other side has closed is lost without a word: so that is looked for before.
fn still_open(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    let mut unread = [0; 512];
    let outcome = loop {
        match stream.read(&mut unread) {
            Ok(0) => break Err(io::ErrorKind::ConnectionAborted.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    stream.set_nonblocking(false)?;
    outcome
}

/// The first address of a name that can be reached.
fn first<T>(address: &str, connect: fn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in address.to_socket_addrs()? {
        match connect(address) {
            Ok(connection) => return Ok(connection),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let own = match address {
        SocketAddr::V4(_) => SocketAddr::from(([0; 4], 0)),
        SocketAddr::V6(_) => SocketAddr::from(([0; 16], 0)),
    };
    let socket = UdpSocket::bind(own)?;
    socket.connect(address)?;
    socket.set_write_timeout(Some(TIMEOUT))?;
    Ok(socket)
}

fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A socket for datagrams, as `/dev/log` usually is, or else one for a stream.
fn unix(path: &Path) -> io::Result<Connection> {
    let socket = UnixDatagram::unbound()?;
    if socket.connect(path).is_ok() {
        socket.set_write_timeout(Some(TIMEOUT))?;
        return Ok(Connection::Datagram(socket));
    }
    let stream = UnixStream::connect(path)?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(Connection::Stream(stream))
}
