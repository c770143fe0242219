//! Names for what is not a capture that can be read.

/// Beginnings of files that people mistake for captures.
const SIGNATURES: &[(&[u8], &str)] = &[
    (
        b"\x28\xb5\x2f\xfd",
        "zstd-compressed data inside compressed data",
    ),
    (b"\xfd7zXZ\0", "xz-compressed data inside compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\x04\x22\x4d\x18", "lz4-compressed data"),
    (
        b"\x1f\x8b",
        "gzip-compressed data of an unknown method or inside compressed data",
    ),
    (b"PK\x03\x04", "a zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "an ELF program"),
    (b"snoop\0\0\0", "a snoop capture"),
    (b"btsnoop\0", "a Bluetooth btsnoop capture"),
    (b"GMBU", "a Microsoft Network Monitor capture"),
    (b"RTSS", "a Microsoft Network Monitor capture"),
    (b"TRSNIFF data", "a Sniffer capture"),
    (b"XCP\0", "a NetXRay capture"),
    (b"LOGG", "a Vector BLF log"),
    (b"\x1c\x00\x01\xac", "an IXIA pcap"),
    (b"\xac\x01\x00\x1c", "an IXIA pcap"),
    (b"\xef\xbb\xbf", "text"),
];

/// In words, what a file is that begins with `start` and is no capture.
pub(crate) fn describe(start: &[u8]) -> &'static str {
    if start.is_empty() {
        return "an empty file";
    }
    if let Some((_, name)) = SIGNATURES
        .iter()
        .find(|(magic, _)| start.starts_with(magic))
    {
        return name;
    }
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    if start.iter().all(printable) {
        return "text";
    }
    if is_erf(start) {
        return "an ERF capture";
    }
    "data of an unknown kind"
}

/// ERF has no magic number: look for a plausible first record header (a 64-bit time, type,
/// flags, record length, loss counter, wire length; Endace ERF format).
fn is_erf(start: &[u8]) -> bool {
    let Some((&[.., kind, _], rest)) = start.split_first_chunk::<10>() else {
        return false;
    };
    let Some((record_len, _)) = rest.split_first_chunk() else {
        return false;
    };
    // The high bit of the type announces extension headers.
    matches!(kind & 0x7f, 1..=48) && u16::from_be_bytes(*record_len) >= 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_beginning() {
        let erf = [0, 0, 0, 0, 1, 2, 3, 4, 2, 4, 0, 84, 0, 0, 0, 60];
        for (start, name) in [
            (&b""[..], "an empty file"),
            (b"\x89PNG\r\n\x1a\n", "a PNG image"),
            (b"No. Time Source", "text"),
            (b"BZh91AY&SY", "bzip2-compressed data"),
            (&erf, "an ERF capture"),
            (
                b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                "data of an unknown kind",
            ),
        ] {
            assert_eq!(describe(start), name);
        }
    }
}
