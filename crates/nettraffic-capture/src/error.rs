//! What can be wrong with a capture, and where.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// An error of reading a capture: what, in which file, at which byte.
///
/// ```text
/// office.pcapng: block at byte 1840 claims 4294967295 bytes, 212 are left; 3 packets before it were read
/// ```
pub struct CaptureError(Box<Inner>);

struct Inner {
    path: Arc<Path>,
    fault: Fault,
    compressed: bool,
    /// `None` while the capture was being opened.
    packets: Option<u64>,
}

impl CaptureError {
    pub(crate) fn opening(path: Arc<Path>, fault: Fault, compressed: bool) -> Self {
        Self(Box::new(Inner {
            path,
            fault,
            compressed,
            packets: None,
        }))
    }

    pub(crate) fn reading(path: Arc<Path>, fault: Fault, compressed: bool, packets: u64) -> Self {
        Self(Box::new(Inner {
            path,
            fault,
            compressed,
            packets: Some(packets),
        }))
    }

    /// The capture, as it was named when it was opened (`-` is standard input).
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Where the damaged record, block or header begins: bytes from the start of the
    /// file, of the decompressed stream when [`CaptureError::is_compressed`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.0.fault.offset
    }

    /// Whether the capture is compressed, so that [`CaptureError::offset`] counts the
    /// bytes that came out of the decompression.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.0.compressed
    }

    /// Packets of this capture that were lent before the error.
    #[must_use]
    pub fn packets_before(&self) -> u64 {
        self.0.packets.unwrap_or(0)
    }

    /// What went wrong, as data.
    #[must_use]
    pub fn kind(&self) -> &CaptureErrorKind {
        &self.0.fault.kind
    }

    /// What went wrong and where, in words, without the name of the file.
    #[must_use]
    pub fn message(&self) -> String {
        self.0.message()
    }
}

impl Inner {
    fn message(&self) -> String {
        use CaptureErrorKind as Kind;
        let offset = self.fault.offset;
        let at = if self.compressed {
            format!("at byte {offset} of the decompressed stream")
        } else {
            format!("at byte {offset}")
        };
        match &self.fault.kind {
            Kind::Io(error) if self.packets.is_none() && offset == 0 => match error.kind() {
                io::ErrorKind::NotFound => "there is no such file".to_owned(),
                _ => error.to_string(),
            },
            Kind::EmptyFolder => "a folder without a capture".to_owned(),
            Kind::NoMatch => "no file matches this pattern".to_owned(),
            Kind::BadPattern { position, problem } => {
                let character = position + 1;
                format!("no such file, and no pattern: {problem} at character {character}")
            }
            Kind::Io(error) => format!("reading failed {at}: {error}"),
            Kind::NotACapture { found } => {
                format!(
                    "not a capture that can be read (pcap or pcapng, also compressed) but {found}"
                )
            }
            Kind::Truncated {
                part,
                claimed,
                left,
            } => {
                let left = match left {
                    1 => "1 is left".to_owned(),
                    _ => format!("{left} are left"),
                };
                format!("{part} {at} claims {claimed} bytes, {left}")
            }
            Kind::TooLarge {
                part,
                claimed,
                limit,
            } => format!("{part} {at} claims {claimed} bytes, the limit is {limit}"),
            Kind::BadBlock { problem } => format!("block {at} {problem}"),
            Kind::UnknownInterface { interface, known } => format!(
                "block {at} names interface {interface}, its section describes {known} so far"
            ),
            Kind::MissingFeature { feature } => {
                format!(
                    "{feature}-compressed data, and this program was built without the feature `{feature}`"
                )
            }
            Kind::Compression { error } => format!("decompression failed {at}: {error}"),
            Kind::Expansion { ratio } => {
                format!("decompression stopped {at}: the data expands more than {ratio}-fold")
            }
        }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.path.display(), self.0.message())?;
        match self.0.packets {
            None => Ok(()),
            Some(0) => f.write_str("; no packet before it was read"),
            Some(1) => f.write_str("; 1 packet before it was read"),
            Some(packets) => write!(f, "; {packets} packets before it were read"),
        }
    }
}

impl fmt::Debug for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureError")
            .field("path", &self.0.path)
            .field("offset", &self.0.fault.offset)
            .field("kind", &self.0.fault.kind)
            .field("compressed", &self.0.compressed)
            .field("packets", &self.0.packets)
            .finish()
    }
}

impl std::error::Error for CaptureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.fault.kind {
            CaptureErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// What is wrong with a capture.
#[derive(Debug)]
#[non_exhaustive]
pub enum CaptureErrorKind {
    /// Opening or reading the file failed.
    Io(io::Error),
    /// The folder has no capture in it.
    EmptyFolder,
    /// No file matches the pattern.
    NoMatch,
    /// No file has this name, and as a pattern it is malformed.
    #[non_exhaustive]
    BadPattern {
        /// Characters before the problem.
        position: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The first bytes are not those of a capture that can be read.
    #[non_exhaustive]
    NotACapture {
        /// What they are instead, such as "a PNG image".
        found: &'static str,
    },
    /// The input ends inside something.
    #[non_exhaustive]
    Truncated {
        /// Inside what.
        part: CapturePart,
        /// Bytes that it claims.
        claimed: u64,
        /// Bytes that are left of the input, counted from the same place.
        left: u64,
    },
    /// Something claims more bytes than are accepted.
    #[non_exhaustive]
    TooLarge {
        /// What.
        part: CapturePart,
        /// Bytes that it claims.
        claimed: u64,
        /// Bytes that are accepted.
        limit: u64,
    },
    /// A pcapng block contradicts itself.
    #[non_exhaustive]
    BadBlock {
        /// In which way.
        problem: BlockProblem,
    },
    /// A pcapng packet names an interface that its section has not described.
    #[non_exhaustive]
    UnknownInterface {
        /// The number that it names, from 0.
        interface: u32,
        /// Interfaces described so far.
        known: u32,
    },
    /// The data are compressed in a way that was left out when this library was built.
    #[non_exhaustive]
    MissingFeature {
        /// The feature of this crate that reads them.
        feature: &'static str,
    },
    /// The compressed data are damaged or end early.
    #[non_exhaustive]
    Compression {
        /// What the decompressor says.
        error: io::Error,
    },
    /// The compressed data expand beyond reason.
    #[non_exhaustive]
    Expansion {
        /// Decompressed bytes per compressed byte that are accepted.
        ratio: u64,
    },
}

/// A part of a capture file that has a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CapturePart {
    /// The header of the file.
    FileHeader,
    /// The header of a packet record (pcap).
    RecordHeader,
    /// The captured bytes of a packet record (pcap).
    Record,
    /// A block (pcapng), header and trailer included.
    Block,
    /// The captured bytes of a packet inside a block (pcapng).
    Packet,
    /// What decompression has to remember of what came out: the window of zstd, the
    /// dictionary of xz.
    DecompressionWindow,
}

impl fmt::Display for CapturePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileHeader => "file header",
            Self::RecordHeader => "record header",
            Self::Record => "record",
            Self::Block => "block",
            Self::Packet => "packet in the block",
            Self::DecompressionWindow => "decompression window",
        })
    }
}

/// How a pcapng block contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockProblem {
    /// Its length is below 12 or no multiple of 4.
    Length {
        /// The length that it claims.
        claimed: u32,
    },
    /// The lengths before and after its body differ.
    Trailer {
        /// Length before the body.
        before: u32,
        /// Length after the body.
        after: u32,
    },
    /// A section header without a byte-order magic.
    ByteOrderMagic {
        /// What stands in its place, read as big-endian.
        found: u32,
    },
    /// The body is shorter than the fixed fields of its type.
    Body {
        /// Length of the body.
        len: u32,
    },
    /// The packet inside claims more bytes than the block holds.
    PacketLength {
        /// Bytes that the packet claims.
        claimed: u32,
        /// Bytes that the block has for it.
        room: u32,
    },
    /// The section describes more interfaces than are accepted.
    TooManyInterfaces {
        /// Interfaces that are accepted.
        limit: u32,
    },
}

impl fmt::Display for BlockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { claimed } => write!(
                f,
                "claims a length of {claimed} bytes, where a multiple of 4 from 12 on belongs"
            ),
            Self::Trailer { before, after } => {
                write!(f, "claims {before} bytes before and {after} after its body")
            }
            Self::ByteOrderMagic { found } => write!(
                f,
                "begins a section with {found:#010x} where the byte-order magic belongs"
            ),
            Self::Body { len } => {
                write!(f, "has a body of {len} bytes, too few for its fixed fields")
            }
            Self::PacketLength { claimed, room } => write!(
                f,
                "holds a packet that claims {claimed} bytes where {room} fit"
            ),
            Self::TooManyInterfaces { limit } => write!(
                f,
                "describes one more interface than the {limit} that a section may have"
            ),
        }
    }
}

/// A kind of error and its place, before the file's name is known.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) offset: u64,
    pub(crate) kind: CaptureErrorKind,
    pub(crate) after: After,
}

/// Where a fault leaves the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Behind the damage: it can go on.
    Passed,
    /// Before the damage: where the next record begins is not known.
    Lost,
    /// Nothing more can be read.
    Ended,
}

impl Fault {
    /// A fault after which nothing can be read.
    pub(crate) fn fatal(offset: u64, kind: CaptureErrorKind) -> Self {
        let after = After::Ended;
        Self {
            offset,
            kind,
            after,
        }
    }

    /// A fault that hides where the next record begins.
    pub(crate) fn lost(offset: u64, kind: CaptureErrorKind) -> Self {
        let after = After::Lost;
        Self {
            offset,
            kind,
            after,
        }
    }

    /// A fault that the reader has moved past.
    pub(crate) fn passed(offset: u64, kind: CaptureErrorKind) -> Self {
        let after = After::Passed;
        Self {
            offset,
            kind,
            after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_and_where_and_how_far_it_got() {
        let fault = Fault::fatal(
            1840,
            CaptureErrorKind::Truncated {
                part: CapturePart::Block,
                claimed: 4_294_967_295,
                left: 212,
            },
        );
        let error = CaptureError::reading(Path::new("office.pcapng").into(), fault, false, 3);
        assert_eq!(
            error.to_string(),
            "office.pcapng: block at byte 1840 claims 4294967295 bytes, 212 are left; 3 packets before it were read"
        );
        assert_eq!((error.offset(), error.packets_before()), (1840, 3));
    }

    #[test]
    fn names_what_was_found_instead() {
        let fault = Fault::fatal(
            0,
            CaptureErrorKind::NotACapture {
                found: "a PNG image",
            },
        );
        let error = CaptureError::opening(Path::new("cat.pcap").into(), fault, false);
        assert_eq!(
            error.to_string(),
            "cat.pcap: not a capture that can be read (pcap or pcapng, also compressed) but a PNG image"
        );
    }

    #[test]
    fn stays_small_in_results() {
        assert_eq!(size_of::<CaptureError>(), size_of::<usize>());
    }
}
