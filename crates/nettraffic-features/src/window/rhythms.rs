//! The rhythms of channels, a bounded number of them.

use nettraffic_flow::Flow;

use super::beacon::Starts;
use super::directory::Directory;
use super::facts::Rhythm;
use super::key::ChannelKey;
use crate::packet::recency::Recency;

/// Channels with their latest connections, much longer than any window. When there are too many,
/// a stale one makes room, first of all one that was used once.
#[derive(Clone, Debug)]
pub(super) struct Rhythms {
    channels: Directory<Channel>,
    /// Of the same slots.
    recency: Recency,
    limit: usize,
    evicted: u64,
}

#[derive(Clone, Copy, Debug)]
struct Channel {
    key: ChannelKey,
    starts: Starts,
}

impl Rhythms {
    pub(super) fn new(max_channels: u32) -> Self {
        Self {
            channels: Directory::new(),
            recency: Recency::new(),
            limit: max_channels.max(1) as usize,
            evicted: 0,
        }
    }

    /// Adds a connection, and tells the rhythm with it.
    pub(super) fn add(&mut self, key: &ChannelKey, hash: u32, flow: &Flow) -> Rhythm {
        let slot = match self.find(key, hash) {
            Some(slot) => {
                self.recency.touch(slot);
                slot
            }
            None => self.open(key, hash),
        };
        let starts = &mut self.channels[slot].starts;
        starts.add(flow);
        starts.rhythm()
    }

    /// The rhythm as it stands.
    pub(super) fn get(&self, key: &ChannelKey, hash: u32) -> Rhythm {
        self.find(key, hash)
            .map(|slot| self.channels[slot].starts.rhythm())
            .unwrap_or_default()
    }

    pub(super) fn len(&self) -> u64 {
        self.channels.len() as u64
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    fn find(&self, key: &ChannelKey, hash: u32) -> Option<u32> {
        self.channels.find(hash, |channel| channel.key == *key)
    }

    fn open(&mut self, key: &ChannelKey, hash: u32) -> u32 {
        // A freed slot is the next to be used, so that slots stay those of the recency.
        if self.channels.len() < self.limit {
            self.recency.add();
        } else {
            self.channels.remove(self.recency.recycle());
            self.evicted += 1;
        }
        let channel = Channel {
            key: *key,
            starts: Starts::default(),
        };
        self.channels.insert(hash, channel)
    }
}
