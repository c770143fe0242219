//! Running a tool.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for the files of one test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a tool in this folder.
    pub(crate) fn run(&self, tool: &str, arguments: &[&str]) -> Ran {
        let output = command(tool)
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Ran(output)
    }
}

/// A finished run.
pub(crate) struct Ran(pub(crate) Output);

impl Ran {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// The run, which must have ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}\n{}", self.stdout(), self.stderr());
        self
    }
}

pub(crate) fn command(tool: &str) -> Command {
    Command::new(match tool {
        "flows" => env!("CARGO_BIN_EXE_nettraffic-flows"),
        "train" => env!("CARGO_BIN_EXE_nettraffic-train"),
        "detect" => env!("CARGO_BIN_EXE_nettraffic-detect"),
        "compare" => env!("CARGO_BIN_EXE_nettraffic-compare"),
        "evaluate" => env!("CARGO_BIN_EXE_nettraffic-evaluate"),
        "anonymize" => env!("CARGO_BIN_EXE_nettraffic-anonymize"),
        "monitor" => env!("CARGO_BIN_EXE_nettraffic-monitor"),
        "models" => env!("CARGO_BIN_EXE_nettraffic-models"),
        "synth" => env!("CARGO_BIN_EXE_nettraffic-synth"),
        other => panic!("there is no tool {other}"),
    })
}
