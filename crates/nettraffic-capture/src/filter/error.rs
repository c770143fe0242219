//! What is wrong with a filter expression, and where.

use std::fmt;
use std::ops::Range;

/// An error in a filter expression: what, and at which characters.
///
/// Displayed on three lines, the expression with the faulty place marked beneath it:
///
/// ```
/// # use nettraffic_capture::Filter;
/// let error = Filter::parse("tcp and hots 10.0.0.1").unwrap_err();
/// let shown = [
///     "unknown word `hots` at column 9; did you mean `host`?",
///     "  tcp and hots 10.0.0.1",
///     "          ^^^^",
/// ];
/// assert_eq!(error.to_string(), shown.join("\n"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FilterError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    fault: Fault,
    text: Box<str>,
}

/// An error that does not know the whole expression yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FilterErrorKind,
    pub(super) span: Range<usize>,
}

impl Fault {
    pub(super) fn new(kind: FilterErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }
}

/// The ways in which a filter expression can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterErrorKind {
    /// No word of the language; `suggestion` is the one that it resembles.
    UnknownWord {
        /// The word that may have been meant.
        suggestion: Option<&'static str>,
    },
    /// A word of libpcap's language that asks for what decoding does not keep.
    Unsupported {
        /// What is missing, in words.
        reason: &'static str,
    },
    /// A name stands where an address is expected; names are never looked up.
    HostName,
    /// A character that no word or sign begins with.
    UnexpectedCharacter,
    /// A word or sign that is known, but not here.
    Misplaced {
        /// What would be right here, in words.
        expected: &'static str,
    },
    /// The expression ends too early.
    Ended {
        /// What would come next, in words.
        expected: &'static str,
    },
    /// The protocol before does not go with this word, as in `tcp host 10.0.0.1`.
    Qualifier {
        /// The protocol.
        protocol: &'static str,
    },
    /// No address, network, mask, port or range as it should be written.
    Malformed {
        /// How it should be written, in words.
        expected: &'static str,
    },
    /// A network with bits set beyond its prefix or mask, as in `net 10.1.2.3/8`.
    HostBits,
    /// A number beyond the largest one that makes sense here.
    OutOfRange {
        /// The largest.
        max: u32,
    },
    /// A parenthesis or bracket that is never closed.
    Unclosed,
    /// A parenthesis or bracket that was never opened.
    Unopened,
    /// More bytes than [`Filter::MAX_LEN`](crate::Filter::MAX_LEN).
    TooLong,
    /// More parentheses inside each other than [`Filter::MAX_DEPTH`](crate::Filter::MAX_DEPTH).
    TooDeep,
}

impl FilterError {
    pub(super) fn new(fault: Fault, text: &str) -> Self {
        // An expression that is too long is not shown, so it is not kept either.
        let text = if fault.kind == FilterErrorKind::TooLong {
            ""
        } else {
            text
        };
        Self(Box::new(Inner {
            fault,
            text: text.into(),
        }))
    }

    /// What is wrong, as data.
    #[must_use]
    pub fn kind(&self) -> &FilterErrorKind {
        &self.0.fault.kind
    }

    /// Which bytes of the expression are wrong; empty, at the end, when something is missing there.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.0.fault.span.clone()
    }

    /// What is wrong and at which column (counted in characters, from 1), in one line.
    #[must_use]
    pub fn message(&self) -> String {
        use FilterErrorKind as Kind;
        let word = self.0.text.get(self.span()).unwrap_or("").escape_debug();
        let column = self.column() + 1;
        let at = format!("`{word}` at column {column}");
        match self.kind() {
            Kind::UnknownWord {
                suggestion: Some(suggestion),
            } => format!("unknown word {at}; did you mean `{suggestion}`?"),
            Kind::UnknownWord { suggestion: None } => format!("unknown word {at}"),
            Kind::Unsupported { reason } => format!("{at} cannot be filtered on: {reason}"),
            Kind::HostName => format!("{at} is no address; names are not looked up"),
            Kind::UnexpectedCharacter => format!("unexpected character {at}"),
            Kind::Misplaced { expected } => format!("{at} stands where {expected} is expected"),
            Kind::Ended { expected } => {
                format!("the expression ends at column {column}, where {expected} is expected")
            }
            Kind::Qualifier { protocol } => format!("{at} does not go with `{protocol}`"),
            Kind::Malformed { expected } => format!("{at} is not {expected}"),
            Kind::HostBits => format!("{at} has bits set beyond its network"),
            Kind::OutOfRange { max } => format!("{at} is larger than {max}"),
            Kind::Unclosed => format!("{at} is never closed"),
            Kind::Unopened => format!("{at} was never opened"),
            Kind::TooLong => format!(
                "the expression has {} bytes, {} are the limit",
                self.span().end,
                crate::Filter::MAX_LEN
            ),
            Kind::TooDeep => format!(
                "{at} is inside {} others, which is the limit",
                crate::Filter::MAX_DEPTH
            ),
        }
    }

    /// Characters before the faulty place.
    fn column(&self) -> usize {
        let before = self.0.text.get(..self.span().start).unwrap_or("");
        before.chars().count()
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        if self.0.text.is_empty() {
            return Ok(());
        }
        // One line, whatever was typed: a tab or a line break would move the mark.
        let line = self.0.text.replace(char::is_control, " ");
        let marked = self.0.text.get(self.span()).unwrap_or("").chars().count();
        let indent = self.column();
        let mark = "^".repeat(marked.max(1));
        write!(f, "\n  {line}\n  {:indent$}{mark}", "")
    }
}

impl fmt::Debug for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterError")
            .field("text", &self.0.text)
            .field("fault", &self.0.fault)
            .finish()
    }
}

impl std::error::Error for FilterError {}
