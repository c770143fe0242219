//! Windows over flow records, held against records that are all kept.
#![cfg(feature = "flow")]

mod bounds;
mod corpus;
mod meters;
mod naive;
mod random;
mod records;
