//! A sensor as a whole, on synthetic traffic.

mod account;
mod clock;
mod common;
mod equality;
mod learning;
mod orders;
mod timely;
mod upkeep;
