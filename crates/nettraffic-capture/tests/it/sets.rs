//! Several files as one stream.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use nettraffic_capture::{
    CaptureError, CaptureErrorKind, CaptureSet, PacketSource, ReadLimits, ReadOptions,
    find_captures, open,
};
use proptest::prelude::*;

use crate::build::{MICROSECONDS, Order, Read, Record, enhanced, interface, pcap, section};
use crate::compressed::PACKS;

/// A folder to fill.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> std::io::Result<Self> {
        tempfile::tempdir().map(Self)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A capture whose packets have these times in seconds, and tell their file and time.
    fn capture(&self, name: &str, seconds: &[u32]) -> std::io::Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, capture(name, seconds))?;
        Ok(path)
    }
}

fn capture(name: &str, seconds: &[u32]) -> Vec<u8> {
    let datas: Vec<String> = seconds.iter().map(|s| format!("{name}{s}")).collect();
    let records: Vec<Record<'_>> = (seconds.iter().zip(&datas))
        .map(|(seconds, data)| (*seconds, 0, 60, data.as_bytes()))
        .collect();
    pcap(Order::Little, MICROSECONDS, 1, &records)
}

fn texts(read: &Read) -> Vec<String> {
    let texts = read.datas().into_iter().map(String::from_utf8_lossy);
    texts.map(String::from).collect()
}

fn paths_of(errors: &[CaptureError]) -> Vec<&Path> {
    errors.iter().map(CaptureError::path).collect()
}

#[test]
fn packets_of_all_files_come_in_the_order_of_time() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let a = folder.capture("a", &[10, 20, 30, 30])?;
    let b = folder.capture("b", &[5, 20, 30, 40])?;
    let c = folder.capture("c", &[41, 42])?;
    let mut set = CaptureSet::new([&c, &b, &a]);
    let read = Read::drain(&mut set);
    assert_eq!(
        texts(&read).join(" "),
        "b5 a10 b20 a20 b30 a30 a30 b40 c41 c42",
        "equal times in the order given"
    );
    let sequences: Vec<u64> = read.packets.iter().map(|seen| seen.sequence).collect();
    assert_eq!(sequences, (0..10).collect::<Vec<_>>());
    assert_eq!(set.counters().backwards, 0);
    assert_eq!(set.counters().wire_bytes, 600);
    Ok(())
}

#[test]
fn what_was_read_ahead_does_not_count_yet() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let a = folder.capture("a", &[1, 4])?;
    let b = folder.capture("b", &[2, 3])?;
    let mut set = CaptureSet::new([a, b]);
    for packets in 1..=4 {
        assert!(set.next_packet()?.is_some());
        let counters = set.counters();
        let counted = (
            counters.packets,
            counters.wire_bytes,
            counters.captured_bytes,
        );
        assert_eq!(counted, (packets, 60 * packets, 2 * packets));
    }
    Ok(())
}

#[test]
fn the_given_order_is_kept_on_request() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let later = folder.capture("a", &[10, 20])?;
    let earlier = folder.capture("b", &[5, 500_000])?;
    let mut set = CaptureSet::new([later, earlier]).in_given_order();
    assert_eq!(
        texts(&Read::drain(&mut set)),
        ["a10", "a20", "b5", "b500000"]
    );
    let counters = set.counters();
    assert_eq!((counters.backwards, counters.jumps), (1, 1));
    Ok(())
}

#[test]
fn an_error_names_its_file_and_costs_nothing_else() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let whole = folder.capture("whole", &[1, 2])?;
    let cut = folder.path("cut");
    let bytes = capture("cut", &[1, 2]);
    fs::write(&cut, &bytes[..bytes.len() - 1])?;
    let notes = folder.path("notes.txt");
    fs::write(&notes, "no packets here")?;
    let missing = folder.path("missing");
    // Its first packet is of an interface that nobody described.
    let odd = folder.path("odd");
    let order = Order::Big;
    let packet =
        |interface, second: u64, data| enhanced(order, interface, second * 1_000_000, data);
    let parts = [
        section(order),
        interface(order, 1, 0, &[]),
        packet(7, 1, b"lost"),
        packet(0, 2, b"odd2"),
    ];
    fs::write(&odd, parts.concat())?;

    let mut set = CaptureSet::new([&whole, &missing, &cut, &notes, &odd, &whole]);
    let read = Read::drain(&mut set);
    assert_eq!(
        texts(&read),
        ["whole1", "cut1", "whole1", "whole2", "odd2", "whole2"]
    );
    let mut named = paths_of(&read.errors);
    named.sort();
    assert_eq!(named, [&cut, &missing, &notes, &odd]);
    for error in &read.errors {
        let expected = u64::from(error.path() == cut);
        assert_eq!(error.packets_before(), expected, "of its own file: {error}");
    }
    Ok(())
}

#[test]
fn a_folder_stands_for_the_captures_in_it() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let b = folder.capture("b", &[1])?;
    let a = folder.capture("a.txt", &[1])?;
    folder.capture(".hidden", &[1])?;
    fs::write(folder.path("notes"), "no packets here")?;
    fs::write(folder.path("empty"), "")?;
    fs::create_dir(folder.path("deeper"))?;
    folder.capture("deeper/c", &[1])?;
    // It is a capture by its magic, so that it ends early is worth an error.
    let cut = folder.path("cut");
    fs::write(&cut, &capture("cut", &[])[..20])?;
    assert_eq!(find_captures([folder.0.path()])?, [&*a, &b, &cut]);

    let read = Read::drain(&mut CaptureSet::new([folder.0.path()]));
    assert_eq!(texts(&read), ["a.txt1", "b1"]);
    assert_eq!(paths_of(&read.errors), [&cut]);
    Ok(())
}

#[test]
fn a_pattern_stands_for_the_files_that_match() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    for name in ["x2.pcap", "x1.pcap", "y1.pcap", "x[1].pcap", ".x3.pcap"] {
        folder.capture(name, &[1])?;
    }
    fs::create_dir(folder.path("x4.pcap"))?;
    folder.capture("x4.pcap/x5.pcap", &[1])?;
    for (pattern, expected) in [
        ("x*.pcap", &["x1.pcap", "x2.pcap", "x[1].pcap"][..]),
        ("?1.pcap", &["x1.pcap", "y1.pcap"]),
        ("*[1-3].pcap", &["x1.pcap", "x2.pcap", "y1.pcap"]),
        ("x[1].pcap", &["x[1].pcap"]),
        ("x[1-2].pcap", &["x1.pcap", "x2.pcap"]),
        ("**/x5*", &["x4.pcap/x5.pcap"]),
    ] {
        let found = find_captures([folder.path(pattern)])?;
        let expected: Vec<PathBuf> = expected.iter().map(|name| folder.path(name)).collect();
        assert_eq!(found, expected, "{pattern}");
        assert_eq!(find_captures(&found)?, found, "{pattern}: found again");
    }
    Ok(())
}

#[test]
fn a_name_that_stands_for_nothing_is_an_error() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    fs::create_dir(folder.path("bare"))?;
    fs::write(folder.path("bare/notes.txt"), "no packets here")?;
    let good = folder.capture("good", &[1])?;
    for (name, message) in [
        ("none", "there is no such file"),
        ("bare", "a folder without a capture"),
        ("none-*", "no file matches this pattern"),
        ("none-[", "no such file, and no pattern: "),
    ] {
        let path = folder.path(name);
        let error = find_captures([&good, &path]).err().ok_or("found")?;
        let message = format!("{}: {message}", path.display());
        assert!(error.to_string().starts_with(&message), "{error}");

        let read = Read::drain(&mut CaptureSet::new([&path, &good]));
        assert_eq!(texts(&read), ["good1"]);
        assert!(read.messages()[0].starts_with(&message), "{error}");
    }
    let standard_input = find_captures(["-", "-"])?;
    assert_eq!(standard_input, [Path::new("-")], "it can be read once only");
    Ok(())
}

#[test]
fn more_captures_than_may_be_open_lose_nothing() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let overlapping: Vec<PathBuf> = (0..100)
        .map(|i| folder.capture(&format!("o{i:03}"), &[1_000 + i, 9_000 + i]))
        .collect::<Result<_, _>>()?;
    let mut set = CaptureSet::new(&overlapping);
    let read = Read::drain(&mut set);
    assert!(read.errors.is_empty(), "{:?}", read.messages());
    assert_eq!(read.packets.len(), 200);
    assert!(set.counters().backwards > 0, "some came too late");
    assert_eq!(set.counters().waited_captures, 36);

    let apart: Vec<PathBuf> = (0..100)
        .rev()
        .map(|i| folder.capture(&format!("a{i:03}"), &[1_000 + 10 * i, 1_009 + 10 * i]))
        .collect::<Result<_, _>>()?;
    let mut set = CaptureSet::new(&apart);
    assert_eq!(Read::drain(&mut set).packets.len(), 200);
    let counters = set.counters();
    assert_eq!((counters.backwards, counters.waited_captures), (0, 0));

    let mut set = CaptureSet::new(&overlapping).in_given_order();
    assert_eq!(Read::drain(&mut set).packets.len(), 200);
    assert_eq!(set.counters().waited_captures, 0, "as was asked for");
    Ok(())
}

/// How many of `captures` that overlap in time had to wait, with this limit of a window's bytes.
fn waited(captures: &[PathBuf], window_len: u64) -> u64 {
    let limits = ReadLimits::default().with_window_len(window_len);
    let options = ReadOptions::new().with_limits(limits);
    let mut set = CaptureSet::new(captures).with_options(options);
    let read = Read::drain(&mut set);
    assert!(read.errors.is_empty(), "{:?}", read.messages());
    assert_eq!(read.packets.len(), 2 * captures.len());
    let counters = set.counters();
    assert_eq!(counters.backwards > 0, counters.waited_captures > 0);
    counters.waited_captures
}

#[test]
fn windows_of_open_captures_are_bounded_together() -> Result<(), Box<dyn Error>> {
    for (format, pack) in PACKS {
        let folder = Folder::new()?;
        let mut captures = Vec::new();
        for second in 0..20 {
            let path = folder.path(&second.to_string());
            fs::write(
                &path,
                pack(&[&capture("c", &[100 + second, 900 + second])])?,
            )?;
            captures.push(path);
        }
        let expected = if *format == "gzip" {
            [0; 3]
        } else {
            [12, 16, 0]
        };
        for (window_len, expected) in [64 << 20, 128 << 20, 16 << 20].into_iter().zip(expected) {
            assert_eq!(waited(&captures, window_len), expected, "{format}");
        }
        // What needs no window does not wait behind those that do.
        for second in 20..40 {
            captures.push(folder.capture(&second.to_string(), &[100 + second, 900 + second])?);
        }
        assert_eq!(waited(&captures, 64 << 20), expected[0], "{format}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn pipes_are_woven_in_and_one_in_a_folder_is_left_alone() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status()?;
    assert!(made.success());
    let file = folder.capture("file", &[1, 3])?;
    assert_eq!(find_captures([folder.0.path()])?, [&*file]);

    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::write(pipe, capture("pipe", &[2, 4])))
    };
    let read = Read::drain(&mut CaptureSet::new([&file, &pipe]));
    writer.join().map_err(|_| "the writer panicked")??;
    assert_eq!(texts(&read), ["file1", "pipe2", "file3", "pipe4"]);
    Ok(())
}

#[cfg(unix)]
#[test]
fn pipes_that_need_no_window_are_all_open() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let pipes: Vec<PathBuf> = (0..12).map(|i| folder.path(&format!("p{i}"))).collect();
    let made = std::process::Command::new("mkfifo").args(&pipes).status()?;
    assert!(made.success());
    let writers: Vec<_> = (0..12)
        .zip(pipes.clone())
        .map(|(i, pipe)| std::thread::spawn(move || fs::write(pipe, capture("p", &[100 - i, 200]))))
        .collect();
    let mut set = CaptureSet::new(&pipes);
    assert_eq!(Read::drain(&mut set).packets.len(), 24);
    for writer in writers {
        writer.join().map_err(|_| "a writer panicked")??;
    }
    let counters = set.counters();
    assert_eq!((counters.backwards, counters.waited_captures), (0, 0));
    Ok(())
}

#[test]
fn the_name_of_a_file_does_not_matter() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let path = folder.capture("capture.png", &[1])?;
    let read = Read::drain(&mut *open(&path)?);
    assert_eq!(texts(&read), ["capture.png1"]);

    let error = open(folder.path("none")).err().ok_or("opened")?;
    assert!(error.to_string().contains("none: "), "{error}");
    let error = open(folder.0.path()).err().ok_or("opened a folder")?;
    assert!(matches!(error.kind(), CaptureErrorKind::Io(_)), "{error}");
    Ok(())
}

/// Times of one file in seconds, not always in order, and whether it is cut inside its last packet.
fn file() -> impl Strategy<Value = (Vec<u32>, bool)> {
    let times = prop::collection::vec((0_u32..40, 0_u32..3), 0..12).prop_map(|steps| {
        let mut time = 100;
        let step = |(forward, back): (u32, u32)| {
            time += forward;
            time - 4 * back
        };
        steps.into_iter().map(step).collect()
    });
    (times, prop::bool::weighted(0.2))
}

/// What weaving should give: again and again the packet that comes first among the heads.
fn woven(files: &[(Vec<u32>, bool)]) -> Vec<String> {
    let mut heads: Vec<usize> = vec![0; files.len()];
    let mut order = Vec::new();
    loop {
        let whole = |(times, cut): &(Vec<u32>, bool)| times.len() - usize::from(*cut);
        let next = (files.iter().zip(&heads).enumerate())
            .filter(|(_, (file, head))| **head < whole(file))
            .min_by_key(|(rank, (file, head))| (file.0[**head], *rank));
        let Some((rank, (file, head))) = next else {
            return order;
        };
        order.push(format!("f{rank}-{}", file.0[*head]));
        heads[rank] += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn weaving_keeps_every_packet_and_every_error(files in prop::collection::vec(file(), 0..6)) {
        let files: Vec<_> = (files.into_iter())
            .map(|(times, cut)| (times.clone(), cut && !times.is_empty()))
            .collect();
        let folder = Folder::new()?;
        let mut paths = Vec::new();
        for (rank, (times, cut)) in files.iter().enumerate() {
            let bytes = capture(&format!("f{rank}-"), times);
            let path = folder.path(&rank.to_string());
            fs::write(&path, &bytes[..bytes.len() - usize::from(*cut)])?;
            paths.push(path);
        }
        let mut set = CaptureSet::new(&paths);
        let read = Read::drain(&mut set);
        let expected = woven(&files);
        prop_assert_eq!(texts(&read), expected);

        let cut: Vec<&PathBuf> = (paths.iter().zip(&files)).filter(|(_, file)| file.1).map(|(path, _)| path).collect();
        let mut named = paths_of(&read.errors);
        named.sort();
        prop_assert_eq!(named, cut);

        let counters = set.counters();
        let steps = read.packets.windows(2);
        let backwards = steps.filter(|pair| pair[1].time < pair[0].time).count();
        prop_assert_eq!(counters.backwards, backwards as u64);
        let mut apart = nettraffic_capture::CaptureCounters::default();
        for path in &paths {
            let mut alone = open(path)?;
            while !matches!(alone.next_packet(), Ok(None)) {}
            apart = apart.plus(alone.counters());
        }
        prop_assert_eq!(counters.input_bytes, apart.input_bytes);
        prop_assert_eq!(counters.wire_bytes, apart.wire_bytes);
    }
}
