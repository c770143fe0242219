use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::*;
use crate::bundle::BundleError;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    small: (bool, i8, u16, char),
    numbers: Vec<f64>,
    weights: Vec<f32>,
    large: (u128, i64),
    text: Option<String>,
    kinds: Vec<Kinds>,
    fixed: [u8; 3],
    unit: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kinds {
    Unit,
    Newtype(Option<u32>),
    Tuple(i32, bool),
    Struct { name: String, inner: Vec<Kinds> },
}

fn kind() -> impl Strategy<Value = Kinds> {
    let leaf = prop_oneof![
        Just(Kinds::Unit),
        any::<Option<u32>>().prop_map(Kinds::Newtype),
        any::<(i32, bool)>().prop_map(|(number, switch)| Kinds::Tuple(number, switch)),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        let inner = prop::collection::vec(inner, 0..4);
        (".{0,9}", inner).prop_map(|(name, inner)| Kinds::Struct { name, inner })
    })
}

prop_compose! {
    fn everything()(
        small in any::<(bool, i8, u16, char)>(),
        numbers in prop::collection::vec(-1e300..1e300, 0..9),
        weights in prop::collection::vec(-1e30_f32..1e30, 0..9),
        large in any::<(u128, i64)>(),
        text in any::<Option<String>>(),
        kinds in prop::collection::vec(kind(), 0..4),
        fixed in any::<[u8; 3]>(),
    ) -> Everything {
        Everything { small, numbers, weights, large, text, kinds, fixed, unit: () }
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read(value in everything()) {
        let bytes = encode(&value)?;
        let back: Everything = decode(&bytes, 0)?;
        prop_assert_eq!(&back, &value);
        prop_assert_eq!(encode(&back)?, bytes);
    }

    /// There is one way to write a value: what is read from damaged bytes gives these bytes again.
    #[test]
    fn damage_is_an_error_or_another_value_of_its_own(
        value in everything(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = encode(&value)?;
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        if let Ok(read) = decode::<Everything>(&bytes, 0) {
            prop_assert_eq!(encode(&read)?, bytes);
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct One<T> {
    it: T,
}

/// The bytes of one section named `it`.
fn section(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_le_bytes();
    [&[1, 0, 0, 0, 2, 0, 0, 0], &b"it"[..], &length, content].concat()
}

fn refused<T: DeserializeOwned + std::fmt::Debug>(content: &[u8], expected: &str) {
    let error = decode::<One<T>>(&section(content), 100).unwrap_err();
    assert_eq!(BundleError::from(error).to_string(), expected);
}

#[test]
fn each_fault_is_named_with_its_place() {
    let form = |kind: Kind| kind.byte();
    // The content begins at byte 18 of these, which begin at byte 100 of the file.
    refused::<bool>(
        &[form(Kind::Switch), 2],
        "it, byte 119: 2 is neither 0 nor 1",
    );
    refused::<bool>(&[99], "it, byte 118: a value of form 99");
    refused::<bool>(
        &[form(Kind::Integer1), 1],
        "it, byte 118: a value of form 2",
    );
    refused::<Option<u8>>(&[form(Kind::Unit)], "it, byte 118: a value of form 0");
    refused::<u8>(
        &[form(Kind::Integer1), 1, 2],
        "it, byte 120: 1 bytes follow it",
    );
    refused::<u64>(
        &[form(Kind::Integer8), 1, 2],
        "it, byte 119: 8 bytes are needed, 2 are left",
    );
    let text = form(Kind::Text);
    refused::<String>(&[text, 2, 0, 0, 0, 0xc3, 0x28], "it, byte 119: no text");
    refused::<String>(
        &[text, 3, 0, 0, 0, b'a'],
        "it, byte 123: 3 bytes are needed, 1 are left",
    );
    refused::<char>(
        &[form(Kind::Character), 0, 0xd8, 0, 0],
        "it, byte 119: no text",
    );
    let fields = form(Kind::Fields);
    refused::<(u8, f32)>(
        &[
            fields,
            2,
            0,
            0,
            0,
            form(Kind::Integer1),
            0,
            form(Kind::Float4),
            0,
            0,
            0xc0,
            0x7f,
        ],
        "it, byte 126: NaN is not finite",
    );
    refused::<(u8, u8)>(
        &[fields, 1, 0, 0, 0, form(Kind::Unit)],
        "it, byte 119: 1 fields, 2 are known",
    );
    let choice = form(Kind::Choice);
    refused::<Kinds>(
        &[choice, 4, 0, 0, 0, form(Kind::Unit)],
        "it, byte 119: kind 4 of 4, counted from 0",
    );
    refused::<Kinds>(
        &[
            choice,
            2,
            0,
            0,
            0,
            fields,
            2,
            0,
            0,
            0,
            form(Kind::Integer4),
            0,
            0,
            0,
            0,
            form(Kind::None),
        ],
        "it.Tuple[1], byte 133: a value of form 12",
    );
    let (sequence, float) = (form(Kind::Sequence), form(Kind::Float8));
    refused::<Vec<f64>>(
        &[sequence, 255, 255, 255, 255, float, 0],
        "it, byte 119: 4294967295 elements are claimed, 1 bytes are left",
    );
    refused::<Vec<f64>>(
        &[sequence, 0, 0, 0, 0, float],
        "it, byte 119: a value of form 8",
    );
    refused::<Vec<u8>>(
        &[
            sequence,
            1,
            0,
            0,
            0,
            form(Kind::Unit),
            form(Kind::Integer1),
            7,
        ],
        "it, byte 124: a value of form 2",
    );
    let infinite = [
        &[sequence, 1, 0, 0, 0, float][..],
        &f64::INFINITY.to_le_bytes(),
    ]
    .concat();
    refused::<Vec<f64>>(&infinite, "it, byte 124: inf is not finite");
    refused::<Vec<u64>>(
        &[&infinite[..13], &[0]].concat(),
        "it[0], byte 124: a value of form 8",
    );
    refused::<std::collections::BTreeMap<u8, u8>>(
        &[form(Kind::Unit)],
        "it, byte 118: bundles hold no maps",
    );
}

#[test]
fn sections_are_known_once_and_all() -> Result<(), WireError> {
    let check = |bytes: &[u8], expected: &str| {
        let error = decode::<One<u8>>(bytes, 0).unwrap_err();
        assert_eq!(BundleError::from(error).to_string(), expected);
    };
    let sound = section(&[Kind::Integer1.byte(), 5]);
    assert_eq!(decode::<One<u8>>(&sound, 0)?.it, 5);
    let mut none = sound.clone();
    none.truncate(4);
    none[0] = 0;
    check(&none, "the detector, byte 0: missing field `it`");
    let mut twice = [&*sound, &sound[4..]].concat();
    twice[0] = 2;
    check(&twice, "the detector, byte 0: duplicate field `it`");
    let mut unknown = sound.clone();
    unknown[8] = b'a';
    check(&unknown, "at, byte 18: this program knows no such part");
    let mut long = sound.clone();
    long[10] = 3;
    check(&long, "it, byte 18: 3 bytes are needed, 2 are left");
    let mut short = sound.clone();
    short[10] = 1;
    check(&short, "it, byte 19: 1 bytes are needed, 0 are left");
    check(
        &[&*sound, &[0]].concat(),
        "the detector, byte 20: 1 bytes follow it",
    );
    Ok(())
}

#[test]
fn parts_within_each_other_have_a_limit() -> Result<(), WireError> {
    let mut kind = Kinds::Unit;
    for _ in 0..8 {
        let (name, inner) = (String::new(), vec![kind]);
        kind = Kinds::Struct { name, inner };
    }
    let sound = encode(&One { it: kind.clone() })?;
    assert_eq!(decode::<One<Kinds>>(&sound, 0)?.it, kind);

    let mut endless = Vec::new();
    for _ in 0..100_000 {
        endless.push(Kind::Some.byte());
    }
    let error = decode::<One<Kinds>>(&section(&endless), 0).unwrap_err();
    let error = error.to_string();
    assert_eq!(error, "more than 32 parts within each other");

    for _ in 0..100 {
        let (name, inner) = (String::new(), vec![kind]);
        kind = Kinds::Struct { name, inner };
    }
    let error = encode(&One { it: kind }).unwrap_err().to_string();
    assert_eq!(error, "more than 32 parts within each other");
    Ok(())
}

#[test]
fn numbers_that_are_none_are_not_written() {
    for number in [f32::NAN, f32::INFINITY] {
        let error = encode(&One {
            it: vec![1.0, number],
        })
        .unwrap_err();
        let error = BundleError::from(error).to_string();
        assert!(error.starts_with("it[1], byte "), "{error}");
        assert!(error.ends_with("is not finite"), "{error}");
    }
}
