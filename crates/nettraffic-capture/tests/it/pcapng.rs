//! pcapng files.

use nettraffic_capture::{BlockProblem, CaptureErrorKind, LinkType};

use crate::build::{Order, Read, block, enhanced, interface, option, section};

#[test]
fn interfaces_keep_their_own_link_type_and_clock() {
    for order in Order::BOTH {
        let nanoseconds = option(order, 9, &[9]);
        let mut shifted = option(order, 2, b"eth1");
        shifted.extend(option(order, 9, &[0x80 | 1]));
        let offset = match order {
            Order::Big => 100_i64.to_be_bytes(),
            Order::Little => 100_i64.to_le_bytes(),
        };
        shifted.extend(option(order, 14, &offset));
        shifted.extend(option(order, 0, &[]));

        let mut file = section(order);
        file.extend(interface(order, 1, 0, &[]));
        file.extend(interface(order, 101, 0, &nanoseconds));
        file.extend(enhanced(order, 1, 1_000_000_007, b"on 1"));
        file.extend(interface(order, 113, 0, &shifted));
        file.extend(enhanced(order, 2, 3, b"on 2, odd"));
        file.extend(enhanced(order, 0, 1_000_007, b"on 0"));

        let read = Read::all(&file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        let seen: Vec<_> = read
            .packets
            .iter()
            .map(|seen| (seen.link_type.0, seen.time.to_string(), &seen.data[..]))
            .collect();
        assert_eq!(
            seen,
            [
                (101, "1.000000007".to_owned(), &b"on 1"[..]),
                (113, "101.500000000".to_owned(), b"on 2, odd"),
                (1, "1.000007000".to_owned(), b"on 0"),
            ]
        );
    }
}

#[test]
fn sections_begin_anew_in_their_own_byte_order() {
    let mut file = Vec::new();
    for (order, link_type) in [(Order::Big, 1), (Order::Little, 101), (Order::Big, 113)] {
        file.extend(section(order));
        file.extend(interface(order, link_type, 0, &[]));
        file.extend(enhanced(order, 0, 5, b"packet"));
    }
    // The interfaces of a section end with it.
    file.extend(section(Order::Little));
    file.extend(enhanced(Order::Little, 0, 5, b"orphan"));

    let read = Read::all(&file);
    let types: Vec<u16> = read.packets.iter().map(|seen| seen.link_type.0).collect();
    assert_eq!(types, [1, 101, 113]);
    assert!(matches!(
        read.errors[0].kind(),
        CaptureErrorKind::UnknownInterface {
            interface: 0,
            known: 0,
            ..
        }
    ));
}

#[test]
fn all_three_packet_blocks_are_read_and_others_passed_over() {
    for order in Order::BOTH {
        let mut obsolete = order.u16(1).to_vec();
        obsolete.extend(order.u16(7)); // drops
        for word in [0, 2_000_000, 3, 60] {
            obsolete.extend(order.u32(word));
        }
        obsolete.extend(b"oldXoptions!");
        let mut simple = order.u32(60).to_vec();
        simple.extend(b"simp");

        let mut file = section(order);
        file.extend(interface(order, 1, 4, &[]));
        file.extend(interface(order, 101, 0, &[]));
        file.extend(block(order, 4, b"names"));
        file.extend(block(order, 2, &obsolete));
        file.extend(block(order, 5, b"statistics"));
        file.extend(block(order, 3, &simple));
        file.extend(block(order, 10, b"secrets"));
        file.extend(block(order, 0x0000_0bad, b"custom"));
        file.extend(block(order, 0x8000_1234, b""));

        let read = Read::all(&file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(read.datas(), [&b"old"[..], b"simp"]);
        assert_eq!(read.packets[0].link_type, LinkType::RAW);
        assert_eq!(read.packets[1].link_type, LinkType::ETHERNET);
        assert_eq!(read.packets[1].wire_len, 60);
        let times: Vec<String> = read
            .packets
            .iter()
            .map(|seen| seen.time.to_string())
            .collect();
        assert_eq!(
            times,
            ["2.000000000", "2.000000000"],
            "a simple packet has no time of its own"
        );
    }
}

#[test]
fn options_and_the_length_of_a_section_change_nothing() {
    for order in Order::BOTH {
        let mut body = order.u32(0x1a2b_3c4d).to_vec();
        body.extend(order.u16(1));
        body.extend(order.u16(0));
        // A length that is known, and wrong: packets do not depend on it.
        body.extend(order.u32(4));
        body.extend(order.u32(0));
        body.extend(option(order, 3, b"an operating system"));
        body.extend(option(order, 0, b""));
        let mut file = block(order, 0x0a0d_0d0a, &body);
        file.extend(interface(order, 1, 0, &option(order, 9, &[9])));
        let mut packet = Vec::new();
        for word in [0, 0, 7, 5, 60] {
            packet.extend(order.u32(word));
        }
        packet.extend(b"hello\0\0\0");
        packet.extend(option(order, 1, b"a comment"));
        packet.extend(option(order, 4, &[0, 0, 0, 0, 0, 0, 0, 9])); // drops
        packet.extend(option(order, 0, b""));
        file.extend(block(order, 6, &packet));
        file.extend(block(order, 5, &[0; 12]));
        file.extend(enhanced(order, 0, 8, b"more"));

        let read = Read::all(&file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(read.datas(), [&b"hello"[..], b"more"]);
        let first = &read.packets[0];
        assert_eq!((first.wire_len, first.time.as_nanos()), (60, 7));
    }
}

#[test]
fn blocks_longer_than_the_buffer_are_passed_over() {
    let order = Order::Little;
    let mut file = section(order);
    file.extend(interface(order, 1, 0, &[]));
    file.extend(block(order, 10, &vec![7; 3 << 20]));
    file.extend(enhanced(order, 0, 1, b"behind"));
    let read = Read::all(&file);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.datas(), [b"behind"]);
}

#[test]
fn a_bad_packet_in_a_sound_block_costs_only_itself() {
    let order = Order::Little;
    let mut greedy = enhanced(order, 0, 1, b"greedy");
    greedy[8 + 12..][..4].copy_from_slice(&order.u32(1_000));
    let mut file = section(order);
    file.extend(interface(order, 1, 0, &[]));
    let first = file.len() as u64;
    file.extend(&greedy);
    file.extend(block(order, 6, b"short"));
    file.extend(block(order, 1, b""));
    file.extend(enhanced(order, 9, 1, b"nowhere"));
    file.extend(enhanced(order, 0, 1, &vec![0; 300_000]));
    file.extend(enhanced(
        order,
        1,
        1,
        b"on the interface that was too short",
    ));
    file.extend(enhanced(order, 0, 1, b"good"));

    let read = Read::all(&file);
    assert_eq!(read.packets.len(), 2);
    assert_eq!(read.datas()[1], b"good");
    assert_eq!(read.errors[0].offset(), first);
    let texts = read.messages();
    let expected = [
        "holds a packet that claims 1000 bytes where 8 fit",
        "has a body of 8 bytes, too few for its fixed fields",
        "has a body of 0 bytes, too few for its fixed fields",
        "names interface 9, its section describes 2 so far",
        "claims 300000 bytes, the limit is 262144",
    ];
    assert_eq!(texts.len(), expected.len(), "{texts:#?}");
    for (text, expected) in texts.iter().zip(expected) {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_block_whose_length_cannot_be_trusted_ends_the_capture() {
    let order = Order::Big;
    let mut start = section(order);
    start.extend(interface(order, 1, 0, &[]));
    start.extend(enhanced(order, 0, 1, b"good"));
    let at = start.len();

    let with = |offset: usize, value: u32| {
        let mut file = start.clone();
        file.extend(enhanced(order, 0, 1, b"bad!"));
        file.extend(enhanced(order, 0, 1, b"lost"));
        file[at + offset..][..4].copy_from_slice(&order.u32(value));
        file
    };
    let mut bad_magic = start.clone();
    bad_magic.extend(section(order));
    bad_magic[at + 8] = 0;
    for (file, message) in [
        (
            with(4, 0),
            "claims a length of 0 bytes, where a multiple of 4 from 12 on belongs",
        ),
        (
            with(4, 38),
            "claims a length of 38 bytes, where a multiple of 4 from 12 on belongs",
        ),
        (with(32, 40), "claims 36 bytes before and 40 after its body"),
        (with(4, 0xffff_fffc), "claims 4294967292 bytes, 72 are left"),
        (
            bad_magic,
            "begins a section with 0x002b3c4d where the byte-order magic belongs",
        ),
    ] {
        let read = Read::all(&file);
        assert_eq!(read.datas(), [b"good"]);
        assert_eq!(
            read.messages(),
            [format!(
                "test: block at byte {at} {message}; 1 packet before it was read"
            )]
        );
    }
}

#[test]
fn every_cut_yields_the_whole_packets_before_it() {
    let order = Order::Little;
    let mut file = section(order);
    file.extend(interface(order, 1, 0, &[]));
    let mut ends = vec![28, file.len()];
    for data in [&b"one"[..], b"four", b"", b"seventeen bytes.."] {
        file.extend(enhanced(order, 0, 1, data));
        ends.push(file.len());
    }
    for len in 12..=file.len() {
        let read = Read::all(&file[..len]);
        let whole = ends.iter().filter(|&&end| end <= len).count();
        assert_eq!(read.packets.len(), whole.saturating_sub(2), "cut to {len}");
        assert_eq!(read.errors.is_empty(), ends.contains(&len), "cut to {len}");
    }
}

#[test]
fn interfaces_without_end_are_refused() {
    let order = Order::Little;
    let mut file = section(order);
    for _ in 0..4_098 {
        file.extend(interface(order, 1, 0, &[]));
    }
    file.extend(enhanced(order, 4_095, 0, b"last"));
    let read = Read::all(&file);
    assert_eq!(read.datas(), [b"last"]);
    assert_eq!(read.errors.len(), 2);
    assert!(matches!(
        read.errors[0].kind(),
        CaptureErrorKind::BadBlock {
            problem: BlockProblem::TooManyInterfaces { .. },
            ..
        }
    ));
}
