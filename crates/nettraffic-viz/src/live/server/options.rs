//! Who may look at a dashboard.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::DashboardError;

/// Who may look, and when a silent sensor counts as failing. As it comes, only this machine may,
/// and needs no token.
#[derive(Clone)]
pub struct DashboardOptions {
    pub(super) token: Option<String>,
    pub(super) names: Vec<String>,
    other_addresses: bool,
    pub(super) stale_after: Option<Duration>,
}

impl DashboardOptions {
    /// The usual options.
    #[must_use]
    pub fn new() -> Self {
        Self {
            token: None,
            names: Vec::new(),
            other_addresses: false,
            stale_after: Some(Duration::from_secs(30)),
        }
    }

    /// With a token that every request must bring: as `Authorization: Bearer …`, or as the cookie that a visit
    /// to `/?token=…` sets. 16 to 256 characters out of `A-Z`, `a-z`, `0-9`, `-` and `_`.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// With further names under which browsers may ask, such as that of a proxy before the dashboard.
    #[must_use]
    pub fn with_names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names.extend(
            names
                .into_iter()
                .map(|name| name.into().to_ascii_lowercase()),
        );
        self
    }

    /// With addresses allowed that other machines can reach; it needs a token, too. What is sent is not
    /// encrypted: put a proxy with TLS before it, or a tunnel.
    #[must_use]
    pub fn allowing_other_addresses(mut self) -> Self {
        self.other_addresses = true;
        self
    }

    /// With the time after which `/health` fails when the board is told nothing; `None` for never.
    /// Half a minute unless told. A sensor that has [ended](crate::live::Phase::Ended) may be silent.
    #[must_use]
    pub fn with_stale_after(mut self, time: Option<Duration>) -> Self {
        self.stale_after = time;
        self
    }

    /// Whether an address may be bound with these.
    pub(super) fn check(&self, address: SocketAddr) -> Result<(), DashboardError> {
        if let Some(token) = &self.token {
            let characters = token.chars().count();
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if !(16..=256).contains(&characters) || !token.chars().all(plain) {
                return Err(DashboardError::BadToken { characters });
            }
        }
        if let Some(name) = self.names.iter().find(|name| !is_name(name)) {
            return Err(DashboardError::BadName { name: name.clone() });
        }
        match (
            address.ip().is_loopback(),
            self.other_addresses,
            &self.token,
        ) {
            (true, ..) | (false, true, Some(_)) => Ok(()),
            (false, true, None) => Err(DashboardError::NoToken { address }),
            (false, false, _) => Err(DashboardError::NotLocal { address }),
        }
    }
}

impl Default for DashboardOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Without the token: what is printed ends in a log.
impl fmt::Debug for DashboardOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DashboardOptions")
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("names", &self.names)
            .field("other_addresses", &self.other_addresses)
            .field("stale_after", &self.stale_after)
            .finish()
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (1..=253).contains(&name.len()) && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn other_machines_need_permission_and_a_token() {
        let options = DashboardOptions::new;
        for (address, given, expected) in [
            ("127.0.0.1:80", options(), "fine"),
            ("[::1]:80", options(), "fine"),
            ("0.0.0.0:80", options(), "must be allowed"),
            (
                "192.0.2.7:80",
                options().with_token(TOKEN),
                "must be allowed",
            ),
            (
                "[::]:80",
                options().allowing_other_addresses(),
                "a token is needed",
            ),
            (
                "0.0.0.0:80",
                options().allowing_other_addresses().with_token(TOKEN),
                "fine",
            ),
            (
                "127.0.0.1:80",
                options().with_token("short"),
                "this one has 5",
            ),
            (
                "127.0.0.1:80",
                options().with_token("0123456789 abcdef"),
                "this one has 17",
            ),
            (
                "127.0.0.1:80",
                options().with_names(["Sensor.example"]),
                "fine",
            ),
            (
                "127.0.0.1:80",
                options().with_names(["a:80"]),
                "no name of a host",
            ),
        ] {
            let Ok(address) = address.parse() else {
                panic!("{address}")
            };
            let told = given
                .check(address)
                .map_or_else(|error| error.to_string(), |()| "fine".into());
            assert!(told.contains(expected), "{address}: {told}");
        }
    }

    #[test]
    fn the_token_is_not_printed() {
        assert!(!format!("{:?}", DashboardOptions::new().with_token(TOKEN)).contains(TOKEN));
    }
}
