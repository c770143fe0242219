//! What framing yields, and the errors that every format shares.

use std::ops::Range;

use super::window::Window;
use crate::error::Fault;
use crate::read::limits;
use crate::{CaptureErrorKind, CapturePart, LinkType, Timestamp};

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
        Ok(false) => Err(Fault::fatal(
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
    if let Err(fault) = require(
        window,
        part,
        header,
        (claimed as usize).min(limits::END_PROBE),
    ) {
        if let CaptureErrorKind::Truncated { left, .. } = fault.kind {
            let claimed = u64::from(claimed);
            return Fault::fatal(
                fault.offset,
                CaptureErrorKind::Truncated {
                    part,
                    claimed,
                    left,
                },
            );
        }
        return fault;
    }
    Fault::fatal(
        window.offset(),
        CaptureErrorKind::TooLarge {
            part,
            claimed: claimed.into(),
            limit: limit.into(),
        },
    )
}

/// Whether the input goes on.
pub(crate) fn goes_on(window: &mut Window<'_>) -> Result<bool, Fault> {
    match window.want(1) {
        Ok(more) => Ok(more),
        Err(error) => Err(read_failed(window, error)),
    }
}

/// Reads on until `len` bytes are there or the input ends.
pub(crate) fn peek(window: &mut Window<'_>, len: usize) -> Result<(), Fault> {
    match window.want(len) {
        Ok(_) => Ok(()),
        Err(error) => Err(read_failed(window, error)),
    }
}

fn read_failed(window: &Window<'_>, error: std::io::Error) -> Fault {
    Fault::fatal(window.offset(), super::gzip::kind_of(error))
}
