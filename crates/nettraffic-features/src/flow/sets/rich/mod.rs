//! Nearly all that can be told of a flow without reading its payload.

mod bursts;
mod entropy;
mod first_packets;
mod flags;
mod gaps;
mod lengths;
mod quality;
mod round_trips;
mod surroundings;
mod syn;

use super::{Group, Table, basic, length, tcp, timing};
use crate::Feature;
use crate::flow::level::Needs;

pub(super) static RICH: Group = Group {
    name: "rich",
    about: "Nearly all that can be told of a flow without reading its payload: how lengths and gaps are spread, bursts, \
        the first packets, flags, the quality of TCP, and the entropy of payloads where decoding computes it.",
    tables: &[
        of_another_set(&basic::BASIC, 0),
        of_another_set(&length::LENGTH, 0),
        of_another_set(&timing::TIMING, 0),
        of_another_set(&tcp::TCP, 0),
        of_another_set(&tcp::TCP, 1),
        own(lengths::ENTRIES),
        own(gaps::ENTRIES),
        own(bursts::ENTRIES),
        own(first_packets::ENTRIES),
        own(flags::ENTRIES),
        own(syn::ENTRIES),
        own(quality::ENTRIES),
        own(round_trips::ENTRIES),
        own(surroundings::ENTRIES),
        Table {
            needs: Needs::ENTROPY,
            without: &[],
            features: entropy::ENTRIES,
        },
    ],
};

const fn own(features: &'static [Feature]) -> Table {
    Table {
        needs: Needs::DETAIL,
        without: &[],
        features,
    }
}

const fn of_another_set(group: &Group, table: usize) -> Table {
    Table {
        needs: group.tables[table].needs,
        without: &[],
        features: group.tables[table].features,
    }
}

/// Entries that come in pairs: the same feature of the initiator and of the responder. The formula
/// is given as what stands before and behind the word for the side.
macro_rules! both_sides {
    ($($name:literal {
        unit: $unit:ident,
        missing: $missing:expr,
        source: $source:literal,
        formula: $before:literal, $behind:literal,
        value: |$flow:ident, $side:ident| $value:expr $(,)?
    })+) => {
        &[$(
            crate::Feature {
                name: concat!("forward_", $name),
                unit: crate::Unit::$unit,
                missing: $missing,
                source: $source,
                formula: concat!($before, "initiator", $behind),
                value: crate::flow::Value::Number(|$flow| {
                    let $side = nettraffic_flow::Direction::Forward;
                    $value
                }),
            },
            crate::Feature {
                name: concat!("backward_", $name),
                unit: crate::Unit::$unit,
                missing: $missing,
                source: $source,
                formula: concat!($before, "responder", $behind),
                value: crate::flow::Value::Number(|$flow| {
                    let $side = nettraffic_flow::Direction::Backward;
                    $value
                }),
            },
        )+]
    };
}
use both_sides;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::sets::GROUPS;

    #[test]
    fn what_bears_the_name_of_another_sets_feature_is_the_same() {
        let elsewhere = || GROUPS.iter().filter(|group| group.name != RICH.name);
        for feature in RICH.features() {
            for other in elsewhere().flat_map(|group| group.features()) {
                let same = other.name != feature.name || other.formula == feature.formula;
                assert!(same, "{}", feature.name);
            }
        }
    }

    #[test]
    fn no_entry_stands_there_twice() {
        let mut names: Vec<_> = RICH.features().map(|feature| feature.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
