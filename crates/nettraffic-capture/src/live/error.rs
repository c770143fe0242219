//! What can be wrong with capturing an interface.

use std::env;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::FilterError;

/// An error of capturing an interface, with what to do about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LiveError {
    /// There is no such interface.
    #[error("there is no interface {name}, but {}", listed(known))]
    NoSuchInterface {
        /// The name that was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The interface is down, and cannot be opened before it is up.
    #[error("the interface {name} is down: sudo ip link set {name} up")]
    Down {
        /// Its name.
        name: String,
    },
    /// The process may not capture.
    #[error(
        "capturing {interface} needs the capability CAP_NET_RAW: sudo setcap cap_net_raw=eip {}, \
         or AmbientCapabilities=CAP_NET_RAW in the systemd unit",
        program.display()
    )]
    MissingRights {
        /// The interface.
        interface: String,
        /// The program that lacks it.
        program: PathBuf,
    },
    /// The filter is not in libpcap's language, or asks for what this kind of interface does not have.
    #[error("the filter is refused: {}", place.as_ref().map_or_else(|| in_words(message, filter), ToString::to_string))]
    Filter {
        /// The expression.
        filter: String,
        /// What libpcap says.
        message: String,
        /// What is wrong where, if it is known.
        place: Option<FilterError>,
    },
    /// The system does not tell its interfaces.
    #[error("the interfaces of this machine cannot be listed: {source}")]
    Interfaces {
        /// Why not.
        source: io::Error,
    },
    /// Reading from the interface failed.
    #[error("capturing {interface} failed: {message}")]
    Capture {
        /// The interface.
        interface: String,
        /// What libpcap or the kernel says.
        message: String,
    },
}

impl LiveError {
    pub(super) fn missing_rights(interface: &str) -> Self {
        Self::MissingRights {
            interface: interface.to_owned(),
            program: env::current_exe().unwrap_or_else(|_| "PROGRAM".into()),
        }
    }

    pub(super) fn capture(interface: &str, source: &dyn ToString) -> Self {
        Self::Capture {
            interface: interface.to_owned(),
            message: source.to_string(),
        }
    }

    pub(super) fn interfaces(source: impl Into<io::Error>) -> Self {
        Self::Interfaces {
            source: source.into(),
        }
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none at all".to_owned(),
        names => names.join(", "),
    }
}

fn in_words(message: &str, filter: &str) -> String {
    format!("{message}\n  {filter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do() {
        let name = "eth9".to_owned();
        let known = vec!["lo".to_owned(), "eth0".to_owned()];
        let error = LiveError::NoSuchInterface { name, known };
        assert_eq!(
            error.to_string(),
            "there is no interface eth9, but lo, eth0"
        );
        let error = LiveError::MissingRights {
            interface: "eth0".to_owned(),
            program: "/opt/sensor".into(),
        };
        let shown = error.to_string();
        assert!(
            shown.contains("sudo setcap cap_net_raw=eip /opt/sensor,"),
            "{shown}"
        );
    }
}
