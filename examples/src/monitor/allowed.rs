//! The allow-list, as the live page tells of it.

use std::cmp::Reverse;
use std::path::Path;

use nettraffic_detect::Listed;
use nettraffic_sensor::Status;
use nettraffic_viz::live;

/// What the sensor calls the file of entries that marks made.
const MARKS: &str = "marks";
/// What stands before the alert's identifier in the name of such an entry.
const OF_ALERT: &str = "alert ";

/// Entries with how often they were of use: the latest use first, those that never were last.
pub(super) fn allowed(status: &Status) -> Vec<live::Allowed> {
    let mut listed: Vec<&Listed> = status.allowed.iter().collect();
    // Equal ones stay in the order of their files: the sort is stable.
    listed.sort_by_key(|listed| Reverse(listed.use_count.last_hit()));
    let views = listed.into_iter().map(|listed| view(listed, status));
    views.collect()
}

fn view(listed: &Listed, status: &Status) -> live::Allowed {
    let (entry, used) = (&listed.entry, &listed.use_count);
    let name = entry.name().map(str::to_owned);
    let alert = (name.as_deref())
        .filter(|_| &*listed.file == MARKS)
        .and_then(|name| name.strip_prefix(OF_ALERT));
    live::Allowed {
        alert: alert.map(str::to_owned),
        name: name.unwrap_or_else(|| {
            let file = Path::new(&*listed.file).file_name().unwrap_or_default();
            format!("{}:{}", file.display(), listed.line)
        }),
        reason: entry.reason().to_owned(),
        criteria: entry.criteria(),
        hits: used.hits,
        last_ns: used.last_hit().map(|at| at.as_nanos()),
        expires_ns: entry.expires().map(|at| at.as_nanos()),
        has_expired: entry.is_expired(status.now),
        after_expiry: used.after_expiry,
    }
}
