//! Anonymised captures: their flows are those of the originals, and the tool keeps its word.

use std::io::Read;
use std::path::PathBuf;

use nettraffic_capture::{
    AnonymizeOptions, Anonymizer, CaptureFormat, CaptureWriter, PacketSource, PseudonymKey,
    from_reader,
};
use nettraffic_features::{FeatureMeter, FeatureSet, FlowFormat, FlowWriter};
use nettraffic_flow::FlowConfig;
use nettraffic_synth::Scenario;

use crate::run::{Folder, command};

/// Captures of many kinds: link types, tunnels, fragments, both IP versions, attacks.
const KINDS: &[&str] = &[
    "attack/id2t_mirai.pcap",
    "attack/ipv6_dos_exthdr5.pcap",
    "attack/nmap_udp.pcap",
    "formats/HDLC.pcap",
    "formats/MplsPackets.pcap",
    "formats/OSPFv3_NBMA_adjacencies.pcap",
    "formats/complex.pcapng",
    "formats/dns_fragmented.pcap",
    "formats/erspan.pcap",
    "formats/four_ipv6_http_streams.pcap",
    "formats/gtp-u.pcap",
    "formats/gtp3_false_gtp.pcap",
    "formats/ieee802.11_exthdr.pcap",
    "formats/local2.pcap",
    "formats/many_interfaces-1.pcapng",
    "formats/mixed-vlan-mpls.pcap",
    "formats/pppoe-input.pcap",
    "formats/resp_1_benchmark.pcap",
    "formats/sctp.pcap",
    "formats/tcpdump-geneve.pcap",
    "formats/teredo_bubble_with_payload.pcap",
    "formats/wpa-Induction.pcap.gz",
    "formats/zigbee-join-authenticate.pcap",
    "mixed/mix_test_intrusion.pcap",
];

#[test]
fn flows_of_synthetic_traffic_keep_their_features() {
    for name in ["demo", "syn-scan"] {
        let scenario = Scenario::named(name, 11).unwrap().packets(40_000);
        let mut capture = Vec::new();
        scenario.write_pcap(&mut capture).unwrap();
        let flows = assert_same_flows(name, || Box::new(&capture[..]));
        assert!(flows > 100, "{name}: {flows}");
    }
}

#[test]
fn flows_of_real_captures_keep_their_features() {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: NETTRAFFIC_CORPUS is not set");
        return;
    };
    let mut flows = 0;
    for name in KINDS {
        let capture = std::fs::read(corpus.join(name)).unwrap();
        flows += assert_same_flows(name, || Box::new(&capture[..]));
    }
    assert!(flows > 1_000, "{flows}");
}

/// Compares the flow records of a capture with those of the anonymised one: all but addresses and
/// what is made of them. Gives their number.
#[track_caller]
fn assert_same_flows<'a>(name: &str, capture: impl Fn() -> Box<dyn Read + Send + 'a>) -> usize {
    let before = flows(from_reader(name, capture()).unwrap());
    let shown = anonymized(from_reader(name, capture()).unwrap());
    let after = flows(from_reader(name, &shown[..]).unwrap());
    assert_eq!(before.len(), after.len(), "{name}: records");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "{name}");
    }
    before.len()
}

/// The flow records of a capture with all features, as CSV lines without what tells of addresses.
fn flows(source: Box<dyn PacketSource + Send + '_>) -> Vec<String> {
    const OF_ADDRESSES: [&str; 3] = ["uid", "id.orig_h", "id.resp_h"];
    let mut writer = FlowWriter::new(FeatureSet::standard().schema(), FlowFormat::Csv);
    let header = String::from_utf8(writer.header().to_vec()).unwrap();
    let is_kept: Vec<bool> = (header.trim().split(','))
        .map(|column| !OF_ADDRESSES.contains(&column))
        .collect();
    assert_eq!(is_kept.iter().filter(|kept| !**kept).count(), 3, "{header}");

    let mut meter = FeatureMeter::new(source, FeatureSet::standard(), FlowConfig::default());
    let mut row = Vec::new();
    let mut flows = Vec::new();
    loop {
        row.clear();
        let flow = match meter.next_flow(&mut row) {
            Ok(Some(flow)) => flow,
            Ok(None) => break,
            Err(_) => continue,
        };
        let record = std::str::from_utf8(writer.record(&flow, &row)).unwrap();
        let fields = record.trim_end().split(',').zip(&is_kept);
        let fields: Vec<&str> = fields
            .filter(|(_, kept)| **kept)
            .map(|(field, _)| field)
            .collect();
        flows.push(fields.join(","));
    }
    // What went into no flow is the same as well.
    flows.push(format!("{:?}", meter.packets().decode_counters()));
    flows.push(format!("{:?}", meter.flow_counters()));
    flows
}

fn anonymized(mut source: Box<dyn PacketSource + Send + '_>) -> Vec<u8> {
    let key = PseudonymKey::from_hex(&("5a".repeat(16) + &"c3".repeat(16))).unwrap();
    let mut anonymizer = Anonymizer::new(&key, AnonymizeOptions::default());
    let mut writer = CaptureWriter::new(Vec::new(), CaptureFormat::PcapNg).unwrap();
    let mut buffer = Vec::new();
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => {
                let shown = anonymizer.anonymize(&packet, &mut buffer);
                writer.write(&shown).unwrap();
            }
            Ok(None) => break,
            Err(_) => {}
        }
    }
    writer.finish().unwrap()
}

#[test]
fn what_was_anonymised_can_be_turned_back_with_the_key_alone() {
    let folder = office(3000);
    let made = folder
        .run(
            "anonymize",
            &["office.pcap", "-o", "shown.pcap", "--new-key", "office.key"],
        )
        .expect(0);
    assert!(
        made.stderr().contains("3000 packets read, 3000 written"),
        "{}",
        made.stderr()
    );
    assert!(
        made.stderr().contains("pseudonyms, not anonymity"),
        "{}",
        made.stderr()
    );

    let key = std::fs::read_to_string(folder.file("office.key")).unwrap();
    assert_eq!(key.trim_end().len(), 64);
    assert!(!made.stderr().contains(key.trim_end()) && made.stdout().is_empty());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = folder
            .file("office.key")
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let back = [
        "shown.pcap",
        "-o",
        "back.pcap",
        "--key-file",
        "office.key",
        "--reverse",
    ];
    folder.run("anonymize", &back).expect(0);
    let flows = |capture: &str| {
        folder
            .run("flows", &[capture, "--features", "basic"])
            .expect(0)
            .stdout()
    };
    assert_eq!(flows("office.pcap"), flows("back.pcap"));
    assert_ne!(flows("office.pcap"), flows("shown.pcap"));

    std::fs::write(folder.file("other.key"), "b".repeat(63) + "a").unwrap();
    let other = [
        "shown.pcap",
        "-o",
        "other.pcap",
        "--key-file",
        "other.key",
        "--reverse",
    ];
    folder.run("anonymize", &other).expect(0);
    assert_ne!(flows("office.pcap"), flows("other.pcap"));
}

#[test]
fn keys_come_from_the_environment_too_and_are_never_shown() {
    let folder = office(200);
    let run = |key: &str| {
        let output = command("anonymize")
            .args([
                "office.pcap",
                "-o",
                "shown.pcapng",
                "-q",
                "--shift",
                "-3600.5",
            ])
            .current_dir(folder.path())
            .env("NETTRAFFIC_KEY", key)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(
        run(&"0123456789abcdeffedcba9876543210".repeat(2)).0,
        Some(2)
    );
    let (code, said) = run("not a key but a secret");
    assert_eq!(code, Some(2));
    assert!(
        said.contains("NETTRAFFIC_KEY") && !said.contains("secret"),
        "{said}"
    );
    assert!(!folder.file("shown.pcapng").exists());

    let key = "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
    assert_eq!(run(key), (Some(0), String::new()));
    let first = |name: &str| {
        let capture = std::fs::read(folder.file(name)).unwrap();
        let mut source = from_reader(name, &capture[..]).unwrap();
        let packet = source.next_packet().unwrap().unwrap();
        packet.timestamp.as_nanos()
    };
    assert_eq!(
        first("shown.pcapng") - first("office.pcap"),
        -3_600_500_000_000
    );
}

#[test]
fn a_time_that_the_output_cannot_tell_is_no_other_time() {
    let folder = office(50);
    write_key(&folder);
    for (output, shift, code) in [
        ("a.pcap", "-4000000000", 3),
        ("b.pcap", "4000000000", 3),
        ("c.pcapng", "-4000000000", 3),
        ("d.pcapng", "4000000000", 0),
        ("e.pcapng", "9000000000", 3),
    ] {
        let arguments = ["office.pcap", "-o", output, "--key-file", "a.key"];
        let arguments = [&arguments[..], &["--shift", shift]].concat();
        let ran = folder.run("anonymize", &arguments).expect(code);
        assert_eq!(folder.file(output).exists(), code == 0, "{output}");
        let is_named = ran.stderr().contains("packet 1");
        assert_eq!(is_named, code != 0, "{}", ran.stderr());
    }
}

#[test]
fn damage_without_end_is_told_in_a_thousand_lines() {
    const BAD_BLOCKS: usize = 3_000;
    let folder = Folder::new();
    let capture = CaptureWriter::new(Vec::new(), CaptureFormat::PcapNg).unwrap();
    let mut capture = capture.finish().unwrap();
    // Packets whose blocks are too short for a header.
    let bad_block = [6_u32, 12, 12].map(u32::to_le_bytes);
    capture.extend(bad_block.as_flattened().repeat(BAD_BLOCKS));
    std::fs::write(folder.file("bad.pcapng"), capture).unwrap();
    write_key(&folder);
    let arguments = ["bad.pcapng", "-o", "b.pcap", "--key-file", "a.key", "-q"];
    let said = folder.run("anonymize", &arguments).expect(1).stderr();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 1_001);
    assert_eq!(lines.last(), Some(&"and 2,000 further errors"));
}

#[test]
fn nothing_is_overwritten_that_was_not_meant_to_be() {
    let folder = office(200);
    write_key(&folder);
    let capture = std::fs::read(folder.file("office.pcap")).unwrap();
    for (arguments, code) in [
        (
            &["office.pcap", "-o", "office.pcap", "--key-file", "a.key"][..],
            2,
        ),
        (&["office.pcap", "-o", "a.key", "--key-file", "a.key"], 2),
        (
            &["office.pcap", "-o", "b.pcap", "--new-key", "office.pcap"],
            2,
        ),
        (&["office.pcap", "-o", "b.pcap", "--new-key", "a.key"], 2),
        (&["office.pcap", "-o", "b.pcap"], 2),
        (&["none.pcap", "-o", "b.pcap", "--key-file", "a.key"], 2),
    ] {
        folder.run("anonymize", arguments).expect(code);
        assert!(!folder.file("b.pcap").exists(), "{arguments:?}");
    }
    // A new key stays only with what was made with it.
    let nowhere = ["office.pcap", "-o", "none/b.pcap", "--new-key", "b.key"];
    folder.run("anonymize", &nowhere).expect(3);
    assert!(!folder.file("b.key").exists());
    assert_eq!(std::fs::read(folder.file("office.pcap")).unwrap(), capture);
}

/// A folder with a synthetic capture of so many packets.
fn office(packets: usize) -> Folder {
    let folder = Folder::new();
    let packets = packets.to_string();
    let arguments = ["syn-scan", "--packets", &packets, "-o", "office.pcap"];
    folder.run("synth", &arguments).expect(0);
    folder
}

fn write_key(folder: &Folder) {
    std::fs::write(folder.file("a.key"), "c".repeat(63) + "a").unwrap();
}
