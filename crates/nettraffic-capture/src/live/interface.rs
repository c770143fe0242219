//! The interfaces of this machine, told without privileges.

use std::fmt;
use std::net::IpAddr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{LinkAddr, SockaddrStorage};

use super::LiveError;
use crate::MacAddress;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// Its name, as in `eth0`.
    pub name: String,
    /// Its number, which it keeps when it is renamed.
    pub index: u32,
    /// Whether it can receive.
    pub state: InterfaceState,
    /// Whether it leads back to this machine.
    pub is_loopback: bool,
    /// Its hardware address, where it has one of Ethernet's kind.
    pub mac: Option<MacAddress>,
    /// Its IP addresses.
    pub addresses: Vec<IpAddr>,
}

/// Whether an interface can receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InterfaceState {
    /// It is up and has a carrier.
    Up,
    /// It is up, without a carrier.
    NoCarrier,
    /// It is down.
    Down,
}

/// The interfaces of this machine, or of the network namespace that this process is in.
///
/// ```
/// for interface in nettraffic_capture::interfaces()? {
///     println!("{} {:?} {:?}", interface.name, interface.state, interface.addresses);
/// }
/// # Ok::<(), nettraffic_capture::LiveError>(())
/// ```
///
/// # Errors
/// The system does not tell them.
pub fn interfaces() -> Result<Vec<Interface>, LiveError> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for link in links()? {
        interfaces.push(link.interface);
    }
    let addresses = getifaddrs().map_err(LiveError::interfaces)?;
    for found in addresses {
        // An IPv4 address may have a label, as in `eth0:1`.
        let name = found.interface_name.split(':').next();
        let owner = interfaces
            .iter_mut()
            .find(|interface| Some(interface.name.as_str()) == name);
        if let (Some(owner), Some(address)) = (owner, found.address.as_ref().and_then(ip)) {
            owner.addresses.push(address);
        }
    }
    Ok(interfaces)
}

/// An interface with its address of the link layer, by which a socket can be bound to it.
#[derive(Debug)]
pub(super) struct Link<A = LinkAddr> {
    pub(super) interface: Interface,
    /// The kind of hardware, as the kernel numbers it (`ARPHRD_…`).
    pub(super) kind: u16,
    pub(super) address: A,
}

/// The interfaces without their IP addresses.
pub(super) fn links() -> Result<Vec<Link>, LiveError> {
    let addresses = getifaddrs().map_err(LiveError::interfaces)?;
    Ok(addresses
        .filter_map(|found| {
            let address = *found.address.as_ref()?.as_link_addr()?;
            let interface = Interface {
                name: found.interface_name,
                index: u32::try_from(address.ifindex()).ok()?,
                state: InterfaceState::of(found.flags),
                is_loopback: found.flags.contains(InterfaceFlags::IFF_LOOPBACK),
                mac: address
                    .addr()
                    .filter(|_| address.halen() == 6)
                    .map(MacAddress),
                addresses: Vec::new(),
            };
            Some(Link {
                interface,
                kind: address.hatype(),
                address,
            })
        })
        .collect())
}

impl InterfaceState {
    fn of(flags: InterfaceFlags) -> Self {
        if !flags.contains(InterfaceFlags::IFF_UP) {
            Self::Down
        } else if !flags.contains(InterfaceFlags::IFF_RUNNING) {
            Self::NoCarrier
        } else {
            Self::Up
        }
    }
}

impl fmt::Display for InterfaceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Up => "up",
            Self::NoCarrier => "no carrier",
            Self::Down => "down",
        })
    }
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = || Some(IpAddr::V4(address.as_sockaddr_in()?.ip()));
    let v6 = || Some(IpAddr::V6(address.as_sockaddr_in6()?.ip()));
    v4().or_else(v6)
}
