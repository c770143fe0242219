//! Real captures, when the corpus is there.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use nettraffic_capture::{DecodeConfig, Decoder, PacketMeta, open};
use nettraffic_features::{PacketFeatureConfig, PacketFeatures};

use crate::naive;

#[test]
fn every_value_is_finite_on_every_capture() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let (mut captures, mut packets) = (0, 0_u64);
    for path in files(&corpus)? {
        let mut features = PacketFeatures::new(PacketFeatureConfig::default());
        let mut row = Vec::new();
        let of_capture = for_each_packet(&path, |packet| {
            row.clear();
            features.push(packet, &mut row);
            let wrong = row.iter().position(|value| !value.is_finite());
            assert_eq!(wrong, None, "{}: {packet:?}", path.display());
        });
        captures += u32::from(of_capture > 0);
        packets += of_capture;
    }
    println!("{captures} captures, {packets} packets");
    assert!(captures > 400 && packets > 300_000, "{captures} captures");
    Ok(())
}

#[test]
fn rows_equal_sums_over_all_packets_of_real_captures() -> Result<(), Box<dyn Error>> {
    const MOST: usize = 1_000;
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    for name in [
        "attack/ac_dns_tunnel.pcap",
        "attack/cicids2017_sqlinj.pcap",
        "attack/esnet_nmap_all.pcap",
        "attack/slowloris.pcap",
        "attack/zeek_ssh_guess.pcap",
    ] {
        let mut packets: Vec<PacketMeta> = Vec::new();
        for_each_packet(&corpus.join(name), |packet| packets.push(*packet));
        assert!(packets.len() > 90, "{name}: {} packets", packets.len());
        packets.truncate(MOST);
        naive::check(&PacketFeatureConfig::default(), &packets);
    }
    Ok(())
}

/// Takes all packets that can be read and decoded: damaged captures end early.
fn for_each_packet(path: &Path, mut take: impl FnMut(&PacketMeta)) -> u64 {
    let mut count = 0;
    let Ok(mut source) = open(path) else {
        return count;
    };
    let mut decoder = Decoder::new(DecodeConfig::default());
    while let Ok(Some(packet)) = source.next_packet() {
        if let Ok(meta) = decoder.decode(&packet) {
            take(&meta);
            count += 1;
        }
    }
    count
}

fn corpus() -> Option<PathBuf> {
    let corpus = env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
    }
    corpus
}

/// All files below `folder`, captures or not, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
