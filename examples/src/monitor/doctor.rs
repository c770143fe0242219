//! Whether a sensor with these settings would work, tried without watching anything.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nettraffic_detect::ModelStore;
use nettraffic_sensor::{Settings, SinkSettings};

use super::{allow_list, folder_of_detectors, privileges, reach, serving};
use crate::describe::grouped;
use crate::{Captures, Failure, describe_detector};

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

/// Tries rights, interfaces, captures, files, folders, receivers, the page and the model, and says what is wrong. Nothing
/// is watched, nothing is sent, and nothing is left behind. What the sensor does once it has given up its rights is tried
/// without them: so the process has none when this returns.
///
/// # Errors
/// Something is wrong.
pub fn check_doctor(settings: &Settings) -> Result<bool, Failure> {
    let mut findings = Findings { is_well: true };
    try_interfaces(settings, &mut findings);
    if !settings.input.replay.is_empty() {
        let found = Captures::find(&settings.input.replay);
        let found = found.map_err(|error| error.to_string());
        let found = found.and_then(|captures| reach::captures(&captures));
        findings.tell("captures", found);
    }
    // Read before rights are given up.
    for sink in &settings.sinks {
        if let SinkSettings::Webhook(to) = sink
            && let Some(path) = &to.secret_file
        {
            findings.tell("secret of the webhook", secret(path));
        }
    }
    #[cfg(feature = "dashboard")]
    try_page(settings, &mut findings);
    #[cfg(not(feature = "dashboard"))]
    if settings.dashboard.listen.is_some() {
        findings.tell("live page", Err(super::NO_PAGE.to_owned()));
    }
    if let Some(given_up) = privileges::give_up(settings) {
        findings.tell("giving up rights", given_up);
    }
    try_detector(settings, &mut findings);
    if let Some(path) = &settings.alerts.allow {
        let list = allow_list(settings).map(|list| format!("{} entries", list.entries().len()));
        findings.tell(
            &format!("allow-list {}", path.display()),
            list.map_err(|error| error.to_string()),
        );
    }
    try_folders(settings, &mut findings);
    for (what, found) in settings.sinks.iter().filter_map(reach::receiver) {
        findings.tell(&what, found);
    }
    match findings.is_well {
        true => Ok(true),
        false => Err(Failure::usage("not all is well")),
    }
}

/// Whether the detector can be read, after rights were given up, as it is read at the start.
fn try_detector(settings: &Settings, findings: &mut Findings) {
    let folder = folder_of_detectors(settings).filter(|folder| folder.is_dir());
    let store = folder.map(ModelStore::open);
    let judge = (store.transpose())
        .map_err(Failure::usage)
        .and_then(|store| serving(settings, store.as_ref()));
    let found = match judge {
        Ok(Some(detector)) => Ok(describe_detector(&detector).replace('\n', "\n        ")),
        Ok(None) => Ok(format!(
            "none; it will learn for {}, from {} flows at least",
            humantime::format_duration(settings.learn.period),
            grouped(settings.learn.flows as u64)
        )),
        Err(error) => Err(error.to_string()),
    };
    findings.tell("detector", found);
}

fn try_folders(settings: &Settings, findings: &mut Findings) {
    if let Some(folder) = &settings.detector.folder {
        findings.tell("folder of detectors", writable(folder));
    }
    if let Some(folder) = &settings.packets.folder {
        findings.tell("folder of packets", writable(folder));
    }
    if let Some(folder) = &settings.state.folder {
        findings.tell("folder of state", own(folder, settings));
    }
    for path in settings.sinks.iter().filter_map(SinkSettings::path) {
        let name = path.display().to_string();
        // Whoever may write the folder may move the log aside and begin another.
        findings.tell(&name, writable(privileges::folder_of(path)));
        if path.is_file() {
            findings.tell(&name, own(path, settings));
        }
    }
}

#[cfg(feature = "dashboard")]
fn try_page(settings: &Settings, findings: &mut Findings) {
    let Some(address) = settings.dashboard.listen else {
        return;
    };
    let token = settings.dashboard.token_file.as_deref();
    if let Some(path) = token {
        findings.tell("token of the live page", secret(path));
    }
    let found = super::page::Page::bind(settings)
        .map(|_| match token {
            Some(_) => "can listen; it asks for the token",
            None => "can listen; every user of this machine may read it and mark alerts",
        })
        .map(str::to_owned)
        .map_err(|error| error.to_string());
    findings.tell(&format!("live page at {address}"), found);
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
            true => Ok("may capture, until the interfaces are open".to_owned()),
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

/// Whether what is the sensor's alone can be written: where it is root's by now, it is given away at the start.
fn own(path: &Path, settings: &Settings) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let about = fs::metadata(path).map_err(wrong)?;
    let name = path.display();
    if about.uid() == 0 && privileges::gives_away(settings) {
        return Ok(format!(
            "{name} is root's, and made the sensor's at its start"
        ));
    }
    if about.is_dir() {
        return writable(path);
    }
    let opened = OpenOptions::new().append(true).open(path);
    opened
        .map_err(wrong)
        .map(|_| format!("{name} can be written"))
}

/// Whether a secret can be read, and by whom else.
fn secret(path: &Path) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(wrong)?;
    if text.lines().next().unwrap_or_default().trim().is_empty() {
        return Err(format!("the first line of {} is empty", path.display()));
    }
    let mode = fs::metadata(path).map_err(wrong)?.mode();
    match mode & 0o077 {
        0 => Ok(format!(
            "{} can be read, by its owner alone",
            path.display()
        )),
        _ => Ok(format!(
            "{} can be read, by others than its owner too: chmod 600 {0}",
            path.display()
        )),
    }
}
