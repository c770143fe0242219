//! Counts what is in captures, one line each: packets, bytes on the wire, errors, name.
//!
//! ```text
//! cargo run --release -p nettraffic-capture --example count -- [--recover] CAPTURE...
//! ```

use std::path::Path;

use nettraffic_capture::{CaptureCounters, CaptureError, PacketSource, ReadOptions};

fn main() {
    let mut options = ReadOptions::new();
    for argument in std::env::args_os().skip(1) {
        if argument == "--recover" {
            options = options.with_recovery(true);
            continue;
        }
        let path = Path::new(&argument);
        let (counters, errors) = match options.open(path) {
            Ok(mut source) => count(&mut *source),
            Err(error) => (CaptureCounters::default(), vec![error]),
        };
        let (packets, bytes) = (counters.packets, counters.wire_bytes);
        println!("{packets}\t{bytes}\t{}\t{}", errors.len(), path.display());
        for error in errors {
            eprintln!("{error}");
        }
    }
}

/// Reads to the end, whatever is wrong on the way.
fn count(source: &mut dyn PacketSource) -> (CaptureCounters, Vec<CaptureError>) {
    let mut errors = Vec::new();
    loop {
        match source.next_packet() {
            Ok(Some(_)) => {}
            Ok(None) => return (source.counters(), errors),
            Err(error) => errors.push(error),
        }
    }
}
