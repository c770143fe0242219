//! Conversations: what two ends say to each other, packet by packet in time order.

mod datagrams;
mod step;
mod tcp;

pub(crate) use datagrams::{Datagram, Datagrams, Kind};
pub(crate) use step::{CLIENT, Ending, SERVER, Side, Step};
pub(crate) use tcp::{Opening, Tcp};

use crate::wire::Frame;

/// Something that emits packets, the earliest first, and knows when the next one is due.
pub(crate) trait Conversation: Send {
    /// When the next packet is due, in nanoseconds; `None` when the conversation is over.
    fn next_time(&mut self) -> Option<u64>;

    /// Writes the packet that is due.
    fn write_next(&mut self, frame: &mut Frame);
}
