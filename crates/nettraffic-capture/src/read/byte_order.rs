//! Numbers in the byte order of the machine that wrote the capture.

/// The byte order of a capture or a section of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Big => u16::from_be_bytes(bytes),
            Self::Little => u16::from_le_bytes(bytes),
        }
    }

    #[inline]
    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Big => u32::from_be_bytes(bytes),
            Self::Little => u32::from_le_bytes(bytes),
        }
    }

    pub(crate) fn i64(self, bytes: [u8; 8]) -> i64 {
        match self {
            Self::Big => i64::from_be_bytes(bytes),
            Self::Little => i64::from_le_bytes(bytes),
        }
    }

    /// The first `N` 16-bit words of `bytes`, when there are as many.
    pub(crate) fn halves<const N: usize>(self, bytes: &[u8]) -> Option<[u16; N]> {
        let (chunks, _) = bytes.as_chunks::<2>();
        let halves = chunks.first_chunk::<N>()?;
        Some(halves.map(|half| self.u16(half)))
    }

    /// The first `N` 32-bit words of `bytes`, when there are as many.
    #[inline]
    pub(crate) fn words<const N: usize>(self, bytes: &[u8]) -> Option<[u32; N]> {
        let (chunks, _) = bytes.as_chunks::<4>();
        let words = chunks.first_chunk::<N>()?;
        Some(words.map(|word| self.u32(word)))
    }
}
