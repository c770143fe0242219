//! Several files as one stream.

use std::error::Error;
use std::fs;

use nettraffic_capture::{CaptureErrorKind, CaptureSet, PacketSource, open};

use crate::build::{MICROSECONDS, Order, Read, pcap};

#[test]
fn files_follow_one_another_and_errors_name_theirs() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let two = pcap(
        Order::Big,
        MICROSECONDS,
        1,
        &[(1, 0, 1, b"a"), (2, 0, 1, b"b")],
    );
    fs::write(path("whole"), &two)?;
    fs::write(path("cut"), &two[..two.len() - 1])?;
    fs::write(path("notes.txt"), "no packets here")?;

    let names = ["whole", "missing", "cut", "notes.txt", "whole"];
    let mut set = CaptureSet::new(names.map(path));
    let read = Read::drain(&mut set);
    assert_eq!(read.datas(), [b"a", b"b", b"a", b"a", b"b"]);
    let sequences: Vec<u64> = read.packets.iter().map(|seen| seen.sequence).collect();
    assert_eq!(sequences, [0, 1, 2, 3, 4]);
    assert_eq!(set.counters().wire_bytes, 5);

    let named: Vec<_> = read
        .errors
        .iter()
        .map(|error| error.path().to_owned())
        .collect();
    assert_eq!(named, ["missing", "cut", "notes.txt"].map(path));
    assert!(matches!(read.errors[0].kind(), CaptureErrorKind::Io(_)));
    assert_eq!(read.errors[1].packets_before(), 1, "of its own file");
    Ok(())
}

#[test]
fn the_name_of_a_file_does_not_matter() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("capture.png");
    fs::write(&path, pcap(Order::Big, MICROSECONDS, 1, &[(1, 0, 1, b"a")]))?;
    let read = Read::drain(&mut *open(&path)?);
    assert_eq!(read.datas(), [b"a"]);

    let error = open(folder.path().join("none")).err().ok_or("opened")?;
    assert!(error.to_string().contains("none: "), "{error}");
    let error = open(folder.path()).err().ok_or("opened a folder")?;
    assert!(matches!(error.kind(), CaptureErrorKind::Io(_)), "{error}");
    Ok(())
}
