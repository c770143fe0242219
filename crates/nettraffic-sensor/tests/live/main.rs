//! A sensor on network interfaces, tried on pairs of virtual ones in network namespaces that each test makes. Without
//! the rights for that a test says that it was skipped, and passes.

#[path = "../sensor/common.rs"]
#[expect(dead_code, reason = "what replays take is not used here")]
mod common;
mod equality;
mod faults;
mod handover;
#[path = "../../../nettraffic-capture/tests/live/place.rs"]
mod place;
mod waiting;
