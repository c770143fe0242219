//! What a receiver tells a genuine message by.

use std::fmt::Write as _;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// `sha256=` and the HMAC-SHA256 (RFC 2104) of the seconds since 1970, a dot and the body, in hexadecimal. With the
/// time in it, an old message cannot be sent again as a new one.
pub(super) fn signature(secret: &[u8], seconds: u64, body: &[u8]) -> String {
    let mut text = "sha256=".to_owned();
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return text;
    };
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    for byte in mac.finalize().into_bytes() {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1700000000.{}' | openssl dgst -sha256 -hmac secret`
    #[test]
    fn is_what_openssl_computes() {
        assert_eq!(
            signature(b"secret", 1_700_000_000, b"{}"),
            "sha256=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }
}
