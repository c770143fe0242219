//! Why a record was given out.

use std::fmt;

/// Why a flow record was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FlowEnd {
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
    pub const ALL: [Self; 7] = [
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
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Replaced => "replaced",
            Self::Evicted => "evicted",
            Self::EndOfInput => "end_of_input",
        }
    }
}

impl fmt::Display for FlowEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
