//! The categories of a column: given, or learned from the table.

use std::collections::HashMap;

/// Names with their numbers.
#[derive(Debug)]
pub(super) struct Vocabulary {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
    /// Names that may still be learned.
    room: usize,
}

impl Vocabulary {
    /// One that is given and learns nothing.
    pub(super) fn given(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut vocabulary = Self::learned(usize::MAX);
        for name in names {
            let name: String = name.into();
            let number = vocabulary.names.len() as u32;
            // Of a name that stands there twice, the first number counts.
            vocabulary.numbers.entry(name.clone()).or_insert(number);
            vocabulary.names.push(name);
        }
        vocabulary.room = 0;
        vocabulary
    }

    /// One that learns the first `most` names.
    pub(super) fn learned(most: usize) -> Self {
        Self {
            numbers: HashMap::new(),
            names: Vec::new(),
            room: most.min(u32::MAX as usize),
        }
    }

    /// The number of a name; `None` when it is not known and may not be learned.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        if self.room == 0 {
            return None;
        }
        self.room -= 1;
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Some(number)
    }

    /// The names, by their numbers.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Puts the names in order and learns no more; gives the new number of each old one.
    pub(super) fn settle(&mut self) -> Vec<u32> {
        let mut order: Vec<(String, usize)> = std::mem::take(&mut self.names)
            .into_iter()
            .enumerate()
            .map(|(old, name)| (name, old))
            .collect();
        order.sort_unstable();
        let mut renumbered = vec![0; order.len()];
        for (new, (_, old)) in order.iter().enumerate() {
            if let Some(number) = renumbered.get_mut(*old) {
                *number = new as u32;
            }
        }
        *self = Self::given(order.into_iter().map(|(name, _)| name));
        renumbered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_learned_up_to_the_limit_and_put_in_order() {
        let mut vocabulary = Vocabulary::learned(3);
        let numbers = ["udp", "tcp", "udp", "arp", "sctp", "tcp"].map(|n| vocabulary.number(n));
        assert_eq!(numbers, [Some(0), Some(1), Some(0), Some(2), None, Some(1)]);
        assert_eq!(vocabulary.settle(), [2, 1, 0]);
        assert_eq!(vocabulary.names(), ["arp", "tcp", "udp"]);
        let numbers = ["udp", "sctp"].map(|name| vocabulary.number(name));
        assert_eq!(numbers, [Some(2), None]);
    }
}
