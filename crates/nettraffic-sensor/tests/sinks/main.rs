//! What becomes of alerts: their forms, the files and servers that they go to, and the account of each.

mod crash;
mod disk;
mod escaping;
mod events;
mod files;
mod forms;
mod outlet;
mod run;
mod syslog;
mod webhook;

use std::error::Error;
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;

/// Waits until something holds, but not for ever.
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) -> Outcome {
    let began = Instant::now();
    while !holds() {
        if began.elapsed() > Duration::from_secs(20) {
            return Err(format!("waited in vain for {what}").into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
