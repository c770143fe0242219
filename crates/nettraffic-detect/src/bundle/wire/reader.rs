//! Bytes that are taken one part after another, never more than are there.

use super::WireError;
use super::kind::Kind;
use crate::bundle::BundleFault;

/// What is left of some bytes, and where in the file it lies.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de> {
    bytes: &'de [u8],
    at: u64,
}

impl<'de> Reader<'de> {
    pub(super) fn new(bytes: &'de [u8], at: u64) -> Self {
        Self { bytes, at }
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn left(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: u64) -> Result<Self, WireError> {
        let cut = usize::try_from(length).ok();
        let Some((taken, rest)) = cut.and_then(|cut| self.bytes.split_at_checked(cut)) else {
            let (needed, left) = (length, self.left());
            return Err(self.fault(BundleFault::Ends { needed, left }));
        };
        let taken = Self::new(taken, self.at);
        (self.bytes, self.at) = (rest, self.at + length);
        Ok(taken)
    }

    /// The next `N` bytes, a number.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let Some((taken, rest)) = self.bytes.split_first_chunk() else {
            let (needed, left) = (N as u64, self.left());
            return Err(self.fault(BundleFault::Ends { needed, left }));
        };
        (self.bytes, self.at) = (rest, self.at + N as u64);
        Ok(*taken)
    }

    /// How many elements follow. Each takes at least a byte, so there are no more than bytes.
    pub(super) fn count(&mut self) -> Result<u32, WireError> {
        let start = *self;
        let count = u32::from_le_bytes(self.array()?);
        let (claimed, left) = (u64::from(count), self.left());
        if claimed > left {
            return Err(start.fault(BundleFault::Count { claimed, left }));
        }
        Ok(count)
    }

    /// A byte that is 0 or 1.
    pub(super) fn switch(&mut self) -> Result<bool, WireError> {
        let start = *self;
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [found] => Err(start.fault(BundleFault::Switch { found })),
        }
    }

    pub(super) fn character(&mut self) -> Result<char, WireError> {
        let start = *self;
        let character = char::from_u32(u32::from_le_bytes(self.array()?));
        character.ok_or_else(|| start.fault(BundleFault::Text))
    }

    /// How many elements follow, and of which kind when they are numbers side by side.
    pub(super) fn sequence(&mut self) -> Result<(u32, Option<Kind>), WireError> {
        let start = *self;
        let count = u32::from_le_bytes(self.array()?);
        let kind = Kind::read(self)?;
        let (width, numbers) = match kind.width() {
            Some(width) if count > 0 => (width, Some(kind)),
            None if kind == Kind::Unit => (1, None),
            _ => {
                let found = kind.byte();
                return Err(start.fault(BundleFault::Form { found }));
            }
        };
        let (claimed, left) = (u64::from(count), self.left());
        if claimed * width > left {
            return Err(start.fault(BundleFault::Count { claimed, left }));
        }
        Ok((count, numbers))
    }

    /// The name of a section and its content.
    pub(super) fn section(&mut self) -> Result<(&'de str, Self), WireError> {
        let start = self.at;
        let name = self.text()?;
        let length = u64::from_le_bytes(self.array()?);
        let content = self.take(length);
        Ok((name, content.map_err(|error| error.within(name, start))?))
    }

    /// Looks at the bytes, `N` at a time; a fault lies where those begin.
    pub(super) fn each<const N: usize>(
        mut self,
        look: impl Fn([u8; N]) -> Result<(), BundleFault>,
    ) -> Result<(), WireError> {
        while self.left() > 0 {
            let start = self;
            look(self.array()?).map_err(|fault| start.fault(fault))?;
        }
        Ok(())
    }

    /// A length and as many bytes.
    pub(super) fn bytes(&mut self) -> Result<&'de [u8], WireError> {
        let length = u32::from_le_bytes(self.array()?);
        Ok(self.take(length.into())?.bytes)
    }

    /// A length and as many bytes of UTF-8.
    pub(super) fn text(&mut self) -> Result<&'de str, WireError> {
        let start = *self;
        str::from_utf8(self.bytes()?).map_err(|_| start.fault(BundleFault::Text))
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), WireError> {
        match self.left() {
            0 => Ok(()),
            bytes => Err(self.fault(BundleFault::Follows { bytes })),
        }
    }

    pub(super) fn fault(&self, fault: BundleFault) -> WireError {
        WireError::new(fault, Some(self.at))
    }
}
