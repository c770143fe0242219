//! The lines of a Zeek log that say how it is to be read.

use super::Refusal;
use super::fields::Fields;

/// What IoT-23 puts between the last three columns, which share one field.
const BLANKS: &str = "   ";

/// What the lines with `#` have said so far.
#[derive(Debug)]
pub(super) struct ZeekHeader {
    separator: u8,
    unset: Vec<String>,
    /// Whether the last field holds several columns.
    shared_tail: bool,
}

impl Default for ZeekHeader {
    fn default() -> Self {
        Self {
            separator: b'\t',
            unset: vec!["-".to_owned(), "(empty)".to_owned()],
            shared_tail: false,
        }
    }
}

impl ZeekHeader {
    /// Texts that mean "no value".
    pub(super) fn unset(&self) -> &[String] {
        &self.unset
    }

    /// Reads a line with `#`; gives the names of the columns where it holds them.
    pub(super) fn read(&mut self, line: &str, most: usize) -> Result<Option<Vec<String>>, Refusal> {
        if let Some(separator) = line.strip_prefix("#separator ") {
            self.separator = byte(separator.trim_ascii()).unwrap_or(self.separator);
            return Ok(None);
        }
        let separator = char::from(self.separator);
        let Some((word, rest)) = line.split_once(separator) else {
            return Ok(None);
        };
        match word {
            "#unset_field" => self.set_marker(0, rest),
            "#empty_field" => self.set_marker(1, rest),
            "#fields" => {
                self.shared_tail = rest
                    .rsplit(separator)
                    .next()
                    .is_some_and(|last| last.contains(BLANKS));
                let mut fields = Fields::default();
                self.split(rest, &mut fields, most)?;
                return Ok(Some(fields.texts().map(str::to_owned).collect()));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Cuts a row into fields.
    pub(super) fn split(
        &self,
        line: &str,
        fields: &mut Fields,
        most: usize,
    ) -> Result<(), Refusal> {
        fields.split(line, self.separator, most)?;
        if self.shared_tail {
            fields.split_last(BLANKS, most);
        }
        Ok(())
    }

    fn set_marker(&mut self, which: usize, marker: &str) {
        if let Some(unset) = self.unset.get_mut(which) {
            marker.trim_ascii().clone_into(unset);
        }
    }
}

/// `\x09`, or a character that stands for itself; `None` where it is no single ASCII byte.
fn byte(text: &str) -> Option<u8> {
    let byte = match text.strip_prefix("\\x") {
        Some(hex) => u8::from_str_radix(hex, 16).ok()?,
        None => u8::try_from(text.chars().next()?).ok()?,
    };
    byte.is_ascii().then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_says_itself_how_it_is_read() -> Result<(), Refusal> {
        let mut header = ZeekHeader::default();
        for line in [
            "#separator \\x7c",
            "#unset_field|?",
            "#path|conn",
            "#",
            "#close",
        ] {
            assert_eq!(header.read(line, 9)?, None, "{line}");
        }
        let names = header.read("#fields|ts|uid|a   label   detail", 9)?;
        let expected = ["ts", "uid", "a", "label", "detail"];
        assert_eq!(names, Some(expected.map(str::to_owned).to_vec()));

        let mut fields = Fields::default();
        header.split("1|?|-   Malicious   PartOf A", &mut fields, 9)?;
        fields.unset_marked(header.unset());
        let values: Vec<_> = (0..5).map(|at| fields.get(at)).collect();
        assert_eq!(
            values,
            [
                Some("1"),
                None,
                Some("-"),
                Some("Malicious"),
                Some("PartOf A")
            ]
        );
        Ok(())
    }
}
