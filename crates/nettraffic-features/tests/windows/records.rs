//! Flow records of every kind that windows tell apart.

use std::net::IpAddr;

use nettraffic_capture::{IpProtocol, TcpFlags, Timestamp};
use nettraffic_flow::{Flow, FlowEnd, FlowKey, InitiatorEvidence, SideState};

/// What became of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    HalfOpen,
    Unanswered,
    Rejected,
}

/// A host by number; every third has an IPv6 address.
pub(crate) fn host(number: u32) -> IpAddr {
    if number % 3 == 2 {
        IpAddr::V6((0x2001_0db8_u128 << 96 | u128::from(number)).into())
    } else {
        IpAddr::V4((0x0a00_0000 | number).into())
    }
}

pub(crate) fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}

/// A record of one packet a side that ended at `ended`, in nanoseconds.
pub(crate) fn record(source: u32, destination: u32, port: u16, ended: i64) -> Flow {
    let key = FlowKey::new(
        host(source),
        40_000,
        host(destination),
        port,
        IpProtocol::UDP,
    );
    let mut flow = Flow::new(key, Timestamp::from_nanos(ended), ());
    for side in [&mut flow.forward, &mut flow.backward] {
        side.packets = 1;
        side.ip_bytes = 100;
        side.state = SideState::Active;
    }
    flow
}

/// The record as that of a connection with this fate, told in one of the ways in which records tell it.
pub(crate) fn with_fate(mut flow: Flow, fate: Fate, way: usize) -> Flow {
    let tcp = |flow: &mut Flow, forward: (SideState, u8), backward: (SideState, u8)| {
        flow.key.protocol = IpProtocol::TCP;
        for (side, (state, flags)) in [(&mut flow.forward, forward), (&mut flow.backward, backward)]
        {
            side.state = state;
            side.tcp_flags = TcpFlags(flags);
            side.packets = u64::from(state != SideState::Silent);
            side.ip_bytes *= side.packets;
        }
    };
    let [syn, ack, rst, fin] =
        [TcpFlags::SYN, TcpFlags::ACK, TcpFlags::RST, TcpFlags::FIN].map(|flag| flag.0);
    use SideState::{Active, Closed, Established, Reset, Silent, SynSent};
    match (fate, way % 5) {
        (Fate::Answered, 0) => tcp(
            &mut flow,
            (Established, syn | ack),
            (Established, syn | ack),
        ),
        (Fate::Answered, 1) => tcp(&mut flow, (Closed, syn | ack), (Closed, syn | ack)),
        // To a group: nobody is asked to answer.
        (Fate::Answered, 2) => {
            flow.key.responder = [224, 0, 0, 251].into();
            (flow.backward.packets, flow.backward.ip_bytes) = (0, 0);
        }
        (Fate::Answered, 3) => {
            flow.key.protocol = IpProtocol::ICMP;
            (flow.backward.packets, flow.backward.ip_bytes) = (0, 0);
        }
        (Fate::Answered, _) => {}
        (Fate::HalfOpen, way) => {
            let state = if way == 0 { Reset } else { Established };
            tcp(&mut flow, (state, syn), (Established, syn | ack));
        }
        (Fate::Unanswered, 0) => tcp(&mut flow, (SynSent, syn), (Silent, 0)),
        (Fate::Unanswered, 1) => tcp(&mut flow, (Reset, syn | rst), (Silent, 0)),
        (Fate::Unanswered, 2) => tcp(&mut flow, (Active, 0), (Silent, 0)),
        (Fate::Unanswered, 3) => {
            flow.key.protocol = IpProtocol::ICMP;
            flow.evidence = InitiatorEvidence::Query;
            (flow.backward.packets, flow.backward.ip_bytes) = (0, 0);
        }
        (Fate::Unanswered, _) => (flow.backward.packets, flow.backward.ip_bytes) = (0, 0),
        (Fate::Rejected, 0) => tcp(&mut flow, (SynSent, syn), (Reset, rst | ack)),
        (Fate::Rejected, 1) => tcp(&mut flow, (Active, ack), (Reset, rst)),
        (Fate::Rejected, 3) => tcp(&mut flow, (Closed, fin), (Reset, rst | ack)),
        (Fate::Rejected, way) => {
            if way == 2 {
                tcp(&mut flow, (SynSent, syn), (Silent, 0));
            }
            (flow.backward.packets, flow.backward.ip_bytes) = (0, 0);
            flow.icmp_errors.packets = 1;
        }
    }
    flow
}

pub(crate) fn early(mut flow: Flow) -> Flow {
    flow.end = FlowEnd::Early;
    flow
}

pub(crate) fn continued(mut flow: Flow) -> Flow {
    flow.continuation = 3;
    flow
}
