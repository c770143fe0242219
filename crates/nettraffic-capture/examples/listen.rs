//! Captures an interface and says what happens to it: `listen INTERFACE [SECONDS [FILTER [FILE]]]`
//!
//! Without SECONDS until it is killed. FILE is written in pcap format. It needs the capability to
//! capture and says how to get it:
//!
//! ```text
//! cargo run --release -p nettraffic-capture --features live --example listen -- eth0 10 "not port 22"
//! ```

use std::env;
use std::error::Error;
use std::fs::File;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nettraffic_capture::{LiveEvent, LiveOptions, LiveSource, LiveState, PcapWriter, interfaces};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.first() {
        Some(interface) => capture(interface, &arguments),
        None => list(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn list() -> Result<(), Box<dyn Error>> {
    eprintln!("usage: listen INTERFACE [SECONDS [FILTER [FILE]]]; there are");
    for interface in interfaces()? {
        println!(
            "{}\t{:?}\t{:?}",
            interface.name, interface.state, interface.addresses
        );
    }
    Ok(())
}

fn capture(interface: &str, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let seconds = arguments.get(1).map_or(Ok(u64::MAX), |text| text.parse())?;
    let mut options = LiveOptions::new();
    if let Some(filter) = arguments.get(2) {
        options = options.with_filter(filter);
    }
    let mut source = LiveSource::open(interface, &options)?;
    let mut writer = match arguments.get(3) {
        Some(path) => Some(PcapWriter::new(File::create(path)?, source.link_type())?),
        None => None,
    };
    println!("capturing {interface}, {:?}", source.link_type());

    let begin = Instant::now();
    let mut state = LiveState::Receiving;
    let mut looked = 0_u32;
    loop {
        let is_idle = match source.poll()? {
            LiveEvent::Packet(packet) => {
                if let Some(writer) = &mut writer {
                    writer.write(&packet)?;
                }
                false
            }
            LiveEvent::Gap(gap) => {
                let lasted = gap.end.saturating_since(gap.begin);
                println!("gap of {lasted:?}: {}", gap.reason);
                true
            }
            _ => true,
        };
        looked = looked.wrapping_add(1);
        if !is_idle && !looked.is_multiple_of(1024) {
            continue;
        }
        if source.state() != state {
            state = source.state();
            println!("{} is {state:?}", source.interface());
        }
        if begin.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    for (name, count) in source.counters().counts() {
        println!("{count:>12} {name}");
    }
    if let Some(writer) = writer {
        writer.finish()?;
    }
    Ok(())
}
