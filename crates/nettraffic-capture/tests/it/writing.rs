//! What is written is what is read.

use std::error::Error;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use nettraffic_capture::{
    CaptureError, CaptureFormat, CaptureSet, CaptureWriter, LinkType, Packet, PacketSource,
    PcapNgWriter, PcapWriter, RotatingWriter, Rotation, Timestamp, decode, find_captures,
    from_reader, open,
};
use proptest::prelude::*;

use crate::build::{Read, Seen};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A packet as a writer is given it.
fn packet(seen: &Seen) -> Packet<'_> {
    let mut packet = Packet::new(seen.time, seen.link_type, &seen.data);
    packet.wire_len = seen.wire_len;
    packet
}

fn written(format: CaptureFormat, packets: &[Seen]) -> io::Result<Vec<u8>> {
    let mut writer = CaptureWriter::new(Vec::new(), format)?;
    for seen in packets {
        writer.write(&packet(seen))?;
    }
    writer.finish()
}

/// Packets of these link types with times that both formats can tell.
fn packets(link_types: &'static [u16]) -> impl Strategy<Value = Vec<Seen>> {
    let time = 0..i64::from(u32::MAX) * NANOS_PER_SECOND;
    let data = prop::collection::vec(any::<u8>(), 0..90);
    let link_type = prop::sample::select(link_types);
    let one =
        (time, data, any::<u32>(), link_type).prop_map(|(nanos, data, wire_len, link)| Seen {
            time: Timestamp::from_nanos(nanos),
            sequence: 0,
            link_type: LinkType(link),
            wire_len,
            data,
        });
    prop::collection::vec(one, 0..30).prop_map(|mut packets| {
        for (sequence, seen) in (0..).zip(&mut packets) {
            seen.sequence = sequence;
        }
        packets
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pcap_is_read_back_equal(packets in packets(&[276])) {
        let format = CaptureFormat::Pcap(LinkType::LINUX_SLL2);
        let read = Read::all(&written(format, &packets)?);
        prop_assert!(read.errors.is_empty(), "{:?}", read.messages());
        prop_assert_eq!(read.packets, packets);
    }

    #[test]
    fn pcapng_is_read_back_equal(packets in packets(&[1, 101, 0, 276, u16::MAX])) {
        let read = Read::all(&written(CaptureFormat::PcapNg, &packets)?);
        prop_assert!(read.errors.is_empty(), "{:?}", read.messages());
        prop_assert_eq!(read.packets, packets);
    }
}

#[test]
fn times_beyond_the_format_are_refused_by_name() -> Result<(), Box<dyn Error>> {
    const LAST_OF_PCAP: i64 = (1 << 32) * NANOS_PER_SECOND - 1;
    let pcap = CaptureFormat::Pcap(LinkType::ETHERNET);
    for (format, nanos, time) in [
        (pcap, -1, Err("-0.000000001")),
        (pcap, 0, Ok("0.000000000")),
        (pcap, LAST_OF_PCAP, Ok("4294967295.999999999")),
        (pcap, LAST_OF_PCAP + 1, Err("4294967296.000000000")),
        (pcap, i64::MAX, Err("9223372036.854775807")),
        (CaptureFormat::PcapNg, -1, Err("-0.000000001")),
        (CaptureFormat::PcapNg, 0, Ok("0.000000000")),
        (CaptureFormat::PcapNg, i64::MAX, Ok("9223372036.854775807")),
    ] {
        let mut writer = CaptureWriter::new(Vec::new(), format)?;
        let before = writer.get_ref().len();
        let packet = Packet::new(Timestamp::from_nanos(nanos), LinkType::ETHERNET, b"x");
        match (writer.write(&packet), time) {
            (Ok(()), Ok(time)) => {
                let read = Read::all(&writer.finish()?);
                let times: Vec<String> = read.packets.iter().map(|p| p.time.to_string()).collect();
                assert_eq!(times, [time], "{format:?}");
            }
            (Err(error), Err(time)) => {
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
                assert!(error.to_string().contains(time), "{error}");
                assert_eq!(writer.get_ref().len(), before, "{format:?} {time}");
            }
            (written, _) => panic!("{format:?} {nanos}: {written:?}"),
        }
    }
    Ok(())
}

#[test]
fn a_capture_without_packets_is_a_capture() -> Result<(), Box<dyn Error>> {
    for format in [CaptureFormat::Pcap(LinkType::RAW), CaptureFormat::PcapNg] {
        let read = Read::all(&written(format, &[])?);
        assert!(read.errors.is_empty(), "{format:?}: {:?}", read.messages());
        assert!(read.packets.is_empty());
    }
    Ok(())
}

#[test]
fn what_no_reader_would_take_is_refused_and_leaves_no_trace() -> Result<(), Box<dyn Error>> {
    let time = Timestamp::default();
    let long = vec![0; 262_145];
    let too_long = Packet::new(time, LinkType::ETHERNET, &long);
    let just_right = Packet::new(time, LinkType::ETHERNET, &long[1..]);
    let other = Packet::new(time, LinkType::RAW, b"x");

    let mut pcap = PcapWriter::new(Vec::new(), LinkType::ETHERNET)?;
    let mut pcapng = PcapNgWriter::new(Vec::new())?;
    for refused in [
        pcap.write(&too_long),
        pcap.write(&other),
        pcapng.write(&too_long),
    ] {
        let error = refused.err().ok_or("accepted")?;
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
    }
    pcap.write(&just_right)?;
    pcapng.write(&just_right)?;
    for file in [pcap.finish()?, pcapng.finish()?] {
        let read = Read::all(&file);
        assert!(read.errors.is_empty(), "{:?}", read.messages());
        assert_eq!(read.datas(), [just_right.data]);
    }
    Ok(())
}

#[test]
fn more_link_types_than_a_section_may_describe_take_another_one() -> Result<(), Box<dyn Error>> {
    let mut writer = PcapNgWriter::new(Vec::new())?;
    let link_types: Vec<LinkType> = (0..9_000).chain([5, 4_096, 8_999]).map(LinkType).collect();
    for &link_type in &link_types {
        writer.write(&Packet::new(Timestamp::default(), link_type, b"x"))?;
    }
    let read = Read::all(&writer.finish()?);
    assert!(read.errors.is_empty(), "{:?}", read.messages());
    let seen: Vec<LinkType> = read.packets.iter().map(|seen| seen.link_type).collect();
    assert!(seen == link_types);
    Ok(())
}

/// Writes packets of 84 bytes each (as a record) with these times, in seconds from noon of the
/// first day of 2024, and lists what is in the folder then.
fn rotated(
    folder: &Path,
    rotation: Rotation,
    seconds: &[i64],
) -> Result<Vec<String>, Box<dyn Error>> {
    let format = CaptureFormat::Pcap(LinkType::ETHERNET);
    let mut writer = RotatingWriter::new(folder.join("tap.pcap"), format, rotation)?;
    for second in seconds {
        let time = Timestamp::from_seconds(1_704_110_400 + second, 0);
        writer.write(&Packet::new(time, LinkType::ETHERNET, &[0; 68]))?;
    }
    let files = writer.finish()?;
    let mut listed = list(folder)?;
    listed.sort();
    let told = files
        .iter()
        .map(|path| path.file_name().unwrap_or_default());
    assert!(told.eq(listed.iter().map(AsRef::<std::ffi::OsStr>::as_ref)));
    Ok(listed)
}

fn list(folder: &Path) -> io::Result<Vec<String>> {
    folder
        .read_dir()?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

#[test]
fn rotation_loses_nothing() -> Result<(), Box<dyn Error>> {
    let minute = Rotation::new().after_time(Duration::from_secs(60));
    for (rotation, seconds, names) in [
        (Rotation::new(), &[][..], &[][..]),
        (Rotation::new(), &[0, 99, 5], &["00001_20240101120000"]),
        (
            minute,
            &[0, 59, 60, 61, 250],
            &[
                "00001_20240101120000",
                "00002_20240101120100",
                "00003_20240101120410",
            ],
        ),
        // One wrong clock does not hold up what follows.
        (
            minute,
            &[0, 90_000_000, 1, 61],
            &[
                "00001_20240101120000",
                "00002_20261108040000",
                "00003_20240101120001",
                "00004_20240101120101",
            ],
        ),
        // A header of 24 bytes and two packets are 192 bytes.
        (
            Rotation::new().after_bytes(109),
            &[0, 1, 2, 3, 4],
            &[
                "00001_20240101120000",
                "00002_20240101120002",
                "00003_20240101120004",
            ],
        ),
        (
            Rotation::new().after_bytes(1),
            &[0, 0],
            &["00001_20240101120000", "00002_20240101120000"],
        ),
    ] {
        let folder = tempfile::tempdir()?;
        let listed = rotated(folder.path(), rotation, seconds)?;
        let expected: Vec<String> = names
            .iter()
            .map(|name| format!("tap_{name}.pcap"))
            .collect();
        assert_eq!(listed, expected, "{rotation:?} {seconds:?}");

        let files = listed.iter().map(|name| folder.path().join(name));
        let read = Read::drain(&mut CaptureSet::new(files).in_given_order());
        assert!(read.errors.is_empty(), "{:?}", read.messages());
        let read: Vec<i64> = (read.packets.iter())
            .map(|seen| seen.time.as_nanos() / NANOS_PER_SECOND - 1_704_110_400)
            .collect();
        assert_eq!(read, seconds);
    }
    Ok(())
}

#[test]
fn the_oldest_files_make_room() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("tap_00001_20200101120000.pcap"),
        "of somebody else",
    )?;
    let two = NonZeroUsize::new(2).ok_or("zero")?;
    let rotation = Rotation::new().after_bytes(1).keep_files(two);
    let format = CaptureFormat::PcapNg;
    let mut writer = RotatingWriter::new(folder.path().join("tap.pcap"), format, rotation)?;
    for second in 0..5 {
        let time = Timestamp::from_seconds(second, 0);
        writer.write(&Packet::new(time, LinkType::ETHERNET, b"x"))?;
        let of_ours = list(folder.path())?.len() - 1;
        assert_eq!(of_ours, 2.min(second as usize + 1));
    }
    // As when somebody tidies up meanwhile.
    fs::remove_file(folder.path().join("tap_00004_19700101000003.pcap"))?;
    writer.write(&Packet::new(Timestamp::default(), LinkType::ETHERNET, b"x"))?;
    writer.finish()?;
    let mut listed = list(folder.path())?;
    listed.sort();
    assert_eq!(
        listed,
        [
            "tap_00001_20200101120000.pcap",
            "tap_00005_19700101000004.pcap",
            "tap_00006_19700101000000.pcap",
        ]
    );
    Ok(())
}

#[test]
fn a_file_has_its_name_when_it_is_complete() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let rotation = Rotation::new().after_bytes(1);
    let path = folder.path().join("tap");
    let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, b"x");
    let mut writer = RotatingWriter::new(&path, CaptureFormat::PcapNg, rotation)?;
    writer.write(&packet)?;
    assert_eq!(list(folder.path())?, [".tap_00001_19700101000000.part"]);
    writer.write(&packet)?;
    drop(writer);
    let mut listed = list(folder.path())?;
    listed.sort();
    assert_eq!(
        listed,
        [".tap_00002_19700101000000.part", "tap_00001_19700101000000"]
    );
    let found = nettraffic_capture::find_captures([folder.path()])?;
    assert_eq!(found, [folder.path().join("tap_00001_19700101000000")]);

    let nowhere = folder.path().join("missing/tap");
    let error = RotatingWriter::new(nowhere, CaptureFormat::PcapNg, rotation).err();
    let error = error.ok_or("there is no such folder")?;
    assert!(error.to_string().contains("missing"), "{error}");
    Ok(())
}

/// The captures of the corpus that can be read, where there is one.
fn corpus() -> Result<Vec<std::path::PathBuf>, CaptureError> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS") else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(Vec::new());
    };
    let folders = ["attack", "benign", "formats", "malformed", "mixed"];
    find_captures(folders.map(|folder| Path::new(&corpus).join(folder)))
}

#[test]
fn real_captures_are_read_back_equal() -> Result<(), Box<dyn Error>> {
    for path in corpus()? {
        let Ok(mut source) = open(&path) else {
            continue;
        };
        let mut writer = PcapNgWriter::new(Vec::new())?;
        while let Ok(Some(packet)) = source.next_packet() {
            writer.write(&packet)?;
        }
        let file = writer.finish()?;
        let mut original = open(&path)?;
        let mut copy = from_reader("copy", &file[..])?;
        while let Ok(Some(mut packet)) = original.next_packet() {
            packet.timestamp = packet.timestamp.max(Timestamp::default());
            assert_eq!(copy.next_packet()?, Some(packet), "{}", path.display());
        }
        assert_eq!(copy.next_packet()?, None, "{}", path.display());
    }
    Ok(())
}

#[test]
fn cut_to_headers_real_packets_tell_the_same() -> Result<(), Box<dyn Error>> {
    let (mut all, mut kept) = (0, 0);
    for path in corpus()? {
        let Ok(mut source) = open(&path) else {
            continue;
        };
        while let Ok(Some(packet)) = source.next_packet() {
            let cut = packet.cut_to_headers();
            all += packet.data.len();
            kept += cut.data.len();
            let decoded = [packet, cut].map(|packet| {
                decode(&packet).map(|mut meta| {
                    meta.cut = false;
                    meta
                })
            });
            if let [Ok(whole), headers] = decoded {
                assert_eq!(headers, Ok(whole), "{}", path.display());
            }
        }
    }
    assert!(kept * 2 <= all, "of {all} bytes {kept} were kept");
    Ok(())
}
