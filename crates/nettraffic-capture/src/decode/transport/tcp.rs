//! TCP (RFC 9293).

use super::Parsed;
use crate::decode::cursor::Cursor;
use crate::decode::observe::{LayerKind, Observe};
use crate::{Skip, TcpFlags, TcpHeader, TcpOptions, Transport};

const MIN_LEN: usize = 20;

/// A header of which only options are missing keeps its fields.
#[inline(always)] // Returned through memory, its parts would be waited for.
pub(super) fn parse(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Parsed, Skip> {
    let claimed = cursor.room();
    if claimed < MIN_LEN {
        return Err(Skip::BadTransportHeader);
    }
    let captured = cursor.rest();
    // The data offset, in words of 4 bytes; it may have been captured even where the header was cut.
    let len = match captured.get(12) {
        Some(byte) => usize::from(byte >> 4) * 4,
        None => MIN_LEN,
    };
    if len < MIN_LEN || len > claimed {
        return Err(Skip::BadTransportHeader);
    }
    cursor.pass(LayerKind::Tcp, len, observer)?;
    let transport = match captured.split_first_chunk() {
        Some((header, rest)) => {
            let mut tcp = fields(header);
            if len > MIN_LEN {
                let options = rest.get(..len - MIN_LEN).unwrap_or(rest);
                tcp.options = read_options(options);
            }
            Transport::Tcp(tcp)
        }
        None => Transport::Cut,
    };
    Ok(Parsed {
        transport,
        header_len: len as u32,
        cut: captured.len() < len,
    })
}

#[inline]
fn fields(header: &[u8; MIN_LEN]) -> TcpHeader {
    let [
        s0,
        s1,
        d0,
        d1,
        q0,
        q1,
        q2,
        q3,
        a0,
        a1,
        a2,
        a3,
        offset,
        flags,
        w0,
        w1,
        ..,
    ] = *header;
    TcpHeader {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgement: u32::from_be_bytes([a0, a1, a2, a3]),
        window: u16::from_be_bytes([w0, w1]),
        flags: TcpFlags(flags),
        // In words of 4 bytes.
        header_len: offset >> 4 << 2,
        options: TcpOptions::default(),
    }
}

#[inline]
fn read_options(bytes: &[u8]) -> TcpOptions {
    // What nearly every segment of an open connection has: padding and time stamps.
    if let [1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3] = *bytes {
        return TcpOptions {
            timestamps: Some((
                u32::from_be_bytes([v0, v1, v2, v3]),
                u32::from_be_bytes([e0, e1, e2, e3]),
            )),
            ..TcpOptions::default()
        };
    }
    walk_options(bytes)
}

#[inline(never)]
fn walk_options(mut bytes: &[u8]) -> TcpOptions {
    const END: u8 = 0;
    const NO_OPERATION: u8 = 1;
    const MAXIMUM_SEGMENT_SIZE: u8 = 2;
    const WINDOW_SCALE: u8 = 3;
    const SACK_PERMITTED: u8 = 4;
    const SACK: u8 = 5;
    const TIMESTAMPS: u8 = 8;
    const SACK_BLOCK_LEN: usize = 8;

    let mut options = TcpOptions::default();
    while let [kind, rest @ ..] = bytes {
        match *kind {
            END => break,
            NO_OPERATION => {
                bytes = rest;
                continue;
            }
            _ => {}
        }
        // The length counts kind and length too.
        let Some((value, after)) = rest
            .split_first()
            .and_then(|(len, rest)| rest.split_at_checked(usize::from(*len).checked_sub(2)?))
        else {
            break;
        };
        match (*kind, value) {
            (MAXIMUM_SEGMENT_SIZE, [high, low]) => {
                options.maximum_segment_size = Some(u16::from_be_bytes([*high, *low]));
            }
            (WINDOW_SCALE, [shift]) => options.window_scale = Some(*shift),
            (SACK_PERMITTED, []) => options.sack_permitted = true,
            (SACK, blocks) => options.sack_blocks = (blocks.len() / SACK_BLOCK_LEN) as u8,
            (TIMESTAMPS, [v0, v1, v2, v3, e0, e1, e2, e3]) => {
                options.timestamps = Some((
                    u32::from_be_bytes([*v0, *v1, *v2, *v3]),
                    u32::from_be_bytes([*e0, *e1, *e2, *e3]),
                ));
            }
            _ => {}
        }
        bytes = after;
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_before_a_wrong_length_hold() {
        let syn = [
            2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7,
        ];
        let whole = TcpOptions {
            maximum_segment_size: Some(1_460),
            window_scale: Some(7),
            sack_permitted: true,
            sack_blocks: 0,
            timestamps: Some((1, 2)),
        };
        assert_eq!(read_options(&syn), whole);
        let unscaled = TcpOptions {
            window_scale: None,
            ..whole
        };
        assert_eq!(read_options(&syn[..19]), unscaled, "cut inside the scale");
        for wrong in [[3, 0, 7], [3, 1, 7], [3, 200, 7], [0, 3, 3]] {
            let bytes = [&syn[..16], &wrong].concat();
            assert_eq!(read_options(&bytes), unscaled, "{wrong:?}");
        }
    }

    #[test]
    fn the_usual_options_are_read_as_the_walk_reads_them() {
        let usual = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(read_options(&usual), walk_options(&usual));
        assert_eq!(
            read_options(&usual).timestamps,
            Some((0x0102_0304, 0x0506_0708))
        );
        let sack = [&[1, 1, 5, 18][..], &[9; 16]].concat();
        assert_eq!(read_options(&sack).sack_blocks, 2);
    }
}
