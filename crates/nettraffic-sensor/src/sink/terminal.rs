//! Alerts and incidents on a terminal.

use std::env;
use std::io::{self, IsTerminal as _, Write};

use super::form::{IncidentWords, Words, plain, zulu};
use super::{Dealt, Event, Sink, SinkError, Wants};
use crate::{SensorAlert, Severity};

/// Whether lines are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Colour {
    /// Nothing but text.
    Never,
    /// The severity stands out.
    Always,
}

impl Colour {
    /// Colour if standard output is a terminal that can show it, unless the variable `NO_COLOR` is set to something.
    #[must_use]
    pub fn of_stdout() -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        if io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb {
            Self::Always
        } else {
            Self::Never
        }
    }
}

/// Writes a line for people about each alert: when, how urgent, who talked to whom, what it is and the first reason. Of
/// incidents, where it is to show them, it says what happened to them; of flows nothing.
///
/// ```text
/// 2023-11-14 22:13:22 critical 10.0.0.1:40000 → 10.0.0.2:443/tcp looks like scan (87 %): duration 600 s (usually 0 s to 30 s), 41 % of the alert
/// ```
///
/// Nothing from outside reaches the terminal as anything but letters.
pub struct Terminal<W> {
    writer: W,
    colour: Colour,
    wants: Wants,
}

impl Terminal<io::Stdout> {
    /// On standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::new(io::stdout(), Colour::of_stdout())
    }
}

impl<W: Write + Send> Terminal<W> {
    /// On anything that takes text.
    #[must_use]
    pub const fn new(writer: W, colour: Colour) -> Self {
        Self {
            writer,
            colour,
            wants: Wants::ALERTS,
        }
    }

    /// With other events than alerts alone.
    #[must_use]
    pub const fn with_events(mut self, wants: Wants) -> Self {
        self.wants = wants;
        self
    }

    /// The line of an event, if it has one.
    fn line(&self, event: &Event) -> Option<String> {
        let (severity, words) = match event {
            Event::Alert(alert) => (alert.severity, of_alert(alert)),
            Event::Incident(told) => (told.incident.severity, IncidentWords(told).sentence()),
            Event::Flow { .. } => return None,
        };
        let time = zulu(event.time());
        let (day, clock) = time.split_once('T').unwrap_or((&time, ""));
        let second = clock.split('.').next().unwrap_or_default();
        let shown = format!("{:8}", severity.name());
        let shown = match self.colour {
            Colour::Never => shown,
            Colour::Always => format!("\x1b[{}m{shown}\x1b[0m", colour(severity)),
        };
        Some(format!("{day} {second} {shown} {}\n", plain(&words)))
    }
}

fn of_alert(alert: &SensorAlert) -> String {
    let words = Words(alert);
    let reason = words.reason().map(|reason| format!(": {reason}"));
    format!(
        "{} → {} {}{}{}",
        words.source(),
        words.destination(),
        words.what(),
        reason.unwrap_or_default(),
        words.left_out(),
    )
}

/// Grey, yellow, red, and bold red.
const fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "90",
        Severity::Medium => "33",
        Severity::High => "31",
        Severity::Critical => "1;31",
    }
}

impl<W: Write + Send> Sink for Terminal<W> {
    fn name(&self) -> &str {
        "terminal"
    }

    fn wants(&self) -> Wants {
        self.wants
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let Some(event) = events.first() else {
            return Ok(Dealt::default());
        };
        if let Some(line) = self.line(event) {
            let written = self.writer.write_all(line.as_bytes());
            // Half a line that is written again is better than none.
            (written.and_then(|()| self.writer.flush()))
                .map_err(|error| SinkError::passing("terminal", error))?;
        }
        Ok(Dealt::written(1))
    }
}
