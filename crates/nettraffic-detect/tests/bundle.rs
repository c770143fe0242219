//! Bundles that are damaged, foreign or crafted, and what reading them costs. Memory is counted by
//! the allocator of this process, so these tests run one at a time.

mod traffic;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nettraffic_detect::{BundleError, BundleFault, DetectError, Detector};
use peak_alloc::PeakAlloc;
use traffic::{Outcome, Random, attacked, detectors, rows, saved};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;
static ALONE: Mutex<()> = Mutex::new(());

/// Magic, version, length and checksum.
const START: usize = 24;
/// What a short error, a name or a first buffer may take beside the file.
const ROOM: usize = 1 << 16;

/// What comes of reading, and the most memory that it took at a time.
fn load(bytes: &[u8]) -> (Result<Detector, DetectError>, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let loaded = Detector::load(bytes);
    (loaded, MEMORY.peak_usage().saturating_sub(before))
}

/// Makes length and checksum fit the body.
fn seal(bytes: &mut [u8]) {
    if let Some((start, body)) = bytes.split_at_mut_checked(START) {
        start[12..20].copy_from_slice(&(body.len() as u64).to_le_bytes());
        start[20..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    }
}

#[test]
fn a_bundle_comes_back_bit_for_bit() -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let flows = rows(&attacked(3), "basic")?;
    for detector in detectors("basic")? {
        let bytes = saved(&detector)?;
        let (loaded, memory) = load(&bytes);
        let loaded = loaded?;
        assert_eq!(saved(&loaded)?, bytes);
        assert_eq!(loaded.judge(&flows)?, detector.judge(&flows)?);
        println!(
            "{}: {} bytes, read with {memory}",
            detector.model().name(),
            bytes.len()
        );
    }
    Ok(())
}

#[test]
fn what_is_no_bundle_is_refused_soon_and_with_little_memory() -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for detector in detectors("basic,length,timing,tcp")? {
        let sound = saved(&detector)?;
        let edited = |edit: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = sound.clone();
            edit(&mut bytes);
            bytes
        };
        let version = edited(&|bytes| bytes[8] = 200);
        let damaged = edited(&|bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        let names = (sound.windows(6).position(|window| window == b"schema")).ok_or("a schema")?;
        let schema = edited(&|bytes| {
            bytes[names + 6 + 9] ^= 1;
            seal(bytes);
        });
        let cases = [("version", version), ("bit", damaged), ("schema", schema)];
        // Wherever a number of either width ends with these bytes, it is none.
        let none = (0..400).map(|place| {
            let bytes = edited(&|bytes| {
                let at = START + (bytes.len() - START - 8) * place / 400 / 4 * 4 + place % 4;
                bytes[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
                seal(bytes);
            });
            ("weight", bytes)
        });
        let mut not_finite = 0;
        for (what, bytes) in cases.into_iter().chain(none) {
            let begin = Instant::now();
            let (loaded, memory) = load(&bytes);
            let time = begin.elapsed();
            let Err(error) = loaded else { continue };
            match (what, &error) {
                ("version", DetectError::Damaged(BundleError::Version { .. }))
                | ("bit", DetectError::Damaged(BundleError::Checksum))
                | ("schema", DetectError::OtherFeatures { .. }) => {}
                (
                    "weight",
                    DetectError::Damaged(BundleError::Part {
                        fault: BundleFault::NotFinite { .. },
                        ..
                    }),
                ) => not_finite += 1,
                // It fell on something else than a number.
                ("weight", _) => continue,
                _ => return Err(format!("{what}: {error}").into()),
            }
            assert!(time < Duration::from_millis(100), "{what}: {time:?}");
            assert!(
                memory <= 2 * bytes.len() + ROOM,
                "{what}: {memory} for {}: {error}",
                bytes.len()
            );
        }
        assert!(not_finite > 20, "{not_finite} numbers that are none");
    }
    Ok(())
}

#[test]
fn a_mutated_bundle_is_refused_or_is_what_its_bytes_say() -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let flows = rows(&attacked(4), "basic")?;
    let flows = flows.select(&(0..20).collect::<Vec<_>>());
    let detectors = detectors("basic")?;
    let sound: Vec<Vec<u8>> = detectors.iter().map(saved).collect::<Result<_, _>>()?;
    let mut random = Random(5);
    let (mut refused, mut read) = (0, 0);
    for round in 0..10_000 {
        let kind = round % sound.len();
        let mut bytes = sound[kind].clone();
        let other = &sound[random.below(sound.len())];
        mutate(&mut bytes, other, &mut random);
        if random.below(10) > 0 {
            seal(&mut bytes);
        }
        let (loaded, memory) = load(&bytes);
        // Nothing that is claimed makes room for more than a few times what is there.
        let allowed = 8 * bytes.len() + ROOM;
        assert!(memory <= allowed, "round {round}: {memory} of {allowed}");
        match loaded {
            Err(
                DetectError::Damaged(_)
                | DetectError::Bundle(_)
                | DetectError::OtherFeatures { .. },
            ) => refused += 1,
            Err(other) => return Err(format!("round {round}: {other}").into()),
            Ok(detector) => {
                read += 1;
                assert!(
                    saved(&detector)? == bytes,
                    "round {round}: it is another one"
                );
                detector.judge(&flows)?;
            }
        }
    }
    assert!(
        refused > 5_000 && read > 200,
        "{refused} refused, {read} read"
    );
    Ok(())
}

/// One to three changes: bits, bytes, cuts, pieces of this or another bundle, lengths. Most often
/// near the beginning or the end, where the small parts are.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(3) {
        let length = bytes.len();
        let near = length.min(4_000);
        let at = match random.below(3) {
            0 => random.below(length),
            1 => random.below(near),
            _ => length - 1 - random.below(near),
        };
        let at = at.clamp(START.min(length - 1), length - 1);
        let piece = |random: &mut Random| {
            let from = random.below(other.len());
            other[from..(from + random.below(64)).min(other.len())].to_vec()
        };
        match random.below(8) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = random.below(256) as u8,
            3 => bytes.truncate(at.max(START + 1)),
            4 => drop(bytes.drain(at..(at + 1 + random.below(16)).min(length))),
            5 => drop(bytes.splice(at..at, piece(random))),
            6 => {
                let piece = piece(random);
                let end = (at + piece.len()).min(length);
                bytes[at..end].copy_from_slice(&piece[..end - at]);
            }
            _ => {
                let claims = [0, 1, 255, 65_535, u32::MAX / 4, u32::MAX];
                let claim = claims[random.below(claims.len())].to_le_bytes();
                let end = (at + 4).min(length);
                bytes[at..end].copy_from_slice(&claim[..end - at]);
            }
        }
    }
}
