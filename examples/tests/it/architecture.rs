//! Who depends on whom, and where things lie.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may depend on, of this workspace. `docs/ARCHITECTURE.md` says why.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("capture", &[]),
    ("eval", &[]),
    ("synth", &[]),
    ("flow", &["capture"]),
    ("features", &["capture", "flow"]),
    ("models", &["features"]),
    ("viz", &["eval"]),
    (
        "sensor",
        &["capture", "flow", "features", "models", "detect", "synth"],
    ),
    ("detect", &["capture", "flow", "features", "models", "eval"]),
    (
        "experiment",
        &[
            "capture", "flow", "features", "models", "eval", "detect", "synth",
        ],
    ),
];

#[test]
fn crates_depend_only_on_what_the_architecture_allows() {
    let mut seen = BTreeSet::new();
    for folder in children(&root().join("crates")) {
        let name = file_name(&folder).replace("nettraffic-", "");
        let (_, allowed) = MAY_DEPEND_ON
            .iter()
            .find(|(crate_name, _)| *crate_name == name)
            .unwrap_or_else(|| panic!("crate {name} stands in no rule"));
        for dependency in own_dependencies(&folder) {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} depends on {dependency}"
            );
        }
        seen.insert(name);
    }
    let ruled: BTreeSet<String> = MAY_DEPEND_ON.iter().map(|(n, _)| (*n).to_owned()).collect();
    assert_eq!(seen, ruled);
}

#[test]
fn models_compile_without_packets() {
    let manifest = manifest(&root());
    let features = &manifest["workspace"]["dependencies"]["nettraffic-features"];
    assert_eq!(features["default-features"].as_bool(), Some(false));
    let models = manifest_text(&root().join("crates/nettraffic-models"));
    assert!(models.contains("nettraffic-features.workspace = true"));
}

#[test]
fn every_package_forbids_unsafe_code() {
    let forbidden = |manifest: &toml::Table| {
        let lints = &manifest["lints"];
        lints.get("workspace").and_then(toml::Value::as_bool) == Some(true)
            || lints
                .get("rust")
                .and_then(|rust| rust["unsafe_code"].as_str())
                == Some("forbid")
    };
    let workspace = manifest(&root());
    assert_eq!(
        workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
    let mut packages = children(&root().join("crates"));
    packages.extend([root().join("examples"), root().join("benches")]);
    for package in packages {
        assert!(forbidden(&manifest(&package)), "{}", package.display());
    }
}

#[test]
fn the_top_level_holds_what_the_layout_names() {
    let known: BTreeSet<&str> = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "benches",
        "crates",
        "docs",
        "examples",
    ]
    .into();
    // What a run leaves behind is ignored by git.
    let left_behind = ["target", "nettraffic-report.html"];
    for entry in children(&root()) {
        let name = file_name(&entry);
        let ignored = name.ends_with(".ntm") || name.ends_with(".pcap");
        assert!(
            name.starts_with('.')
                || ignored
                || left_behind.contains(&name.as_str())
                || known.contains(name.as_str()),
            "{name} is not part of the layout"
        );
    }
}

fn own_dependencies(folder: &Path) -> Vec<String> {
    let manifest = manifest(folder);
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(toml::Table::keys)
        .filter_map(|name| name.strip_prefix("nettraffic-"))
        .map(ToOwned::to_owned)
        .collect()
}

fn manifest(folder: &Path) -> toml::Table {
    manifest_text(folder).parse().unwrap()
}

fn manifest_text(folder: &Path) -> String {
    let path = folder.join("Cargo.toml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let mut children: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    children.sort();
    children
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}
