//! One value per side of a flow.

use crate::Direction;

/// A value for what the initiator sent and one for what the responder sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerSide<T> {
    /// From the initiator.
    pub forward: T,
    /// From the responder.
    pub backward: T,
}

impl<T> PerSide<T> {
    /// The value of the side that sends in `direction`.
    #[inline]
    pub const fn get(&self, direction: Direction) -> &T {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Backward => &self.backward,
        }
    }

    /// The value of the side that sends in `direction`, to be changed.
    #[inline]
    pub const fn get_mut(&mut self, direction: Direction) -> &mut T {
        match direction {
            Direction::Forward => &mut self.forward,
            Direction::Backward => &mut self.backward,
        }
    }
}
