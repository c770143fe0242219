//! The text formats: what stands around values.

use super::line::Line;

/// How flow records are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowFormat {
    /// Comma-separated values with a header line; an unset value is empty (RFC 4180).
    Csv,
    /// One JSON object per line; an unset value is `null`.
    Ndjson,
    /// As Zeek writes `conn.log`: a header that names columns and types, tabs between values, an
    /// unset value is `-`.
    ZeekTsv,
}

impl FlowFormat {
    /// What stands between two values, where no name is between them as well.
    pub(super) const fn separator(self) -> u8 {
        match self {
            Self::Csv | Self::Ndjson => b',',
            Self::ZeekTsv => b'\t',
        }
    }

    pub(super) const fn unset(self) -> &'static [u8] {
        match self {
            Self::Csv => b"",
            Self::Ndjson => b"null",
            Self::ZeekTsv => b"-",
        }
    }

    pub(super) const fn line_end(self) -> &'static [u8] {
        match self {
            Self::Csv | Self::ZeekTsv => b"\n",
            Self::Ndjson => b"}\n",
        }
    }

    /// A text from outside as it stands in a line: quoted or escaped where need be.
    pub(super) fn escaped(self, text: &str) -> String {
        match self {
            Self::Csv => csv(text),
            Self::Ndjson => serde_json::Value::from(text).to_string(),
            Self::ZeekTsv => zeek(text),
        }
    }

    /// What `write` writes, in quotes where the format has them, or unset where it is nothing.
    #[inline]
    pub(super) fn quote(self, line: &mut Line, write: impl FnOnce(&mut Line)) {
        if self == Self::Ndjson {
            return in_quotes(line, write);
        }
        let before = line.len();
        write(line);
        if line.len() == before {
            line.ascii(self.unset());
        }
    }
}

fn in_quotes(line: &mut Line, write: impl FnOnce(&mut Line)) {
    let before = line.len();
    line.push(b'"');
    write(line);
    if line.len() == before + 1 {
        line.truncate(before);
        line.ascii(FlowFormat::Ndjson.unset());
    } else {
        line.push(b'"');
    }
}

fn csv(text: &str) -> String {
    let plain = !text.contains(['"', ',', '\n', '\r']) && text.trim() == text;
    if plain {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}

/// Zeek writes bytes that would be taken for something else by their number.
fn zeek(text: &str) -> String {
    match text {
        "" => return "(empty)".to_owned(),
        "-" | "(empty)" => return format!("\\x{:02x}{}", text.as_bytes()[0], &text[1..]),
        _ => {}
    }
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_control() || letter == '\\' {
            escaped.push_str(&format!("\\x{:02x}", letter as u32));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_leave_its_field() {
        for (text, csv, json, zeek) in [
            ("dns", "dns", "\"dns\"", "dns"),
            ("", "", "\"\"", "(empty)"),
            ("-", "-", "\"-\"", "\\x2d"),
            ("(empty)", "(empty)", "\"(empty)\"", "\\x28empty)"),
            ("a,b", "\"a,b\"", "\"a,b\"", "a,b"),
            ("a\"b", "\"a\"\"b\"", "\"a\\\"b\"", "a\"b"),
            ("a\tb", "a\tb", "\"a\\tb\"", "a\\x09b"),
            ("a\r\nb", "\"a\r\nb\"", "\"a\\r\\nb\"", "a\\x0d\\x0ab"),
            ("a\\x09", "a\\x09", "\"a\\\\x09\"", "a\\x5cx09"),
            (" a", "\" a\"", "\" a\"", " a"),
            ("grün", "grün", "\"grün\"", "grün"),
        ] {
            assert_eq!(FlowFormat::Csv.escaped(text), csv);
            assert_eq!(FlowFormat::Ndjson.escaped(text), json);
            assert_eq!(FlowFormat::ZeekTsv.escaped(text), zeek);
        }
    }
}
