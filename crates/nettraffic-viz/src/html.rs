//! Writing HTML in which text cannot become markup.

use std::fmt::{self, Display, Write};

use crate::chart::{Frame, Path};
use crate::json::Json;

/// Characters of one text that are shown; longer ones are cut with an ellipsis.
const LONGEST_TEXT: usize = 300;

/// A growing document. Markup is `&'static str`, so only this crate's own; everything else
/// goes through [`Html::text`], which escapes for element content and quoted attributes alike.
/// No text is ever put into a script or a style.
#[derive(Default)]
pub(crate) struct Html(String);

impl Html {
    /// Markup.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text, escaped. Control characters and those that turn the direction of writing are
    /// shown as a replacement character: they could make a line read as another one.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        let mut escape = Escape {
            html: &mut self.0,
            left: LONGEST_TEXT,
        };
        // Writing into a string cannot fail.
        let _ = write!(escape, "{text}");
        self
    }

    /// A path for the attribute `d`: commands and numbers, which need no escape.
    pub(crate) fn path(&mut self, path: &Path, frame: Frame) -> &mut Self {
        self.0.push_str(&path.commands(frame));
        self
    }

    /// Values as JSON, escaped so that they cannot end the element that they stand in.
    pub(crate) fn json(&mut self, json: &Json) -> &mut Self {
        self.0.push_str(json.as_str());
        self
    }

    /// What another document holds.
    pub(crate) fn append(&mut self, html: &Html) -> &mut Self {
        self.0.push_str(&html.0);
        self
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

struct Escape<'a> {
    html: &'a mut String,
    left: usize,
}

impl Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match self.left {
                0 => return Ok(()),
                1 => self.html.push('…'),
                _ => self.push(character),
            }
            self.left -= 1;
        }
        Ok(())
    }
}

impl Escape<'_> {
    fn push(&mut self, character: char) {
        match character {
            '&' => self.html.push_str("&amp;"),
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            '"' => self.html.push_str("&quot;"),
            '\'' => self.html.push_str("&#39;"),
            '\n' | '\t' => self.html.push(' '),
            hidden if is_hidden(hidden) => self.html.push('\u{fffd}'),
            other => self.html.push(other),
        }
    }
}

/// Characters that are not seen themselves but change what is: controls, marks of direction, blanks
/// of no width.
pub(crate) fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
        || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        for (text, expected) in [
            ("plain é 漢", "plain é 漢"),
            ("</script><b>", "&lt;/script&gt;&lt;b&gt;"),
            ("a\"b'c&d", "a&quot;b&#39;c&amp;d"),
            ("a\nb\0c\u{1b}[31m", "a b\u{fffd}c\u{fffd}[31m"),
            ("\u{202e}gpj.exe\u{2028}", "\u{fffd}gpj.exe\u{fffd}"),
        ] {
            let mut html = Html::default();
            assert_eq!(html.text(text).0, expected);
        }
    }

    #[test]
    fn long_text_is_cut() {
        let mut html = Html::default();
        html.text("x".repeat(10_000));
        assert_eq!(html.0.chars().count(), LONGEST_TEXT);
        assert!(html.0.ends_with('…'));
    }
}
