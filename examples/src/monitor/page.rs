//! The live page: bound early, served once rights are given up, and what its readers say.

use std::fs;
use std::path::Path;

use nettraffic_sensor::{Handle, Settings};
use nettraffic_viz::live::{Board, Dashboard, DashboardOptions, Serving};

use super::board::BoardObserver;
use super::marks::Marks;
use super::say::say;
use crate::Failure;

/// A page that listens but is not served yet.
pub(super) struct Page {
    dashboard: Dashboard,
    board: Board,
    has_token: bool,
    keeps_marks: bool,
}

/// A page that is served.
pub(super) struct Served {
    serving: Serving,
    board: Board,
    /// Where there is a folder to keep marks in.
    marks: Option<Marks>,
}

impl Page {
    /// Listens where the settings say, if they do.
    pub(super) fn bind(settings: &Settings) -> Result<Option<Self>, Failure> {
        let keeps_marks = settings.state.folder.is_some();
        let settings = &settings.dashboard;
        let Some(address) = settings.listen else {
            return Ok(None);
        };
        let mut options = DashboardOptions::new().with_names(settings.names.clone());
        if settings.reachable {
            options = options.allowing_other_addresses();
        }
        if let Some(path) = &settings.token_file {
            options = options.with_token(first_line(path)?);
        }
        Ok(Some(Self {
            dashboard: Dashboard::bind(address, options).map_err(Failure::usage)?,
            board: Board::new(),
            has_token: settings.token_file.is_some(),
            keeps_marks,
        }))
    }

    /// Serves it, on a thread of its own.
    pub(super) fn serve(self) -> Result<Served, Failure> {
        let hint = if self.has_token {
            "/?token=… once"
        } else {
            ""
        };
        say(format_args!(
            "live page: http://{}{hint}",
            self.dashboard.address()
        ));
        let marks = self.keeps_marks.then(|| Marks::of(&self.board));
        Ok(Served {
            serving: self
                .dashboard
                .serve(self.board.clone())
                .map_err(Failure::usage)?,
            board: self.board,
            marks,
        })
    }
}

impl Served {
    /// What is to look on while the sensor works.
    pub(super) fn observer(&self, source: &str) -> BoardObserver {
        BoardObserver::new(self.board.clone(), source)
    }

    /// Hands on what readers said of alerts, and what the sensor answered.
    pub(super) fn pass_marks(&mut self, handle: &Handle) {
        if let Some(marks) = &mut self.marks {
            marks.pass(handle, &self.board);
        }
    }

    /// Takes no more marks: there is no sensor any more to keep them.
    pub(super) fn refuse_marks(&mut self) {
        self.marks = None;
    }

    /// Ends it.
    pub(super) fn stop(self) {
        self.serving.stop();
    }
}

fn first_line(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
