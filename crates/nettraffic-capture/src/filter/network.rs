//! Addresses and networks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::FilterErrorKind;

/// The addresses that agree with `address` in the bits of `mask`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    V4 { address: u32, mask: u32 },
    V6 { address: u128, mask: u128 },
}

const ADDRESS: FilterErrorKind = FilterErrorKind::Malformed {
    expected: "an IPv4 or IPv6 address",
};
const NETWORK: FilterErrorKind = FilterErrorKind::Malformed {
    expected: "a network such as 10.0.0.0/8, 10.1 or 2001:db8::/32",
};
const MASK: FilterErrorKind = FilterErrorKind::Malformed {
    expected: "a mask such as 255.255.0.0",
};

impl Network {
    /// One address, written in full.
    pub(super) fn host(word: &str) -> Result<Self, FilterErrorKind> {
        let address: IpAddr = word.parse().map_err(|_| ADDRESS)?;
        Ok(match address {
            IpAddr::V4(address) => Self::V4 {
                address: address.into(),
                mask: u32::MAX,
            },
            IpAddr::V6(address) => Self::V6 {
                address: address.into(),
                mask: u128::MAX,
            },
        })
    }

    /// `10.0.0.0/8`, `2001:db8::/32`, or libpcap's shortened `10.1`, which has as many bits as
    /// are written; an address in full is a network of one.
    pub(super) fn net(word: &str) -> Result<Self, FilterErrorKind> {
        let (address, prefix) = match word.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix_len(prefix)?)),
            None => (word, None),
        };
        let network = if address.contains(':') {
            let address = address.parse::<Ipv6Addr>().map_err(|_| NETWORK)?.into();
            let mask = high_bits_128(prefix.unwrap_or(128))?;
            Self::V6 { address, mask }
        } else {
            let (address, written) = shortened(address)?;
            let mask = high_bits_32(prefix.unwrap_or(written))?;
            Self::V4 { address, mask }
        };
        network.without_host_bits()
    }

    /// `10.1.0.0 mask 255.255.0.0`, for IPv4 only.
    pub(super) fn masked(word: &str, mask: &str) -> Result<Self, FilterErrorKind> {
        let (address, _) = shortened(word)?;
        let mask = mask.parse::<Ipv4Addr>().map_err(|_| MASK)?.into();
        Self::V4 { address, mask }.without_host_bits()
    }

    fn without_host_bits(self) -> Result<Self, FilterErrorKind> {
        let beyond = match self {
            Self::V4 { address, mask } => address & !mask != 0,
            Self::V6 { address, mask } => address & !mask != 0,
        };
        if beyond {
            return Err(FilterErrorKind::HostBits);
        }
        Ok(self)
    }

    #[inline]
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4 { address, mask }, IpAddr::V4(other)) => u32::from(other) & mask == *address,
            (Self::V6 { address, mask }, IpAddr::V6(other)) => u128::from(other) & mask == *address,
            _ => false,
        }
    }

    pub(super) fn is_v4(&self) -> bool {
        matches!(self, Self::V4 { .. })
    }
}

impl fmt::Display for Network {
    /// With its keyword: `host 10.0.0.1`, `net 10.0.0.0/8`, `net 10.0.0.1 mask 255.0.0.255`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4 { address, mask } => {
                let address = Ipv4Addr::from(address);
                match mask.leading_ones() {
                    32 => write!(f, "host {address}"),
                    prefix if prefix == mask.count_ones() => write!(f, "net {address}/{prefix}"),
                    _ => write!(f, "net {address} mask {}", Ipv4Addr::from(mask)),
                }
            }
            Self::V6 { address, mask } => {
                let address = Ipv6Addr::from(address);
                match mask.leading_ones() {
                    128 => write!(f, "host {address}"),
                    prefix => write!(f, "net {address}/{prefix}"),
                }
            }
        }
    }
}

/// One to four parts of an IPv4 address, and how many bits they are.
fn shortened(word: &str) -> Result<(u32, u32), FilterErrorKind> {
    let mut bytes = [0; 4];
    let mut written = 0;
    for part in word.split('.') {
        let byte = bytes.get_mut(written).ok_or(NETWORK)?;
        // Not `010`, which is 8 to some readers and 10 to others.
        if !part.bytes().all(|digit| digit.is_ascii_digit())
            || (part.len() > 1 && part.starts_with('0'))
        {
            return Err(NETWORK);
        }
        *byte = part.parse().map_err(|_| NETWORK)?;
        written += 1;
    }
    Ok((u32::from_be_bytes(bytes), written as u32 * 8))
}

fn prefix_len(digits: &str) -> Result<u32, FilterErrorKind> {
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(NETWORK);
    }
    digits.parse().map_err(|_| NETWORK)
}

fn high_bits_32(bits: u32) -> Result<u32, FilterErrorKind> {
    let below = 32_u32.checked_sub(bits);
    let below = below.ok_or(FilterErrorKind::OutOfRange { max: 32 })?;
    Ok(u32::MAX.checked_shl(below).unwrap_or(0))
}

fn high_bits_128(bits: u32) -> Result<u128, FilterErrorKind> {
    let below = 128_u32.checked_sub(bits);
    let below = below.ok_or(FilterErrorKind::OutOfRange { max: 128 })?;
    Ok(u128::MAX.checked_shl(below).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_in_all_their_forms() {
        for (word, normal) in [
            ("10", "net 10.0.0.0/8"),
            ("10.1", "net 10.1.0.0/16"),
            ("192.168.1", "net 192.168.1.0/24"),
            ("10.1.2.3", "host 10.1.2.3"),
            ("10/9", "net 10.0.0.0/9"),
            ("0.0.0.0/0", "net 0.0.0.0/0"),
            ("2001:db8::/32", "net 2001:db8::/32"),
            ("::/0", "net ::/0"),
            ("::1", "host ::1"),
        ] {
            let printed = Network::net(word).map(|network| network.to_string());
            assert_eq!(printed.as_deref(), Ok(normal), "{word}");
        }
        for (word, error) in [
            ("10.1.2.3/8", FilterErrorKind::HostBits),
            ("2001:db8::1/64", FilterErrorKind::HostBits),
            ("10.0.0.0/33", FilterErrorKind::OutOfRange { max: 32 }),
            ("::/129", FilterErrorKind::OutOfRange { max: 128 }),
            ("10.256", NETWORK),
            ("10.0.0.0.0", NETWORK),
            ("10..1", NETWORK),
            ("010.1", NETWORK),
            ("10.0.0.0/+8", NETWORK),
            ("10.0.0.0/", NETWORK),
            ("", NETWORK),
        ] {
            assert_eq!(Network::net(word), Err(error), "{word}");
        }
    }

    #[test]
    fn versions_do_not_meet() {
        let everything = Network::net("::/0");
        let v4 = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(everything.map(|network| network.contains(v4)), Ok(false));
    }
}
