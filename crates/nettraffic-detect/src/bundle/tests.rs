//! The container: what comes before the parts.

use std::time::Duration;

use nettraffic_flow::TidyConfig;

use super::*;
use crate::stored::TidyRules;
use crate::testing::{kmeans_and_forest, saved};
use crate::{Detector, stored::Stored};

fn bundle() -> Vec<u8> {
    saved(&kmeans_and_forest())
}

fn check(bytes: &[u8], expected: &str) {
    let error = Detector::load(bytes).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, format!("not a sound detector bundle: {expected}"));
}

#[test]
fn damage_is_named() {
    let sound = bundle();
    let with = |at: usize, byte: u8| {
        let mut bytes = sound.clone();
        bytes[at] = byte;
        bytes
    };
    let length = (sound.len() - START) as u64;
    check(b"", "it does not begin as one");
    check(&with(0, b'X'), "it does not begin as one");
    check(&sound[..20], "it ends after 20 bytes");
    check(&with(8, 9), "it has version 9, this program reads 4");
    check(&sound[..100], "it ends after 100 bytes");
    check(
        &[&*sound, b"!"].concat(),
        &format!("it claims {length} bytes, more are there"),
    );
    check(
        &with(18, 1),
        &format!(
            "it claims {} bytes, 1073741824 is the limit",
            length + (1 << 48)
        ),
    );
    check(&with(26, 7), "its checksum does not match its content");
}

/// Changes the body and makes the checksum fit.
fn with_body(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = bundle();
    let mut body = bytes.split_off(START);
    change(&mut body);
    bytes[12..20].copy_from_slice(&(body.len() as u64).to_le_bytes());
    bytes[20..].copy_from_slice(&crc32fast::hash(&body).to_le_bytes());
    [bytes, body].concat()
}

#[test]
fn a_fault_behind_a_right_checksum_is_named_with_part_and_byte() {
    let sound = bundle();
    let place = |text: &[u8]| {
        let found = sound.windows(text.len()).rposition(|window| window == text);
        found.expect("it is there")
    };
    let summary = place(b"summary");
    check(
        &with_body(|body| body[summary - START] = b'S'),
        &format!(
            "Summary, byte {}: this program knows no such part",
            summary + 15
        ),
    );
    let value = kmeans_and_forest().threshold().value().to_le_bytes();
    let section = place(b"threshold") + 9 + 8;
    let value = (sound[section..].windows(4)).position(|window| window == value);
    let value = section + value.expect("it is there");
    check(
        &with_body(|body| {
            body[value - START..][..4].copy_from_slice(&f32::INFINITY.to_le_bytes());
        }),
        &format!("threshold, byte {value}: inf is not finite"),
    );
    check(
        &with_body(|body| body.push(0)),
        &format!("the detector, byte {}: 1 bytes follow it", sound.len()),
    );
}

#[test]
fn the_header_and_the_detector_name_the_same_features() -> Result<(), Box<dyn std::error::Error>> {
    struct Other(Stored, Header);
    impl Serialize for Other {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }
    impl Described for Other {
        fn header(&self) -> Header {
            self.1.clone()
        }
    }
    let stored = kmeans_and_forest().stored;
    let basic = crate::testing::fit_with_attacks(
        crate::ModelKind::KMeans,
        nettraffic_features::FeatureSet::named("basic")?,
    );
    let mut bytes = Vec::new();
    write(&Other(stored, basic.stored.header()), &mut bytes)?;
    check(
        &bytes,
        "its header names other features than the detector has",
    );
    Ok(())
}

#[test]
fn tidying_is_kept_and_takes_no_room_where_there_was_none() -> Result<(), DetectError> {
    let part = b"tidying";
    let has_part = |bytes: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let mut detector = kmeans_and_forest();
    // As every bundle before this part was known.
    let plain = saved(&detector);
    assert!(!has_part(&plain));
    assert_eq!(
        Detector::load(&*plain)?.tidy_config(),
        TidyConfig::default()
    );

    let tidy =
        (TidyConfig::default().without_copies()).with_sorting_window(Duration::from_millis(50));
    detector.stored.tidying = TidyRules::of(&tidy);
    let bytes = saved(&detector);
    assert!(has_part(&bytes));
    let read = Detector::load(&*bytes)?;
    assert_eq!(read.tidy_config(), tidy);
    assert_eq!(saved(&read), bytes);
    Ok(())
}
