//! From values to bytes.

use serde::ser::{self, Impossible, Serialize};

use super::check::finite;
use super::kind::Kind;
use super::{MAX_DEPTH, WireError};
use crate::bundle::BundleFault;

/// Appends a value to some bytes.
pub(super) struct Encoder<'a> {
    bytes: &'a mut Vec<u8>,
    depth: u32,
}

/// The elements of what holds several.
pub(super) struct Elements<'a> {
    bytes: &'a mut Vec<u8>,
    depth: u32,
    next: u32,
    /// Where a sequence says that its elements are numbers.
    form_at: Option<usize>,
}

impl<'a> Encoder<'a> {
    /// For the outermost struct.
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, depth: 0 }
    }

    fn put(self, kind: Kind, bytes: &[u8]) -> Result<(), WireError> {
        self.bytes.push(kind.byte());
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn number(self, kind: Kind, number: f64, bytes: &[u8]) -> Result<(), WireError> {
        let at = self.bytes.len() as u64;
        finite(number).map_err(|fault| WireError::new(fault, Some(at)))?;
        self.put(kind, bytes)
    }

    /// Begins what holds several values, or one that lies deeper.
    fn elements(self, kind: Kind, start: [u8; 4]) -> Result<Elements<'a>, WireError> {
        self.bytes.push(kind.byte());
        self.bytes.extend(start);
        self.deeper()
    }

    /// One of several kinds; what it holds comes next.
    fn choice(self, kind: u32) -> Result<Self, WireError> {
        let Elements { bytes, depth, .. } = self.elements(Kind::Choice, kind.to_le_bytes())?;
        Ok(Self { bytes, depth })
    }

    fn deeper(self) -> Result<Elements<'a>, WireError> {
        if self.depth >= MAX_DEPTH {
            let limit = MAX_DEPTH;
            return Err(WireError::new(BundleFault::Depth { limit }, None));
        }
        Ok(Elements {
            bytes: self.bytes,
            depth: self.depth + 1,
            next: 0,
            form_at: None,
        })
    }
}

/// Lengths are `u32`; a bundle is far smaller than what that allows.
fn length(length: usize) -> Result<[u8; 4], WireError> {
    let length = u32::try_from(length).map_err(ser::Error::custom)?;
    Ok(length.to_le_bytes())
}

fn is_number(form: u8) -> bool {
    Kind::named_by(form).is_some_and(|kind| kind.width().is_some())
}

impl Elements<'_> {
    fn push(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), WireError> {
        let start = self.bytes.len() as u64;
        let encoder = Encoder {
            bytes: self.bytes,
            depth: self.depth,
        };
        value
            .serialize(encoder)
            .map_err(|error| error.within(name, start))
    }

    fn push_next(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), WireError> {
        let (index, start) = (self.next, self.bytes.len());
        self.next += 1;
        let encoder = Encoder {
            bytes: self.bytes,
            depth: self.depth,
        };
        value
            .serialize(encoder)
            .map_err(|error| error.within(format!("[{index}]"), start as u64))?;
        self.share_form(index, start)
    }

    /// Takes the form away from before a number in sequence: it stands before all of them.
    fn share_form(&mut self, index: u32, start: usize) -> Result<(), WireError> {
        let Some(form_at) = self.form_at else {
            return Ok(());
        };
        let form = self.bytes.get(start).copied();
        let Some(form) = form.filter(|form| is_number(*form)) else {
            return Ok(());
        };
        match self.bytes.get_mut(form_at) {
            Some(shared) if index == 0 => *shared = form,
            Some(shared) if *shared == form => {}
            _ => {
                return Err(WireError::unsupported(
                    "sequences of several kinds of number",
                ));
            }
        }
        self.bytes.remove(start);
        Ok(())
    }

    /// A section: name, length, content.
    fn push_section(
        &mut self,
        name: &str,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), WireError> {
        self.bytes.extend(length(name.len())?);
        self.bytes.extend_from_slice(name.as_bytes());
        let start = self.bytes.len();
        self.bytes.extend([0; 8]);
        self.push(name, value)?;
        let written = (self.bytes.len() - start - 8) as u64;
        if let Some(length) = self.bytes.get_mut(start..start + 8) {
            length.copy_from_slice(&written.to_le_bytes());
        }
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty as $kind:ident),*) => {
        $(fn $method(self, number: $type) -> Result<(), WireError> {
            self.put(Kind::$kind, &number.to_le_bytes())
        })*
    };
}

impl<'a> ser::Serializer for Encoder<'a> {
    type Ok = ();
    type Error = WireError;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Elements<'a>;
    type SerializeTupleVariant = Elements<'a>;
    type SerializeMap = Impossible<(), WireError>;
    type SerializeStruct = Elements<'a>;
    type SerializeStructVariant = Elements<'a>;

    numbers! {
        serialize_i8: i8 as Integer1, serialize_i16: i16 as Integer2, serialize_i32: i32 as Integer4,
        serialize_i64: i64 as Integer8, serialize_i128: i128 as Integer16,
        serialize_u8: u8 as Integer1, serialize_u16: u16 as Integer2, serialize_u32: u32 as Integer4,
        serialize_u64: u64 as Integer8, serialize_u128: u128 as Integer16
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), WireError> {
        self.put(Kind::Switch, &[value.into()])
    }

    fn serialize_f32(self, number: f32) -> Result<(), WireError> {
        self.number(Kind::Float4, number.into(), &number.to_le_bytes())
    }

    fn serialize_f64(self, number: f64) -> Result<(), WireError> {
        self.number(Kind::Float8, number, &number.to_le_bytes())
    }

    fn serialize_char(self, character: char) -> Result<(), WireError> {
        self.put(Kind::Character, &u32::from(character).to_le_bytes())
    }

    fn serialize_str(self, text: &str) -> Result<(), WireError> {
        self.bytes.push(Kind::Text.byte());
        self.bytes.extend(length(text.len())?);
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), WireError> {
        self.bytes.push(Kind::Bytes.byte());
        self.bytes.extend(length(bytes.len())?);
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), WireError> {
        self.put(Kind::None, &[])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WireError> {
        self.bytes.push(Kind::Some.byte());
        let Elements { bytes, depth, .. } = self.deeper()?;
        value.serialize(Encoder { bytes, depth })
    }

    fn serialize_unit(self) -> Result<(), WireError> {
        self.put(Kind::Unit, &[])
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), WireError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        kind: u32,
        name: &'static str,
    ) -> Result<(), WireError> {
        self.choice(kind)?.serialize_unit_struct(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        kind: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        let start = self.bytes.len() as u64;
        let written = value.serialize(self.choice(kind)?);
        written.map_err(|error| error.within(name, start))
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Elements<'a>, WireError> {
        let count = count.ok_or_else(|| WireError::unsupported("sequence of unknown length"))?;
        let mut elements = self.elements(Kind::Sequence, length(count)?)?;
        elements.form_at = Some(elements.bytes.len());
        elements.bytes.push(Kind::Unit.byte());
        Ok(elements)
    }

    fn serialize_tuple(self, count: usize) -> Result<Elements<'a>, WireError> {
        self.elements(Kind::Fields, length(count)?)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        count: usize,
    ) -> Result<Elements<'a>, WireError> {
        self.serialize_tuple(count)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        kind: u32,
        _: &'static str,
        count: usize,
    ) -> Result<Elements<'a>, WireError> {
        self.choice(kind)?.serialize_tuple(count)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, WireError> {
        Err(WireError::unsupported("maps"))
    }

    fn serialize_struct(self, _: &'static str, fields: usize) -> Result<Elements<'a>, WireError> {
        if self.depth > 0 {
            return self.serialize_tuple(fields);
        }
        self.bytes.extend(length(fields)?);
        self.deeper()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        kind: u32,
        _: &'static str,
        count: usize,
    ) -> Result<Elements<'a>, WireError> {
        self.choice(kind)?.serialize_tuple(count)
    }
}

impl ser::SerializeStruct for Elements<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        if self.depth == 1 {
            self.push_section(name, value)
        } else {
            self.push(name, value)
        }
    }

    fn end(self) -> Result<(), WireError> {
        Ok(())
    }
}

impl ser::SerializeStructVariant for Elements<'_> {
    type Ok = ();
    type Error = WireError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        self.push(name, value)
    }

    fn end(self) -> Result<(), WireError> {
        Ok(())
    }
}

macro_rules! unnamed {
    ($($trait:ident: $method:ident),*) => {
        $(impl ser::$trait for Elements<'_> {
            type Ok = ();
            type Error = WireError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
                self.push_next(value)
            }

            fn end(self) -> Result<(), WireError> {
                Ok(())
            }
        })*
    };
}

unnamed! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
}
