//! Words on standard error.

use std::fmt::Display;
use std::io::Write as _;

/// Says something on standard error. That nobody can hear it must not end a sensor.
pub(super) fn say(what: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{what}");
}
