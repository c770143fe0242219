//! Words on standard error.

use std::fmt::Display;
use std::io::Write as _;
use std::sync::LazyLock;
use std::time::SystemTime;

/// Whether the journal listens, which dates lines itself.
static IS_DATED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("JOURNAL_STREAM").is_some());

/// Says something on standard error, with its time in UTC; further lines of it are set in. That nobody can hear it must
/// not end a sensor.
pub(super) fn say(what: impl Display) {
    let what = what.to_string().replace('\n', "\n  ");
    let mut heard = std::io::stderr().lock();
    let _ = match *IS_DATED {
        true => writeln!(heard, "{what}"),
        false => {
            let now = humantime::format_rfc3339_seconds(SystemTime::now());
            writeln!(heard, "{now} {what}")
        }
    };
}
