//! The stream of packets: a heap of everything that is under way, the earliest first.

use crate::label::{BENIGN, LabelRule, Pattern, Truth};
use crate::source::{Env, Source};
use crate::talk::Conversation;
use crate::wire::{Frame, PcapWriter};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io::{self, Write};

/// One generated packet; it borrows the generator's buffer until the next one is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SynthPacket<'a> {
    /// Nanoseconds since 1970 (UTC).
    pub timestamp_ns: u64,
    /// The Ethernet frame, without check sequence.
    pub bytes: &'a [u8],
    /// [`BENIGN`] or the name of the attack.
    pub label: &'static str,
    /// Position of `label` in [`Generator::label_names`].
    pub label_index: u16,
}

/// Makes the packets of a scenario one by one in time order.
///
/// Memory is bounded by what is under way at one moment: each conversation plans one burst ahead.
pub struct Generator {
    /// Time, rank among what is due at the same time, slot.
    heap: BinaryHeap<Reverse<(u64, Rank, usize)>>,
    slots: Vec<Option<Slot>>,
    sources: u32,
    free: Vec<usize>,
    env: Env,
    frame: Frame,
    label_names: Vec<&'static str>,
    attacks: Vec<AttackRecord>,
    packets: u64,
    limit: u64,
    end: u64,
}

/// An attack as its ground truth knows it.
struct AttackRecord {
    label_index: u16,
    patterns: Vec<Pattern>,
    span: Option<(u64, u64)>,
}

/// Who goes first at the same nanosecond: the number of the source, then of what it started. It does
/// not depend on what other sources do, so that an attack cannot reorder benign packets.
type Rank = (u32, u32);

struct Slot {
    /// Position in `attacks`, or none for benign traffic.
    attack: Option<usize>,
    /// Conversations that it has started, if it is a source.
    started: u32,
    running: Running,
}

enum Running {
    Source(Source),
    Conversation(Box<dyn Conversation>),
}

impl Generator {
    pub(crate) fn new(env: Env, limit: u64, end: u64) -> Self {
        Self {
            heap: BinaryHeap::new(),
            slots: Vec::new(),
            sources: 0,
            free: Vec::new(),
            env,
            frame: Frame::new(),
            label_names: vec![BENIGN],
            attacks: Vec::new(),
            packets: 0,
            limit,
            end,
        }
    }

    pub(crate) fn add_benign(&mut self, source: Source) {
        let rank = self.next_source();
        self.add(None, rank, Running::Source(source));
    }

    pub(crate) fn add_attack(
        &mut self,
        label: &'static str,
        patterns: Vec<Pattern>,
        sources: Vec<Source>,
    ) {
        let known = self.label_names.iter().position(|name| *name == label);
        let label_index = known.unwrap_or_else(|| {
            self.label_names.push(label);
            self.label_names.len() - 1
        }) as u16;
        self.attacks.push(AttackRecord {
            label_index,
            patterns,
            span: None,
        });
        for source in sources {
            let rank = self.next_source();
            self.add(Some(self.attacks.len() - 1), rank, Running::Source(source));
        }
    }

    /// The next packet, or `None` when the scenario is over.
    pub fn next_packet(&mut self) -> Option<SynthPacket<'_>> {
        while self.packets < self.limit {
            let Reverse((time, rank, index)) = *self.heap.peek()?;
            if time >= self.end {
                return None;
            }
            let slot = self.slots[index].as_mut()?;
            let attack = slot.attack;
            match &mut slot.running {
                Running::Source(source) => {
                    source.act(&mut self.env);
                    let next = source.next_time();
                    let first = slot.started + 1;
                    self.reschedule_top(next, rank, index);
                    let conversations: Vec<_> = self.env.take_started().collect();
                    let started = conversations.len() as u32;
                    for (number, conversation) in (first..).zip(conversations) {
                        self.add(
                            attack,
                            (rank.0, number),
                            Running::Conversation(conversation),
                        );
                    }
                    if let Some(slot) = &mut self.slots[index] {
                        slot.started += started;
                    }
                }
                Running::Conversation(conversation) => {
                    conversation.write_next(&mut self.frame);
                    let next = conversation.next_time();
                    self.reschedule_top(next, rank, index);
                    self.packets += 1;
                    return Some(self.packet(time, attack));
                }
            }
        }
        None
    }

    /// The labels that may occur; the first is [`BENIGN`].
    #[must_use]
    pub fn label_names(&self) -> &[&'static str] {
        &self.label_names
    }

    /// Packets made so far.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Rules for the attack packets made so far: complete once [`next_packet`](Self::next_packet) gave `None`.
    #[must_use]
    pub fn rules(&self) -> Vec<LabelRule> {
        let mut rules = Vec::new();
        for attack in &self.attacks {
            let label = self.label_names[usize::from(attack.label_index)];
            if let Some(span) = attack.span {
                rules.extend(
                    attack
                        .patterns
                        .iter()
                        .map(|pattern| pattern.rule(span, label)),
                );
            }
        }
        // The first match wins: rules that name the attacker come before those that cannot.
        rules.sort_by_key(|rule| rule.src.is_none());
        rules
    }

    /// Writes all remaining packets as a classic pcap file with nanosecond time stamps (magic
    /// `0xA1B23C4D`, little-endian) and returns the ground truth (two bytes of memory a packet).
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_pcap(mut self, writer: impl Write) -> io::Result<Truth> {
        let mut pcap = PcapWriter::new(writer)?;
        let mut packet_labels = Vec::new();
        while let Some(packet) = self.next_packet() {
            pcap.write(packet.timestamp_ns, packet.bytes)?;
            packet_labels.push(packet.label_index);
        }
        pcap.finish()?;
        let rules = self.rules();
        Ok(Truth {
            packets: packet_labels.len(),
            rules,
            packet_labels,
            label_names: self.label_names,
        })
    }

    fn next_source(&mut self) -> Rank {
        self.sources += 1;
        (self.sources, 0)
    }

    fn packet(&mut self, time: u64, attack: Option<usize>) -> SynthPacket<'_> {
        let label_index = attack.map_or(0, |attack| {
            let record = &mut self.attacks[attack];
            record.span = Some((record.span.map_or(time, |(start, _)| start), time));
            record.label_index
        });
        let label = self.label_names[usize::from(label_index)];
        SynthPacket {
            timestamp_ns: time,
            bytes: self.frame.bytes(),
            label,
            label_index,
        }
    }

    fn add(&mut self, attack: Option<usize>, rank: Rank, mut running: Running) {
        let next = match &mut running {
            Running::Source(source) => source.next_time(),
            Running::Conversation(conversation) => conversation.next_time(),
        };
        let Some(next) = next else { return };
        let slot = Some(Slot {
            attack,
            started: 0,
            running,
        });
        let index = if let Some(index) = self.free.pop() {
            self.slots[index] = slot;
            index
        } else {
            self.slots.push(slot);
            self.slots.len() - 1
        };
        self.heap.push(Reverse((next, rank, index)));
    }

    fn reschedule_top(&mut self, next: Option<u64>, rank: Rank, index: usize) {
        let Some(mut top) = self.heap.peek_mut() else {
            return;
        };
        if let Some(next) = next {
            *top = Reverse((next, rank, index));
        } else {
            PeekMut::pop(top);
            self.slots[index] = None;
            self.free.push(index);
        }
    }
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generator")
            .field("packets", &self.packets)
            .field("under_way", &self.heap.len())
            .finish_non_exhaustive()
    }
}
