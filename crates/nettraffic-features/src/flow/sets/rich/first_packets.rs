//! The packets with which a flow begins.

use nettraffic_flow::{Direction, FirstPackets};

use crate::Missing::{Never, Zero};
use crate::flow::Value::Number;
use crate::flow::measure::number;
use crate::flow::record::Record;
use crate::{Feature, Unit};

/// The entries of the packets with these numbers and indices.
macro_rules! entries {
    ($($number:literal $index:literal)+) => {
        &[
            Feature {
                name: "packets_seen",
                unit: Unit::Count,
                missing: Never,
                source: "Joy's sequence of packet lengths and times, its length",
                formula: "packets that the columns packet_01_length and following tell of: packets of the flow, at most 20",
                value: Number(|flow| number(flow.state.detail.first.len() as u64)),
            },
            $(
                Feature {
                    name: concat!("packet_", $number, "_length"),
                    unit: Unit::Bytes,
                    missing: Zero,
                    source: "Joy's sequence of packet lengths, NFStream splt_ps",
                    formula: concat!("payload of packet ", $number, " in the order of reading, at most 65535; below 0 for the responder; 0 when there were not so many"),
                    value: Number(length::<$index>),
                },
                Feature {
                    name: concat!("packet_", $number, "_gap"),
                    unit: Unit::Seconds,
                    missing: Zero,
                    source: "Joy's sequence of packet times, NFStream splt_piat_ms",
                    formula: concat!("time from the packets before it to packet ", $number, ", in whole microseconds, at most 71 minutes; 0 when there were not so many"),
                    value: Number(gap::<$index>),
                },
            )+
        ]
    };
}

pub(super) static ENTRIES: &[Feature] = entries! {
    "01" 0 "02" 1 "03" 2 "04" 3 "05" 4 "06" 5 "07" 6 "08" 7 "09" 8 "10" 9
    "11" 10 "12" 11 "13" 12 "14" 13 "15" 14 "16" 15 "17" 16 "18" 17 "19" 18 "20" 19
};

const _: () = assert!(ENTRIES.len() == 1 + 2 * FirstPackets::LIMIT);

const MICROS_PER_SECOND: f64 = 1e6;

fn length<const INDEX: usize>(flow: &Record<'_>) -> Option<f64> {
    let packet = flow.state.detail.first.get(INDEX)?;
    let length = i32::from(packet.payload);
    Some(f64::from(match packet.direction {
        Direction::Forward => length,
        Direction::Backward => -length,
    }))
}

fn gap<const INDEX: usize>(flow: &Record<'_>) -> Option<f64> {
    let packet = flow.state.detail.first.get(INDEX)?;
    Some(f64::from(packet.gap_micros) / MICROS_PER_SECOND)
}
