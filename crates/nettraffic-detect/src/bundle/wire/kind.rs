//! What comes next: the byte before every value.

use super::WireError;
use super::reader::Reader;
use crate::bundle::BundleFault;

/// The form of a value. Its place in [`Kind::ALL`] is its byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unit,
    Switch,
    Integer1,
    Integer2,
    Integer4,
    Integer8,
    Integer16,
    Float4,
    Float8,
    Character,
    Text,
    Bytes,
    None,
    Some,
    Sequence,
    Fields,
    Choice,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::Unit,
        Self::Switch,
        Self::Integer1,
        Self::Integer2,
        Self::Integer4,
        Self::Integer8,
        Self::Integer16,
        Self::Float4,
        Self::Float8,
        Self::Character,
        Self::Text,
        Self::Bytes,
        Self::None,
        Self::Some,
        Self::Sequence,
        Self::Fields,
        Self::Choice,
    ];

    pub(super) fn byte(self) -> u8 {
        self as u8
    }

    pub(super) fn named_by(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// The kind that the next byte names.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let start = *reader;
        let [found] = reader.array()?;
        Self::named_by(found).ok_or_else(|| start.fault(BundleFault::Form { found }))
    }

    /// Bytes of a number; the kind stands before a sequence of them once, not before each.
    pub(super) fn width(self) -> Option<u64> {
        match self {
            Self::Integer1 => Some(1),
            Self::Integer2 => Some(2),
            Self::Integer4 | Self::Float4 => Some(4),
            Self::Integer8 | Self::Float8 => Some(8),
            Self::Integer16 => Some(16),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_names_the_kind_at_its_place() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(kind.byte()), place);
            assert_eq!(Kind::named_by(kind.byte()), Some(kind));
        }
        assert_eq!(Kind::named_by(Kind::ALL.len() as u8), None);
    }
}
