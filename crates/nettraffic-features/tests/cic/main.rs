//! The features of CICFlowMeter: each of its documented errors, and its own output beside ours.
#![cfg(feature = "flow")]

mod errors;
mod levels;
mod names;
mod packets;
mod pair;

type Outcome = Result<(), Box<dyn std::error::Error>>;
