//! Finding the next sound record behind damage.

use super::window::Window;

/// How far behind the damage a search goes.
const REACH: usize = 1024 * 1024;
/// Records or blocks that have to follow one another, unless the input ends before.
pub(crate) const CHAIN: usize = 3;
/// Bytes of a block at which reading goes on: those without packets, which may be longer, are
/// no loss.
pub(crate) const BLOCK_LEN: u32 = 1024 * 1024;
/// How far apart records that follow one another may be in time: a day.
pub(crate) const NEAR_SECONDS: u32 = 24 * 60 * 60;

/// Whether records go on at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    Yes,
    No,
    /// That takes so many bytes from there on.
    Unknown(usize),
}

impl Guess {
    /// The guess where `needed` bytes are not there: what is `known` decides when they never will be.
    pub(crate) fn at_end(at_end: bool, known: bool, needed: usize) -> Self {
        match (at_end, known) {
            (false, _) => Self::Unknown(needed),
            (true, true) => Self::Yes,
            (true, false) => Self::No,
        }
    }
}

/// Moves to the next place, behind the one where the window stands, at which records seem to
/// go on by `guess`, which is given the bytes from there on and whether the input ends with
/// them; returns how many bytes were passed over. `None` when there is no such place within
/// reach.
///
/// No more of the input is read than it takes to decide, so that a live stream recovers at once.
pub(crate) fn search(window: &mut Window<'_>, guess: impl Fn(&[u8], bool) -> Guess) -> Option<u64> {
    let mut at = 1;
    let mut input_is_short = false;
    while at <= REACH {
        let bytes = window.unread().get(at..).unwrap_or_default();
        match guess(bytes, input_is_short) {
            Guess::Yes => {
                window.take(at);
                return Some(at as u64);
            }
            Guess::No if bytes.is_empty() && input_is_short => return None,
            Guess::No => at += 1,
            // With the end in sight, the guess is made once more from what there is.
            Guess::Unknown(needed) => input_is_short = !window.look_ahead(at + needed),
        }
    }
    None
}
