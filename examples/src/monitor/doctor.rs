//! Whether a sensor with these settings would work, tried without watching anything.

use std::fs;
use std::path::Path;

use nettraffic_detect::ModelStore;
use nettraffic_sensor::Settings;

use super::{allow_list, serving};
use crate::{Failure, describe_detector};

/// What is said where interfaces are asked for in a build without them.
#[cfg(not(feature = "live"))]
pub(super) const NO_LIVE: &str = "this build cannot watch interfaces: build it with the feature `live` (it needs libpcap: \
                                  `apt install libpcap-dev`, then `cargo install --path examples --features live`)";

/// Lists the interfaces.
///
/// # Errors
/// They cannot be listed.
#[cfg(feature = "live")]
pub fn list_interfaces() -> Result<bool, Failure> {
    for interface in nettraffic_capture::interfaces().map_err(Failure::usage)? {
        let addresses: Vec<String> = interface
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        println!(
            "{:16} {:10} {}",
            interface.name,
            interface.state,
            addresses.join(" ")
        );
    }
    Ok(true)
}

/// Lists the interfaces.
///
/// # Errors
/// Always, in a build without them.
#[cfg(not(feature = "live"))]
pub fn list_interfaces() -> Result<bool, Failure> {
    Err(Failure::usage(NO_LIVE))
}

/// What was tried.
struct Findings {
    is_well: bool,
}

impl Findings {
    fn tell(&mut self, what: &str, found: Result<String, String>) {
        match found {
            Ok(found) => println!("  ok    {what}: {found}"),
            Err(why) => {
                self.is_well = false;
                println!("  WRONG {what}: {why}");
            }
        }
    }
}

/// Tries rights, interfaces, folders and model, and says what is wrong. Nothing is watched and nothing is left behind.
///
/// # Errors
/// Something is wrong.
pub fn check_doctor(settings: &Settings) -> Result<bool, Failure> {
    let mut findings = Findings { is_well: true };
    try_interfaces(settings, &mut findings);
    if let Some(folder) = &settings.detector.folder {
        findings.tell("folder of detectors", writable(folder));
    }
    let store = settings
        .detector
        .folder
        .as_ref()
        .filter(|folder| folder.is_dir());
    let judge = (store.map(ModelStore::open).transpose())
        .map_err(Failure::usage)
        .and_then(|store| serving(settings, store.as_ref()));
    findings.tell(
        "detector",
        match judge {
            Ok(Some(detector)) => Ok(describe_detector(&detector).replace('\n', "\n        ")),
            Ok(None) => Ok(format!(
                "none; it will learn for {}",
                humantime::format_duration(settings.learn.period)
            )),
            Err(error) => Err(error.to_string()),
        },
    );
    if let Some(path) = &settings.alerts.allow {
        let list = allow_list(settings).map(|list| format!("{} entries", list.entries().len()));
        findings.tell(
            &format!("allow-list {}", path.display()),
            list.map_err(|error| error.to_string()),
        );
    }
    for (what, folder) in [
        ("state", &settings.state.folder),
        ("packets", &settings.packets.folder),
    ] {
        if let Some(folder) = folder {
            findings.tell(&format!("folder of {what}"), writable(folder));
        }
    }
    for path in settings.sinks.iter().filter_map(|sink| sink.path()) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        findings.tell(
            &path.display().to_string(),
            writable(folder.unwrap_or(Path::new("."))),
        );
    }
    match findings.is_well {
        true => Ok(true),
        false => Err(Failure::usage("not all is well")),
    }
}

#[cfg(feature = "live")]
fn try_interfaces(settings: &Settings, findings: &mut Findings) {
    use nettraffic_sensor::{Privileges, rights_advice};

    for name in &settings.input.interfaces {
        let mut alone = settings.input.clone();
        alone.interfaces = vec![name.clone()];
        let opened = super::interfaces::open(&alone);
        let opened = opened
            .map(
                |opened| match opened.iter().find_map(|interface| interface.waits()) {
                    Some(why) => format!("is {why}; the sensor starts, and waits for it"),
                    None => "can be watched".to_owned(),
                },
            )
            .map_err(|error| error.to_string());
        findings.tell(&format!("interface {name}"), opened);
    }
    let rights = Privileges::current().map_err(|error| error.to_string());
    let program = std::env::current_exe().unwrap_or_default();
    findings.tell(
        "rights",
        rights.and_then(|rights| match rights.can_capture {
            true => Ok(rights.to_string()),
            false => Err(rights_advice(&program)),
        }),
    );
}

#[cfg(not(feature = "live"))]
fn try_interfaces(settings: &Settings, findings: &mut Findings) {
    if !settings.input.interfaces.is_empty() {
        findings.tell("interfaces", Err(NO_LIVE.to_owned()));
    }
}

/// Whether a file can be made in a folder, tried with one that is gone again.
fn writable(folder: &Path) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    if !fs::metadata(folder).map_err(wrong)?.is_dir() {
        return Err(format!("{} is no folder", folder.display()));
    }
    let file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    file.close().map_err(wrong)?;
    Ok(format!("{} can be written", folder.display()))
}
