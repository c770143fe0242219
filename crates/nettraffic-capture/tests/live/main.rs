//! Network interfaces as packet sources, tried on pairs of virtual ones in network namespaces that
//! each test makes. Without the rights for that a test says that it was skipped, and passes.

mod counts;
mod errors;
mod gaps;
mod packets;
mod place;
