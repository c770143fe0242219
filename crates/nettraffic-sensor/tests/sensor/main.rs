//! A sensor as a whole, on synthetic traffic.

mod account;
mod common;
mod equality;
mod learning;
mod timely;
mod upkeep;
