//! Values at small stable numbers.

use crate::chunks::Chunks;

/// A store that reuses the places of removed values; a slot is a value's place.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    places: Chunks<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    /// Slots are numbered with 32 bits, and the last number means none.
    pub(crate) const MAX_LEN: usize = u32::MAX as usize;

    pub(crate) const fn new() -> Self {
        Self {
            places: Chunks::new(),
            free: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// The caller keeps to [`Slab::MAX_LEN`].
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.places.get_mut(slot)
        {
            *place = Some(value);
            return slot;
        }
        self.places.push(Some(value));
        (self.places.len() - 1) as u32
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        self.places.get(slot)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.places.get_mut(slot)?.as_mut()
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<T> {
        let value = self.places.get_mut(slot)?.take()?;
        self.free.push(slot);
        Some(value)
    }

    /// Looks at a value once more where it lies, and removes it: what is large is not moved.
    #[inline]
    pub(crate) fn remove_with<R>(&mut self, slot: u32, look: impl FnOnce(&T) -> R) -> Option<R> {
        let place = self.places.get_mut(slot)?;
        let result = look(place.as_ref()?);
        *place = None;
        self.free.push(slot);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_reused() {
        let mut slab = Slab::new();
        let a = slab.insert('a');
        let b = slab.insert('b');
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!(slab.remove(a), None);
        assert_eq!(slab.get(a), None);
        assert_eq!(slab.insert('c'), a);
        assert_eq!(slab.len(), 2);
        assert_eq!((slab.get(a), slab.get(b)), (Some(&'c'), Some(&'b')));
        assert_eq!(slab.remove_with(b, char::to_ascii_uppercase), Some('B'));
        assert_eq!(slab.remove_with(b, char::to_ascii_uppercase), None);
        assert_eq!((slab.insert('d'), slab.len()), (b, 2));
    }
}
