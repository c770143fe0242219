//! Finding rules without trying each.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{Conversation, LabelRule};

/// Rules by their pair of addresses: most rules name both, and then only they need to be tried.
///
/// The map is only ever asked by key, so its order shows nowhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Positions of rules between exactly two addresses, ascending; key in ascending order.
    pairs: HashMap<(IpAddr, IpAddr), Vec<usize>>,
    /// Positions of all other rules, ascending.
    wide: Vec<usize>,
}

impl Index {
    pub(super) fn new(rules: &[LabelRule]) -> Self {
        let mut index = Self::default();
        for (position, rule) in rules.iter().enumerate() {
            let single = |side: Option<super::Network>| side.and_then(|net| net.single());
            let positions = match (single(rule.src), single(rule.dst)) {
                (Some(src), Some(dst)) => index.pairs.entry(ordered(src, dst)).or_default(),
                _ => &mut index.wide,
            };
            positions.push(position);
        }
        index
    }

    /// Positions of the rules that may match, ascending, so that the first match is the
    /// first row.
    pub(super) fn candidates(&self, c: &Conversation) -> impl Iterator<Item = usize> + '_ {
        let mut pair = self
            .pairs
            .get(&ordered(c.a, c.b))
            .map_or(&[][..], Vec::as_slice);
        let mut wide = self.wide.as_slice();
        std::iter::from_fn(move || {
            let from = match (pair.first(), wide.first()) {
                (Some(p), Some(w)) if w < p => &mut wide,
                (None, _) => &mut wide,
                _ => &mut pair,
            };
            let (&first, rest) = from.split_first()?;
            *from = rest;
            Some(first)
        })
    }
}

fn ordered(a: IpAddr, b: IpAddr) -> (IpAddr, IpAddr) {
    if a <= b { (a, b) } else { (b, a) }
}
