//! Values as JSON inside of an HTML document.

use std::fmt::Write;

use serde::Serialize;

use crate::html::is_hidden;

/// JSON that holds no character that HTML or a reader's eye could take for something else: `<`, `>`, `&`,
/// controls and marks of direction are written as escapes, which mean the same.
pub(crate) struct Json(String);

impl Json {
    /// A value; numbers that are not finite become `null`.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        // Only maps with odd keys and failing serializers have no JSON; there are none here.
        let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
        let mut safe = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                // They stand in strings only, where an escape is allowed.
                '<' | '>' | '&' => escape(&mut safe, character),
                hidden if is_hidden(hidden) => escape(&mut safe, hidden),
                other => safe.push(other),
            }
        }
        Self(safe)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn escape(text: &mut String, character: char) {
    // Writing into a string cannot fail.
    let _ = write!(text, "\\u{:04x}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_element_and_keeps_its_meaning() {
        let text = "</script><!--\u{202e}\u{2028}\0\"'&\u{feff}\u{7f}";
        let json = Json::of(&text);
        for forbidden in ['<', '>', '&', '\u{202e}', '\u{2028}', '\u{feff}', '\u{7f}'] {
            assert!(!json.as_str().contains(forbidden), "{forbidden:?}");
        }
        let read: Option<String> = serde_json::from_str(json.as_str()).ok();
        assert_eq!(read.as_deref(), Some(text));
    }

    #[test]
    fn odd_numbers_become_null() {
        assert_eq!(
            Json::of(&[1.5, f64::NAN, f64::INFINITY]).as_str(),
            "[1.5,null,null]"
        );
    }
}
