//! Packets that an interface lost before anybody could see them.

use std::fs::File;
use std::io::{self, Read, Seek};

/// Sums up the receive losses of an interface. The file stays open, so that it can be read when
/// neither user nor sandbox would allow to open it; libpcap opens one in `/sys` each time, and counts
/// backwards when it cannot.
#[derive(Debug)]
pub(super) struct InterfaceDrops {
    file: File,
    text: String,
    last: u64,
    total: u64,
}

impl InterfaceDrops {
    pub(super) fn open(interface: &str) -> io::Result<Self> {
        let mut drops = Self {
            file: File::open("/proc/thread-self/net/dev")?,
            text: String::new(),
            last: 0,
            total: 0,
        };
        drops.last = drops.look(interface)?.unwrap_or(0);
        Ok(drops)
    }

    /// What was lost since opening.
    pub(super) fn read(&mut self, interface: &str) -> io::Result<u64> {
        if let Some(now) = self.look(interface)? {
            // An interface made anew counts from 0.
            self.total += now.checked_sub(self.last).unwrap_or(now);
            self.last = now;
        }
        Ok(self.total)
    }

    fn look(&mut self, interface: &str) -> io::Result<Option<u64>> {
        self.file.rewind()?;
        self.text.clear();
        self.file.read_to_string(&mut self.text)?;
        Ok(losses(&self.text, interface))
    }
}

/// The received packets that `/proc/net/dev` counts as lost: `drop` and `fifo`, the fourth and fifth
/// number after the name.
fn losses(text: &str, interface: &str) -> Option<u64> {
    let fields = text.lines().find_map(|line| {
        let (name, fields) = line.split_once(':')?;
        (name.trim() == interface).then_some(fields)
    })?;
    let mut numbers = fields.split_whitespace().skip(3).map(str::parse::<u64>);
    let (drop, fifo) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(drop.saturating_add(fifo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drop_and_fifo_of_the_interface_are_summed() {
        let text = "Inter-|   Receive                  |  Transmit\n \
             face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop\n\
             \x20   lo:     100       1    0    7    0     0          0         0      100       1 0 0\n\
             \x20 eth0: 9000000   90000    3   12    5     0          0         0      200       2 0 99\n\
             eth0.7:1 1 0 2\n";
        for (interface, expected) in [
            ("eth0", Some(17)),
            ("lo", Some(7)),
            ("eth", None),
            ("eth0.7", None),
        ] {
            assert_eq!(losses(text, interface), expected, "{interface}");
        }
    }
}
