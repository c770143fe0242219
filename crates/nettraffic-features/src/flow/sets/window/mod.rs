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

const fn table(features: &'static [Feature]) -> Table {
    Table {
        needs: Needs::NOTHING,
        features,
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
