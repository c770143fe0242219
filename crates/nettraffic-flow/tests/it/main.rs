//! The crate as its users see it.

mod behaviours;
mod cicflowmeter;
mod conformance;
mod corpus;
mod frames;
mod oracles;
mod tidy;
mod trace;
