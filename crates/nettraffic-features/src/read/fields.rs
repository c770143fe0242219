//! The fields of one line.

use std::ops::Range;

use csv_core::{ReadRecordResult, Terminator};

use super::Refusal;

/// The fields of the line that was read last, by the position of their column.
#[derive(Debug, Default)]
pub(super) struct Fields {
    text: String,
    /// Where each field stands in `text`; `None` where the table says that there is no value.
    spans: Vec<Option<Range<usize>>>,
}

impl Fields {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The field of a column without the blanks around it; `None` when it is unset or empty.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        let span = self.spans.get(column)?.clone()?;
        let text = self.text.get(span)?.trim_ascii();
        (!text.is_empty()).then_some(text)
    }

    /// Every field as it stands there.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.spans
            .iter()
            .map(|span| self.text.get(span.clone()?))
            .map(Option::unwrap_or_default)
    }

    /// Makes room for `columns` unset fields.
    pub(super) fn unset(&mut self, columns: usize) {
        self.spans.resize(columns, None);
    }

    /// Sets the field of a column; tells whether it was unset before.
    pub(super) fn set(&mut self, column: usize, text: &str) -> bool {
        if column >= self.spans.len() {
            self.unset(column + 1);
        }
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        self.spans
            .get_mut(column)
            .is_some_and(|span| span.replace(start..end).is_none())
    }

    /// Unsets the fields that are one of `markers`.
    pub(super) fn unset_marked(&mut self, markers: &[String]) {
        if markers.is_empty() {
            return;
        }
        for span in &mut self.spans {
            let text = span.clone().and_then(|span| self.text.get(span));
            if text.is_some_and(|text| markers.iter().any(|marker| text.trim_ascii() == marker)) {
                *span = None;
            }
        }
    }

    /// Cuts a line at every delimiter.
    pub(super) fn split(&mut self, line: &str, delimiter: u8, most: usize) -> Result<(), Refusal> {
        self.clear();
        self.text.push_str(line);
        let mut start = 0;
        for (at, _) in line.bytes().enumerate().filter(|(_, b)| *b == delimiter) {
            self.spans.push(Some(start..at));
            start = at + 1;
            if self.spans.len() > most {
                return Err(too_many(most));
            }
        }
        self.spans.push(Some(start..line.len()));
        if self.spans.len() > most {
            return Err(too_many(most));
        }
        Ok(())
    }

    /// Cuts the last field once more, at every `separator`.
    pub(super) fn split_last(&mut self, separator: &str, most: usize) {
        let Some(span) = self.spans.pop().flatten() else {
            return;
        };
        let Some(tail) = self.text.get(span.clone()) else {
            return;
        };
        let mut start = span.start;
        // One more than allowed is enough to be refused.
        for piece in tail.split(separator).take(most + 1) {
            self.spans.push(Some(start..start + piece.len()));
            start += piece.len() + separator.len();
        }
    }

    /// Cuts a line at every delimiter that does not stand in quotes, as RFC 4180 has it; but no
    /// field goes on to the next line, so that an open quote costs one row and not all.
    pub(super) fn split_quoted(
        &mut self,
        line: &str,
        delimiter: u8,
        most: usize,
    ) -> Result<(), Refusal> {
        if !line.contains('"') {
            return self.split(line, delimiter, most);
        }
        self.clear();
        let mut reader = csv_core::ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .build();
        let ended = [line.as_bytes(), b"\n"].concat();
        let mut text = vec![0; ended.len()];
        let mut ends = vec![0; most.min(ended.len()) + 1];
        let (result, _, written, fields) = reader.read_record(&ended, &mut text, &mut ends);
        match result {
            ReadRecordResult::Record if fields <= most => {}
            ReadRecordResult::Record | ReadRecordResult::OutputEndsFull => {
                return Err(too_many(most));
            }
            // The end of the line was part of a field.
            _ => return Err(Refusal::OpenQuote),
        }
        text.truncate(written);
        self.text = match String::from_utf8(text) {
            Ok(text) => text,
            // A delimiter that is no ASCII would cut characters; layouts refuse such a one.
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        let mut start = 0;
        for end in ends.into_iter().take(fields) {
            self.spans.push(Some(start..end));
            start = end;
        }
        Ok(())
    }
}

const fn too_many(limit: usize) -> Refusal {
    Refusal::TooManyFields { limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str, most: usize) -> Result<Vec<String>, Refusal> {
        let mut fields = Fields::default();
        fields.split_quoted(line, b',', most)?;
        Ok(fields.texts().map(str::to_owned).collect())
    }

    #[test]
    fn a_line_is_cut_at_delimiters_outside_quotes() -> Result<(), Refusal> {
        let cases: [(&str, &[&str]); 9] = [
            ("a", &["a"]),
            ("a,b", &["a", "b"]),
            (",", &["", ""]),
            (" a , b ", &[" a ", " b "]),
            ("\"a\",b", &["a", "b"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"a\"\"b\",", &["a\"b", ""]),
            ("\"a\rb\",\"\u{e9}\"", &["a\rb", "\u{e9}"]),
            ("\"\"", &[""]),
        ];
        for (line, expected) in cases {
            assert_eq!(split(line, 2)?, expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn a_line_with_too_many_fields_or_an_open_quote_is_refused() {
        let too_many = || Err(too_many(2));
        for (line, expected) in [
            ("a,b,c", too_many()),
            ("\"a\",b,c", too_many()),
            (",,,,,,,,", too_many()),
            ("\"\",,,,,,,,", too_many()),
            ("\"a,b", Err(Refusal::OpenQuote)),
            ("a,\"", Err(Refusal::OpenQuote)),
        ] {
            assert_eq!(split(line, 2), expected, "{line}");
        }
    }

    #[test]
    fn blanks_are_no_value_and_markers_are_none_either() {
        let mut fields = Fields::default();
        fields.split(" x , ,-,a-", b',', 9).unwrap_or_default();
        fields.unset_marked(&["-".to_owned()]);
        let values: Vec<_> = (0..5).map(|at| fields.get(at)).collect();
        assert_eq!(values, [Some("x"), None, None, Some("a-"), None]);
    }
}
