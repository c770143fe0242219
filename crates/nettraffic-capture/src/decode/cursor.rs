//! Where in a packet decoding stands.

use super::observe::{LayerKind, Observe};
use crate::{Packet, Skip};

/// Headers that are passed over at most; whoever nests more wants to keep decoders busy.
const MAX_LAYERS: u8 = 16;

/// A place in a packet. It moves inwards, header by header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    /// The captured bytes from the start of the packet to the end of the innermost layer that
    /// states its length, so without padding.
    data: &'a [u8],
    at: usize,
    /// Where that layer ends by its own account, which may be beyond what was captured.
    end: usize,
    layers: u8,
}

impl<'a> Cursor<'a> {
    /// At the first byte of `packet`.
    #[inline]
    pub(super) fn new(packet: &Packet<'a>) -> Self {
        Self {
            data: packet.data,
            at: 0,
            // Some writers state a wire length below what they captured.
            end: (packet.wire_len as usize).max(packet.data.len()),
            layers: 0,
        }
    }

    /// Bytes from the start of the packet to here.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Bytes from the start of the packet to the end of the layer, captured or not.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Bytes from here to the end of the layer, captured or not.
    #[inline]
    pub(super) fn room(&self) -> usize {
        self.end - self.at
    }

    /// The captured bytes from here on.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.data.get(self.at..).unwrap_or(&[])
    }

    /// The captured bytes from byte `at` of the packet to the end of the layer.
    #[inline]
    pub(super) fn since(&self, at: usize) -> &'a [u8] {
        self.data.get(at..).unwrap_or(&[])
    }

    /// The next `N` bytes, when they were captured.
    #[inline]
    pub(super) fn peek<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.data.get(self.at..)?.first_chunk()
    }

    /// Whether the layer goes on beyond what was captured.
    #[inline]
    pub(super) fn is_cut(&self) -> bool {
        self.data.len() < self.end
    }

    /// Passes over a header of `len` bytes, which may reach beyond what was captured.
    #[inline]
    pub(super) fn pass(
        &mut self,
        kind: LayerKind,
        len: usize,
        observer: &mut impl Observe,
    ) -> Result<(), Skip> {
        self.layers += 1;
        if self.layers > MAX_LAYERS {
            return Err(Skip::TooManyLayers);
        }
        observer.layer(kind, self.at, len);
        self.at = (self.at + len).min(self.end);
        Ok(())
    }

    /// Takes the word of a layer that begins here and has `len` bytes in all.
    #[inline]
    pub(super) fn limit(&mut self, len: usize) {
        self.end = self.at + len;
        self.data = self.data.get(..self.end).unwrap_or(self.data);
    }
}
