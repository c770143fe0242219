//! Arithmetic of TCP sequence numbers, which wrap (RFC 9293, section 3.4).

/// How far `to` lies after `from`; negative when it lies before.
#[inline]
pub(crate) const fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// Whether `number` lies after `other`.
#[inline]
pub(crate) const fn is_after(number: u32, other: u32) -> bool {
    distance(other, number) > 0
}

/// Whether `number` lies before `other`.
#[inline]
pub(crate) const fn is_before(number: u32, other: u32) -> bool {
    distance(other, number) < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_across_the_wrap() {
        for (from, to, expected) in [
            (0, 0, 0),
            (1, 3, 2),
            (3, 1, -2),
            (u32::MAX, 1, 2),
            (1, u32::MAX, -2),
            (0, i32::MAX as u32, i32::MAX),
        ] {
            assert_eq!(distance(from, to), expected);
            assert_eq!(is_after(to, from), expected > 0);
            assert_eq!(is_before(to, from), expected < 0);
        }
    }
}
