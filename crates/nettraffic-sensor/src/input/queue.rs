//! What stands between a source of packets and the detection: a bounded queue of batches.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use nettraffic_capture::{Packet, Timestamp};

use super::Batch;
use crate::Gap;

/// Batches that wait at most.
pub(crate) const WAITING: usize = 256;

/// What a source hands on, in its order.
#[derive(Debug)]
pub(crate) enum Message {
    /// Packets.
    Packets(Batch),
    /// No packet before this time follows.
    Clock(Timestamp),
    /// The source saw nothing for a while.
    #[cfg_attr(
        not(feature = "live"),
        expect(dead_code, reason = "only interfaces have gaps")
    )]
    Gap(Gap),
    /// Something in the input was damaged; it may go on.
    Trouble(String),
    /// Nothing follows.
    Ended,
}

/// What the two ends of a queue count.
#[derive(Debug, Default)]
pub(crate) struct QueueCounters {
    received: AtomicU64,
    shed: AtomicU64,
    waiting: AtomicUsize,
}

impl QueueCounters {
    /// Packets that the source handed over, those that were shed included.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    /// Packets that were shed because the detection did not keep up.
    pub(crate) fn shed(&self) -> u64 {
        self.shed.load(Ordering::Acquire)
    }

    /// Batches that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}

/// What a source does when the detection does not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// It waits: the packets lie in a file.
    Wait,
    /// It sheds packets and counts them: the next ones come, whatever it does.
    Shed,
}

/// The source's end.
#[derive(Debug)]
pub(crate) struct Feed {
    messages: SyncSender<Message>,
    used: Receiver<Batch>,
    counters: Arc<QueueCounters>,
    when_full: WhenFull,
    batch: Batch,
}

/// The detection's end.
#[derive(Debug)]
pub(crate) struct Drain {
    messages: Receiver<Message>,
    used: SyncSender<Batch>,
    counters: Arc<QueueCounters>,
    /// Whether the source is known to be gone.
    is_gone: Cell<bool>,
}

/// Both ends of a queue.
pub(crate) fn queue(when_full: WhenFull) -> (Feed, Drain, Arc<QueueCounters>) {
    let (messages, drained) = sync_channel(WAITING);
    let (used, given_back) = sync_channel(WAITING);
    let counters = Arc::<QueueCounters>::default();
    let feed = Feed {
        messages,
        used: given_back,
        counters: Arc::clone(&counters),
        when_full,
        batch: Batch::default(),
    };
    let drain = Drain {
        messages: drained,
        used,
        counters: Arc::clone(&counters),
        is_gone: Cell::new(false),
    };
    (feed, drain, counters)
}

/// The other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl Feed {
    /// Adds a packet, and hands the batch on when it is full.
    pub(crate) fn push(&mut self, packet: &Packet<'_>) -> Result<(), Closed> {
        self.batch.push(packet);
        if self.batch.is_full() {
            return self.hand_on();
        }
        Ok(())
    }

    /// Hands on what there is.
    pub(crate) fn hand_on(&mut self) -> Result<(), Closed> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let fresh = self.used.try_recv().unwrap_or_default();
        let batch = std::mem::replace(&mut self.batch, fresh);
        let packets = batch.len() as u64;
        self.counters.received.fetch_add(packets, Ordering::AcqRel);
        self.counters.waiting.fetch_add(1, Ordering::AcqRel);
        let message = Message::Packets(batch);
        let refused = match self.when_full {
            WhenFull::Wait => return self.messages.send(message).map_err(|_| Closed),
            WhenFull::Shed => match self.messages.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(Closed),
                Err(TrySendError::Full(message)) => message,
            },
        };
        self.counters.waiting.fetch_sub(1, Ordering::AcqRel);
        self.counters.shed.fetch_add(packets, Ordering::AcqRel);
        if let Message::Packets(mut batch) = refused {
            batch.clear();
            self.batch = batch;
        }
        Ok(())
    }

    /// Hands on the packets so far, then a message. It waits for room: such messages are few, and must not be lost.
    pub(crate) fn say(&mut self, message: Message) -> Result<(), Closed> {
        self.hand_on()?;
        self.messages.send(message).map_err(|_| Closed)
    }

    /// Tells the time, if there is room to.
    pub(crate) fn tell_time(&mut self, time: Timestamp) -> Result<(), Closed> {
        self.hand_on()?;
        match self.messages.try_send(Message::Clock(time)) {
            Err(TrySendError::Disconnected(_)) => Err(Closed),
            // A full queue holds packets, which tell the time themselves.
            Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
        }
    }
}

impl Drain {
    /// The next message, if one comes in this time. A source that is gone without having said so has ended, which
    /// would be a bug.
    pub(crate) fn next(&self, wait: Duration) -> Option<Message> {
        let message = match self.messages.recv_timeout(wait) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) if self.is_gone.replace(true) => Message::Ended,
            Err(RecvTimeoutError::Disconnected) => {
                Message::Trouble("the thread that reads came to a sudden end".to_owned())
            }
        };
        if matches!(message, Message::Ended) {
            self.is_gone.set(true);
        }
        if matches!(message, Message::Packets(_)) {
            self.counters.waiting.fetch_sub(1, Ordering::AcqRel);
        }
        Some(message)
    }

    /// Gives the memory of a batch back to the source.
    pub(crate) fn give_back(&self, mut batch: Batch) {
        batch.clear();
        // When there is no room for it, it is freed.
        drop(self.used.try_send(batch));
    }
}
