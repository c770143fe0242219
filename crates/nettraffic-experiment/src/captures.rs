//! Captures as rows of flows.

use std::path::{Path, PathBuf};

use nettraffic_capture::{CaptureError, CaptureSet};
use nettraffic_detect::FlowRows;
use nettraffic_features::{FeatureSet, FlowStatistics};
use nettraffic_flow::{FlowConfig, FlowMeter};

use crate::ExperimentError;

/// Errors of one capture that are kept; a hostile one can hold an error per block.
const MOST_ERRORS: usize = 1_000;

/// All flow records of a capture, cut with the default timeouts, and what is damaged in it: the
/// first 1,000 errors.
#[must_use]
pub fn read_flows(path: &Path, features: &FeatureSet) -> (FlowRows, Vec<CaptureError>) {
    let source = CaptureSet::new([path]);
    let mut meter = FlowMeter::<_, FlowStatistics>::new(source, FlowConfig::default());
    let mut rows = FlowRows::new(features.clone());
    let mut errors = Vec::new();
    loop {
        match meter.next_flow() {
            Ok(Some(flow)) => rows.push(flow),
            Ok(None) => return (rows, errors),
            Err(error) if errors.len() < MOST_ERRORS => errors.push(error),
            Err(_) => {}
        }
    }
}

/// The files named, and those in the folders named, in the order of their names.
///
/// # Errors
/// A folder that cannot be listed.
pub fn captures_in(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ExperimentError> {
    let mut captures = Vec::new();
    for path in paths {
        if !path.is_dir() {
            captures.push(path.clone());
            continue;
        }
        let failed = |error| ExperimentError::Io {
            path: path.clone(),
            error,
        };
        let mut files = Vec::new();
        for entry in path.read_dir().map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if file.is_file() {
                files.push(file);
            }
        }
        files.sort();
        captures.extend(files);
    }
    Ok(captures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_their_files_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("captures/deeper")).unwrap();
        for name in [
            "captures/b",
            "captures/a",
            "captures/c",
            "captures/deeper/d",
            "z",
        ] {
            std::fs::write(path(name), "").unwrap();
        }
        let listed = captures_in(&[path("z"), path("captures"), path("missing")]).unwrap();
        let expected = ["z", "captures/a", "captures/b", "captures/c", "missing"].map(path);
        assert_eq!(listed, expected);
    }

    #[test]
    fn a_damaged_capture_gives_its_flows_and_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.pcap");
        let whole = nettraffic_synth::Scenario::new(1).packets(500).pcap_bytes();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let (rows, errors) = read_flows(&path, &FeatureSet::default());
        assert!(!rows.is_empty());
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("cut.pcap"), "{}", errors[0]);
    }
}
