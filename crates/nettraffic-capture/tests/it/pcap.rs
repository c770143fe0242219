//! Classic pcap files.

use nettraffic_capture::{CaptureErrorKind, LinkType, from_reader};

use crate::build::{MICROSECONDS, MODIFIED, NANOSECONDS, Order, Read, Record, pcap};

#[test]
fn every_variant_gives_the_same_packets() {
    for order in Order::BOTH {
        for (magic, fraction, time) in [
            (MICROSECONDS, 123_456, "7.123456000"),
            (NANOSECONDS, 123_456_789, "7.123456789"),
            (MODIFIED, 123_456, "7.123456000"),
        ] {
            let file = pcap(
                order,
                magic,
                1,
                &[
                    (7, fraction, 99, b"first"),
                    (8, 0, 0, b""),
                    (9, 0, 6, b"second"),
                ],
            );
            let read = Read::all(&file);
            let context = format!("{order:?} {magic:#x}");
            assert!(read.errors.is_empty(), "{context}: {:?}", read.errors);
            assert_eq!(read.datas(), [&b"first"[..], b"", b"second"], "{context}");
            assert_eq!(read.packets[0].time.to_string(), time, "{context}");
            assert_eq!(read.packets[0].wire_len, 99, "{context}");
            assert_eq!(read.packets[2].sequence, 2, "{context}");
        }
    }
}

#[test]
fn frame_check_bits_are_no_part_of_the_link_type() {
    // Four bytes of frame check sequence, as their presence is announced.
    let file = pcap(Order::Big, MICROSECONDS, 0x2400_0001, &[(0, 0, 1, b"x")]);
    assert_eq!(Read::all(&file).packets[0].link_type, LinkType::ETHERNET);
}

#[test]
fn records_may_be_longer_than_the_snap_length_says() {
    let long = vec![7; 70_000];
    let file = pcap(
        Order::Little,
        MICROSECONDS,
        1,
        &[(0, 0, 70_000, &long), (0, 0, 1, b"x")],
    );
    let read = Read::all(&file);
    assert_eq!(read.datas(), [&long[..], b"x"]);
    assert!(read.errors.is_empty());
}

#[test]
fn files_of_old_versions_have_their_lengths_in_another_order() {
    // As they stand in the header of the record: 4 and 60.
    for (major, minor, captured, wire) in [
        (2, 4, Some(4), 60),
        (2, 3, Some(4), 60),
        (2, 2, None, 4),
        (2, 0, None, 4),
        (543, 0, None, 4),
        (1, 2, Some(4), 60),
    ] {
        for order in Order::BOTH {
            let mut file = pcap(order, MICROSECONDS, 1, &[(1, 0, 60, b"four")]);
            file[4..6].copy_from_slice(&order.u16(major));
            file[6..8].copy_from_slice(&order.u16(minor));
            let read = Read::all(&file);
            let context = format!("version {major}.{minor}");
            assert_eq!(
                read.packets.first().map(|seen| seen.data.len()),
                captured,
                "{context}"
            );
            // All 60 bytes of the record are there, when the file has as many.
            file.extend([0; 56]);
            let read = Read::all(&file);
            assert_eq!(read.packets[0].wire_len, wire, "{context}");
        }
    }
    // Version 2.3 with the lengths the other way round.
    let mut file = pcap(Order::Big, MICROSECONDS, 1, &[(1, 0, 60, b"four")]);
    file[6..8].copy_from_slice(&Order::Big.u16(3));
    file[24 + 8..24 + 16].rotate_left(4);
    assert_eq!(Read::all(&file).datas(), [b"four"]);
}

#[test]
fn captures_longer_than_the_buffer_lose_nothing() {
    let datas: Vec<Vec<u8>> = (0..2_000_u32)
        .map(|i| {
            let len = if i % 500 == 0 { 250_000 } else { 1 + i % 700 };
            (0..len).map(|at| (at ^ i) as u8).collect()
        })
        .collect();
    let records: Vec<Record<'_>> = datas.iter().map(|data| (0, 0, 0, &data[..])).collect();
    for magic in [MICROSECONDS, MODIFIED] {
        let read = Read::all(&pcap(Order::Little, magic, 1, &records));
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert!(read.datas() == datas, "{magic:#x}");
    }
}

#[test]
fn a_fraction_beyond_its_second_stays_in_it() {
    let file = pcap(Order::Big, MICROSECONDS, 1, &[(5, u32::MAX, 1, b"x")]);
    assert_eq!(Read::all(&file).packets[0].time.to_string(), "5.999999000");
}

#[test]
fn a_cut_capture_yields_what_is_whole_and_says_where_it_ends() {
    for magic in [MICROSECONDS, MODIFIED] {
        let header = if magic == MODIFIED { 24 } else { 16 };
        let file = pcap(
            Order::Big,
            magic,
            1,
            &[(1, 0, 4, b"one!"), (2, 0, 4, b"two!"), (3, 0, 6, b"three!")],
        );
        let third = 24 + 2 * (header + 4);
        for (len, packets, message) in [
            (file.len(), 3, None),
            (
                file.len() - 1,
                2,
                Some(format!(
                    "record at byte {third} claims 6 bytes, 5 are left; 2 packets before it were read"
                )),
            ),
            (
                third + 9,
                2,
                Some(format!(
                    "record header at byte {third} claims {header} bytes, 9 are left; 2 packets before it were read"
                )),
            ),
            (
                24 + header + 4 + 1,
                1,
                Some(format!(
                    "record header at byte {} claims {header} bytes, 1 is left; 1 packet before it was read",
                    24 + header + 4
                )),
            ),
            (third, 2, None),
            (24, 0, None),
        ] {
            let read = Read::all(&file[..len]);
            assert_eq!(read.packets.len(), packets, "cut to {len}");
            let expected: Vec<String> =
                message.iter().map(|text| format!("test: {text}")).collect();
            assert_eq!(read.messages(), expected, "cut to {len}");
        }
    }
}

#[test]
fn a_cut_file_header_is_said_to_be_one() {
    let file = pcap(Order::Big, MICROSECONDS, 1, &[]);
    for len in 4..24 {
        assert_eq!(
            Read::all(&file[..len]).messages(),
            [format!(
                "test: file header at byte 0 claims 24 bytes, {len} are left"
            )]
        );
    }
}

#[test]
fn impossible_records_are_refused() {
    let mut file = pcap(
        Order::Big,
        MICROSECONDS,
        1,
        &[(1, 0, 4, b"good"), (2, 0, 4, b"bad!")],
    );
    file[24 + 20 + 8..][..4].fill(0xff);
    let read = Read::all(&file);
    assert_eq!(read.datas(), [b"good"]);
    assert_eq!(
        read.messages(),
        [
            "test: record at byte 44 claims 4294967295 bytes, 4 are left; 1 packet before it was read"
        ]
    );

    // Where the file goes on, nobody knows whether it would have been long enough.
    file.resize(1_000_000, 0);
    let read = Read::all(&file);
    assert_eq!(
        read.messages(),
        [
            "test: record at byte 44 claims 4294967295 bytes, the limit is 262144; 1 packet before it was read"
        ]
    );
}

#[test]
fn what_is_no_capture_is_named() {
    for (start, found) in [
        (&b""[..], "an empty file"),
        (b"\xd4\xc3", "data of an unknown kind"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"No.,Time,Source", "text"),
    ] {
        let error = from_reader("odd", start).err().expect("refused");
        let CaptureErrorKind::NotACapture { found: named, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(*named, found);
        assert!(
            error.to_string().starts_with("odd: not a capture"),
            "{error}"
        );
    }
}
