//! The captures of a set that are not open yet, and how many may be.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::queue::Place;
use crate::read::options::ReadOptions;
use crate::{CaptureError, Timestamp};

/// Captures that are open at once; each holds a file and a buffer.
const MOST_OPEN: usize = 64;

/// Bytes that the windows of all open captures may have together.
const MOST_WINDOW_BYTES: u64 = 512 << 20;

/// A capture that is not open yet.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Where its first packet belongs.
    pub(super) place: Place,
    pub(super) path: PathBuf,
    /// Whether decompressing it may take a window, or that is not known yet.
    pub(super) may_hold_window: bool,
}

impl Waiting {
    /// What is to be looked into when its turn has come, which is at once.
    pub(super) fn unknown(path: PathBuf, rank: usize) -> Self {
        Self {
            place: Place::new(Timestamp::MIN, rank),
            path,
            may_hold_window: true,
        }
    }

    /// Looks into a file for the time of its first packet.
    ///
    /// Damage before it, or the end, is left to be found again when the file is read: that
    /// comes first.
    pub(super) fn look(
        path: PathBuf,
        rank: usize,
        options: &ReadOptions,
    ) -> Result<Self, CaptureError> {
        let mut reader = options.open_reader(&path)?;
        let time = match reader.advance() {
            Ok(Some(frame)) => frame.timestamp,
            Ok(None) | Err(_) => Timestamp::MIN,
        };
        Ok(Self {
            place: Place::new(time, rank),
            path,
            may_hold_window: reader.may_hold_window(),
        })
    }
}

/// Captures that are not open yet, by the places of their first packets; those with windows
/// apart, so that the others need not wait behind them.
#[derive(Debug, Default)]
pub(super) struct WaitingCaptures {
    without_window: VecDeque<Waiting>,
    with_window: VecDeque<Waiting>,
}

impl WaitingCaptures {
    pub(super) fn push(&mut self, waiting: Waiting) {
        let queue = match waiting.may_hold_window {
            true => &mut self.with_window,
            false => &mut self.without_window,
        };
        queue.push_back(waiting);
    }

    pub(super) fn sort(&mut self) {
        for queue in [&mut self.without_window, &mut self.with_window] {
            queue.make_contiguous().sort_by_key(|waiting| waiting.place);
        }
    }

    /// The place of the first packet among captures that `room` has room for.
    pub(super) fn next(&self, room: Room) -> Option<Place> {
        let without = self.without_window.front().filter(|_| room.without_window);
        let with = self.with_window.front().filter(|_| room.with_window);
        without.into_iter().chain(with).map(|next| next.place).min()
    }

    /// Takes out the capture that is at `place`.
    pub(super) fn take(&mut self, place: Place) -> Option<Waiting> {
        [&mut self.without_window, &mut self.with_window]
            .into_iter()
            .find_map(|queue| queue.pop_front_if(|next| next.place == place))
    }
}

/// Whether one more capture may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) without_window: bool,
    pub(super) with_window: bool,
}

/// How many captures may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MostOpen {
    all: usize,
    with_window: usize,
}

impl MostOpen {
    pub(super) const ONE: Self = Self {
        all: 1,
        with_window: 1,
    };

    /// For merging captures that are read in the way of `options`.
    pub(super) fn merging(options: &ReadOptions) -> Self {
        let windows = MOST_WINDOW_BYTES / options.limits().window_len.max(1);
        Self {
            all: MOST_OPEN,
            with_window: usize::try_from(windows)
                .map_or(MOST_OPEN, |most| most.clamp(1, MOST_OPEN)),
        }
    }

    /// What there is room for where so many are `open`, `with_window` of them with one.
    pub(super) fn room(self, open: usize, with_window: usize) -> Room {
        let any = open < self.all;
        Room {
            without_window: any,
            with_window: any && with_window < self.with_window,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadLimits;

    #[test]
    fn windows_of_open_captures_stay_within_half_a_gibibyte() {
        for (window_len, most) in [
            (64 << 20, 8),
            (8 << 20, 64),
            (1, 64),
            (0, 64),
            (128 << 20, 4),
            (512 << 20, 1),
            (u64::MAX, 1),
        ] {
            let limits = ReadLimits::default().with_window_len(window_len);
            let options = ReadOptions::new().with_limits(limits);
            let found = MostOpen::merging(&options);
            assert_eq!(found.with_window, most, "{window_len}");
            let room = found.room(63, most - 1);
            assert!(room.with_window && room.without_window);
            assert!(!found.room(63, most).with_window);
            assert!(!found.room(64, 0).without_window);
        }
    }
}
