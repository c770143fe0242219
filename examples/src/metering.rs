//! How tools cut flows: the arguments that they share.

use std::num::{NonZeroU64, NonZeroUsize};
use std::str::FromStr;

use nettraffic_capture::IpProtocol;
use nettraffic_flow::{EarlyReports, FlowConfig};

use crate::arguments::Seconds;

/// When flows end and are reported, what tells them apart, and how many may be open.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Flows")]
pub struct Metering {
    /// Seconds of silence after which a flow ends; also by protocol: tcp=300,udp=60 (tcp, udp, icmp, other) [default: 120]
    #[arg(long, value_name = "SECONDS", value_delimiter = ',')]
    idle_timeout: Vec<IdleTimeout>,
    /// Age in seconds at which a long flow is reported and goes on as a continuation [default: 1800]
    #[arg(long, value_name = "SECONDS")]
    active_timeout: Option<Seconds>,
    /// Report each flow early as well, with its packet of this number
    #[arg(long, value_name = "PACKETS")]
    early_packets: Option<NonZeroU64>,
    /// Report each flow early as well, this many seconds after its first packet
    #[arg(long, value_name = "SECONDS")]
    early_after: Option<Seconds>,
    /// Take the same ends in different VLANs for different flows
    #[arg(long)]
    vlans_apart: bool,
    /// Take the same ends in different tunnels for one flow
    #[arg(long)]
    tunnels_together: bool,
    /// Most flows that may be open; beyond it one is put out [default: 1000000]
    #[arg(long, value_name = "FLOWS")]
    max_flows: Option<NonZeroUsize>,
    /// Most memory that open flows may take, in MiB
    #[arg(long, value_name = "MIB")]
    max_memory: Option<NonZeroUsize>,
}

impl Metering {
    /// Whether flows are reported before their end.
    #[must_use]
    pub fn reports_early(&self) -> bool {
        self.early_packets.is_some() || self.early_after.is_some()
    }

    /// What the flow table is to do.
    #[must_use]
    pub fn flow_config(&self) -> FlowConfig {
        let mut config = FlowConfig::default()
            .with_vlan_in_key(self.vlans_apart)
            .with_tunnel_in_key(!self.tunnels_together);
        // That of all first, wherever it stands: it must not undo one of a protocol.
        let (of_all, of_one): (Vec<&IdleTimeout>, Vec<&IdleTimeout>) =
            (self.idle_timeout.iter()).partition(|timeout| timeout.protocol.is_none());
        for timeout in of_all.into_iter().chain(of_one) {
            config = match timeout.protocol {
                Some(protocol) => config.with_idle_timeout_of(protocol, timeout.time.0),
                None => config.with_idle_timeout(timeout.time.0),
            };
        }
        if let Some(Seconds(timeout)) = self.active_timeout {
            config = config.with_active_timeout(timeout);
        }
        let mut early = EarlyReports::default();
        early.packets = self.early_packets.map(NonZeroU64::get);
        early.after = self.early_after.map(|Seconds(time)| time);
        config = config.with_early_reports(early);
        if let Some(flows) = self.max_flows {
            config = config.with_max_flows(flows.get());
        }
        match self.max_memory {
            Some(mib) => config.with_max_bytes(mib.get().saturating_mul(1 << 20)),
            None => config,
        }
    }
}

/// An idle timeout, of one protocol or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct IdleTimeout {
    protocol: Option<IpProtocol>,
    time: Seconds,
}

impl FromStr for IdleTimeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (protocol, time) = match text.split_once('=') {
            None => (None, text),
            Some(("tcp", time)) => (Some(IpProtocol::TCP), time),
            Some(("udp", time)) => (Some(IpProtocol::UDP), time),
            Some(("icmp", time)) => (Some(IpProtocol::ICMP), time),
            Some(("other", time)) => (Some(IpProtocol::NONE), time),
            Some((other, _)) => {
                return Err(format!("{other:?} is neither tcp, udp, icmp nor other"));
            }
        };
        Ok(Self {
            protocol,
            time: time.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Tool {
        #[command(flatten)]
        metering: Metering,
    }

    fn parsed(arguments: &[&str]) -> Result<Metering, clap::Error> {
        let all = ["tool"].into_iter().chain(arguments.iter().copied());
        Ok(Tool::try_parse_from(all)?.metering)
    }

    #[test]
    fn what_is_not_said_stays_as_usual() -> Result<(), clap::Error> {
        let metering = parsed(&[])?;
        assert_eq!(metering.flow_config(), FlowConfig::default());
        Ok(())
    }

    #[test]
    fn timeouts_by_protocol_follow_those_of_all() -> Result<(), clap::Error> {
        for timeouts in ["60,tcp=300,other=0.5", "tcp=300,60,other=0.5"] {
            let config = parsed(&["--idle-timeout", timeouts])?.flow_config();
            let seconds = [6, 17, 1, 58, 47].map(|protocol| {
                let timeout = config.idle_timeout(IpProtocol(protocol));
                timeout.as_secs_f64()
            });
            assert_eq!(seconds, [300.0, 60.0, 60.0, 60.0, 0.5], "{timeouts}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for arguments in [
            ["--idle-timeout", "sctp=3"],
            ["--idle-timeout", "soon"],
            ["--active-timeout", "-1"],
            ["--early-after", "NaN"],
            ["--early-packets", "0"],
            ["--max-flows", "0"],
            ["--max-memory", "0"],
        ] {
            assert!(parsed(&arguments).is_err(), "{arguments:?}");
        }
    }
}
