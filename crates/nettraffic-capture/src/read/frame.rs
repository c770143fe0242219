//! What framing yields, and the errors that every format shares.

use std::io;
use std::ops::Range;

use super::compressed;
use super::window::Window;
use crate::error::Fault;
use crate::{CaptureErrorKind, CapturePart, LinkType, Timestamp};

/// How far to look for the end of the input when something claims too much, so that a
/// cut file is told from a hostile one.
const END_PROBE: usize = 64 * 1024;

/// A packet that has been found in the window.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) timestamp: Timestamp,
    pub(crate) link_type: LinkType,
    pub(crate) wire_len: u32,
    /// Where the window has the captured bytes.
    pub(crate) data: Range<usize>,
}

/// Makes sure that `part`, which begins at the next unread byte, is there with all its `len` bytes.
///
/// `header` of them precede what `part` claims to hold.
pub(crate) fn require(
    window: &mut Window<'_>,
    part: CapturePart,
    header: usize,
    claimed: usize,
) -> Result<(), Fault> {
    let offset = window.offset();
    match window.want(header + claimed) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Fault::lost(
            offset,
            CaptureErrorKind::Truncated {
                part,
                claimed: claimed as u64,
                left: window.unread().len().saturating_sub(header) as u64,
            },
        )),
        Err(error) => Err(read_failed(window, error)),
    }
}

/// Refuses `part` for claiming more than `limit`. When the input ends soon after, the
/// honest message is that it was cut short.
pub(crate) fn too_large(
    window: &mut Window<'_>,
    part: CapturePart,
    header: usize,
    claimed: u32,
    limit: u32,
) -> Fault {
    let claimed = u64::from(claimed);
    let probe = usize::try_from(claimed).map_or(END_PROBE, |claimed| claimed.min(END_PROBE));
    match require(window, part, header, probe) {
        Ok(()) => Fault::lost(
            window.offset(),
            CaptureErrorKind::TooLarge {
                part,
                claimed,
                limit: limit.into(),
            },
        ),
        Err(mut fault) => {
            if let CaptureErrorKind::Truncated { claimed: told, .. } = &mut fault.kind {
                *told = claimed;
            }
            fault
        }
    }
}

/// Whether the input goes on.
pub(crate) fn goes_on(window: &mut Window<'_>) -> Result<bool, Fault> {
    window.want(1).map_err(|error| read_failed(window, error))
}

/// Reads on until `len` bytes are there or the input ends.
pub(crate) fn peek(window: &mut Window<'_>, len: usize) -> Result<(), Fault> {
    match window.want(len) {
        Ok(_) => Ok(()),
        Err(error) => Err(read_failed(window, error)),
    }
}

fn read_failed(window: &Window<'_>, error: io::Error) -> Fault {
    Fault::fatal(window.offset(), compressed::kind_of(error))
}
