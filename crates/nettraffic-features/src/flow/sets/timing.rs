//! When packets come.

use super::{Group, Table};
use crate::Missing::{Indicated, Never, Zero};
use crate::flow::Value::Number;
use crate::flow::level::Needs;
use crate::flow::measure::{number, seconds, variation, whole_seconds};
use crate::flow::record::Record;
use crate::{Feature, Unit};

pub(super) static TIMING: Group = Group {
    name: "timing",
    about: "When packets come: gaps, regularity, busy and idle periods.",
    tables: &[Table {
        needs: Needs::TRAFFIC,
        without: &[],
        features: &[
            Feature {
                name: "gap_mean",
                unit: Unit::Seconds,
                missing: Indicated(0.0),
                source: "CIC-IDS2017 Flow IAT Mean",
                formula: "mean time between packets; undefined with fewer than two",
                value: Number(|flow| seconds(flow.state.gaps.flow.nanos().mean())),
            },
            Feature {
                name: "gap_std",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Flow IAT Std",
                formula: "population standard deviation of the time between packets; undefined with fewer than two",
                value: Number(|flow| seconds(flow.state.gaps.flow.nanos().population_std())),
            },
            Feature {
                name: "gap_min",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Flow IAT Min",
                formula: "shortest time between packets; undefined with fewer than two",
                value: Number(|flow| whole_seconds(flow.state.gaps.flow.nanos().min())),
            },
            Feature {
                name: "gap_max",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Flow IAT Max",
                formula: "longest time between packets; undefined with fewer than two",
                value: Number(|flow| whole_seconds(flow.state.gaps.flow.nanos().max())),
            },
            Feature {
                name: "forward_gap_mean",
                unit: Unit::Seconds,
                missing: Indicated(0.0),
                source: "CIC-IDS2017 Fwd IAT Mean",
                formula: "mean time between packets of the initiator; undefined with fewer than two",
                value: Number(|flow| seconds(flow.state.gaps.sides.forward.nanos().mean())),
            },
            Feature {
                name: "forward_gap_std",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Fwd IAT Std",
                formula: "population standard deviation of the time between packets of the initiator; undefined with fewer than two",
                value: Number(|flow| {
                    seconds(flow.state.gaps.sides.forward.nanos().population_std())
                }),
            },
            Feature {
                name: "forward_gap_min",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Fwd IAT Min",
                formula: "shortest time between packets of the initiator; undefined with fewer than two",
                value: Number(|flow| whole_seconds(flow.state.gaps.sides.forward.nanos().min())),
            },
            Feature {
                name: "forward_gap_max",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Fwd IAT Max",
                formula: "longest time between packets of the initiator; undefined with fewer than two",
                value: Number(|flow| whole_seconds(flow.state.gaps.sides.forward.nanos().max())),
            },
            Feature {
                name: "backward_gap_mean",
                unit: Unit::Seconds,
                missing: Indicated(0.0),
                source: "CIC-IDS2017 Bwd IAT Mean",
                formula: "mean time between packets of the responder; undefined with fewer than two",
                value: Number(|flow| seconds(flow.state.gaps.sides.backward.nanos().mean())),
            },
            Feature {
                name: "backward_gap_std",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Bwd IAT Std",
                formula: "population standard deviation of the time between packets of the responder; undefined with fewer than two",
                value: Number(|flow| {
                    seconds(flow.state.gaps.sides.backward.nanos().population_std())
                }),
            },
            Feature {
                name: "backward_gap_min",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Bwd IAT Min",
                formula: "shortest time between packets of the responder; undefined with fewer than two",
                value: Number(|flow| whole_seconds(flow.state.gaps.sides.backward.nanos().min())),
            },
            Feature {
                name: "backward_gap_max",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Bwd IAT Max",
                formula: "longest time between packets of the responder; undefined with fewer than two",
                value: Number(|flow| whole_seconds(flow.state.gaps.sides.backward.nanos().max())),
            },
            Feature {
                name: "gap_variation",
                unit: Unit::Ratio,
                missing: Indicated(1.0),
                source: "coefficient of variation; beacons are near 0",
                formula: "sample standard deviation / mean of the time between packets; undefined with fewer than three packets, or all at once",
                value: Number(|flow| variation(&flow.state.gaps.flow)),
            },
            Feature {
                name: "forward_gap_variation",
                unit: Unit::Ratio,
                missing: Indicated(1.0),
                source: "as gap_variation",
                formula: "sample standard deviation / mean of the time between packets of the initiator",
                value: Number(|flow| variation(&flow.state.gaps.sides.forward)),
            },
            Feature {
                name: "response_delay",
                unit: Unit::Seconds,
                missing: Indicated(0.0),
                source: "UNSW-NB15 synack, for every protocol",
                formula: "first packet of the responder − first of the initiator; undefined unless the initiator was seen first",
                value: Number(response_delay),
            },
            Feature {
                name: "active_mean",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Active Mean",
                formula: "mean length of busy periods, parted by silences over 5 s; 0 without any",
                value: Number(|flow| seconds(flow.state.periods.active().mean())),
            },
            Feature {
                name: "active_max",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Active Max",
                formula: "longest busy period",
                value: Number(|flow| whole_seconds(flow.state.periods.active().max())),
            },
            Feature {
                name: "idle_periods",
                unit: Unit::Count,
                missing: Never,
                source: "CIC-IDS2017 Idle, their number",
                formula: "number of silences over 5 s",
                value: Number(|flow| number(flow.state.periods.idle().count())),
            },
            Feature {
                name: "idle_mean",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Idle Mean",
                formula: "mean length of silences over 5 s; 0 without any",
                value: Number(|flow| seconds(flow.state.periods.idle().mean())),
            },
            Feature {
                name: "idle_max",
                unit: Unit::Seconds,
                missing: Zero,
                source: "CIC-IDS2017 Idle Max",
                formula: "longest silence over 5 s",
                value: Number(|flow| whole_seconds(flow.state.periods.idle().max())),
            },
        ],
    }],
};

fn response_delay(flow: &Record<'_>) -> Option<f64> {
    let sides = &flow.state.gaps.sides;
    let (asked, answered) = (sides.forward.first()?, sides.backward.first()?);
    (asked <= answered).then(|| answered.saturating_since(asked).as_secs_f64())
}
