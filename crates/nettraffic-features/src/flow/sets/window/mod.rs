//! What the hosts, the service and the channel of a flow did lately.

mod channel;
mod destination;
mod service;
mod source;

use super::{Group, Table};
use crate::flow::Value::Window;
use crate::flow::level::Needs;
use crate::flow::measure::ratio;
use crate::window::WindowFacts;
use crate::{Feature, Missing, Unit};

pub(super) static WINDOW: Group = Group {
    name: "window",
    about: "What the hosts, the service and the channel of the flow did lately: over the flows that ended in the last 2 and 60 \
        seconds, this one included, over the last 100 of a host, and over the last 16 of a channel (initiator, responder and \
        service). A service is protocol and responder's port. A flow failed when nobody answered, or it was refused. Shares \
        are undefined while nothing was counted.",
    tables: &[
        table(source::FEATURES),
        table(destination::FEATURES),
        table(service::FEATURES),
        table(channel::FEATURES),
    ],
};

/// The part of [`WINDOW`] that is the initiator's own doing. What a service or a destination went through
/// stands in the rows of everyone who talks to it: under attack, benign flows look strange by it.
pub(super) static ACTOR: Group = Group {
    name: "actor",
    about: "What the initiator of the flow did lately, and the channel that it goes through: the part of `window` that \
        does not change for others when a service or a host is attacked.",
    tables: &[table(source::FEATURES), table(channel::FEATURES)],
};

/// The part of [`WINDOW`] that stays comparable: between the first minutes of a capture and a sensor that has run for
/// weeks, and between the clients of a host and those who attack it. Left out are counts that grow until a memory is
/// full, what a whole service went through, and half-open shares of the responder, by which a SYN flood makes strangers
/// of everyone who talks to its victim.
pub(super) static CONTEXT: Group = Group {
    name: "context",
    about: "What surrounds the flow: what its initiator, its responder, the two of them and its channel did lately. The         part of `window` that does not grow with the time since the start, and by which an attack makes its victim's         other clients look least strange.",
    tables: &[
        part(
            source::FEATURES,
            &["source_hosts_100", "source_services_100", "source_age_100"],
        ),
        part(
            destination::FEATURES,
            &[
                "destination_connections_100",
                "destination_hosts_100",
                "destination_services_100",
                "destination_half_open_share_60s",
                "destination_half_open_share_100",
            ],
        ),
        part(channel::FEATURES, &["channel_connections"]),
    ],
};

const fn table(features: &'static [Feature]) -> Table {
    part(features, &[])
}

const fn part(features: &'static [Feature], without: &'static [&'static str]) -> Table {
    Table {
        needs: Needs::NOTHING,
        features,
        without,
    }
}

/// A number of things, always defined.
const fn count(
    name: &'static str,
    source: &'static str,
    formula: &'static str,
    value: fn(&WindowFacts) -> Option<f64>,
) -> Feature {
    entry(name, Unit::Count, Missing::Never, source, formula, value)
}

/// Bytes, always defined.
const fn bytes(
    name: &'static str,
    source: &'static str,
    formula: &'static str,
    value: fn(&WindowFacts) -> Option<f64>,
) -> Feature {
    entry(name, Unit::Bytes, Missing::Never, source, formula, value)
}

/// A share of connections, 0 while there are none.
const fn share(
    name: &'static str,
    source: &'static str,
    formula: &'static str,
    value: fn(&WindowFacts) -> Option<f64>,
) -> Feature {
    entry(name, Unit::Ratio, Missing::Zero, source, formula, value)
}

const fn entry(
    name: &'static str,
    unit: Unit,
    missing: Missing,
    source: &'static str,
    formula: &'static str,
    value: fn(&WindowFacts) -> Option<f64>,
) -> Feature {
    Feature {
        name,
        unit,
        missing,
        source,
        formula,
        value: Window(value),
    }
}

fn of(part: u32, whole: u32) -> Option<f64> {
    ratio(part.into(), whole.into())
}
