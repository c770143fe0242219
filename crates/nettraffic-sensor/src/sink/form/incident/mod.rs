//! How an event of an incident is told.

pub(super) mod ecs;
pub(super) mod eve;
mod own;
mod words;

use std::collections::BTreeSet;

pub(in crate::sink) use self::words::IncidentWords;

/// The member of a set that has but one.
pub(in crate::sink) fn only<T: Copy>(members: &BTreeSet<T>) -> Option<T> {
    let mut members = members.iter();
    members.next().filter(|_| members.next().is_none()).copied()
}
