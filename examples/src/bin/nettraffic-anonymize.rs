//! Captures in, a capture out that can be shown: pseudonyms for addresses, no payload.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use nettraffic_capture::{
    AnonymizeOptions, Anonymizer, CaptureFormat, CaptureWriter, DecodeConfig, Decoder, LinkType,
    MacAddresses, Packet, PacketSource, PseudonymDirection, PseudonymKey, Skip,
};
use nettraffic_examples::{
    Captures, Failure, Progress, Reading, Summary, check_outputs, run_tool, write_file,
};

/// The variable of the environment that holds the key where no file does.
const KEY_VARIABLE: &str = "NETTRAFFIC_KEY";

/// Give a capture's addresses pseudonyms and cut its payload, so that it can be shown.
///
/// Pseudonyms preserve prefixes: two addresses share as many leading bits as their pseudonyms.
/// Private networks and other special ranges keep their place, loopback, broadcast and assigned
/// multicast addresses stay. MAC addresses, and addresses inside of ARP, tunnels, ICMP and other
/// control messages, are replaced too. Wire lengths stay, right checksums are mended, wrong ones
/// become 0xffff, comments and names in pcapng files are dropped. Flows keep all features that do not need payload.
///
/// This is pseudonymisation, not anonymity: times, sizes, ports, counts and the structure of the
/// network stay, and whoever knows some of the traffic can recognise it by them.
#[derive(Parser)]
#[command(
    name = "nettraffic-anonymize",
    version,
    after_help = "The key is 64 hexadecimal digits, in a file or in the environment variable
NETTRAFFIC_KEY. The same key gives the same pseudonyms in every run; with it, and only
with it, --reverse turns them back into addresses. What was cut stays cut.

Examples:
  nettraffic-anonymize office.pcap -o shown.pcap --new-key office.key
  nettraffic-anonymize taps/ -o shown.pcapng --key-file office.key --shift -86400
  nettraffic-anonymize shown.pcap -o back.pcap --key-file office.key --reverse

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
    /// Write the capture here; - is standard output. Give a name that ends in .pcapng if the
    /// packets are of several link types or from after 2106: pcap, which is written else, cannot
    /// hold them, and nothing is delivered once one appears
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Read the key from here
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Make a new key, write it here, readable by the owner alone, and use it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_file", "reverse"])]
    new_key: Option<PathBuf>,
    /// Turn pseudonyms back into addresses
    #[arg(long)]
    reverse: bool,
    /// Keep MAC addresses as they are
    #[arg(long)]
    keep_macs: bool,
    /// Add this to all times; up to nine decimals, - for earlier
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = nanoseconds,
        default_value = "0",
        allow_hyphen_values = true
    )]
    shift: i64,
    /// Print nothing on standard error but errors
    #[arg(short, long)]
    quiet: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-anonymize", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let captures = Captures::find(&arguments.captures)?;
    check_outputs(
        (captures.files().iter().chain(&arguments.key_file)).map(PathBuf::as_path),
        std::iter::once(&arguments.output)
            .chain(&arguments.new_key)
            .map(PathBuf::as_path),
    )?;
    let key = match (&arguments.new_key, &arguments.key_file) {
        (Some(path), _) => new_key(path)?,
        (None, Some(path)) => read_key(path)?,
        (None, None) => key_of_environment()?,
    };

    let progress = Progress::over(captures.files());
    let mut run = Run {
        source: arguments.reading.source(&captures),
        anonymizer: Anonymizer::new(&key, options(arguments)),
        decoder: arguments.reading.decoder(DecodeConfig::default()),
        written: 0,
        shift: arguments.shift,
        damage: Summary::default(),
    };
    let is_pcapng = arguments.output.extension() == Some(OsStr::new("pcapng"));
    let written = write_file(&arguments.output, |file| {
        run.write(file, is_pcapng, &progress)
    });
    drop(progress);
    if let (Err(_), Some(path)) = (&written, &arguments.new_key) {
        // A key that nothing was made with would only stand in the way of the next try.
        let _ = std::fs::remove_file(path);
    }
    written?;

    for error in run.damage.errors() {
        eprintln!("{error}");
    }
    if !arguments.quiet {
        eprintln!("{}", run.account());
        if !arguments.reverse {
            eprintln!("{CAUTION}");
        }
    }
    Ok(run.damage.is_sound())
}

/// What whoever passes the result on should know.
const CAUTION: &str = "\
These are pseudonyms, not anonymity. Everybody can still see how many machines there are, which of
them share a network, who talks to whom, when, how much, and on which ports; addresses close to a
private or other special range keep most of their prefix. Whoever knows some of this traffic, or
could send some while it was captured, can find its pseudonyms. A TCP sequence number stays, and
some scanners write the address there that they probe. A checksum that was right tells the 16-bit
sum of the payload that was cut, which can confirm a guess of a short one. The key turns all
addresses back: keep it apart from the capture.";

fn options(arguments: &Arguments) -> AnonymizeOptions {
    AnonymizeOptions::default()
        .with_shift_nanos(arguments.shift)
        .with_mac_addresses(if arguments.keep_macs {
            MacAddresses::Kept
        } else {
            MacAddresses::Pseudonyms
        })
        .with_direction(if arguments.reverse {
            PseudonymDirection::Restore
        } else {
            PseudonymDirection::Pseudonymise
        })
}

/// Everything on the way from packets to packets.
struct Run<S> {
    source: S,
    anonymizer: Anonymizer,
    decoder: Decoder,
    written: u64,
    /// Nanoseconds by which times are moved.
    shift: i64,
    /// What is damaged in the input.
    damage: Summary,
}

impl<S: PacketSource> Run<S> {
    fn write(
        &mut self,
        file: &mut dyn Write,
        is_pcapng: bool,
        progress: &Progress,
    ) -> io::Result<()> {
        let mut file = Some(file);
        let mut writer = None;
        let mut buffer = Vec::new();
        loop {
            let packet = match self.source.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(error) => {
                    self.damage.error(&error);
                    continue;
                }
            };
            // For the account, and for the filter.
            if self.decoder.decode(&packet) == Err(Skip::Filtered) {
                continue;
            }
            check_shift(&packet, self.shift)?;
            let shown = self.anonymizer.anonymize(&packet, &mut buffer);
            if let Some(file) = file.take() {
                writer = Some(CaptureWriter::new(
                    file,
                    format(is_pcapng, shown.link_type),
                )?);
            }
            if let Some(writer) = &mut writer {
                writer
                    .write(&shown)
                    .map_err(|error| advise(error, &shown))?;
            }
            self.written += 1;
            if self.written.is_multiple_of(Progress::STEP) {
                progress.at(self.source.counters().input_bytes);
            }
        }
        // A capture without packets is a capture all the same.
        if let Some(file) = file {
            writer = Some(CaptureWriter::new(
                file,
                format(is_pcapng, LinkType::ETHERNET),
            )?);
        }
        writer.map_or(Ok(()), |writer| writer.finish().map(drop))
    }

    fn account(&self) -> String {
        let decoded = self.decoder.counters();
        let mut account = format!(
            "{} packets read, {} written: {} with decoded headers",
            self.source.counters().packets,
            self.written,
            decoded.decoded(),
        );
        let filtered = decoded.skipped(Skip::Filtered);
        if filtered > 0 {
            let _ = write!(account, ", {filtered} left out by the filter");
        }
        let skips = decoded
            .skips()
            .filter(|(name, _)| *name != Skip::Filtered.name());
        for (reason, count) in skips.filter(|(_, count)| *count > 0) {
            // Writing to a string cannot fail.
            let _ = write!(account, ", {count} cut behind what could be ({reason})");
        }
        account
    }
}

fn format(is_pcapng: bool, link_type: LinkType) -> CaptureFormat {
    if is_pcapng {
        CaptureFormat::PcapNg
    } else {
        CaptureFormat::Pcap(link_type)
    }
}

/// The anonymiser would clamp what goes beyond all times that can be told.
fn check_shift(packet: &Packet<'_>, shift: i64) -> io::Result<()> {
    let time = packet.timestamp;
    match time.as_nanos().checked_add(shift) {
        Some(_) => Ok(()),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "packet {}, of time {time}, cannot be shifted so far",
                packet.sequence + 1
            ),
        )),
    }
}

fn advise(error: io::Error, packet: &Packet<'_>) -> io::Error {
    match error.kind() {
        io::ErrorKind::InvalidInput => io::Error::new(
            error.kind(),
            format!(
                "packet {}: {error}; a file named *.pcapng can hold several link types and times \
                 after 2106, and --shift can move times to where they can be told",
                packet.sequence + 1
            ),
        ),
        _ => error,
    }
}

fn read_key(path: &Path) -> Result<PseudonymKey, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    PseudonymKey::from_hex(&text).map_err(|error| wrong(&error))
}

fn key_of_environment() -> Result<PseudonymKey, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("{KEY_VARIABLE}: {error}"));
    let text = match std::env::var(KEY_VARIABLE) {
        Ok(text) => text,
        Err(std::env::VarError::NotPresent) => {
            return Err(Failure::usage(format!(
                "there is no key: give --key-file, --new-key, or set {KEY_VARIABLE}"
            )));
        }
        // Its message would show the value.
        Err(std::env::VarError::NotUnicode(_)) => return Err(wrong(&"is no text")),
    };
    PseudonymKey::from_hex(&text).map_err(|error| wrong(&error))
}

/// A key from the operating system's random source, written to a file that was not there.
fn new_key(path: &Path) -> Result<PseudonymKey, Failure> {
    let mut bytes = [0; PseudonymKey::BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::usage(format!("no random key can be made: {error}")))?;
    let key = PseudonymKey::from_bytes(bytes).map_err(Failure::usage)?;
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "{}: is there already: use it with --key-file, or choose another name",
            path.display()
        )),
        _ => Failure::output(path.display(), error),
    })?;
    let written = file.write_all(format!("{text}\n").as_bytes());
    written.map_err(|error| Failure::output(path.display(), error))?;
    Ok(key)
}

/// Seconds with up to nine decimals.
fn nanoseconds(text: &str) -> Result<i64, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (seconds, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(decimals) || decimals.len() > 9 {
        return Err("seconds with at most nine decimals are expected".to_owned());
    }
    let nanos = format!("{seconds}{decimals:0<9}").parse::<i64>();
    let nanos = nanos.map_err(|_| "more than 292 years cannot be told".to_owned())?;
    Ok(if negative { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_exact() {
        for (text, expected) in [
            ("1", Some(1_000_000_000)),
            ("-0.5", Some(-500_000_000)),
            ("+2.000000001", Some(2_000_000_001)),
            ("9223372036", Some(9_223_372_036_000_000_000)),
            ("9223372037", None),
            ("1.0000000001", None),
            ("1e3", None),
            (".5", None),
            ("--1", None),
            ("", None),
        ] {
            assert_eq!(nanoseconds(text).ok(), expected, "{text:?}");
        }
    }
}
