//! What tools read, and how: names, filters, damage, tunnels.

use std::fs;

use serde_json::Value;

use crate::run::Folder;

/// A folder with a synthetic capture in pieces, and the pieces as one file.
fn pieces() -> Folder {
    let folder = Folder::new();
    let arguments = ["syn-scan", "--seed", "5", "-o", "whole.pcap"];
    folder.run("synth", &arguments).expect(0);
    let whole = fs::read(folder.file("whole.pcap")).unwrap();
    let (header, mut records) = whole.split_at(24);
    fs::create_dir(folder.file("tap")).unwrap();
    // Named against the order of time.
    for name in ["c.pcap", "b.pcap", "a.pcap"] {
        let mut len = 0;
        while len < whole.len() / 3 && len < records.len() {
            let captured = records[len + 8..len + 12].try_into().unwrap();
            len += 16 + u32::from_le_bytes(captured) as usize;
        }
        let (piece, rest) = records.split_at(len);
        fs::write(
            folder.file(&format!("tap/{name}")),
            [header, piece].concat(),
        )
        .unwrap();
        records = rest;
    }
    assert!(records.is_empty());
    folder
}

fn flows(folder: &Folder, arguments: &[&str]) -> (String, Value) {
    let arguments = [
        arguments,
        &["--features", "basic", "--summary", "account.json"],
    ]
    .concat();
    let ran = folder.run("flows", &arguments).expect(0);
    let account = fs::read(folder.file("account.json")).unwrap();
    (ran.stdout(), serde_json::from_slice(&account).unwrap())
}

#[test]
fn folders_and_patterns_are_one_stream_in_the_order_of_time() {
    let folder = pieces();
    let (whole, account) = flows(&folder, &["whole.pcap"]);
    for names in [
        &["tap"][..],
        &["tap/*.pcap"],
        &["tap/a.pcap", "tap/c.pcap", "tap/b.pcap"],
    ] {
        let (woven, same) = flows(&folder, names);
        assert!(woven == whole, "{names:?}");
        assert_eq!(same, account, "{names:?}");
    }
    fs::create_dir(folder.file("empty")).unwrap();
    for (name, told) in [
        ("empty", "empty: a folder without a capture"),
        ("none/*.pcap", "none/*.pcap: "),
        ("none.pcap", "none.pcap: there is no such file"),
    ] {
        let said = folder.run("flows", &[name]).expect(2).stderr();
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn a_filter_leaves_only_what_is_wanted() {
    let folder = pieces();
    let (_, all) = flows(&folder, &["tap"]);
    let (_, dns) = flows(&folder, &["tap", "--filter", "udp port 53"]);
    let (_, rest) = flows(&folder, &["tap", "--filter", "not udp port 53"]);
    let number = |account: &Value, name: &str| account[name].as_u64().unwrap();
    for account in [&dns, &rest] {
        let filtered = account["skipped"]["filtered"].as_u64().unwrap();
        assert_eq!(
            number(account, "packets_decoded") + filtered,
            number(&all, "packets_read")
        );
    }
    assert_eq!(
        number(&dns, "packets_decoded"),
        number(&dns["protocols"], "udp")
    );
    assert_eq!(
        number(&dns, "packets_decoded") + number(&rest, "packets_decoded"),
        number(&all, "packets_decoded")
    );

    let wrong = folder.run("flows", &["tap", "--filter", "tcp and hots 10.0.0.1"]);
    let said = wrong.expect(2).stderr();
    assert!(said.contains("`hots`"), "{said}");
    assert!(
        said.contains("tcp and hots 10.0.0.1\n") && said.contains("^^^^"),
        "{said}"
    );
}

#[test]
fn recovery_goes_on_behind_damage() {
    let folder = pieces();
    let mut capture = fs::read(folder.file("whole.pcap")).unwrap();
    let middle = {
        let mut at = 24;
        while at < capture.len() / 2 {
            let captured = capture[at + 8..at + 12].try_into().unwrap();
            at += 16 + u32::from_le_bytes(captured) as usize;
        }
        at
    };
    capture[middle + 8..middle + 12].fill(0xff);
    fs::write(folder.file("damaged.pcap"), &capture).unwrap();
    let read = |arguments: &[&str]| {
        let arguments = [&["damaged.pcap", "--summary", "account.json"], arguments].concat();
        let said = folder.run("flows", &arguments).expect(1).stderr();
        let account = fs::read(folder.file("account.json")).unwrap();
        let account: Value = serde_json::from_slice(&account).unwrap();
        assert!(
            said.contains(&format!("record at byte {middle} ")),
            "{said}"
        );
        account
    };
    let (_, whole) = flows(&folder, &["whole.pcap"]);
    let (plain, recovered) = (read(&[]), read(&["--recover"]));
    let packets = |account: &Value| account["packets_read"].as_u64().unwrap();
    assert!(packets(&plain) < packets(&whole) * 2 / 3);
    assert_eq!(packets(&recovered), packets(&whole) - 1);
    assert_eq!(recovered["capture_notes"]["resynchronisations"], 1);
}

/// The inside of VXLAN, by hand: an Ethernet frame with a UDP datagram to port 53.
#[test]
fn tunnels_are_opened_or_left_closed_and_a_detector_remembers_which() {
    let folder = pieces();
    let datagram = |from: u8, port: u16, payload: &[u8]| {
        let udp_len = payload.len() as u16 + 8;
        let mut packet = vec![0x45, 0];
        packet.extend((udp_len + 20).to_be_bytes());
        packet.extend([
            0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, from, 10, 0, 0, 9, 0x9c, 0x40,
        ]);
        packet.extend(port.to_be_bytes());
        packet.extend(udp_len.to_be_bytes());
        packet.extend([0, 0]);
        packet.extend(payload);
        [&[2; 12][..], &[8, 0], &packet].concat()
    };
    let inner = datagram(1, 53, b"question");
    let outer = datagram(7, 4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &inner].concat());
    let mut file = fs::read(folder.file("whole.pcap")).unwrap()[..24].to_vec();
    let len = (outer.len() as u32).to_le_bytes();
    file.extend([&[1, 0, 0, 0, 0, 0, 0, 0][..], &len, &len, &outer].concat());
    fs::write(folder.file("overlay.pcap"), file).unwrap();

    let (opened, account) = flows(&folder, &["overlay.pcap"]);
    assert!(
        opened.contains(",10.0.0.1,40000,10.0.0.9,53,udp,"),
        "{opened}"
    );
    assert!(opened.contains(",vxlan:42,"), "{opened}");
    assert_eq!(account["decode_notes"]["tunnelled"], 1);
    let (closed, account) = flows(&folder, &["overlay.pcap", "--tunnels", "gre,6in4"]);
    assert!(
        closed.contains(",10.0.0.7,40000,10.0.0.9,4789,udp,"),
        "{closed}"
    );
    assert!(account["decode_notes"].get("tunnelled").is_none());
    let wrong = folder.run("flows", &["overlay.pcap", "--tunnels", "vlan"]);
    assert!(wrong.expect(2).stderr().contains("unknown tunnel `vlan`"));

    let train = ["--benign", "whole.pcap", "--false-alarm-rate", "0.1"];
    let told = folder
        .run(
            "train",
            &[&train[..], &["--tunnels", "none", "-o", "closed.ntm"]].concat(),
        )
        .expect(0)
        .stderr();
    assert!(
        told.contains("whole.pcap: ") && told.contains(" packets read"),
        "{told}"
    );
    folder
        .run("train", &[&train[..], &["-o", "open.ntm"]].concat())
        .expect(0);
    for (detector, address) in [("closed.ntm", "10.0.0.7"), ("open.ntm", "10.0.0.1")] {
        let judge = [
            "--model",
            detector,
            "overlay.pcap",
            "--scores",
            "scores.csv",
        ];
        folder.run("detect", &judge).expect(0);
        let scores = fs::read_to_string(folder.file("scores.csv")).unwrap();
        assert!(scores.contains(address), "{detector}: {scores}");
    }
}
