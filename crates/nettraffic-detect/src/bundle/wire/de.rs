//! From bytes to values.

use serde::de::value::{BorrowedStrDeserializer, U32Deserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer as _, Visitor};

use super::kind::Kind;
use super::reader::Reader;
use super::{MAX_DEPTH, WireError};
use crate::bundle::BundleFault;

/// An element that is no number takes about as much memory as so many bytes of the file, or grows
/// into it: room is made for no more elements than that allows.
const BYTES_OF_ELEMENT: u64 = 16;

/// Reads a value.
pub(super) struct Decoder<'a, 'de> {
    reader: &'a mut Reader<'de>,
    depth: u32,
    /// The form that a number in sequence shares with the others.
    shared: Option<Kind>,
}

impl<'a, 'de> Decoder<'a, 'de> {
    /// For the outermost struct.
    pub(super) fn new(reader: &'a mut Reader<'de>) -> Self {
        Self {
            reader,
            depth: 0,
            shared: None,
        }
    }

    /// The form of the value must be this one.
    fn expect(&mut self, expected: Kind) -> Result<(), WireError> {
        let start = *self.reader;
        let found = match self.shared.take() {
            Some(kind) => kind,
            None => Kind::read(self.reader)?,
        };
        if found == expected {
            return Ok(());
        }
        let found = found.byte();
        Err(start.fault(BundleFault::Form { found }))
    }

    fn number<const N: usize>(mut self, kind: Kind) -> Result<[u8; N], WireError> {
        self.expect(kind)?;
        self.reader.array()
    }

    fn deeper(self) -> Result<Self, WireError> {
        if self.depth >= MAX_DEPTH {
            let limit = MAX_DEPTH;
            return Err(self.reader.fault(BundleFault::Depth { limit }));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn elements(
        self,
        count: u32,
        shared: Option<Kind>,
        names: &'static [&'static str],
    ) -> Result<Elements<'a, 'de>, WireError> {
        let Self { reader, depth, .. } = self.deeper()?;
        Ok(Elements {
            reader,
            depth,
            shared,
            names,
            count,
            next: 0,
        })
    }

    /// Fields, as many as there must be.
    fn fields<V: Visitor<'de>>(
        mut self,
        count: usize,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.expect(Kind::Fields)?;
        let start = *self.reader;
        let found = self.reader.count()?;
        if found as usize != count {
            let (found, expected) = (found.into(), count as u64);
            return Err(start.fault(BundleFault::Fields { found, expected }));
        }
        visitor.visit_seq(self.elements(found, None, names)?)
    }
}

/// What is unsupported: a format that says what comes next is not this one.
macro_rules! refused {
    ($($method:ident: $what:literal),*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, WireError> {
            Err(self.reader.fault(BundleFault::Unsupported { what: $what }))
        })*
    };
}

macro_rules! numbers {
    ($($method:ident: $visit:ident($type:ty as $kind:ident)),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
            visitor.$visit(<$type>::from_le_bytes(self.number(Kind::$kind)?))
        })*
    };
}

impl<'de> de::Deserializer<'de> for Decoder<'_, 'de> {
    type Error = WireError;

    numbers! {
        deserialize_i8: visit_i8(i8 as Integer1), deserialize_u8: visit_u8(u8 as Integer1),
        deserialize_i16: visit_i16(i16 as Integer2), deserialize_u16: visit_u16(u16 as Integer2),
        deserialize_i32: visit_i32(i32 as Integer4), deserialize_u32: visit_u32(u32 as Integer4),
        deserialize_i64: visit_i64(i64 as Integer8), deserialize_u64: visit_u64(u64 as Integer8),
        deserialize_i128: visit_i128(i128 as Integer16), deserialize_u128: visit_u128(u128 as Integer16),
        deserialize_f32: visit_f32(f32 as Float4), deserialize_f64: visit_f64(f64 as Float8)
    }

    refused! {
        deserialize_any: "values of unstated kind", deserialize_map: "maps",
        deserialize_identifier: "names within sections"
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        self.expect(Kind::Switch)?;
        visitor.visit_bool(self.reader.switch()?)
    }

    fn deserialize_char<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        self.expect(Kind::Character)?;
        visitor.visit_char(self.reader.character()?)
    }

    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        self.expect(Kind::Text)?;
        visitor.visit_borrowed_str(self.reader.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        self.expect(Kind::Bytes)?;
        visitor.visit_borrowed_bytes(self.reader.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        let start = *self.reader;
        if Kind::read(self.reader)? == Kind::None {
            return visitor.visit_none();
        }
        *self.reader = start;
        self.expect(Kind::Some)?;
        visitor.visit_some(self.deeper()?)
    }

    fn deserialize_unit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        self.expect(Kind::Unit)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, WireError> {
        self.expect(Kind::Sequence)?;
        let (count, shared) = self.reader.sequence()?;
        visitor.visit_seq(self.elements(count, shared, &[])?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.fields(count, &[], visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.fields(count, &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        if self.depth > 0 {
            return self.fields(fields.len(), fields, visitor);
        }
        let left = self.reader.count()?;
        let reader = self.reader;
        let section = None;
        visitor.visit_map(Sections {
            reader,
            left,
            section,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        kinds: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.expect(Kind::Choice)?;
        visitor.visit_enum(self.elements(1, None, kinds)?)
    }

    /// Asked for by a struct that meets a section of a name that it does not know.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, WireError> {
        Err(self.reader.fault(BundleFault::Unknown))
    }
}

/// Elements without names, fields, or the one content of an enum.
struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    depth: u32,
    shared: Option<Kind>,
    names: &'static [&'static str],
    count: u32,
    next: u32,
}

impl<'de> de::SeqAccess<'de> for Elements<'_, 'de> {
    type Error = WireError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, WireError> {
        if self.next == self.count {
            return Ok(None);
        }
        let (index, start) = (self.next, self.reader.at());
        self.next += 1;
        let decoder = Decoder {
            reader: self.reader,
            depth: self.depth,
            shared: self.shared,
        };
        seed.deserialize(decoder).map(Some).map_err(|error| {
            let name = self.names.get(index as usize);
            error.within(
                name.map_or_else(|| format!("[{index}]"), |name| (*name).to_owned()),
                start,
            )
        })
    }

    fn size_hint(&self) -> Option<usize> {
        let more = u64::from(self.count - self.next);
        let room = self.reader.left() / BYTES_OF_ELEMENT;
        let hint = if self.shared.is_some() {
            more
        } else {
            more.min(room)
        };
        usize::try_from(hint).ok()
    }
}

impl<'a, 'de> de::EnumAccess<'de> for Elements<'a, 'de> {
    type Error = WireError;
    type Variant = Content<'a, 'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Content<'a, 'de>), WireError> {
        let start = *self.reader;
        let found = u32::from_le_bytes(self.reader.array()?);
        let Some(name) = self.names.get(found as usize) else {
            let known = self.names.len() as u64;
            return Err(start.fault(BundleFault::Kind { found, known }));
        };
        let kind: U32Deserializer<WireError> = found.into_deserializer();
        let content = Content {
            name,
            start: start.at(),
            decoder: Decoder {
                reader: self.reader,
                depth: self.depth,
                shared: None,
            },
        };
        Ok((seed.deserialize(kind)?, content))
    }
}

/// What one kind of an enum holds.
struct Content<'a, 'de> {
    name: &'static str,
    start: u64,
    decoder: Decoder<'a, 'de>,
}

impl<'de> de::VariantAccess<'de> for Content<'_, 'de> {
    type Error = WireError;

    fn unit_variant(mut self) -> Result<(), WireError> {
        self.decoder.expect(Kind::Unit)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, WireError> {
        seed.deserialize(self.decoder)
            .map_err(|error| error.within(self.name, self.start))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.decoder
            .fields(count, &[], visitor)
            .map_err(|error| error.within(self.name, self.start))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.decoder
            .fields(fields.len(), fields, visitor)
            .map_err(|error| error.within(self.name, self.start))
    }
}

/// The sections of the outermost struct.
struct Sections<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u32,
    /// The one whose name was read.
    section: Option<(&'de str, Reader<'de>)>,
}

impl<'de> de::MapAccess<'de> for Sections<'_, 'de> {
    type Error = WireError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, WireError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let start = self.reader.at();
        let (name, content) = self.reader.section()?;
        self.section = Some((name, content));
        seed.deserialize(BorrowedStrDeserializer::new(name))
            .map(Some)
            .map_err(|error: WireError| error.within(name, start))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, WireError> {
        let Some((name, mut content)) = self.section.take() else {
            return Err(de::Error::custom("a section without a name"));
        };
        let start = content.at();
        let decoder = Decoder {
            reader: &mut content,
            depth: 1,
            shared: None,
        };
        let value = seed.deserialize(decoder);
        value
            .and_then(|value| content.end().map(|()| value))
            .map_err(|error| error.within(name, start))
    }
}
