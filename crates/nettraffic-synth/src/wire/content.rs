//! What the messages say: a written head, then cheap filler of the right kind.

use crate::rng::Rng;

/// Largest TLS record with its five header bytes.
const TLS_RECORD: usize = 16_384 + 5;
const BLOCK: usize = 1 << 16;
/// More than any segment holds, so that a piece never runs over a block's end.
const MARGIN: usize = 2048;

/// One message of the application: `head` literally, then `filler` bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    head: Vec<u8>,
    filler: usize,
    kind: Filler,
}

#[derive(Clone, Copy, Debug, Default)]
enum Filler {
    #[default]
    Noise,
    Text,
    /// TLS application data: noise, with a record header where one belongs.
    Tls,
}

impl Message {
    pub(crate) fn literal(head: impl Into<Vec<u8>>) -> Self {
        Self {
            head: head.into(),
            ..Self::default()
        }
    }

    /// Bytes that look compressed or encrypted after `head`.
    pub(crate) fn noise(head: impl Into<Vec<u8>>, filler: usize) -> Self {
        Self {
            head: head.into(),
            filler,
            kind: Filler::Noise,
        }
    }

    /// Readable text after `head`.
    pub(crate) fn text(head: impl Into<Vec<u8>>, filler: usize) -> Self {
        Self {
            head: head.into(),
            filler,
            kind: Filler::Text,
        }
    }

    /// Application data of about `len` bytes in TLS records, after `head` (whole records).
    pub(crate) fn tls(head: impl Into<Vec<u8>>, len: usize) -> Self {
        // The last record must have room for its header and an authentication tag.
        let tail = len % TLS_RECORD;
        let filler = if tail < 27 { len - tail + 27 } else { len };
        Self {
            head: head.into(),
            filler,
            kind: Filler::Tls,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.filler
    }

    /// Appends the bytes `offset..offset + len` of the message to `out`.
    pub(crate) fn copy(&self, blocks: &Blocks, offset: usize, len: usize, out: &mut Vec<u8>) {
        let end = offset + len;
        if offset < self.head.len() {
            out.extend_from_slice(&self.head[offset..end.min(self.head.len())]);
        }
        if end <= self.head.len() {
            return;
        }
        let from = offset.max(self.head.len()) - self.head.len();
        let to = end - self.head.len();
        let start = out.len();
        let block = if matches!(self.kind, Filler::Text) {
            &blocks.text
        } else {
            &blocks.noise
        };
        let position = from.wrapping_add(self.filler.wrapping_mul(7919)) % (BLOCK - MARGIN);
        out.extend_from_slice(&block[position..position + (to - from)]);
        if matches!(self.kind, Filler::Tls) {
            self.record_headers(from, to, &mut out[start..]);
        }
    }

    fn record_headers(&self, from: usize, to: usize, out: &mut [u8]) {
        for record in from / TLS_RECORD..=to / TLS_RECORD {
            let begin = record * TLS_RECORD;
            let body = (self.filler - begin.min(self.filler))
                .min(TLS_RECORD)
                .saturating_sub(5) as u16;
            let [high, low] = body.to_be_bytes();
            for (at, byte) in (begin..).zip([0x17, 3, 3, high, low]) {
                if (from..to).contains(&at) {
                    out[at - from] = byte;
                }
            }
        }
    }
}

/// The filler that all messages take their bytes from.
pub(crate) struct Blocks {
    noise: Vec<u8>,
    text: Vec<u8>,
}

const WORDS: [&str; 24] = [
    "the", "network", "report", "for", "this", "week", "shows", "a", "steady", "rise", "of",
    "orders", "<p>", "</p>", "and", "our", "office", "will", "meet", "on", "monday", "to", "plan",
    "it.",
];

impl Blocks {
    pub(crate) fn new() -> Self {
        let mut rng = Rng::new(0xB10C);
        let noise = (0..BLOCK / 8)
            .flat_map(|_| rng.bits().to_le_bytes())
            .collect();
        let mut text = Vec::with_capacity(BLOCK + 16);
        while text.len() < BLOCK {
            text.extend_from_slice(rng.pick(&WORDS).as_bytes());
            text.push(if rng.chance(0.1) { b'\n' } else { b' ' });
        }
        Self { noise, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(message: &Message, piece: usize) -> Vec<u8> {
        let blocks = Blocks::new();
        let mut out = Vec::new();
        let mut offset = 0;
        while offset < message.len() {
            let len = piece.min(message.len() - offset);
            message.copy(&blocks, offset, len, &mut out);
            offset += len;
        }
        out
    }

    #[test]
    fn tls_records_chain_to_the_end_of_the_message() {
        for len in [1, 30, 16_389, 16_395, 50_000] {
            let message = Message::tls(*b"", len);
            let bytes = whole(&message, 1448);
            assert_eq!(bytes.len(), message.len());
            let mut at = 0;
            while at < bytes.len() {
                assert_eq!(
                    bytes[at..at + 3],
                    [0x17, 3, 3],
                    "message of {len}, record at {at}"
                );
                at += 5 + usize::from(u16::from_be_bytes([bytes[at + 3], bytes[at + 4]]));
            }
            assert_eq!(at, bytes.len(), "message of {len}");
        }
    }

    #[test]
    fn head_comes_first_however_it_is_cut() {
        let message = Message::text(*b"HTTP/1.1 200 OK\r\n\r\n", 100);
        assert!(whole(&message, 7).starts_with(b"HTTP/1.1 200 OK\r\n\r\n"));
        assert_eq!(whole(&message, 7).len(), 119);
    }
}
