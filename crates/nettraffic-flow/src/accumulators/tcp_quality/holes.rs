//! The numbers below the highest one sent that were not seen.

use crate::tcp::{distance, is_before};

/// Up to [`Holes::MOST`] ranges of sequence numbers, from the lowest to the highest.
///
/// When there would be more, the lowest is given up: it has been missing for the longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holes {
    ranges: [Hole; Self::MOST],
    len: u8,
}

/// A range of numbers, and the moment in microseconds (which wrap) at which it was skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Hole {
    from: u32,
    to: u32,
    opened: u32,
}

/// What became of a range that was filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// How many of its numbers had been missing.
    pub(super) fresh: u32,
    /// When the first hole that it touched was opened.
    pub(super) opened: u32,
    /// Numbers given up, since what is left are too many holes.
    pub(super) given_up: u32,
}

impl Holes {
    pub(super) const MOST: usize = 4;

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Notes that `from..to` was not seen; it touches no other hole. How many numbers were given up.
    pub(super) fn open(&mut self, from: u32, to: u32, opened: u32) -> u32 {
        let mut after = Self::default();
        let mut given_up = 0;
        let new = Hole { from, to, opened };
        let is_lower = |hole: &&Hole| is_before(hole.from, from);
        for hole in self.iter().filter(is_lower) {
            given_up += after.push(*hole);
        }
        given_up += after.push(new);
        for hole in self.iter().filter(|hole| !is_lower(hole)) {
            given_up += after.push(*hole);
        }
        *self = after;
        given_up
    }

    /// Takes `from..to` out of the holes.
    pub(super) fn fill(&mut self, from: u32, to: u32) -> Filled {
        let mut filled = Filled::default();
        let mut left = Self::default();
        for hole in self.iter() {
            let low = distance(hole.from, from).clamp(0, hole.len().cast_signed());
            let high = distance(hole.from, to).clamp(0, hole.len().cast_signed());
            if low >= high {
                filled.given_up += left.push(*hole);
                continue;
            }
            if filled.fresh == 0 {
                filled.opened = hole.opened;
            }
            filled.fresh += low.abs_diff(high);
            let (low, high) = (low.cast_unsigned(), high.cast_unsigned());
            let parts = [
                (hole.from, hole.from.wrapping_add(low)),
                (hole.from.wrapping_add(high), hole.to),
            ];
            for (from, to) in parts.into_iter().filter(|(from, to)| from != to) {
                filled.given_up += left.push(Hole { from, to, ..*hole });
            }
        }
        *self = left;
        filled
    }

    /// Takes out what lies before `number`. How many numbers that are.
    pub(super) fn give_up_before(&mut self, number: u32) -> u32 {
        match self.iter().next() {
            Some(lowest) if is_before(lowest.from, number) => self.fill(lowest.from, number).fresh,
            _ => 0,
        }
    }

    fn push(&mut self, hole: Hole) -> u32 {
        let mut given_up = 0;
        if usize::from(self.len) == Self::MOST {
            given_up = self.ranges.first().map_or(0, Hole::len);
            self.ranges.rotate_left(1);
            self.len -= 1;
        }
        if let Some(place) = self.ranges.get_mut(usize::from(self.len)) {
            *place = hole;
            self.len += 1;
        }
        given_up
    }

    fn iter(&self) -> std::iter::Take<std::slice::Iter<'_, Hole>> {
        self.ranges.iter().take(usize::from(self.len))
    }
}

impl Hole {
    fn len(&self) -> u32 {
        self.to.wrapping_sub(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens and fills; the ranges that are left, and the sums of fresh and given up.
    #[track_caller]
    fn check(opened: &[(u32, u32)], filled: &[(u32, u32)], left: &[(u32, u32)], sums: (u32, u32)) {
        for distance in [0, u32::MAX - 15] {
            let moved = |range: &(u32, u32)| {
                (
                    range.0.wrapping_add(distance),
                    range.1.wrapping_add(distance),
                )
            };
            let mut holes = Holes::default();
            let mut found = (0, 0);
            for (from, to) in opened.iter().map(moved) {
                found.1 += holes.open(from, to, 0);
            }
            for (from, to) in filled.iter().map(moved) {
                let filled = holes.fill(from, to);
                found.0 += filled.fresh;
                found.1 += filled.given_up;
            }
            let ranges: Vec<_> = holes.iter().map(|hole| (hole.from, hole.to)).collect();
            assert_eq!(ranges, left.iter().map(moved).collect::<Vec<_>>());
            assert_eq!(found, sums);
        }
    }

    #[test]
    fn what_is_filled_is_no_longer_missing() {
        check(&[(10, 20)], &[(10, 20)], &[], (10, 0));
        check(&[(10, 20)], &[(5, 12)], &[(12, 20)], (2, 0));
        check(&[(10, 20)], &[(18, 30)], &[(10, 18)], (2, 0));
        check(&[(10, 20)], &[(13, 15)], &[(10, 13), (15, 20)], (2, 0));
        check(
            &[(10, 20), (30, 40)],
            &[(15, 35)],
            &[(10, 15), (35, 40)],
            (10, 0),
        );
        check(&[(10, 20)], &[(20, 30), (0, 10)], &[(10, 20)], (0, 0));
    }

    #[test]
    fn holes_are_kept_in_order() {
        check(&[(30, 40), (10, 20)], &[], &[(10, 20), (30, 40)], (0, 0));
    }

    #[test]
    fn the_lowest_is_given_up_when_there_are_too_many() {
        let five = [(0, 3), (4, 5), (6, 7), (8, 9), (10, 12)];
        check(&five, &[], &five[1..], (0, 3));
        check(
            &five[..4],
            &[(1, 2)],
            &[(2, 3), (4, 5), (6, 7), (8, 9)],
            (1, 1),
        );
    }

    #[test]
    fn the_time_is_that_of_the_first_hole_touched() {
        let mut holes = Holes::default();
        holes.open(10, 20, 7);
        holes.open(30, 40, 9);
        assert_eq!(holes.fill(15, 35).opened, 7);
        assert_eq!(holes.fill(36, 38).opened, 9);
    }
}
