//! What the operating system tells the process.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGTERM, SIGINT.
    End,
    /// SIGHUP.
    Reload,
    /// SIGUSR1.
    Packets,
}

/// Signals that have come.
pub(super) struct Signals(signal_hook::iterator::Signals);

impl Signals {
    /// Begins to catch them.
    pub(super) fn new() -> std::io::Result<Self> {
        signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP, SIGUSR1]).map(Self)
    }

    /// Those that came since the last call.
    pub(super) fn pending(&mut self) -> impl Iterator<Item = Signal> {
        self.0.pending().filter_map(|signal| match signal {
            SIGTERM | SIGINT => Some(Signal::End),
            SIGHUP => Some(Signal::Reload),
            SIGUSR1 => Some(Signal::Packets),
            _ => None,
        })
    }
}
