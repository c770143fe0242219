//! Filters of a live source: libpcap's language, run by the kernel.

use pcap::{Active, Capture};

use super::LiveError;
use crate::{Filter, FilterErrorKind};

/// Lets nothing through. Not optimised, or libpcap would refuse it as senseless.
pub(super) fn close(capture: &mut Capture<Active>) -> Result<(), pcap::Error> {
    capture.filter("not len >= 0", false)
}

/// Lets through what `filter` wants, everything without one.
pub(super) fn apply(capture: &mut Capture<Active>, filter: Option<&str>) -> Result<(), LiveError> {
    let filter = filter.unwrap_or_default();
    let place = match Filter::parse(filter) {
        _ if filter.trim().is_empty() => None,
        // libpcap would look the name up, and so send.
        Err(error) if matches!(error.kind(), FilterErrorKind::HostName) => {
            return Err(refused(filter, "names are not looked up", Some(error)));
        }
        // libpcap's language is the wider one.
        Err(error) if matches!(error.kind(), FilterErrorKind::Unsupported { .. }) => None,
        Err(error) => Some(error),
        Ok(_) => None,
    };
    capture.filter(filter, true).map_err(|error| {
        let message = match error {
            pcap::Error::PcapError(message) => message,
            other => other.to_string(),
        };
        refused(filter, &message, place)
    })
}

fn refused(filter: &str, message: &str, place: Option<crate::FilterError>) -> LiveError {
    LiveError::Filter {
        filter: filter.to_owned(),
        message: message.to_owned(),
        place,
    }
}
