//! Captures in, flow records with their features out.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nettraffic_capture::{DecodeConfig, PacketSource as _, Tunnels};
use nettraffic_examples::{
    Captures, Failure, Metering, Output, Progress, Reading, Recorder, Recording, Summary, Tidying,
    Watched, check_outputs, run_tool, write_file,
};
use nettraffic_features::FeatureSet;

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
  nettraffic-flows captures/ 'taps/2024-*.pcap' --threads 4 > flows.csv
  nettraffic-flows tap.pcap --filter 'tcp port 443 and not net 10.0.0.0/8' > web.csv
  nettraffic-flows attack.pcap --features cic --names cic2017 --label rules.csv -o attack.csv
  nettraffic-flows tap.pcap --features basic,window --early-packets 10 --format zeek
  tcpdump -w - | nettraffic-flows - --features basic --summary account.json

Exit codes: 0 all was read; 1 something in the input was damaged (what could be read
is delivered); 2 usage; 3 the output could not be written."
)]
struct Arguments {
    /// Captures (pcap or pcapng, also compressed with gzip, zstd or xz), woven into one stream by
    /// time: files, folders, patterns such as 'taps/*.pcap'; - is standard input
    #[arg(required = true)]
    captures: Vec<PathBuf>,
    /// Feature sets, separated by commas: basic, length, timing, tcp, path, cic, rich, window, actor
    /// [default: basic,length,timing,tcp,path]
    #[arg(long, value_name = "SET[,SET]")]
    features: Option<String>,
    /// Write the records here instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Threads to work on; the records are the same on any number
    #[arg(long, value_name = "THREADS", default_value_t = NonZeroUsize::MIN)]
    threads: NonZeroUsize,
    /// Write the account of the run here, as one JSON object
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Print range, mean and deviation of each feature at the end, on standard error
    #[arg(long)]
    statistics: bool,
    /// Do not print the account of the run on standard error
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    recording: Recording,
    #[command(flatten)]
    metering: Metering,
    #[command(flatten, next_help_heading = "Packets")]
    reading: Reading,
    #[command(flatten, next_help_heading = "Packets")]
    tidying: Tidying,
    /// Tunnels to open: all, none, or some of ipip, 6in4, gre, erspan, vxlan, geneve, gtpu and teredo,
    /// separated by commas
    #[arg(long, value_name = "KINDS", default_value_t = Tunnels::ALL, help_heading = "Packets")]
    tunnels: Tunnels,
    /// Check checksums; packets with wrong ones are kept, and counted in the account
    #[arg(long, help_heading = "Packets")]
    checksums: bool,
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
    if arguments.metering.reports_early() && !arguments.recording.tells_early_reports() {
        return Err(Failure::usage(
            "the names of the public tables have no column that tells early reports from final records: \
             take --names own with --early-packets and --early-after",
        ));
    }
    let captures = Captures::find(&arguments.captures)?;
    check_outputs(
        (captures.files().iter().map(PathBuf::as_path)).chain(arguments.recording.inputs()),
        (arguments.output.iter().chain(&arguments.summary)).map(PathBuf::as_path),
    )?;
    let rows = arguments.recording.rows(&features.schema())?;
    let mut decode =
        features.decode_config(DecodeConfig::default().with_tunnels(arguments.tunnels));
    if arguments.checksums {
        decode = decode.with_checksums();
    }
    let output = Output::to(arguments.output.as_deref())?;
    let mut recorder = Recorder::new(&arguments.recording, rows, output)?;
    if arguments.statistics {
        recorder = recorder.with_statistics();
    }
    let source = Watched::new(
        arguments.reading.source(&captures),
        Progress::over(captures.files()),
    );
    let decoder = arguments.reading.decoder(decode);
    let mut packets = arguments.tidying.batches(source, decoder);
    let mut summary = Summary::default();
    let config = arguments.metering.flow_config();
    let counters =
        recorder.record_all(&mut packets, features, config, arguments.threads, |error| {
            summary.error(&error);
        })?;
    let statistics = recorder.finish()?;
    packets.source().done();

    summary.count(
        &packets.source().counters(),
        &packets.decode_counters(),
        &counters.flows,
    );
    if let Some(windows) = &counters.windows {
        summary.count_windows(windows);
    }
    if let Some(tidied) = packets.tidy_counters() {
        summary.count_tidied(&tidied);
    }
    if let Some(path) = &arguments.summary {
        write_file(path, |file| {
            serde_json::to_writer_pretty(&mut *file, &summary)?;
            file.write_all(b"\n")
        })?;
    }
    if let Some(statistics) = statistics {
        eprint!("{}", statistics.table());
    }
    if !arguments.quiet {
        eprintln!("{}", summary.describe());
    }
    Ok(summary.is_sound())
}
