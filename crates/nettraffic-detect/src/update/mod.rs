//! A successor for a detector whose traffic has changed.

mod canaries;
mod store;
mod trial;

pub use canaries::Canaries;
pub use store::{ModelStore, Release};
pub use trial::{CanaryTrial, Decision, Trial, Update};
