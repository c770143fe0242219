//! The script of a TCP conversation.

use crate::wire::Message;

/// Index of one of the two ends.
pub(crate) type Side = usize;
/// Who opened the connection.
pub(crate) const CLIENT: Side = 0;
/// Who accepted it.
pub(crate) const SERVER: Side = 1;

/// What happens next on a connection.
#[derive(Debug)]
pub(crate) enum Step {
    /// One side sends a message, after it has received what was said before.
    Say(Side, Message),
    /// Nothing for so many nanoseconds.
    Wait(u64),
    /// The connection ends; nothing follows.
    Close(Ending),
}

/// How a connection ends. One without an ending just falls silent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// FIN both ways, begun by this side.
    Finish(Side),
    /// RST by this side.
    Reset(Side),
    /// FIN by this side, answered by RST instead of FIN.
    FinishReset(Side),
}
