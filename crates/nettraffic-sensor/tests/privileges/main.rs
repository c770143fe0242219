//! Privileges are gone once they are dropped.
//!
//! They belong to a process, and must be dropped before threads start: so each case is a process of its
//! own, this program again, which says what it can still do. Without the harness, which starts
//! threads.

mod child;

use std::env;
use std::error::Error;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{self, Command, ExitCode};

use nix::unistd::Uid;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const NOBODY: u32 = 65_534;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [word, case, folder] = arguments.as_slice()
        && word == "child"
    {
        return match child::run(case, Path::new(folder)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("error: {error}");
                ExitCode::FAILURE
            }
        };
    }
    if !Uid::current().is_root() {
        println!("skipped: only root can drop privileges and grant them");
        return ExitCode::SUCCESS;
    }
    type Case = (&'static str, fn() -> Outcome);
    let cases: [Case; 5] = [
        ("root_becomes_nobody_and_keeps_nothing", root_becomes_nobody),
        (
            "a_user_who_may_only_capture_captures_and_loses_that",
            a_user_captures,
        ),
        ("running_threads_are_refused", threads_are_refused),
        (
            "a_folder_that_cannot_be_written_is_refused",
            unwritable_is_refused,
        ),
        ("what_is_not_there_is_named", what_is_missing_is_named),
    ];
    let mut has_failed = false;
    for (name, case) in cases {
        match case() {
            Ok(()) => println!("{name} ... ok"),
            Err(error) => {
                println!("{name} ... FAILED: {error}");
                has_failed = true;
            }
        }
    }
    if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// What both who drop privileges must say afterwards.
const NOTHING_LEFT: [&str; 15] = [
    "uid: 65534 65534 65534 65534",
    "gid: 65534 65534 65534 65534",
    "groups: ",
    "CapInh: 0000000000000000",
    "CapPrm: 0000000000000000",
    "CapEff: 0000000000000000",
    "CapAmb: 0000000000000000",
    "NoNewPrivs: 1",
    "may capture: no",
    "becoming root: EPERM",
    "a raw socket: EPERM",
    "reading /etc/shadow: permission denied",
    "a core file: 0 bytes",
    "own memory: permission denied",
    "writing its folder: done",
];

/// Where the kernel has Landlock.
const SANDBOXED: [&str; 5] = [
    "reading /etc/passwd: permission denied",
    "reading its own file: done",
    "writing its own file: permission denied",
    "writing beside its folder: permission denied",
    "starting a program: permission denied",
];

fn root_becomes_nobody() -> Outcome {
    let folder = folder()?;
    let told = tell(&mut in_a_namespace("root", folder.path())?)?;
    expect(&told, &NOTHING_LEFT)?;
    expect(&told, &["CapBnd: 0000000000000000"])?;
    if told.contains("Landlock is switched off") || told.contains("has no Landlock") {
        println!("no Landlock here: what it forbids is not tried");
    } else {
        expect(&told, &SANDBOXED)?;
    }
    expect_capture(&told)
}

fn a_user_captures() -> Outcome {
    let folder = folder()?;
    let program = folder.path().join("sensor");
    fs::copy(env::current_exe()?, &program)?;
    let granted = Command::new("setcap")
        .arg("cap_net_raw=eip")
        .arg(&program)
        .output();
    if !granted.is_ok_and(|output| output.status.success()) {
        println!("skipped: setcap does not work here");
        return Ok(());
    }
    let mut command = in_a_namespace("user", folder.path())?;
    command.program = program.display().to_string();
    command.before = format!("setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups");
    let told = tell(&mut command)?;
    expect(&told, &["before: CAP_NET_RAW"])?;
    expect(&told, &NOTHING_LEFT)?;
    expect_capture(&told)
}

/// Without the feature `live` there is nothing to capture with.
fn expect_capture(told: &str) -> Outcome {
    if cfg!(feature = "live") {
        expect(told, &["captured: 10 packets"])?;
    }
    Ok(())
}

fn threads_are_refused() -> Outcome {
    let folder = folder()?;
    let told = tell(&mut in_a_namespace("threads", folder.path())?)?;
    expect(
        &told,
        &["error: privileges must be dropped before threads start: 2 are running"],
    )
}

fn unwritable_is_refused() -> Outcome {
    let folder = folder()?;
    chown(folder.path().join("state"), Some(0), Some(0))?;
    let told = tell(&mut in_a_namespace("root", folder.path())?)?;
    let state = folder.path().join("state");
    let state = state.display();
    expect(
        &told,
        &[&format!(
            "error: {state} is not writable: sudo chown {NOBODY} {state}"
        )],
    )
}

fn what_is_missing_is_named() -> Outcome {
    let folder = folder()?;
    fs::remove_dir(folder.path().join("state"))?;
    let told = tell(&mut in_a_namespace("root", folder.path())?)?;
    let state = folder.path().join("state");
    let missing = format!(
        "error: {}: No such file or directory (os error 2)",
        state.display()
    );
    expect(&told, &[&missing])?;
    let told = tell(&mut in_a_namespace("stranger", folder.path())?)?;
    expect(
        &told,
        &[
            "error: there is no user nt-nobody-at-all: sudo useradd --system --no-create-home nt-nobody-at-all",
        ],
    )
}

/// A folder that everybody can enter, with the folder `state`, which belongs to nobody, and a file.
fn folder() -> Outcome<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
    let state = folder.path().join("state");
    fs::create_dir(&state)?;
    chown(&state, Some(NOBODY), Some(NOBODY))?;
    fs::write(folder.path().join("config"), "text")?;
    fs::set_permissions(
        folder.path().join("config"),
        fs::Permissions::from_mode(0o666),
    )?;
    Ok(folder)
}

/// This program as a child, in a network namespace that ends with it.
struct Child {
    namespace: Namespace,
    before: String,
    program: String,
    arguments: [String; 3],
}

struct Namespace(String);

impl Drop for Namespace {
    fn drop(&mut self) {
        let _gone = Command::new("ip").args(["netns", "del", &self.0]).output();
    }
}

fn in_a_namespace(case: &str, folder: &Path) -> Outcome<Child> {
    let namespace = Namespace(format!("nt-privileges-{}", process::id()));
    let name = &namespace.0;
    run(&format!("ip netns add {name}"))?;
    run(&format!("ip -n {name} link set lo up"))?;
    Ok(Child {
        before: String::new(),
        program: env::current_exe()?.display().to_string(),
        arguments: [
            "child".to_owned(),
            case.to_owned(),
            folder.display().to_string(),
        ],
        namespace,
    })
}

/// What the child says, whatever it returns.
fn tell(child: &mut Child) -> Outcome<String> {
    let output = Command::new("ip")
        .args(["netns", "exec", &child.namespace.0])
        .args(child.before.split_whitespace())
        .arg(&child.program)
        .args(&child.arguments)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned() + &errors)
}

fn expect(told: &str, lines: &[&str]) -> Outcome {
    for expected in lines {
        if !told.lines().any(|line| line == *expected) {
            return Err(format!("`{expected}` is missing in\n{told}").into());
        }
    }
    Ok(())
}

fn run(command: &str) -> Outcome {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("no command")?;
    let output = Command::new(program).args(words).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}
