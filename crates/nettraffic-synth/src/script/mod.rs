//! What applications say: the scripts that benign hosts and attackers both follow.

pub(crate) mod dns;
pub(crate) mod ftp;
pub(crate) mod http;
pub(crate) mod mail;
pub(crate) mod ssh;
pub(crate) mod tls;
