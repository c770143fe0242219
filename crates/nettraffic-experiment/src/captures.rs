//! Captures as rows of flows.

use std::path::{Path, PathBuf};

use nettraffic_capture::{CaptureError, CaptureSet};
use nettraffic_detect::FlowRows;
use nettraffic_features::{FeatureSet, FlowStatistics};
use nettraffic_flow::{FlowConfig, FlowMeter};

use crate::ExperimentError;

/// All flow records of a capture, cut with the default timeouts, and what is damaged in it.
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
            Err(error) => errors.push(error),
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
