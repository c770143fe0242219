//! Count, sum, sum of squares, least and greatest of a series.

/// The five of one series; they wrap rather than check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloorMoments {
    pub(crate) count: u32,
    min: u32,
    max: u32,
    sum: u64,
    squares: u64,
}

impl Default for FloorMoments {
    fn default() -> Self {
        Self {
            count: 0,
            min: u32::MAX,
            max: 0,
            sum: 0,
            squares: 0,
        }
    }
}

impl FloorMoments {
    #[inline]
    pub(crate) fn add(&mut self, value: u32) {
        let wide = u64::from(value);
        self.count = self.count.wrapping_add(1);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum = self.sum.wrapping_add(wide);
        self.squares = self.squares.wrapping_add(wide.wrapping_mul(wide));
    }

    /// Of all five, so that none of them is work that the compiler may leave out.
    pub(crate) fn checksum(&self) -> u64 {
        let extremes = u64::from(self.min) ^ u64::from(self.max);
        extremes
            .wrapping_add(self.sum)
            .wrapping_add(self.squares)
            .wrapping_add(self.count.into())
    }
}
