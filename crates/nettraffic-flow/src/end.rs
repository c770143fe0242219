//! Why a record was given out.

use std::fmt;

/// Why a flow record was given out.
///
/// [`FlowEnd::Early`] is no end: the flow goes on, and its final record follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FlowEnd {
    /// It was asked to be reported before its end.
    Early,
    /// Both sides sent FIN.
    Fin,
    /// A side sent RST.
    Rst,
    /// Silence longer than the idle timeout.
    Idle,
    /// Older than the active timeout; the flow may go on as a continuation.
    Active,
    /// A new TCP connection between the same ports began before this one was seen to close.
    Replaced,
    /// The table was full.
    Evicted,
    /// The input ended, or its clock stepped back.
    EndOfInput,
}

impl FlowEnd {
    /// Every reason, in the order in which they are printed.
    pub const ALL: [Self; 8] = [
        Self::Early,
        Self::Fin,
        Self::Rst,
        Self::Idle,
        Self::Active,
        Self::Replaced,
        Self::Evicted,
        Self::EndOfInput,
    ];

    /// The name used in summaries: `fin`, `rst`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Replaced => "replaced",
            Self::Evicted => "evicted",
            Self::EndOfInput => "end_of_input",
        }
    }

    /// The number of IPFIX's flowEndReason (RFC 5102, 5.11.3): 1 idle timeout, 2 active timeout,
    /// 3 end of flow detected, 4 forced end, 5 lack of resources. An early report is like an
    /// active timeout: the flow goes on.
    #[must_use]
    pub const fn ipfix(self) -> u8 {
        match self {
            Self::Idle => 1,
            Self::Early | Self::Active => 2,
            Self::Fin | Self::Rst | Self::Replaced => 3,
            Self::EndOfInput => 4,
            Self::Evicted => 5,
        }
    }

    /// Whether the record is the last word on its packets: all but early ones are.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Early)
    }
}

impl fmt::Display for FlowEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
