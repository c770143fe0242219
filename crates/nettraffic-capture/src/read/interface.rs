//! What a pcapng interface description says about its packets.

use super::byte_order::ByteOrder;
use crate::{LinkType, Timestamp};

/// Link type, snap length and clock of one interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interface {
    pub(crate) link_type: LinkType,
    /// Bytes captured of each packet at most; 0 is no limit.
    pub(crate) snap_len: u32,
    pub(crate) clock: Clock,
}

impl Interface {
    /// Reads the body of an interface description block; `None` when it is too short.
    ///
    /// Options end at the first malformed one: those before it hold.
    pub(crate) fn parse(order: ByteOrder, body: &[u8]) -> Option<Self> {
        let (fixed, mut options) = body.split_first_chunk::<8>()?;
        let [link_type, _, snap_low @ ..] = fixed.as_chunks::<2>().0 else {
            return None;
        };
        let snap_len = order.u32(*snap_low.as_flattened().first_chunk()?);
        let mut resolution = 6;
        let mut offset_seconds = 0;
        while let Some((code, value, rest)) = next_option(order, options) {
            options = rest;
            match (code, value) {
                (OPTION_END, _) => break,
                (OPTION_RESOLUTION, [exponent, ..]) => resolution = *exponent,
                (OPTION_OFFSET, value) => {
                    if let Some(bytes) = value.first_chunk() {
                        offset_seconds = order.i64(*bytes);
                    }
                }
                _ => {}
            }
        }
        Some(Self {
            link_type: LinkType(order.u16(*link_type)),
            snap_len,
            clock: Clock::new(resolution, offset_seconds),
        })
    }
}

impl Default for Interface {
    fn default() -> Self {
        Self {
            link_type: LinkType::ETHERNET,
            snap_len: 0,
            clock: Clock::new(6, 0),
        }
    }
}

const OPTION_END: u16 = 0;
/// `if_tsresol`: a negative power of 10, of 2 when the high bit is set.
const OPTION_RESOLUTION: u16 = 9;
/// `if_tsoffset`: seconds to add to every time stamp.
const OPTION_OFFSET: u16 = 14;

/// Code, value and what follows; values are padded to 32 bits.
fn next_option(order: ByteOrder, options: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (code, rest) = options.split_first_chunk()?;
    let (len, rest) = rest.split_first_chunk()?;
    let len = usize::from(order.u16(*len));
    let value = rest.get(..len)?;
    let rest = rest.get(len.next_multiple_of(4)..).unwrap_or(&[]);
    Some((order.u16(*code), value, rest))
}

/// How an interface counts time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    ticks: Ticks,
    offset_nanos: i128,
}

/// The length of a tick.
#[derive(Clone, Copy, Debug)]
enum Ticks {
    /// So many nanoseconds.
    Nanos(u32),
    /// One nanosecond is so many ticks.
    PerNano(u128),
    /// 2 to the minus this many seconds.
    BinarySeconds(u32),
}

impl Clock {
    fn new(resolution: u8, offset_seconds: i64) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        let ticks = if resolution & 0x80 != 0 {
            Ticks::BinarySeconds(exponent)
        } else if exponent <= 9 {
            Ticks::Nanos(10_u32.pow(9 - exponent))
        } else {
            // Beyond 10^38 every 64-bit count of ticks is 0 ns, which the largest divisor gives too.
            Ticks::PerNano(10_u128.checked_pow(exponent - 9).unwrap_or(u128::MAX))
        };
        Self {
            ticks,
            offset_nanos: i128::from(offset_seconds) * 1_000_000_000,
        }
    }

    /// The moment of a count of ticks, rounded down to a nanosecond and clamped to what a
    /// [`Timestamp`] can tell.
    #[inline]
    pub(crate) fn time(&self, ticks: u64) -> Timestamp {
        // Of nearly all captures: 64 bits are enough.
        if let Ticks::Nanos(nanos) = self.ticks
            && self.offset_nanos == 0
            && let Some(nanos) = ticks.checked_mul(u64::from(nanos))
            && let Ok(nanos) = i64::try_from(nanos)
        {
            return Timestamp::from_nanos(nanos);
        }
        self.exact_time(ticks)
    }

    fn exact_time(&self, ticks: u64) -> Timestamp {
        let ticks = u128::from(ticks);
        let nanos = match self.ticks {
            Ticks::Nanos(nanos) => ticks * u128::from(nanos),
            Ticks::PerNano(divisor) => ticks / divisor,
            Ticks::BinarySeconds(exponent) => (ticks * 1_000_000_000) >> exponent,
        };
        let nanos = nanos as i128 + self.offset_nanos;
        let range = i128::from(i64::MIN)..=i128::from(i64::MAX);
        Timestamp::from_nanos(nanos.clamp(*range.start(), *range.end()) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_nanoseconds() {
        let cases: [(u8, i64, u64, i64); 10] = [
            (6, 0, 1_700_000_000_123_456, 1_700_000_000_123_456_000),
            (9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
            (0, 0, 5, 5_000_000_000),
            (3, -5, 7_001, 2_001_000_000),
            (12, 1, 1_999, 1_000_000_001),
            (127, 0, u64::MAX, 0),
            (0x80 | 10, 0, 1_536, 1_500_000_000),
            (0x80 | 32, 2, 1 << 31, 2_500_000_000),
            (0xff, 0, u64::MAX, 0),
            (0, i64::MAX, u64::MAX, i64::MAX),
        ];
        for (resolution, offset, ticks, nanos) in cases {
            assert_eq!(
                Clock::new(resolution, offset).time(ticks).as_nanos(),
                nanos,
                "resolution {resolution:#x}, offset {offset}, ticks {ticks}"
            );
        }
    }

    #[test]
    fn options_before_a_malformed_one_hold() {
        let body = [
            0, 1, 0, 0, 0, 0, 0, 96, // Ethernet, snap length 96
            0, 9, 0, 1, 9, 0, 0, 0, // nanoseconds
            0, 14, 0, 200, // claims 200 bytes
        ];
        let interface = Interface::parse(ByteOrder::Big, &body).unwrap();
        assert_eq!(interface.link_type, LinkType::ETHERNET);
        assert_eq!(interface.snap_len, 96);
        assert_eq!(interface.clock.time(1).as_nanos(), 1);
        assert!(Interface::parse(ByteOrder::Big, &body[..7]).is_none());
    }
}
