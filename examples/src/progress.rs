//! Progress on long work, when somebody watches.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use nettraffic_capture::{CaptureCounters, CaptureError, Packet, PacketSource};

/// A bar on standard error when it is a terminal, else nothing.
pub struct Progress {
    bar: ProgressBar,
    /// Steps that were named so far.
    named: Cell<u64>,
}

impl Progress {
    /// Packets between two updates: a bar need not cost anything.
    pub const STEP: u64 = 4096;

    /// A bar over the bytes of the files. Compressed ones are read as more bytes than they have,
    /// and standard input has no size: there it counts without an end.
    #[must_use]
    pub fn over(files: &[PathBuf]) -> Self {
        let total: Option<u64> = files
            .iter()
            .map(|path| {
                path.metadata()
                    .ok()
                    .filter(|m| m.is_file())
                    .map(|m| m.len())
            })
            .sum();
        let bar = match total {
            _ if !std::io::stderr().is_terminal() => ProgressBar::hidden(),
            Some(total) => ProgressBar::new(total).with_style(style(
                "{bar:32} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left  {msg}",
            )),
            None => ProgressBar::new_spinner().with_style(style("{spinner} {bytes}  {msg}")),
        };
        Self::of(bar)
    }

    /// A bar over so many steps, which shows the present one by its name.
    #[must_use]
    pub fn over_steps(total: u64) -> Self {
        Self::of(if std::io::stderr().is_terminal() {
            ProgressBar::new(total).with_style(style(
                "{bar:32} {pos} of {len} steps, {elapsed}, {eta} left  {msg}",
            ))
        } else {
            ProgressBar::hidden()
        })
    }

    /// A bar that shows steps by their names.
    #[must_use]
    pub fn steps() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new_spinner().with_style(style("{spinner} {elapsed}  {msg}"))
        } else {
            ProgressBar::hidden()
        };
        Self::of(bar)
    }

    fn of(bar: ProgressBar) -> Self {
        Self {
            bar,
            named: Cell::new(0),
        }
    }

    /// Tells how far it is.
    pub fn at(&self, input_bytes: u64) {
        self.bar.set_position(input_bytes);
    }

    /// Names the present step.
    pub fn step(&self, name: &str) {
        self.bar.set_message(name.to_owned());
        // Those before it are done.
        let before = self.named.replace(self.named.get() + 1);
        if self.bar.length().is_some() {
            self.bar.set_position(before);
        }
        self.bar.tick();
    }

    /// Prints a line above the bar.
    pub fn note(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A source whose reading shows on a bar.
pub struct Watched<S> {
    source: S,
    progress: Progress,
    packets: u64,
}

impl<S> Watched<S> {
    /// Shows how far `source` was read.
    pub fn new(source: S, progress: Progress) -> Self {
        Self {
            source,
            progress,
            packets: 0,
        }
    }

    /// Takes the bar away: nothing more is to come.
    pub fn done(&self) {
        self.progress.bar.finish_and_clear();
    }
}

impl<S: PacketSource> PacketSource for Watched<S> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        self.packets += 1;
        if self.packets.is_multiple_of(Progress::STEP) {
            self.progress.at(self.source.counters().input_bytes);
        }
        self.source.next_packet()
    }

    fn counters(&self) -> CaptureCounters {
        self.source.counters()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
