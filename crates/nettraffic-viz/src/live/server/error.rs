//! Why a dashboard does not start.

use std::io;
use std::net::SocketAddr;

/// Why a dashboard does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DashboardError {
    /// The address is not of this machine alone, and nobody said that it may be.
    #[error("{address} can be reached from elsewhere; that must be allowed, and needs a token")]
    NotLocal {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// Other addresses are allowed, but there is no token.
    #[error("{address} can be reached from elsewhere, so that a token is needed")]
    NoToken {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The token could be guessed, or could not be part of an address.
    #[error(
        "a token has 16 to 256 characters out of A-Z, a-z, 0-9, - and _; this one has {characters}, or others"
    )]
    BadToken {
        /// Its characters.
        characters: usize,
    },
    /// The name is none that a browser would ask for.
    #[error("{name:?} is no name of a host: letters, digits, dots and hyphens, without a port")]
    BadName {
        /// The name.
        name: String,
    },
    /// The address cannot be had.
    #[error("cannot listen at {address}: {source}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}
