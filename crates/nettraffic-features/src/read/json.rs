//! The members of a JSON object, those of objects within it too.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Objects within objects that are looked into.
const DEEPEST: usize = 4;

/// Calls `each` with the name and the text of every member that has a value: a number or a word
/// as it is written, a string without its quotes. What an inner object has is named
/// `outer.inner`; lists and deeper objects are given as they are written.
pub(super) fn members<'a>(
    line: &'a str,
    mut each: impl FnMut(&str, Cow<'a, str>),
) -> Result<(), serde_json::Error> {
    let mut path = String::new();
    walk(line, &mut path, DEEPEST, &mut each)
}

fn walk<'a>(
    object: &'a str,
    path: &mut String,
    depth: usize,
    each: &mut dyn FnMut(&str, Cow<'a, str>),
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    deserializer.deserialize_map(Object { path, depth, each })?;
    deserializer.end()
}

struct Object<'p, 'e, 'a> {
    path: &'p mut String,
    depth: usize,
    each: &'e mut dyn FnMut(&str, Cow<'a, str>),
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let outer = self.path.len();
        loop {
            self.path.truncate(outer);
            if outer > 0 {
                self.path.push('.');
            }
            if map.next_key_seed(Name(self.path))?.is_none() {
                return Ok(());
            }
            let value = map.next_value::<&'a RawValue>()?.get();
            match value.as_bytes().first() {
                Some(b'{') if self.depth > 0 => {
                    walk(value, self.path, self.depth - 1, self.each)
                        .map_err(serde::de::Error::custom)?;
                }
                Some(b'"') => {
                    (self.each)(self.path, string(value).map_err(serde::de::Error::custom)?);
                }
                Some(b'n') => {}
                _ => (self.each)(self.path, Cow::Borrowed(value)),
            }
        }
    }
}

/// The text of a quoted string.
fn string(quoted: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    let plain = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match plain {
        Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
        _ => serde_json::from_str::<String>(quoted).map(Cow::Owned),
    }
}

/// Appends the name of a member to the path.
struct Name<'p>(&'p mut String);

impl<'a> DeserializeSeed<'a> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<(), E> {
        self.0.push_str(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<String, serde_json::Error> {
        let mut found = Vec::new();
        members(line, |name, text| found.push(format!("{name}={text}")))?;
        Ok(found.join(" "))
    }

    #[test]
    fn members_are_named_by_their_path() -> Result<(), serde_json::Error> {
        for (line, expected) in [
            ("{}", ""),
            (" { \"a\" : 1.50 , \"b\":\"x\\ty\" } ", "a=1.50 b=x\ty"),
            ("{\"a\":null,\"b\":true,\"c\":[1,2]}", "b=true c=[1,2]"),
            ("{\"f\":{\"g\":{\"h\":1}},\"id.x\":2}", "f.g.h=1 id.x=2"),
            (
                "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"b\":1}}}}}}",
                "a.a.a.a.a={\"b\":1}",
            ),
            ("{\"a\":\"\\u00e9\",\"\\u0062\":\"\"}", "a=\u{e9} b="),
        ] {
            assert_eq!(check(line)?, expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        let deep = "{\"a\":".repeat(100_000);
        for line in [
            "",
            "1",
            "[]",
            "{",
            "{\"a\":1",
            "{} x",
            "{\"a\" 1}",
            "{1:1}",
            "{\"a\":\"\\q\"}",
            &deep,
        ] {
            assert!(check(line).is_err(), "{line:.20}");
        }
    }
}
