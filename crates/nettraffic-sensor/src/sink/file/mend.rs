//! A last line that a crash tore.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

/// No line is longer, so a file without a line end in so many bytes is none of ours.
const LONGEST_LINE: u64 = 16 << 20;

const BLOCK: u64 = 64 << 10;

/// The end of a file of lines.
pub(super) struct Tail {
    /// Bytes up to the last line end, with it.
    pub(super) whole: u64,
    /// What stands behind it: part of a line, or nothing.
    pub(super) part: Vec<u8>,
    /// The last whole line, as far as it was read.
    pub(super) last: Vec<u8>,
}

/// Reads the end of a file; nothing if there is no line end where one must be.
pub(super) fn tail(file: &mut File) -> io::Result<Option<Tail>> {
    let len = file.seek(SeekFrom::End(0))?;
    // From the end backwards, until the line end before the last one is found.
    let (mut blocks, mut line_ends, mut from) = (Vec::new(), 0, len);
    while from > 0 && line_ends < 2 {
        if len - from > LONGEST_LINE {
            match line_ends {
                0 => return Ok(None),
                _ => break,
            }
        }
        let size = BLOCK.min(from);
        from -= size;
        file.seek(SeekFrom::Start(from))?;
        let mut block = vec![0; size as usize];
        file.read_exact(&mut block)?;
        line_ends += block.iter().filter(|byte| **byte == b'\n').count();
        blocks.push(block);
    }
    blocks.reverse();
    let mut read = blocks.concat();
    let end = (read.iter())
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let part = read.split_off(end);
    let last = read.strip_suffix(b"\n").unwrap_or(&read);
    let start = last
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    Ok(Some(Tail {
        whole: len - part.len() as u64,
        part,
        last: last[start..].to_vec(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn the_part_behind_the_last_line_end_is_found() -> io::Result<()> {
        let long = "x".repeat(BLOCK as usize + 10);
        for (text, whole, part, last) in [
            ("", 0, "", ""),
            ("a", 0, "a", ""),
            ("a\n", 2, "", "a"),
            ("a\nbc\nde", 5, "de", "bc"),
            ("\n\n", 2, "", ""),
            (&*format!("a\n{long}\n"), long.len() as u64 + 3, "", &*long),
            (&*format!("a\n{long}"), 2, &*long, "a"),
        ] {
            let mut file = tempfile::tempfile()?;
            file.write_all(text.as_bytes())?;
            let tail = tail(&mut file)?.ok_or(io::ErrorKind::InvalidData)?;
            assert_eq!(tail.whole, whole);
            assert_eq!(tail.part, part.as_bytes());
            assert_eq!(tail.last, last.as_bytes());
        }
        Ok(())
    }

    #[test]
    fn a_file_without_lines_is_not_read_to_its_start() -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        file.set_len(LONGEST_LINE * 4)?;
        assert!(tail(&mut file)?.is_none());
        Ok(())
    }
}
