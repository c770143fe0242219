//! Giving up what is not needed any more.

use std::path::Path;

use nettraffic_sensor::{PrivilegeOptions, Settings, SinkSettings, drop_privileges};

use super::say::say;
use crate::Failure;

/// Gives up rights, once interfaces, files and sockets are open. A replay runs with those of its user.
pub(super) fn drop(settings: &Settings, config: Option<&Path>) -> Result<(), Failure> {
    if !gives_away(settings) {
        return Ok(());
    }
    let mut options = of_user(settings);
    if !settings.privileges.landlock {
        options = options.without_sandbox();
    }
    // What is read again when it is told to.
    let read = [&settings.detector.model, &settings.alerts.allow];
    let config = config.map(Path::to_owned);
    for path in read.into_iter().flatten().chain(&config) {
        // Its folder: a file that takes the place of another is a new one.
        options = options.readable(folder_of(path));
    }
    let written = [&settings.detector.folder, &settings.packets.folder];
    for path in written.into_iter().flatten() {
        options = options.writable(path);
    }
    // The sensor's alone, as it made sure of; others may hold what is somebody else's.
    if let Some(folder) = &settings.state.folder {
        options = options.owning(folder);
    }
    for path in settings.sinks.iter().filter_map(|sink| sink.path()) {
        options = match path.is_file() {
            // A log is renamed and opened anew in its folder, and opened again where it lies.
            true => options.writable(folder_of(path)).owning(path),
            false => options.writable(path),
        };
    }
    let calls_out =
        |sink: &SinkSettings| matches!(sink, SinkSettings::Syslog(_) | SinkSettings::Webhook(_));
    if settings.sinks.iter().any(calls_out) {
        options = options.with_name_lookup();
    }
    let report = drop_privileges(&options).map_err(Failure::usage)?;
    say(format_args!("{report}"));
    Ok(())
}

/// Gives up rights for good, as far as that is to be tried, and says what is left: what is tried from then on is tried
/// with the eyes of the user that the sensor becomes. `None` where none are given up.
pub(super) fn give_up(settings: &Settings) -> Option<Result<String, String>> {
    if !gives_away(settings) {
        return None;
    }
    let options = of_user(settings).without_sandbox();
    let report = drop_privileges(&options).map(|report| report.achieved.join("; "));
    Some(report.map_err(|error| error.to_string()))
}

/// Whether what is root's is given to the user that the sensor becomes.
pub(super) fn gives_away(settings: &Settings) -> bool {
    settings.privileges.drop && !settings.input.interfaces.is_empty()
}

fn of_user(settings: &Settings) -> PrivilegeOptions {
    let options = PrivilegeOptions::new();
    match &settings.privileges.user {
        Some(user) => options.with_user(user),
        None => options,
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(".".as_ref())
}
