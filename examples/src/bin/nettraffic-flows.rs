//! Captures in, flow records with their features out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nettraffic_capture::{DecodeConfig, PacketSource as _, Tunnels};
use nettraffic_examples::{
    Captures, Failure, Output, Progress, Reading, Summary, check_outputs, run_tool, write_file,
};
use nettraffic_features::{Extractor, FeatureMeter, FeatureSet, FlowFormat, FlowWriter};
use nettraffic_flow::{FlowConfig, PacketBatches};

/// Turn captures into flow records with features, one row per flow.
///
/// The first columns bear Zeek's names and meaning; the features follow. Damaged captures
/// are read as far as they go, and the damage is named.
#[derive(Parser)]
#[command(
    name = "nettraffic-flows",
    version,
    after_help = "Examples:
  nettraffic-flows office.pcap > flows.csv
  nettraffic-flows monday.pcap.gz tuesday.pcapng --format ndjson -o flows.ndjson
  nettraffic-flows captures/ 'taps/2024-*.pcap' > flows.csv
  nettraffic-flows tap.pcap --filter 'tcp port 443 and not net 10.0.0.0/8' > web.csv
  tcpdump -w - | nettraffic-flows - --features basic --summary account.json

Exit codes: 0 all was read; 1 something in the input was damaged (what could be read
is delivered); 2 usage; 3 the output could not be written."
)]
struct Arguments {
    /// Captures (pcap or pcapng, also compressed with gzip, zstd or xz), woven into one stream by
    /// time: files, folders, patterns such as 'taps/*.pcap'; - is standard input
    #[arg(required = true)]
    captures: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Tunnels to open: all, none, or some of ipip, 6in4, gre, erspan, vxlan, geneve, gtpu and teredo,
    /// separated by commas
    #[arg(long, value_name = "KINDS", default_value_t = Tunnels::ALL)]
    tunnels: Tunnels,
    /// Check checksums; packets with wrong ones are kept, and counted in the account
    #[arg(long)]
    checksums: bool,
    /// Write the records here instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Format of the records
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// The same as --format ndjson
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Feature sets, separated by commas (default: all)
    #[arg(long, value_name = "SET[,SET]")]
    features: Option<String>,
    /// Write the account of the run here, as one JSON object
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Do not print the account of the run on standard error
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-flows", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let features = match &arguments.features {
        Some(names) => FeatureSet::named(names).map_err(Failure::usage)?,
        None => FeatureSet::standard(),
    };
    let format = match arguments.format {
        Format::Csv if !arguments.json => FlowFormat::Csv,
        _ => FlowFormat::Ndjson,
    };
    let captures = Captures::find(&arguments.captures)?;
    check_outputs(
        captures.files().iter().map(PathBuf::as_path),
        (arguments.output.iter().chain(&arguments.summary)).map(PathBuf::as_path),
    )?;
    let mut output = Output::to(arguments.output.as_deref())?;
    let mut writer = FlowWriter::new(features.schema(), format);
    let mut decode =
        features.decode_config(DecodeConfig::default().with_tunnels(arguments.tunnels));
    if arguments.checksums {
        decode = decode.with_checksums();
    }
    let packets = PacketBatches::with_decoder(
        arguments.reading.source(&captures),
        arguments.reading.decoder(decode),
    );
    let mut meter = FeatureMeter::of(packets, Extractor::new(features, FlowConfig::default()));
    let mut row = Vec::new();
    let mut summary = Summary::default();
    let progress = Progress::over(captures.files());

    output.write(writer.header())?;
    let mut records: u64 = 0;
    loop {
        row.clear();
        match meter.next_flow(&mut row) {
            Ok(Some(flow)) => output.write(writer.record(&flow, &row))?,
            Ok(None) => break,
            Err(error) => summary.error(&error),
        }
        records += 1;
        if records.is_multiple_of(Progress::STEP) {
            progress.at(meter.packets().source().counters().input_bytes);
        }
    }
    output.finish()?;
    drop(progress);

    summary.count(
        &meter.packets().source().counters(),
        &meter.packets().decode_counters(),
        &meter.flow_counters(),
    );
    if let Some(path) = &arguments.summary {
        write_file(path, |file| {
            serde_json::to_writer_pretty(&mut *file, &summary)?;
            file.write_all(b"\n")
        })?;
    }
    if !arguments.quiet {
        eprintln!("{}", summary.describe());
    }
    Ok(summary.is_sound())
}
