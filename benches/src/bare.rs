//! The least that reading can be.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes of a record header of pcap.
const HEADER_LEN: usize = 16;

/// Large reads, and a walk from header to header of a little-endian pcap file: shows `each` header
/// and captured packet, and gives their number.
///
/// # Errors
/// Reading fails.
pub fn bare_loop(path: &Path, mut each: impl FnMut(&[u8; HEADER_LEN], &[u8])) -> io::Result<u64> {
    let mut file = File::open(path)?;
    file.read_exact(&mut [0; 24])?;
    let mut buffer = vec![0; 1 << 20];
    let (mut filled, mut packets) = (0, 0);
    loop {
        let read = file.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(packets);
        }
        filled += read;
        let mut at = 0;
        while let Some(header) = buffer[at..filled].first_chunk::<HEADER_LEN>() {
            let [.., l0, l1, l2, l3, _, _, _, _] = *header;
            let len = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
            let Some(data) = buffer[at + HEADER_LEN..filled].get(..len) else {
                break;
            };
            each(header, data);
            packets += 1;
            at += HEADER_LEN + len;
        }
        buffer.copy_within(at..filled, 0);
        filled -= at;
    }
}
