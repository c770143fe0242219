//! CICFlowMeter's documented errors, as far as they are about features: one test for each, which bears
//! its number and name and shows that it is not ours. Values are worked out by hand.

use nettraffic_capture::{Fingerprint, LinkType, Packet, PacketMeta, Timestamp, decode};
use nettraffic_features::{
    FeatureNames, FeatureSet, FlowFormat, FlowWriter, Projection, RecordColumns,
};
use nettraffic_flow::{Tidy, TidyConfig};

use crate::Outcome;
use crate::packets::{
    ACK, Client, FIN, PSH, SYN, Server, URG, check, check_own, datagram, rows, segment, with_window,
};

#[test]
fn error_02_fins_of_one_side_count_twice_and_second_ones_not_at_all() -> Outcome {
    check_own(
        &[
            segment(Client, 0, SYN, 0),
            segment(Server, 1, SYN | ACK, 0),
            segment(Client, 2, ACK, 0),
            segment(Client, 3, FIN | ACK, 0),
            // Nobody answered, so it says so again.
            segment(Client, 300, FIN | ACK, 0),
            segment(Server, 301, FIN | ACK, 0),
            segment(Client, 302, ACK, 0),
        ],
        &[("fin", 3.0), ("syn", 2.0), ("ack", 6.0), ("rst", 0.0)],
    )
}

#[test]
fn error_04_psh_and_urg_count_on_the_first_packet_only() -> Outcome {
    check_own(
        &[
            segment(Client, 0, SYN, 0),
            segment(Server, 1, SYN | ACK, 0),
            segment(Client, 2, PSH | ACK, 10),
            segment(Client, 3, PSH | ACK | URG, 10),
            segment(Server, 4, PSH | ACK, 10),
            segment(Server, 5, ACK | URG, 10),
            segment(Server, 6, ACK | URG, 10),
        ],
        &[
            ("forward_psh", 2.0),
            ("backward_psh", 1.0),
            ("psh", 3.0),
            ("forward_urg", 1.0),
            ("backward_urg", 2.0),
            ("urg", 3.0),
        ],
    )
}

#[test]
fn error_05_the_first_packet_counts_twice_in_the_lengths() -> Outcome {
    // Mean 40; squares of the distances 3,600 + 1,600 + 400.
    let packets = [
        datagram(Client, 0, 100),
        datagram(Server, 1, 0),
        datagram(Client, 2, 20),
    ];
    check_own(
        &packets,
        &[
            ("payload_mean", 40.0),
            ("payload_sample_variance", 2_800.0),
            ("payload_sample_std", 2_800_f64.sqrt()),
        ],
    )?;
    // Twice, the mean would be 55 and the average size 220 / 3.
    check(
        &packets,
        FeatureNames::Cic2017,
        &[("Packet Length Mean", 40.0), ("Average Packet Size", 40.0)],
    )
}

#[test]
fn error_06_busy_periods_and_silences_are_absolute_booked_twice_and_never_closed() -> Outcome {
    let moments = [0, 1_000, 2_000, 10_000, 11_000, 18_000, 18_500];
    let packets = moments.map(|at| datagram(Client, at, 1));
    check_own(
        &packets,
        &[
            // 0–2 s, 10–11 s and 18–18.5 s; the last is open when the flow ends.
            ("active_mean", 3.5 / 3.0),
            ("active_sample_std", (7.0_f64 / 12.0).sqrt()),
            ("active_max", 2.0),
            ("active_min", 0.5),
            // 2–10 s and 11–18 s, once each.
            ("idle_mean", 7.5),
            ("idle_sample_std", 0.5_f64.sqrt()),
            ("idle_max", 8.0),
            ("idle_min", 7.0),
        ],
    )?;
    check(
        &packets,
        FeatureNames::Cic2018,
        &[
            ("Active Max", 2e6),
            ("Active Min", 5e5),
            ("Idle Mean", 7.5e6),
        ],
    )
}

#[test]
fn error_07_windows_are_overwritten_or_of_udp_and_the_first_data_packet_is_left_out() -> Outcome {
    check_own(
        &[
            segment(Client, 0, SYN, 0),
            with_window(segment(Server, 1, SYN | ACK, 0), 65_535),
            segment(Client, 2, ACK, 5),
            with_window(segment(Server, 3, ACK, 0), 0),
            with_window(segment(Client, 4, ACK, 0), 7),
        ],
        &[
            ("forward_window", 1_000.0),
            ("forward_window_missing", 0.0),
            ("backward_window", 65_535.0),
            ("backward_window_missing", 0.0),
            ("forward_data_packets", 1.0),
        ],
    )?;
    let questions = [
        datagram(Client, 0, 30),
        datagram(Client, 1, 30),
        datagram(Server, 2, 9),
    ];
    check_own(
        &questions,
        &[
            ("forward_window_missing", 1.0),
            ("backward_window_missing", 1.0),
            ("forward_data_packets", 2.0),
        ],
    )?;
    check(
        &questions,
        FeatureNames::Cic2017,
        &[
            ("Init_Win_bytes_forward", -1.0),
            ("Init_Win_bytes_backward", -1.0),
            ("act_data_pkt_fwd", 2.0),
        ],
    )
}

#[test]
fn error_08_forward_bulks_count_as_backward_and_means_are_cut_to_integers() -> Outcome {
    let asked: Vec<PacketMeta> = [0, 1, 2, 3, 4].map(|at| datagram(Client, at, 10)).into();
    let answered: Vec<PacketMeta> = [10, 20, 30, 60].map(|at| datagram(Server, at, 101)).into();
    let again: Vec<PacketMeta> = [70, 72, 74, 76].map(|at| datagram(Client, at, 15)).into();
    let packets = [asked, answered, again].concat();
    check_own(
        &packets,
        &[
            // 5 packets and 50 bytes in 4 ms, 4 packets and 60 bytes in 6 ms.
            ("forward_bulk_packets", 4.5),
            ("forward_bulk_bytes", 55.0),
            ("forward_bulk_rate", 110.0 / 0.010),
            // 4 packets and 404 bytes in 50 ms.
            ("backward_bulk_packets", 4.0),
            ("backward_bulk_bytes", 101.0 * 4.0),
            ("backward_bulk_rate", 404.0 / 0.050),
            ("down_up_ratio", 4.0 / 9.0),
        ],
    )?;
    // A pause parts it in two: five packets are two and a half for each.
    let paused = [0, 1, 2, 1_500, 1_501].map(|at| datagram(Client, at, 1));
    check_own(
        &paused,
        &[
            ("subflow_forward_packets", 2.5),
            ("subflow_forward_bytes", 2.5),
        ],
    )
}

#[test]
fn error_09_the_first_subflow_is_not_counted() -> Outcome {
    let packets = [
        datagram(Client, 0, 10),
        datagram(Server, 1, 60),
        datagram(Client, 2, 20),
    ];
    // Without a pause the whole flow is one.
    check_own(
        &packets,
        &[
            ("subflow_forward_packets", 2.0),
            ("subflow_forward_bytes", 30.0),
            ("subflow_backward_packets", 1.0),
            ("subflow_backward_bytes", 60.0),
        ],
    )?;
    // A second is no pause yet, and a millisecond more is one.
    let pauses = [
        &packets[..],
        &[datagram(Client, 1_002, 30), datagram(Server, 2_003, 60)],
    ]
    .concat();
    check_own(
        &pauses,
        &[
            ("subflow_forward_packets", 1.5),
            ("subflow_forward_bytes", 30.0),
            ("subflow_backward_packets", 1.0),
            ("subflow_backward_bytes", 60.0),
        ],
    )
}

/// An Ethernet frame in a VLAN or not, with the IP packet and padding to `len` bytes.
fn frame(vlan: bool, ether_type: [u8; 2], ip: &[u8], len: usize) -> Vec<u8> {
    let mut frame = [2; 12].to_vec();
    if vlan {
        frame.extend([0x81, 0, 0, 7]);
    }
    frame.extend(ether_type);
    frame.extend(ip);
    frame.resize(frame.len().max(len), 0);
    frame
}

fn decoded(frame: &[u8]) -> Result<PacketMeta, nettraffic_capture::Skip> {
    decode(&Packet::new(
        Timestamp::from_seconds(1, 0),
        LinkType::ETHERNET,
        frame,
    ))
}

/// An IPv6 header before `payload` of this protocol.
fn v6(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, payload.len() as u8, protocol, 64];
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(payload);
    packet
}

#[test]
fn error_10_header_lengths_of_udp_over_ipv6_are_those_of_tcp() -> Outcome {
    let udp = [&[0x9c, 0x40, 0, 53, 0, 13, 0, 0][..], b"hello"].concat();
    check_own(
        &[decoded(&frame(false, [0x86, 0xdd], &v6(17, &udp), 0))?],
        &[
            ("forward_header_bytes", 8.0),
            ("forward_header_min", 8.0),
            ("forward_payload_bytes", 5.0),
        ],
    )?;
    // A TCP header of 32 bytes, and the same packet over both versions.
    let mut tcp = vec![
        0x9c, 0x40, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, ACK, 0, 9, 0, 0, 0, 0,
    ];
    tcp.extend([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
    let headers = [("forward_header_bytes", 32.0), ("forward_header_min", 32.0)];
    check_own(
        &[decoded(&frame(false, [0x86, 0xdd], &v6(6, &tcp), 0))?],
        &headers,
    )?;
    check_own(
        &[decoded(&frame(false, [8, 0], &v4(6, &tcp), 0))?],
        &headers,
    )
}

/// An IPv4 header before `payload` of this protocol.
fn v4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![
        0x45,
        0,
        0,
        20 + payload.len() as u8,
        0,
        1,
        0,
        0,
        64,
        protocol,
        0,
        0,
    ];
    packet.extend([192, 0, 2, 1, 198, 51, 100, 7]);
    packet.extend(payload);
    packet
}

#[test]
fn error_11_padding_counts_as_payload() -> Outcome {
    let ack = [
        0x9c, 0x40, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, ACK, 0, 9, 0, 0, 0, 0,
    ];
    for vlan in [false, true] {
        // 40 bytes of IP in a frame of 64: some are padding, with a tag or without.
        check_own(
            &[decoded(&frame(vlan, [8, 0], &v4(6, &ack), 64))?],
            &[
                ("payload_max", 0.0),
                ("forward_payload_bytes", 0.0),
                ("forward_data_packets", 0.0),
                ("forward_header_bytes", 20.0),
            ],
        )?;
    }
    Ok(())
}

#[test]
fn error_14_copied_and_disordered_packets_count_as_traffic() -> Outcome {
    let clean: Vec<PacketMeta> = (0..20)
        .map(|number| {
            let from = if number % 3 == 0 { Server } else { Client };
            let mut packet = datagram(from, number * 40, 10 + number as u32);
            packet.sequence = number as u64;
            packet.fingerprint = Fingerprint::of(&v4(17, &[number as u8; 8]));
            packet
        })
        .collect();
    // Every packet twice, and one in four out of order.
    let mut disturbed: Vec<PacketMeta> =
        clean.iter().flat_map(|packet| [*packet, *packet]).collect();
    for pair in disturbed.chunks_exact_mut(8) {
        pair.swap(2, 5);
    }
    let tidy = TidyConfig::default()
        .without_copies()
        .with_sorting_window(std::time::Duration::from_millis(500));
    let mut tidy = Tidy::new(tidy);
    let mut tidied = Vec::new();
    for packet in &disturbed {
        tidy.push(packet);
        tidied.extend(std::iter::from_fn(|| tidy.pop()));
    }
    tidy.finish();
    tidied.extend(std::iter::from_fn(|| tidy.pop()));
    let set = FeatureSet::named("cic")?;
    let (_, expected) = rows(&set, &clean);
    assert_eq!(rows(&set, &tidied).1, expected);
    assert_ne!(rows(&set, &disturbed).1, expected);
    Ok(())
}

#[test]
fn error_15_rates_are_not_a_number_or_infinite_at_duration_zero() -> Outcome {
    let rates = [
        ("payload_per_second", 0.0),
        ("packets_per_second", 0.0),
        ("forward_packets_per_second", 0.0),
        ("backward_packets_per_second", 0.0),
        ("forward_bulk_rate", 0.0),
        ("gap_sample_std", 0.0),
    ];
    check_own(&[datagram(Client, 0, 100)], &rates)?;
    check_own(&[datagram(Client, 0, 0), datagram(Server, 0, 0)], &rates)?;
    // A bulk of a single moment too.
    check_own(&[datagram(Client, 0, 100); 5], &rates)
}

#[test]
fn error_16_nobody_says_whether_a_standard_deviation_is_of_a_sample() -> Outcome {
    // Gaps of 1 s and 3 s, payload of 1, 2 and 6 bytes.
    let packets = [
        datagram(Client, 0, 1),
        datagram(Client, 1_000, 2),
        datagram(Client, 4_000, 6),
    ];
    check_own(
        &packets,
        &[
            ("gap_sample_std", 2_f64.sqrt()),
            ("forward_gap_sample_std", 2_f64.sqrt()),
            ("payload_sample_variance", 7.0),
            ("forward_payload_sample_std", 7_f64.sqrt()),
        ],
    )?;
    let population = FeatureSet::named("length,timing")?;
    let (_, rows) = rows(&population, &packets);
    for (name, expected) in [
        ("gap_std", 1.0),
        ("forward_payload_std", (14.0_f64 / 3.0).sqrt()),
    ] {
        let at = population.schema().position(name).ok_or(name)?;
        let found = rows.first().and_then(|row| row.get(at)).ok_or(name)?;
        assert!((found - expected).abs() < 1e-9, "{name}: {found}");
    }
    for feature in FeatureSet::all().features() {
        let is_spread = feature.name.ends_with("_std") || feature.name.ends_with("_variance");
        let says = feature.formula.contains("sample") || feature.formula.contains("population");
        assert!(!is_spread || says, "{}", feature.name);
    }
    Ok(())
}

#[test]
fn error_17_protocol_0_a_column_that_stands_there_twice_and_hours_without_half() -> Outcome {
    let set = FeatureSet::named("cic")?;
    let projection = Projection::of(&set.schema(), FeatureNames::Cic2017)?;
    let columns = RecordColumns::cic_2017();
    let mut writer = FlowWriter::with_columns(projection.schema(), FlowFormat::Csv, &columns);
    let header = std::str::from_utf8(writer.header())?.trim_end().to_owned();
    let mut names: Vec<&str> = header.split(',').collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("Fwd Header Length"))
            .count(),
        2
    );
    let of_protocol = names
        .iter()
        .position(|name| *name == "Protocol")
        .ok_or("Protocol")?;
    let of_time = names
        .iter()
        .position(|name| *name == "Timestamp")
        .ok_or("Timestamp")?;
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), header.split(',').count(), "{header}");

    // 1 January 2024 at 14:00:00: an afternoon.
    let mut packet = datagram(Client, 0, 1);
    packet.timestamp = Timestamp::from_seconds(1_704_117_600, 0);
    let (flows, rows) = rows(&set, &[packet]);
    let (flow, row) = flows.first().zip(rows.first()).ok_or("one flow")?;
    let mut values = Vec::new();
    projection.apply(row, &mut values);
    let line = std::str::from_utf8(writer.record(flow, &values))?
        .trim_end()
        .to_owned();
    let fields: Vec<&str> = line.split(',').collect();
    assert_eq!(fields.get(of_protocol), Some(&"17"));
    let time = fields.get(of_time).ok_or("a time")?;
    assert!(time.contains("14:00:00"), "{time}");
    Ok(())
}
