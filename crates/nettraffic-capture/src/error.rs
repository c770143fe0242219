//! What can be wrong with a capture, and where.

/// An error of reading a capture: what, in which file, at which byte.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// Reading failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
