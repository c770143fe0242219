//! How tools end.

use std::fmt::Display;
use std::process::ExitCode;

/// Why a tool ends early. The variants are the exit codes that every tool documents.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// 2: what was asked for cannot be done.
    #[error("{0}")]
    Usage(String),
    /// 3: the results could not be written.
    #[error("{0}")]
    Output(String),
    /// 3 as well, without a word: whoever read the results wants no more of them.
    #[error("the reader of the results has gone")]
    ReaderGone,
}

impl Failure {
    /// What was asked for cannot be done, because of `reason`.
    pub fn usage(reason: impl Display) -> Self {
        Self::Usage(reason.to_string())
    }

    /// The results could not be written to `place`.
    pub fn output(place: impl Display, error: impl Display) -> Self {
        Self::Output(format!("{place}: {error}"))
    }

    /// Writing to `place` failed.
    pub fn writing(place: impl Display, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::output(place, error),
        }
    }
}

/// Runs a tool and turns its end into an exit code: 0 when all was read, 1 when `Ok(false)` says
/// that something in the input was damaged, 2 for usage, 3 for output.
pub fn run_tool(name: &str, run: impl FnOnce() -> Result<bool, Failure>) -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            if !matches!(failure, Failure::ReaderGone) {
                eprintln!("{name}: {failure}");
            }
            ExitCode::from(match failure {
                Failure::Usage(_) => 2,
                Failure::Output(_) | Failure::ReaderGone => 3,
            })
        }
    }
}
