//! What CICFlowMeter's errors make of the packets of a record: each is computed as that program does.

use nettraffic_capture::{PacketMeta, TcpFlags};
use nettraffic_flow::Direction::{self, Backward, Forward};
use nettraffic_flow::{ActiveIdle, Moments, Subflows};

use super::cut::{Cut, flags};

/// Why a column of that program differs, and the wrong value.
pub(super) struct Reason {
    /// Number of the documented error.
    pub(super) error: u8,
    /// What the program does, in a few words.
    pub(super) what: &'static str,
    pub(super) value: fn(&Cut) -> f64,
}

/// The reason why a column differs, where it does.
pub(super) fn reason(column: &str) -> Option<Reason> {
    let (error, what, value): (u8, &'static str, fn(&Cut) -> f64) = match column {
        "Fwd PSH Flags" => (4, FIRST_ONLY, |cut| first_of(cut, Forward, TcpFlags::PSH)),
        "Bwd PSH Flags" => (4, FIRST_ONLY, |cut| first_of(cut, Backward, TcpFlags::PSH)),
        "FIN Flag Count" => (4, "first packet only; holds RST", |cut| {
            first(cut, TcpFlags::RST)
        }),
        "SYN Flag Count" => (4, "first packet only; holds PSH", |cut| {
            first(cut, TcpFlags::PSH)
        }),
        "RST Flag Count" => (4, "first packet only; holds ECE", |cut| {
            first(cut, TcpFlags::ECE)
        }),
        "PSH Flag Count" => (4, "first packet only; holds SYN", |cut| {
            first(cut, TcpFlags::SYN)
        }),
        "ACK Flag Count" => (4, FIRST_ONLY, |cut| first(cut, TcpFlags::ACK)),
        "URG Flag Count" => (4, "first packet only; holds FIN", |cut| {
            first(cut, TcpFlags::FIN)
        }),
        "Packet Length Mean" => (5, TWICE, |cut| lengths(cut).mean().unwrap_or(0.0)),
        "Packet Length Std" => (5, TWICE, |cut| lengths(cut).sample_std().unwrap_or(0.0)),
        "Packet Length Variance" => (5, TWICE, |cut| {
            lengths(cut).sample_variance().unwrap_or(0.0)
        }),
        "Average Packet Size" => (5, TWICE, |cut| {
            lengths(cut).sum() as f64 / cut.packets.len() as f64
        }),
        "Active Mean" => (6, NOT_CLOSED, |cut| active(cut).mean().unwrap_or(0.0)),
        "Active Std" => (6, NOT_CLOSED, |cut| active(cut).sample_std().unwrap_or(0.0)),
        "Active Max" => (6, NOT_CLOSED, |cut| active(cut).max().unwrap_or(0) as f64),
        "Active Min" => (6, NOT_CLOSED, |cut| active(cut).min().unwrap_or(0) as f64),
        "Init_Win_bytes_backward" => (7, "that of the last packet", last_window),
        "act_data_pkt_fwd" => (7, "without the first packet", |cut| {
            data_packets(cut) as f64
        }),
        "Down/Up Ratio" => (8, "integer division", |cut| {
            (packets(cut, Backward) / packets(cut, Forward)) as f64
        }),
        "Fwd Avg Bytes/Bulk"
        | "Fwd Avg Packets/Bulk"
        | "Fwd Avg Bulk Rate"
        | "Bwd Avg Bytes/Bulk"
        | "Bwd Avg Packets/Bulk"
        | "Bwd Avg Bulk Rate" => (8, "always 0", |_| 0.0),
        "Subflow Fwd Packets" => (9, ONE_LESS, |cut| per_pause(cut, packets(cut, Forward))),
        "Subflow Fwd Bytes" => (9, ONE_LESS, |cut| per_pause(cut, bytes(cut, Forward))),
        "Subflow Bwd Packets" => (9, ONE_LESS, |cut| per_pause(cut, packets(cut, Backward))),
        "Subflow Bwd Bytes" => (9, ONE_LESS, |cut| per_pause(cut, bytes(cut, Backward))),
        _ => return None,
    };
    Some(Reason { error, what, value })
}

const FIRST_ONLY: &str = "first packet only";
const TWICE: &str = "the first packet counts twice";
const NOT_CLOSED: &str = "without the last busy period";
const ONE_LESS: &str = "the first subflow is not counted; integer division";

fn first(cut: &Cut, flag: TcpFlags) -> f64 {
    let is_set = cut
        .packets
        .first()
        .is_some_and(|packet| flags(packet).contains(flag));
    f64::from(u8::from(is_set))
}

fn first_of(cut: &Cut, direction: Direction, flag: TcpFlags) -> f64 {
    let sent = cut
        .packets
        .first()
        .is_some_and(|packet| cut.side(packet) == direction);
    if sent { first(cut, flag) } else { 0.0 }
}

fn lengths(cut: &Cut) -> Moments {
    let mut lengths = Moments::default();
    for packet in cut.packets.first().into_iter().chain(&cut.packets) {
        lengths.add(packet.payload_len.into());
    }
    lengths
}

fn gaps(cut: &Cut) -> impl Iterator<Item = u128> {
    let pairs = cut.packets.iter().zip(cut.packets.iter().skip(1));
    pairs.map(|(a, b)| b.timestamp.saturating_since(a.timestamp).as_micros())
}

/// Busy periods in microseconds, of those alone that a silence ended.
fn active(cut: &Cut) -> Moments {
    let (mut active, mut length) = (Moments::default(), 0);
    for gap in gaps(cut) {
        if gap > ActiveIdle::SILENCE.as_micros() {
            if length > 0 {
                active.add(length as u64);
            }
            length = 0;
        } else {
            length += gap;
        }
    }
    active
}

fn last_window(cut: &Cut) -> f64 {
    let window = |packet: &PacketMeta| packet.tcp().map(|tcp| tcp.window);
    let last = cut.of_side(Backward).last().and_then(window);
    last.map_or(-1.0, f64::from)
}

fn data_packets(cut: &Cut) -> usize {
    let later = cut.of_side(Forward).skip(1);
    later.filter(|packet| packet.payload_len > 0).count()
}

fn packets(cut: &Cut, direction: Direction) -> u64 {
    cut.of_side(direction).count() as u64
}

fn bytes(cut: &Cut, direction: Direction) -> u64 {
    cut.of_side(direction)
        .map(|packet| u64::from(packet.payload_len))
        .sum()
}

fn per_pause(cut: &Cut, amount: u64) -> f64 {
    let pauses = gaps(cut)
        .filter(|gap| *gap > Subflows::PAUSE.as_micros())
        .count() as u64;
    (amount / pauses.max(1)) as f64
}
