//! How evenly the bytes of a payload are spread.

use std::fmt;
use std::num::NonZeroU16;
use std::ops::AddAssign;

/// Shannon entropy of the bytes of a payload, 0 to 8 bits a byte.
///
/// Text has about 4 to 5 bits a byte, compressed or encrypted data close to 8, provided that there
/// are enough of them: `n` bytes have log2 `n` bits at most. It is kept as a whole number of
/// 8,000ths of a bit and computed with whole numbers, so it is the same on every machine.
// One more than that number, so that `Option<Entropy>` needs no room of its own in a packet's facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entropy(NonZeroU16);

/// Units that a bit has.
const PER_BIT: u64 = 8_000;
/// Binary places of the fixed-point logarithms.
const PLACES: u32 = 32;
/// How many values of `n log2 n` are kept ready: those of ordinary packets.
const READY: usize = 2_048;
static N_LOG_N: [u64; READY] = n_log_n_table();
/// log2 of what a byte can count to; 0 of 0.
static LOG: [u64; 256] = log_table();

impl Entropy {
    /// The entropy of `bytes`; `None` of none.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        // The sum of c log2 c over the counts c of all values. In a short payload it takes fewer steps to
        // add up log2 c for each byte, which is the same.
        let sum: u64 = match bytes.len() {
            0 => return None,
            1..=255 => {
                let counts = counts::<u8>(bytes);
                let log = |byte: &u8| LOG[usize::from(counts[usize::from(*byte)])];
                bytes.iter().map(log).sum()
            }
            256..=65_535 => {
                let counts = counts::<u16>(bytes);
                counts.iter().map(|count| n_log_n((*count).into())).sum()
            }
            _ => {
                let counts = counts::<u32>(bytes);
                counts.iter().map(|count| n_log_n((*count).into())).sum()
            }
        };
        // H = log2 n - (sum of c log2 c) / n
        let n = bytes.len() as u64;
        let bits = (n_log_n(n).saturating_sub(sum)) / n;
        let units = ((bits * PER_BIT + (1 << (PLACES - 1))) >> PLACES) as u16;
        NonZeroU16::new(units.saturating_add(1)).map(Self)
    }

    /// In bits a byte: 0 to 8.
    #[must_use]
    pub fn bits(self) -> f64 {
        f64::from(self.0.get() - 1) / PER_BIT as f64
    }
}

impl fmt::Display for Entropy {
    /// Bits a byte with three decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.bits())
    }
}

/// How often each value stands among bytes that are not more than `T` can count: small counters are
/// faster cleared and added up.
fn counts<T: Copy + Default + AddAssign + From<bool>>(bytes: &[u8]) -> [T; 256] {
    // Four histograms: runs of one byte would wait for their own last increment.
    let mut counts = [[T::default(); 256]; 4];
    let (blocks, rest) = bytes.as_chunks::<4>();
    for block in blocks {
        for (count, byte) in counts.iter_mut().zip(block) {
            count[usize::from(*byte)] += true.into();
        }
    }
    for byte in rest {
        counts[0][usize::from(*byte)] += true.into();
    }
    let [all, others @ ..] = &mut counts;
    for one in others {
        for (all, one) in all.iter_mut().zip(one) {
            *all += *one;
        }
    }
    *all
}

/// `n log2 n`, in fixed point.
#[inline]
fn n_log_n(n: u64) -> u64 {
    match N_LOG_N.get(n as usize) {
        Some(ready) => *ready,
        None => large_n_log_n(n),
    }
}

#[cold]
fn large_n_log_n(n: u64) -> u64 {
    n * log2(n)
}

const fn n_log_n_table() -> [u64; READY] {
    let mut table = [0; READY];
    let mut n = 1;
    while n < READY {
        table[n] = n as u64 * log2(n as u64);
        n += 1;
    }
    table
}

const fn log_table() -> [u64; 256] {
    let mut table = [0; 256];
    let mut n = 1;
    while n < table.len() {
        table[n] = log2(n as u64);
        n += 1;
    }
    table
}

/// log2 of `n` ≥ 1 in fixed point, one binary place after another: squaring a number between 1 and
/// 2 doubles its logarithm.
const fn log2(n: u64) -> u64 {
    let whole = n.ilog2();
    // Between 1 and 2, with 62 binary places.
    let mut mantissa = n << (62 - whole);
    let mut log = whole as u64;
    let mut place = 0;
    while place < PLACES {
        let square = (mantissa as u128 * mantissa as u128) >> 62;
        let over = (square >> 63) as u32;
        mantissa = (square >> over) as u64;
        log = log << 1 | over as u64;
        place += 1;
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(bytes: &[u8]) -> f64 {
        Entropy::of(bytes).map_or(f64::NAN, Entropy::bits)
    }

    #[test]
    fn even_spread_has_as_many_bits_as_values_need() {
        let all: Vec<u8> = (0..=255).collect();
        for (bytes, expected) in [
            (&b"a"[..], 0.0),
            (b"aaaaaaaaaaa", 0.0),
            (b"abab", 1.0),
            (b"abcdabcd", 2.0),
            (&all, 8.0),
            (&all.repeat(200), 8.0),
            (&all.repeat(300), 8.0),
            (&[7; 255], 0.0),
            (&[7; 65_535], 0.0),
            (&[7; 65_536], 0.0),
        ] {
            assert_eq!(bits(bytes), expected, "{} bytes", bytes.len());
        }
        assert_eq!(Entropy::of(&[]), None);
    }

    #[test]
    fn equals_its_definition() {
        let mut state = 1_u64;
        for len in [3_usize, 10, 100, 255, 256, 1_460, 65_535, 65_536, 100_000] {
            let bytes: Vec<u8> = (0..len)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    ((state >> 33) as u8) & 0x3f & ((state >> 45) as u8)
                })
                .collect();
            let expected: f64 = (0..=255_u8)
                .map(|value| {
                    let count = bytes.iter().filter(|byte| **byte == value).count();
                    let share = count as f64 / len as f64;
                    if count == 0 {
                        0.0
                    } else {
                        -share * share.log2()
                    }
                })
                .sum();
            assert!((bits(&bytes) - expected).abs() < 1e-4, "{len}: {expected}");
        }
    }
}
