//! The floor that flow meters are measured against: the least that this machine can do.
//!
//! ```console
//! floor readhdr CAPTURE    # large reads, and a walk from record header to record header
//! floor flow CAPTURE       # … and parsing, one table look-up and fourteen moments per packet
//! ```
//!
//! CAPTURE is a little-endian pcap file of Ethernet frames with microseconds. There is no expiry, no
//! direction by evidence, no tunnel, no fragment, no check of a length beyond the captured bytes, and no
//! output but a line on the standard error: what a meter does beyond that is what its ratio shows.

mod moments;
mod packet;
mod table;

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use nettraffic_benches::bare_loop;

use packet::FloorPacket;
use table::FloorTable;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [mode, capture] if mode == "readhdr" => read_headers(capture.as_ref()),
        [mode, capture] if mode == "flow" => make_flows(capture.as_ref()),
        _ => Err("usage: floor readhdr|flow CAPTURE".into()),
    };
    match outcome {
        Ok(line) => {
            eprintln!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read_headers(capture: &Path) -> Result<String, Box<dyn Error>> {
    let mut bytes = 0;
    let packets = bare_loop(capture, |_, data| bytes += data.len() as u64)?;
    Ok(format!("{packets} packets, {bytes} bytes"))
}

fn make_flows(capture: &Path) -> Result<String, Box<dyn Error>> {
    let mut table = FloorTable::default();
    let mut in_flows = 0;
    let packets = bare_loop(capture, |header, data| {
        if let Some(packet) = FloorPacket::parse(header, data) {
            in_flows += 1;
            table.push(&packet);
        }
    })?;
    let (flows, check) = (table.len(), table.checksum());
    Ok(format!(
        "{packets} packets, {in_flows} in {flows} flows, sum of all moments {check}"
    ))
}
