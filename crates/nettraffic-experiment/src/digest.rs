//! What data are, in 64 digits.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::ExperimentError;

/// A SHA-256 over pieces; where one ends and the next begins counts.
#[derive(Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// A piece that is the contents of a file.
    pub(crate) fn file(&mut self, path: &Path) -> Result<(), ExperimentError> {
        let failed = |error| ExperimentError::Io {
            path: path.to_owned(),
            error,
        };
        let mut file = File::open(path).map_err(failed)?;
        let (mut of_file, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut buffer).map_err(failed)? {
                0 => break,
                read => of_file.update(&buffer[..read]),
            }
        }
        self.bytes(&of_file.finalize());
        Ok(())
    }

    pub(crate) fn sum(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    pub(crate) fn hex(self) -> String {
        self.sum()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Of indices, whatever the width of a word.
pub(crate) fn of_indices(indices: &[usize]) -> String {
    let mut digest = Digest::default();
    let bytes: Vec<u8> = indices
        .iter()
        .flat_map(|index| (*index as u64).to_le_bytes())
        .collect();
    digest.bytes(&bytes);
    digest.hex()
}
