//! The columns of a flow record, each defined once.

use std::io::Write as _;
use std::net::IpAddr;

use nettraffic_flow::Flow;

use super::number::{write_integer, write_seconds};

/// Whether a value needs quotes in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Never,
    InJson,
}

/// One column of a flow record.
pub(super) struct RecordColumn {
    /// Zeek's name, where Zeek has the column.
    pub(super) name: &'static str,
    pub(super) quote: Quote,
    pub(super) write: fn(&Flow, &mut Vec<u8>),
}

const fn number(name: &'static str, write: fn(&Flow, &mut Vec<u8>)) -> RecordColumn {
    RecordColumn {
        name,
        quote: Quote::Never,
        write,
    }
}

const fn text(name: &'static str, write: fn(&Flow, &mut Vec<u8>)) -> RecordColumn {
    RecordColumn {
        name,
        quote: Quote::InJson,
        write,
    }
}

pub(super) const COLUMNS: &[RecordColumn] = &[
    number("ts", |f, line| {
        write_seconds(f.first.as_nanos().into(), line);
    }),
    text("uid", |f, line| show(f.uid(), line)),
    text("id.orig_h", |f, line| address(f.key.initiator, line)),
    number("id.orig_p", |f, line| {
        write_integer(f.key.initiator_port.into(), line);
    }),
    text("id.resp_h", |f, line| address(f.key.responder, line)),
    number("id.resp_p", |f, line| {
        write_integer(f.key.responder_port.into(), line);
    }),
    text("proto", |f, line| show(f.key.protocol, line)),
    number("duration", |f, line| {
        write_seconds(f.duration().as_nanos() as i128, line);
    }),
    number("orig_bytes", |f, line| {
        write_integer(f.forward.payload_bytes, line);
    }),
    number("resp_bytes", |f, line| {
        write_integer(f.backward.payload_bytes, line);
    }),
    number("orig_pkts", |f, line| {
        write_integer(f.forward.packets, line);
    }),
    number("resp_pkts", |f, line| {
        write_integer(f.backward.packets, line);
    }),
    number("orig_ip_bytes", |f, line| {
        write_integer(f.forward.ip_bytes, line);
    }),
    number("resp_ip_bytes", |f, line| {
        write_integer(f.backward.ip_bytes, line);
    }),
    text("conn_state", |f, line| {
        line.extend_from_slice(f.conn_state().name().as_bytes());
    }),
    text("flow_end_reason", |f, line| {
        line.extend_from_slice(f.end.name().as_bytes());
    }),
    number("continuation", |f, line| {
        write_integer(f.continuation.into(), line);
    }),
    text("tunnel", |f, line| {
        if let Some(tunnel) = f.key.tunnel {
            show(tunnel, line);
        }
    }),
];

fn show(value: impl std::fmt::Display, line: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(line, "{value}");
}

fn address(address: IpAddr, line: &mut Vec<u8>) {
    let IpAddr::V4(v4) = address else {
        return show(address, line);
    };
    for (at, part) in v4.octets().into_iter().enumerate() {
        if at > 0 {
            line.push(b'.');
        }
        line.extend_from_slice(itoa::Buffer::new().format(part).as_bytes());
    }
}
