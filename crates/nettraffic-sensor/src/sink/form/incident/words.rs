//! An event of an incident in words, for people.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::time::Duration;

use nettraffic_capture::IpProtocol;
use nettraffic_detect::Incident;

use super::only;
use crate::{Closing, IncidentEvent, Turn};

/// Ports that are told one by one.
const FEW: usize = 3;

/// Tells an event of an incident in words.
pub(in crate::sink) struct IncidentWords<'a>(pub(in crate::sink) &'a IncidentEvent);

impl IncidentWords<'_> {
    /// `incident of 10.0.0.1 is over: looks like syn_scan, 10.0.0.2 on 40 ports within 12s; 240 alerts of 120 flows, 3
    /// written, 237 left out: 230 repeats, 7 too many`; of an open one with the foremost reason of its worst alert.
    pub(in crate::sink) fn sentence(&self) -> String {
        let mut sentence = format!("incident of {} {}: ", self.actor(), self.turn());
        match &self.facts().class {
            Some(class) => sentence += &format!("looks like {class}, "),
            None => sentence += "unusual traffic, ",
        }
        sentence += &self.whereto();
        sentence += &self.within();
        sentence += "; ";
        sentence += &self.counts();
        if let (Turn::Opened | Turn::Worsened, Some(reason)) = (self.0.turn, self.reason()) {
            sentence += &format!("; {reason}");
        }
        sentence
    }

    fn reason(&self) -> Option<String> {
        let reasons = &self.0.incident.worst.alert().reasons;
        reasons.first().map(ToString::to_string)
    }

    /// `10.0.0.1`, `12 sources`.
    fn actor(&self) -> String {
        self.one_or_many(&self.facts().sources, "sources")
    }

    /// What happened to it.
    fn turn(&self) -> String {
        match self.0.turn {
            Turn::Opened => "begins".to_owned(),
            Turn::Worsened if self.0.incident.is_distributed() => {
                format!("is distributed, and {} now", self.0.incident.severity)
            }
            Turn::Worsened => format!("is {} now", self.0.incident.severity),
            Turn::Closed(Closing::Quiet) => "is over".to_owned(),
            Turn::Closed(Closing::Room) => "is closed to make room for others".to_owned(),
            Turn::Closed(Closing::Merged(_)) => "is part of one of many sources now".to_owned(),
            Turn::Closed(Closing::Stopped) => "is closed, as the sensor stops".to_owned(),
        }
    }

    /// `10.0.0.2 on port 443`, `13 hosts on 40 ports and by icmp`, `10.0.0.2 by icmp`.
    fn whereto(&self) -> String {
        let facts = self.facts();
        let ports: Vec<String> = facts.ports.iter().map(ToString::to_string).collect();
        let on = match &*ports {
            [] => None,
            [port] => Some(format!("on port {port}")),
            few if few.len() <= FEW => Some(format!("on ports {}", few.join(", "))),
            many => Some(format!("on {}{} ports", self.at_least(), many.len())),
        };
        // A port is said of none that has no ports.
        let without = facts.protocols.iter().copied();
        let without = without.filter(|of| !matches!(*of, IpProtocol::TCP | IpProtocol::UDP));
        let without: BTreeSet<String> = without.map(|of| of.to_string()).collect();
        let by =
            (!without.is_empty()).then(|| format!("by {}", Vec::from_iter(without).join(", ")));
        let how = [on, by].into_iter().flatten().collect::<Vec<_>>();
        let hosts = self.one_or_many(&facts.targets, "hosts");
        format!("{hosts} {}", how.join(" and "))
    }

    /// ` within 12s`, nothing for a moment.
    fn within(&self) -> String {
        let facts = self.facts();
        let millis = facts.last.saturating_since(facts.first).as_millis();
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        let length = match millis {
            0 => return String::new(),
            1..1_000 => Duration::from_millis(millis),
            _ => Duration::from_secs(millis / 1_000),
        };
        format!(" within {}", humantime::format_duration(length))
    }

    /// `240 alerts of 120 flows, 3 written, 237 left out: 230 repeats, 7 too many`.
    fn counts(&self) -> String {
        let incident = &self.0.incident;
        let alerts = incident.facts.alerts;
        let mut counts = counted(alerts, "alert");
        if incident.flows != alerts {
            counts += &format!(" of {}", counted(incident.flows, "flow"));
        }
        if incident.left_out() == 0 {
            return counts;
        }
        counts += &format!(
            ", {} written, {} left out: ",
            incident.written,
            incident.left_out()
        );
        let why = [
            (incident.repeated > 0).then(|| counted(incident.repeated, "repeat")),
            (incident.limited > 0).then(|| format!("{} too many", incident.limited)),
        ];
        counts + &why.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn one_or_many<T: Copy + Display>(&self, members: &BTreeSet<T>, many: &str) -> String {
        match only(members) {
            Some(only) => only.to_string(),
            None => format!("{}{} {many}", self.at_least(), members.len()),
        }
    }

    /// Not all members are remembered.
    fn at_least(&self) -> &'static str {
        match self.facts().truncated {
            true => "at least ",
            false => "",
        }
    }

    fn facts(&self) -> &Incident {
        &self.0.incident.facts
    }
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
