//! Networks by their prefix.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network in CIDR form, or a single address: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
///
/// ```
/// use nettraffic_detect::Network;
///
/// let office: Network = "10.1.0.0/16".parse()?;
/// assert!(office.contains([10, 1, 2, 3].into()) && !office.contains([10, 2, 0, 1].into()));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The network of one address.
    #[must_use]
    pub const fn host(address: IpAddr) -> Self {
        Self {
            address,
            prefix: bits(address),
        }
    }

    /// Whether it holds an address. IPv4 and IPv6 do not meet, `::ffff:10.0.0.1` is no IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        network_bits(address, self.prefix) == network_bits(self.address, self.prefix)
            && address.is_ipv4() == self.address.is_ipv4()
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let Ok(address) = address.parse::<IpAddr>() else {
            let forms = "10.0.0.0/8, 192.0.2.7 or 2001:db8::/32";
            return Err(format!("`{text}` is no network; write it like {forms}"));
        };
        let Some(prefix) = prefix else {
            return Ok(Self::host(address));
        };
        let most = bits(address);
        let digits = prefix.bytes().all(|digit| digit.is_ascii_digit());
        let prefix = prefix
            .parse()
            .ok()
            .filter(|prefix| digits && *prefix <= most);
        let Some(prefix) = prefix else {
            return Err(format!(
                "`{text}` has no prefix length between 0 and {most}"
            ));
        };
        let network = Self { address, prefix };
        // Somebody who writes `10.1.2.3/8` means either the host or the network, and nobody knows which.
        if network_bits(address, prefix) != whole(address) {
            return Err(format!("`{text}` has bits beyond its prefix"));
        }
        Ok(network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix == bits(self.address) {
            true => write!(f, "{}", self.address),
            false => write!(f, "{}/{}", self.address, self.prefix),
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

const fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The bits of an address, those of IPv4 in the high end too.
fn whole(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => address.into(),
    }
}

fn network_bits(address: IpAddr, prefix: u8) -> u128 {
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    whole(address) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_shown_as_they_are_read() {
        for text in [
            "10.0.0.0/8",
            "0.0.0.0/0",
            "192.0.2.7",
            "::/0",
            "2001:db8::/32",
            "::1",
        ] {
            let network = text.parse::<Network>().map(|network| network.to_string());
            assert_eq!(network.as_deref(), Ok(text));
        }
        for (text, problem) in [
            ("10.1/8", "is no network"),
            ("", "is no network"),
            ("example.org", "is no network"),
            ("10.0.0.0/33", "between 0 and 32"),
            ("10.0.0.0/+8", "between 0 and 32"),
            ("10.0.0.0/", "between 0 and 32"),
            ("::/129", "between 0 and 128"),
            ("10.1.2.3/8", "bits beyond its prefix"),
            ("2001:db8::1/64", "bits beyond its prefix"),
        ] {
            let error = text.parse::<Network>().err().unwrap_or_default();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn a_network_holds_the_addresses_that_share_its_prefix()
    -> Result<(), Box<dyn std::error::Error>> {
        for (network, address, held) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.0", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::", false),
            ("::/0", "0.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
        ] {
            let network: Network = network.parse()?;
            assert_eq!(
                network.contains(address.parse()?),
                held,
                "{network} {address}"
            );
        }
        Ok(())
    }
}
