//! What a live source tells.

use std::fmt;

use crate::{Packet, Timestamp};

/// What came of one look at an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveEvent<'a> {
    /// A packet; its sequence counts what this source has lent.
    Packet(Packet<'a>),
    /// Nothing came for a poll interval, or a signal ended the wait: the moment to let idle flows end
    /// and to see whether to stop.
    Idle,
    /// Nothing could be received for a while; now it can again. It comes before the first packet
    /// after it.
    Gap(Gap),
}

/// A time in which an interface could receive nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The last moment at which the interface is known to have worked.
    pub begin: Timestamp,
    /// The first packet after it; without one yet, the last moment at which the interface is known not
    /// to have worked.
    pub end: Timestamp,
    /// The worst that was seen in between.
    pub reason: GapReason,
}

/// Why nothing could be received, from the mildest to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum GapReason {
    /// The interface was up, but had no carrier: a cable unplugged, a peer switched off.
    NoCarrier,
    /// The interface was down.
    Down,
    /// The interface got another name; packets may have gone on.
    Renamed,
    /// The interface was gone; one of the same name and kind took its place.
    Gone,
    /// There was no such interface when it was to be captured.
    NotThere,
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCarrier => "no carrier",
            Self::Down => "down",
            Self::Renamed => "renamed",
            Self::Gone => "gone",
            Self::NotThere => "not there yet",
        })
    }
}

/// Whether an interface can receive, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveState {
    /// It is there, up and has a carrier.
    Receiving,
    /// It cannot; the source waits for it.
    Waiting {
        /// The last moment at which it is known to have worked.
        since: Timestamp,
        /// The worst that was seen since.
        reason: GapReason,
    },
}
