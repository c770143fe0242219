//! How evenly the bytes of a payload are spread.

use std::fmt;
use std::num::NonZeroU16;

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

impl Entropy {
    /// The entropy of `bytes`; `None` of none.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        // Four histograms: runs of one byte would wait for their own last increment.
        let mut counts = [[0_u32; 256]; 4];
        let (blocks, rest) = bytes.as_chunks::<4>();
        for block in blocks {
            for (count, byte) in counts.iter_mut().zip(block) {
                count[usize::from(*byte)] += 1;
            }
        }
        for byte in rest {
            counts[0][usize::from(*byte)] += 1;
        }
        let [mut all, others @ ..] = counts;
        for counts in others {
            all.iter_mut()
                .zip(counts)
                .for_each(|(all, one)| *all += one);
        }
        let sum: u64 = all.iter().map(|count| n_log_n(u64::from(*count))).sum();
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
        ] {
            assert_eq!(bits(bytes), expected, "{} bytes", bytes.len());
        }
        assert_eq!(Entropy::of(&[]), None);
    }

    #[test]
    fn equals_its_definition() {
        let mut state = 1_u64;
        for len in [3_usize, 10, 100, 1_460, 65_535] {
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
