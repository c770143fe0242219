//! What the time to live tells of the way that packets came.

use nettraffic_flow::TtlRange;

use super::{Group, Table};
use crate::Missing::Zero;
use crate::flow::Value::Number;
use crate::flow::level::Needs;
use crate::{Feature, Unit};

pub(super) static PATH: Group = Group {
    name: "path",
    about: "What the time to live tells of the way that packets came.",
    tables: &[Table {
        needs: Needs::STANDARD,
        without: &[],
        features: &[
            Feature {
                name: "forward_initial_ttl",
                unit: Unit::None,
                missing: Zero,
                source: "UNSW-NB15 sttl, rounded up to what systems start with",
                formula: "32, 64, 128 or 255: the next that the initiator's time to live does not exceed; undefined when it sent none",
                value: Number(|flow| initial_ttl(&flow.state.ttl.sides.forward)),
            },
            Feature {
                name: "forward_hops",
                unit: Unit::Count,
                missing: Zero,
                source: "hop-count filtering (Wang, Jin and Shin 2007)",
                formula: "initial − largest time to live of the initiator: routers on the way to the capture",
                value: Number(|flow| hops(&flow.state.ttl.sides.forward)),
            },
            Feature {
                name: "forward_ttl_spread",
                unit: Unit::Count,
                missing: Zero,
                source: "as the hops",
                formula: "largest − smallest time to live of the initiator",
                value: Number(|flow| ttl_spread(&flow.state.ttl.sides.forward)),
            },
            Feature {
                name: "backward_initial_ttl",
                unit: Unit::None,
                missing: Zero,
                source: "UNSW-NB15 dttl, rounded up to what systems start with",
                formula: "32, 64, 128 or 255: the next that the responder's time to live does not exceed; undefined when it sent none",
                value: Number(|flow| initial_ttl(&flow.state.ttl.sides.backward)),
            },
            Feature {
                name: "backward_hops",
                unit: Unit::Count,
                missing: Zero,
                source: "hop-count filtering (Wang, Jin and Shin 2007)",
                formula: "initial − largest time to live of the responder: routers on the way to the capture",
                value: Number(|flow| hops(&flow.state.ttl.sides.backward)),
            },
            Feature {
                name: "backward_ttl_spread",
                unit: Unit::Count,
                missing: Zero,
                source: "as the hops",
                formula: "largest − smallest time to live of the responder",
                value: Number(|flow| ttl_spread(&flow.state.ttl.sides.backward)),
            },
        ],
    }],
};

fn initial_ttl(ttl: &TtlRange) -> Option<f64> {
    let largest = ttl.max()?;
    let initial = [32, 64, 128]
        .into_iter()
        .find(|initial| largest <= *initial);
    Some(f64::from(initial.unwrap_or(u8::MAX)))
}

fn hops(ttl: &TtlRange) -> Option<f64> {
    Some(initial_ttl(ttl)? - f64::from(ttl.max()?))
}

fn ttl_spread(ttl: &TtlRange) -> Option<f64> {
    Some(f64::from(ttl.max()? - ttl.min()?))
}
