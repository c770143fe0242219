//! The nearest rows found so far.

/// The few of least squared distance, ascending; of equals those offered first stay.
#[derive(Clone, Debug)]
pub(super) struct Nearest {
    wanted: usize,
    found: Vec<(f64, usize)>,
}

impl Nearest {
    /// None yet of the `wanted`, one or more.
    pub(super) fn new(wanted: usize) -> Self {
        Self {
            wanted,
            found: Vec::with_capacity(wanted),
        }
    }

    pub(super) fn clear(&mut self) {
        self.found.clear();
    }

    /// Squared distance that a row must be below to be among them.
    pub(super) fn bound(&self) -> f64 {
        if self.found.len() < self.wanted {
            return f64::INFINITY;
        }
        self.found.last().map_or(f64::INFINITY, |last| last.0)
    }

    pub(super) fn offer(&mut self, squared: f64, row: usize) {
        if squared >= self.bound() {
            return;
        }
        self.found.truncate(self.wanted - 1);
        let place = self.found.partition_point(|other| other.0 <= squared);
        self.found.insert(place, (squared, row));
    }

    /// Squared distances with their rows, ascending.
    pub(super) fn found(&self) -> &[(f64, usize)] {
        &self.found
    }
}
