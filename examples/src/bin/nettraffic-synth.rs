//! Labelled synthetic captures.

use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use nettraffic_examples::{Failure, Output, check_outputs, run_tool, write_file};
use nettraffic_synth::Scenario;

/// Write a labelled synthetic capture: office traffic, and attacks on it.
///
/// The capture is a pcap file with nanosecond time stamps; the same scenario and seed give the
/// same bytes. The ground truth can be written as label rules and as a label per packet.
#[derive(Parser)]
#[command(
    name = "nettraffic-synth",
    version,
    after_help = "Examples:
  nettraffic-synth --list
  nettraffic-synth demo -o demo.pcap --labels demo.csv
  nettraffic-synth load --packets 2000000 --seed 3 -o load.pcap
  nettraffic-synth syn-scan | nettraffic-flows -

Exit codes: 0 written; 2 usage; 3 a file could not be written."
)]
struct Arguments {
    /// Name of the scenario
    #[arg(required_unless_present = "list")]
    scenario: Option<String>,
    /// List the scenarios
    #[arg(long)]
    list: bool,
    /// Seed of all randomness
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Length of the capture in seconds of packet time
    #[arg(long, value_name = "SECONDS")]
    duration: Option<u64>,
    /// Number of client machines
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    hosts: Option<u32>,
    /// End after this many packets
    #[arg(long, value_name = "N")]
    packets: Option<u64>,
    /// Write the capture here instead of to standard output
    #[arg(short, long, value_name = "FILE.pcap")]
    output: Option<PathBuf>,
    /// Write the ground truth here as label rules
    #[arg(long, value_name = "FILE.csv")]
    labels: Option<PathBuf>,
    /// Write the label of every packet here
    #[arg(long, value_name = "FILE.csv")]
    packet_labels: Option<PathBuf>,
    /// Print what was written as one JSON object on standard error
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-synth", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let Some(name) = &arguments.scenario else {
        let mut output = Output::to(None)?;
        for (name, about) in Scenario::NAMES {
            output.line(&format!("{name:<16} {about}"))?;
        }
        output.finish()?;
        return Ok(true);
    };
    let outputs = (arguments.output.iter())
        .chain(&arguments.labels)
        .chain(&arguments.packet_labels);
    check_outputs([], outputs.map(std::path::PathBuf::as_path))?;
    let mut scenario = Scenario::named(name, arguments.seed).map_err(Failure::usage)?;
    if let Some(seconds) = arguments.duration {
        scenario = scenario.duration(Duration::from_secs(seconds));
    }
    if let Some(hosts) = arguments.hosts {
        scenario = scenario.hosts(hosts as usize);
    }
    if let Some(packets) = arguments.packets {
        scenario = scenario.packets(packets);
    }

    let mut truth = None;
    match &arguments.output {
        Some(path) => write_file(path, |file| {
            truth = Some(scenario.write_pcap(file)?);
            Ok(())
        })?,
        None => {
            let stdout = BufWriter::with_capacity(1 << 18, std::io::stdout());
            let written = scenario.write_pcap(stdout);
            truth = Some(written.map_err(|error| Failure::writing("standard output", &error))?);
        }
    }
    let Some(truth) = truth else {
        return Ok(true);
    };
    if let Some(path) = &arguments.labels {
        write_file(path, |file| truth.write_rules(file))?;
    }
    if let Some(path) = &arguments.packet_labels {
        write_file(path, |file| truth.write_packet_labels(file))?;
    }
    let attacks: std::collections::BTreeSet<&str> =
        truth.rules.iter().map(|rule| rule.label).collect();
    if arguments.json {
        let json = serde_json::json!({
            "scenario": name, "seed": arguments.seed, "packets": truth.packets, "attacks": attacks,
        });
        eprintln!("{json}");
    } else {
        eprintln!(
            "{} packets of scenario {name}, seed {}",
            truth.packets, arguments.seed
        );
    }
    Ok(true)
}
