//! Giving up what is not needed any more.

use nettraffic_sensor::{PrivilegeOptions, Settings, drop_privileges};

use super::shown;
use crate::Failure;

/// Gives up rights, once interfaces, files and sockets are open. A replay runs with those of its user.
pub(super) fn drop(settings: &Settings) -> Result<(), Failure> {
    if !settings.privileges.drop || settings.input.interfaces.is_empty() {
        return Ok(());
    }
    let mut options = PrivilegeOptions::new();
    if let Some(user) = &settings.privileges.user {
        options = options.with_user(user);
    }
    if !settings.privileges.landlock {
        options = options.without_sandbox();
    }
    // What is read again when it is told to.
    let read = [&settings.detector.model, &settings.alerts.allow];
    for path in read.into_iter().flatten() {
        options = options.readable(path);
    }
    let written = [
        &settings.detector.folder,
        &settings.state.folder,
        &settings.packets.folder,
    ];
    for path in written.into_iter().flatten() {
        options = options.writable(path);
    }
    // A log is renamed and opened anew in its folder.
    for path in settings.sinks.iter().filter_map(|sink| sink.path()) {
        options = options.writable(
            path.parent()
                .filter(|path| !shown(path).is_empty())
                .unwrap_or(".".as_ref()),
        );
    }
    let report = drop_privileges(&options).map_err(Failure::usage)?;
    eprintln!("{report}");
    Ok(())
}
