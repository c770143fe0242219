//! What happened in a flow, one letter an event, as Zeek writes it.

use std::fmt;

use nettraffic_capture::{Checksums, PacketMeta, TcpFlags, TcpHeader, Transport};

use crate::Direction;
use crate::tcp::TcpFacts;

/// The events of a flow in their order, in the letters of Zeek's `history` (Zeek,
/// `base/protocols/conn`): upper case for the initiator, lower case for the responder.
///
/// | letter | event | written |
/// |---|---|---|
/// | `S`, `H` | SYN, SYN-ACK | once, and again with another number |
/// | `F`, `R` | FIN, RST | once, and again with another number |
/// | `A` | pure acknowledgement | once |
/// | `D` | payload without SYN, FIN or RST; any UDP packet | once |
/// | `I` | FIN and RST in one packet | once |
/// | `Q` | SYN and FIN, or SYN and RST | once |
/// | `C` | wrong checksum; nothing else of that packet is written | at 1, 10 and 100 |
/// | `W` | zero window, while the other side has not sent a FIN | at 1, 10 and 100 |
/// | `T` | payload that ends before what was sent already: sent again, or late | at 1, 10 and 100 |
/// | `G` | data was acknowledged that the capture lacks | at 1, 10 and 100 |
/// | `^` | the flow's first packet came from the responder | first |
///
/// Bounded to 24 bytes, so it leaves out: what follows the first 18 letters, the letters for
/// 1,000 events and more, `X` (nothing is ever analysed in part here), all but the first RST of
/// a side that its receiver does not accept, and gaps that open before an earlier one was
/// acknowledged. Flows other than TCP and UDP have an empty history.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// Six letters of five bits a word, the first in the lowest bits.
    letters: [u32; WORDS],
    /// Events of `C`, `W`, `T`, `G`, first of the initiator, then of the responder; they stop at
    /// the last count that is written.
    counts: [u8; 2 * COUNTED],
    /// A bit for each letter that was written.
    seen: u32,
}

const WORDS: usize = 3;
const PER_WORD: u32 = 6;
const BITS: u32 = 5;
const MAX_LETTERS: u32 = WORDS as u32 * PER_WORD;

/// The letters by their code, first those that are counted.
const ALPHABET: [u8; 12] = *b"CWTGADIQSHFR";
const COUNTED: usize = 4;
const LAST_COUNT: u8 = 100;

/// Bits of [`History::seen`] that stand for no letter.
const FLIPPED: u32 = 1 << 24;
const LENGTH: u32 = 1 << 25;

/// Codes of letters: places in [`ALPHABET`].
const C: u32 = 0;
const W: u32 = 1;
const T: u32 = 2;
const G: u32 = 3;
const A: u32 = 4;
const D: u32 = 5;
const I: u32 = 6;
const Q: u32 = 7;
const S: u32 = 8;
const H: u32 = 9;
const F: u32 = 10;
const R: u32 = 11;
/// What the code of a responder's letter has on top.
const RESPONDER: u32 = 12;

impl History {
    /// An empty history of a flow whose first packet came from the responder.
    pub(crate) fn flipped() -> Self {
        Self {
            seen: FLIPPED,
            ..Self::default()
        }
    }

    /// Whether no event was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// The letters in their order, in ASCII.
    pub fn letters(&self) -> impl Iterator<Item = u8> {
        let caret = (self.seen & FLIPPED != 0).then_some(b'^');
        caret
            .into_iter()
            .chain((0..self.len()).filter_map(|place| self.letter(place)))
    }

    /// Takes in one packet; `facts` are those of the connection's tracker, none for UDP.
    #[inline]
    pub(crate) fn observe(&mut self, packet: &PacketMeta, direction: Direction, facts: TcpFacts) {
        let side = match direction {
            Direction::Forward => 0,
            Direction::Backward => RESPONDER,
        };
        let (letter, repeats) = match &packet.transport {
            Transport::Tcp(tcp) => letter_of(tcp, packet.payload_len),
            Transport::Udp(_) => (Some(D), false),
            _ => return,
        };
        if matches!(
            packet.checksums,
            Checksums::WrongNetwork | Checksums::WrongTransport
        ) {
            return self.count(C, side);
        }
        if let Some(letter) = letter {
            let again = repeats && !facts.contains(TcpFacts::REPEATED_CONTROL);
            if self.seen & (1 << (letter + side)) == 0 || again {
                self.write(letter + side);
            }
        }
        if facts != TcpFacts::default() {
            self.count_facts(side, facts);
        }
    }

    fn count_facts(&mut self, side: u32, facts: TcpFacts) {
        if facts.contains(TcpFacts::ZERO_WINDOW) {
            self.count(W, side);
        }
        if facts.contains(TcpFacts::NOTHING_NEW) {
            self.count(T, side);
        }
        if facts.contains(TcpFacts::GAP) {
            // The gap is in what the other side sent.
            self.count(G, RESPONDER - side);
        }
    }

    fn count(&mut self, letter: u32, side: u32) {
        let place = letter as usize + if side == 0 { 0 } else { COUNTED };
        if let Some(count) = self.counts.get_mut(place)
            && *count < LAST_COUNT
        {
            *count += 1;
            if matches!(*count, 1 | 10 | LAST_COUNT) {
                self.write(letter + side);
            }
        }
    }

    fn write(&mut self, code: u32) {
        self.seen |= 1 << code;
        let length = self.len();
        if length < MAX_LETTERS
            && let Some(word) = self.letters.get_mut((length / PER_WORD) as usize)
        {
            *word |= code << (BITS * (length % PER_WORD));
            self.seen += LENGTH;
        }
    }

    /// How many letters there are.
    const fn len(&self) -> u32 {
        self.seen / LENGTH
    }

    fn letter(&self, place: u32) -> Option<u8> {
        let word = self.letters.get((place / PER_WORD) as usize)?;
        let code = (word >> (BITS * (place % PER_WORD))) & ((1 << BITS) - 1);
        let letter = *ALPHABET.get((code % RESPONDER) as usize)?;
        Some(if code < RESPONDER {
            letter
        } else {
            letter.to_ascii_lowercase()
        })
    }
}

/// The letters, nothing where there are none.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.letters()
            .try_for_each(|letter| fmt::Write::write_char(f, letter.into()))
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "History({self})")
    }
}

/// The letter of a segment, and whether it is written again when its number differs.
#[inline]
fn letter_of(tcp: &TcpHeader, payload: u32) -> (Option<u32>, bool) {
    const SYN: u8 = TcpFlags::SYN.0;
    const FIN: u8 = TcpFlags::FIN.0;
    const RST: u8 = TcpFlags::RST.0;
    const SYN_AND_FIN: u8 = SYN | FIN;
    const SYN_AND_RST: u8 = SYN | RST;

    let acknowledges = tcp.flags.contains(TcpFlags::ACK);
    match tcp.flags.0 & (SYN | FIN | RST) {
        0 if payload > 0 => (Some(D), false),
        0 if acknowledges => (Some(A), false),
        0 => (None, false),
        SYN if acknowledges => (Some(H), true),
        SYN => (Some(S), true),
        FIN => (Some(F), true),
        RST => (Some(R), true),
        SYN_AND_FIN | SYN_AND_RST => (Some(Q), false),
        _ => (Some(I), false),
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::{IpProtocol, Timestamp, UdpHeader};

    use super::*;
    use crate::tcp::TcpTracker;
    use crate::tcp::script::{ACK, FIN, RST, SYN, Segment, answer, ask, established};
    use crate::{Flow, FlowKey};

    fn history(segments: &[Segment], start: History) -> History {
        let host = PacketMeta::default().source;
        let key = FlowKey::new(host, 1, host, 2, IpProtocol::TCP);
        let mut flow = Flow::new(key, Timestamp::default(), ());
        let mut tracker = TcpTracker::default();
        let mut history = start;
        for segment in segments {
            let (packet, direction) = (segment.packet(), segment.direction);
            let facts = tracker.observe(&segment.tcp, packet.payload_len, direction, &mut flow);
            history.observe(&packet, direction, facts);
        }
        history
    }

    #[track_caller]
    fn check(segments: &[Segment], expected: &str) {
        let history = history(segments, History::default());
        assert_eq!(history.to_string(), expected);
        assert_eq!(history.is_empty(), expected.is_empty());
    }

    #[test]
    fn a_history_takes_24_bytes() {
        assert_eq!(size_of::<History>(), 24);
    }

    #[test]
    fn an_ordinary_connection_reads_as_in_zeek() {
        check(&[], "");
        check(
            &established(&[
                ask(ACK, 101, 501).payload(10),
                answer(ACK, 501, 111),
                answer(ACK, 501, 111).payload(90),
                ask(ACK, 111, 591),
                ask(FIN | ACK, 111, 591),
                answer(FIN | ACK, 591, 112),
                ask(ACK, 112, 592),
            ]),
            "ShADadFf",
        );
        check(&[ask(SYN, 100, 0), answer(RST | ACK, 0, 101)], "Sr");
    }

    #[test]
    fn control_letters_repeat_only_with_another_number() {
        check(&[ask(SYN, 1, 0), ask(SYN, 1, 0)], "S");
        check(&[ask(SYN, 1, 0), ask(SYN, 2, 0), ask(SYN, 3, 0)], "SSS");
        let resets = [101, 101, 110].map(|number| ask(RST, number, 0));
        check(&established(&resets), "ShARR");
        let refused = [8_000, 8_001, 8_002].map(|number| ask(RST, number, 0));
        check(&established(&refused), "ShAR");
    }

    #[test]
    fn odd_flags_have_letters_of_their_own() {
        check(&[ask(SYN | FIN, 1, 0), ask(SYN | RST, 1, 0)], "Q");
        check(&[ask(FIN | RST, 1, 0), answer(FIN | RST | SYN, 1, 0)], "Ii");
        check(&[ask(0, 1, 0)], "");
    }

    #[test]
    fn counted_letters_stand_for_1_10_and_100() {
        let data = ask(ACK, 101, 501).payload(10);
        for (times, expected) in [(1, "D"), (2, "DT"), (10, "DT"), (11, "DTT"), (101, "DTTT")] {
            check(&vec![data; times], expected);
        }
        check(&vec![data; 5_000], "DTTT");
        let closed = answer(ACK, 501, 101).window(0);
        check(&vec![closed; 12], "aww");
    }

    #[test]
    fn a_gap_has_the_letter_of_the_side_whose_data_is_missing() {
        check(&established(&[answer(ACK, 501, 200)]), "ShAaG");
        check(&established(&[ask(ACK, 101, 600)]), "ShAg");
    }

    #[test]
    fn a_flipped_flow_begins_with_a_caret() {
        let segments = [answer(SYN | ACK, 500, 101), ask(ACK, 101, 501)];
        assert_eq!(history(&segments, History::flipped()).to_string(), "^hA");
    }

    #[test]
    fn udp_has_data_and_wrong_checksums_only() {
        let mut packet = PacketMeta::default();
        packet.protocol = IpProtocol::UDP;
        packet.transport = Transport::Udp(UdpHeader::default());
        let none = TcpFacts::default();
        let mut history = History::default();
        history.observe(&packet, Direction::Forward, none);
        history.observe(&packet, Direction::Backward, none);
        history.observe(&packet, Direction::Forward, none);
        assert_eq!(history.to_string(), "Dd");
        packet.checksums = Checksums::WrongTransport;
        history.observe(&packet, Direction::Forward, none);
        history.observe(&packet, Direction::Backward, none);
        assert_eq!(history.to_string(), "DdCc");
    }

    #[test]
    fn letters_beyond_the_room_are_left_out() {
        let attempts: Vec<_> = (0..40).map(|number| ask(SYN, number * 7, 0)).collect();
        check(&attempts, &"S".repeat(MAX_LETTERS as usize));
    }
}
