//! The crate as its users see it.

mod conformance;
mod corpus;
mod oracles;
