//! A vector that grows without moving.

/// Values at the numbers 0, 1, 2, …, in chunks of equal length: growing copies nothing, so it never
/// needs the memory twice.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
}

const BITS: u32 = 10;
/// Values in a chunk.
const LEN: usize = 1 << BITS;

impl<T> Chunks<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        match self.chunks.split_last() {
            Some((last, full)) => full.len() * LEN + last.len(),
            None => 0,
        }
    }

    pub(crate) fn push(&mut self, value: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < LEN => last.push(value),
            _ => {
                let mut chunk = Vec::with_capacity(LEN);
                chunk.push(value);
                self.chunks.push(chunk);
            }
        }
    }

    #[inline]
    pub(crate) fn get(&self, at: u32) -> Option<&T> {
        self.chunks
            .get((at >> BITS) as usize)?
            .get(at as usize % LEN)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.chunks
            .get_mut((at >> BITS) as usize)?
            .get_mut(at as usize % LEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_where_they_were_put() {
        let mut chunks = Chunks::new();
        for value in 0..3000 {
            assert_eq!(chunks.len(), value);
            chunks.push(value);
        }
        assert!((0..3000).all(|at| chunks.get(at) == Some(&(at as usize))));
        assert_eq!((chunks.get(3000), chunks.get(u32::MAX)), (None, None));
        if let Some(value) = chunks.get_mut(1024) {
            *value = 7;
        }
        assert_eq!(chunks.get(1024), Some(&7));
    }
}
