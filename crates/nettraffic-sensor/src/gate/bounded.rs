//! A map of bounded size that forgets what was not touched for longest.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

#[derive(Debug)]
pub(crate) struct BoundedMap<K, V> {
    most: usize,
    next: u64,
    members: HashMap<K, (u64, V)>,
    /// Keys by when they were touched.
    order: BTreeMap<u64, K>,
}

impl<K: Hash + Eq + Clone, V> BoundedMap<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            next: 0,
            members: HashMap::new(),
            order: BTreeMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.members.get(key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.members.get_mut(key).map(|(_, value)| value)
    }

    /// Puts a member in, as the one touched last; what had to go for it.
    pub(crate) fn put(&mut self, key: K, value: V) -> Option<(K, V)> {
        let touched = self.next;
        self.next += 1;
        if let Some((before, _)) = self.members.insert(key.clone(), (touched, value)) {
            self.order.remove(&before);
        }
        self.order.insert(touched, key);
        if self.members.len() <= self.most {
            return None;
        }
        self.pop()
    }

    /// Takes a member out.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (touched, value) = self.members.remove(key)?;
        self.order.remove(&touched);
        Some(value)
    }

    /// Takes out the one that was not touched for longest.
    pub(crate) fn pop(&mut self) -> Option<(K, V)> {
        let (_, key) = self.order.pop_first()?;
        let (_, value) = self.members.remove(&key)?;
        Some((key, value))
    }

    /// All members, the one first that was not touched for longest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        (self.order.values()).filter_map(|key| Some((key, self.get(key)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_touched_for_longest_goes_first() {
        let mut map = BoundedMap::new(2);
        assert_eq!(map.put("a", 1), None);
        assert_eq!(map.put("b", 2), None);
        assert_eq!(map.put("a", 3), None);
        assert_eq!(map.put("c", 4), Some(("b", 2)));
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&"a", &3), (&"c", &4)]);
        assert_eq!((map.len(), map.get("b")), (2, None));
        assert_eq!(map.remove(&"c"), Some(4));
        assert_eq!(map.remove(&"c"), None);
        assert_eq!(map.pop(), Some(("a", 3)));
        assert_eq!((map.pop(), map.len()), (None, 0));
    }
}
