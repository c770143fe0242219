//! Traffic as it comes in, explained alerts out, for as long as it is left running.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use nettraffic_examples::{Failure, Monitor, Settings, check_doctor, list_interfaces, run_tool};

/// Watch interfaces, or replay captures as if they came from one, and alert on unusual flows.
///
/// With a model it judges from the first packet on. Without one it learns what is usual for a stated time, makes a
/// detector of it, and judges from then on. Alerts go to the terminal, to files, syslog and webhooks; a live page
/// shows traffic, scores, alerts with their reasons, and how the sensor fares. It never sends on what it watches.
#[derive(Clone, Parser)]
#[command(
    name = "nettraffic-monitor",
    version,
    after_help = "Examples:
  nettraffic-monitor --demo --dashboard
  nettraffic-monitor --replay friday.pcap --speed 10 --learn 30m --dashboard
  nettraffic-monitor --interface eth0 --model office.ntm --eve /var/log/nettraffic/eve.json
  nettraffic-monitor --config /etc/nettraffic/monitor.toml
  nettraffic-monitor --config /etc/nettraffic/monitor.toml --check-config

Flags go before the environment (NETTRAFFIC_DASHBOARD_LISTEN=127.0.0.1:9000 and the like), the
environment before the file. To watch an interface needs CAP_NET_RAW, which is given up once it is
open: sudo setcap cap_net_raw=eip $(command -v nettraffic-monitor). SIGHUP reads models and
allow-list again and reopens files; SIGTERM and SIGINT end it once what was read is judged.

Exit codes: 0 it ended when it was told to, or with its input; 1 something in the input was damaged;
2 usage, settings or rights; 3 output could not be written."
)]
struct Arguments {
    /// An interface to watch; may be given several times
    #[arg(short, long = "interface", value_name = "NAME", conflicts_with_all = ["replay", "demo"])]
    interfaces: Vec<String>,
    /// Captures to replay: files, folders, patterns such as 'taps/*.pcap'
    #[arg(short, long, value_name = "CAPTURE", num_args = 1.., conflicts_with = "demo")]
    replay: Vec<PathBuf>,
    /// Replay built-in office traffic with eleven attacks, thirty times as fast as it was
    #[arg(long)]
    demo: bool,
    /// Seconds of packet time in a second of the replay; as fast as it goes without it
    #[arg(long, value_name = "TIMES")]
    speed: Option<f64>,
    /// Settings in TOML; docs/DEPLOYMENT.md lists them
    #[arg(short, long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// A detector that nettraffic-train wrote
    #[arg(short, long, value_name = "FILE.ntm")]
    model: Option<PathBuf>,
    /// Without a model: learn for so long, in packet time: 30m, 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "model")]
    learn: Option<Duration>,
    /// Without a model: learn from so many flows at least, however long that takes (1000)
    #[arg(long, value_name = "N", conflicts_with = "model")]
    learn_flows: Option<usize>,
    /// Without a model: share of benign flows that may alert
    #[arg(long, value_name = "RATE", conflicts_with_all = ["model", "alerts_per_day"])]
    false_alarm_rate: Option<f64>,
    /// Without a model: false alarms in a day (10)
    #[arg(long, value_name = "N", conflicts_with = "model")]
    alerts_per_day: Option<f64>,
    /// Only the packets that this expression wants, in libpcap's language: 'tcp and not port 22'
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<String>,
    /// Take in what is not addressed to the interface: a mirror port needs it
    #[arg(long)]
    promiscuous: bool,
    /// For tests: write every packet that is processed here, as pcapng; it grows with the traffic
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// A file of what is allowed
    #[arg(long, value_name = "FILE.toml")]
    allow: Option<PathBuf>,
    /// Write alerts here too, a line of JSON each, in the form of Suricata's EVE
    #[arg(long, value_name = "FILE")]
    eve: Option<PathBuf>,
    /// A folder for what is to outlive a run: what was learned, marks, limits
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Show a live page here (127.0.0.1:8800 without an address)
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8800")]
    dashboard: Option<SocketAddr>,
    /// Print no alerts
    #[arg(short, long)]
    quiet: bool,
    /// Say whether the settings are sound, and end
    #[arg(long)]
    check_config: bool,
    /// Try rights, interfaces, captures, folders, receivers, page and model, say what is wrong, and end
    #[arg(long)]
    doctor: bool,
    /// List the interfaces, and end
    #[arg(long)]
    list_interfaces: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-monitor", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    if arguments.list_interfaces {
        return list_interfaces();
    }
    let settings = settings(arguments)?;
    if arguments.check_config {
        println!("the settings are sound");
        return Ok(true);
    }
    if arguments.doctor {
        return check_doctor(&settings);
    }
    let again = arguments.clone();
    let mut monitor = Monitor::new(settings, move || self::settings(&again));
    (monitor.demo, monitor.quiet) = (arguments.demo, arguments.quiet);
    monitor.config.clone_from(&arguments.config);
    monitor.run()
}

/// The settings of the file and the environment, and what the flags say instead.
fn settings(arguments: &Arguments) -> Result<Settings, Failure> {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut settings =
        Settings::read(arguments.config.as_deref(), variables).map_err(Failure::usage)?;
    let input = &mut settings.input;
    if !arguments.interfaces.is_empty() {
        (input.interfaces, input.replay) = (arguments.interfaces.clone(), Vec::new());
    }
    if !arguments.replay.is_empty() || arguments.demo {
        (input.replay, input.interfaces) = (arguments.replay.clone(), Vec::new());
    }
    input.speed = arguments.speed.or(input.speed);
    input.filter = arguments.filter.clone().or(input.filter.take());
    input.promiscuous |= arguments.promiscuous;
    input.record = arguments.record.clone().or(input.record.take());
    if let Some(model) = &arguments.model {
        (settings.detector.model, settings.detector.folder) = (Some(model.clone()), None);
    }
    let learn = &mut settings.learn;
    learn.period = arguments.learn.unwrap_or(learn.period);
    learn.flows = arguments.learn_flows.unwrap_or(learn.flows);
    if arguments.false_alarm_rate.is_some() || arguments.alerts_per_day.is_some() {
        learn.false_alarm_rate = arguments.false_alarm_rate;
        learn.alerts_per_day = arguments.alerts_per_day;
    }
    settings.alerts.allow = arguments.allow.clone().or(settings.alerts.allow);
    settings.state.folder = arguments.state.clone().or(settings.state.folder);
    settings.dashboard.listen = arguments.dashboard.or(settings.dashboard.listen);
    if let Some(path) = &arguments.eve {
        settings
            .sinks
            .push(nettraffic_examples::SinkSettings::eve(path));
    }
    settings.check().map_err(Failure::usage)?;
    Ok(settings)
}

fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| error.to_string())
}
