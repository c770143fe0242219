//! An alert in words, for people.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use super::Parts;
use crate::SensorAlert;

/// Tells an alert in words.
pub(in crate::sink) struct Words<'a>(pub(in crate::sink) &'a SensorAlert);

impl Words<'_> {
    /// `10.0.0.1:40000 to 10.0.0.2:443/tcp looks like syn_scan (87 %): duration 600 s (usually 0 s to 30 s), 41 % of
    /// the alert`.
    pub(in crate::sink) fn sentence(&self) -> String {
        let mut sentence = format!(
            "{} to {} {}",
            self.source(),
            self.destination(),
            self.what()
        );
        if let Some(reason) = self.reason() {
            sentence += ": ";
            sentence += &reason;
        }
        sentence + &self.left_out()
    }

    /// `10.0.0.1:40000`.
    pub(in crate::sink) fn source(&self) -> String {
        let flow = &self.0.verdict().flow;
        end(flow.key.initiator, Parts(flow).ports().map(|ports| ports.0))
    }

    /// `10.0.0.2:443/tcp`.
    pub(in crate::sink) fn destination(&self) -> String {
        let flow = &self.0.verdict().flow;
        let end = end(flow.key.responder, Parts(flow).ports().map(|ports| ports.1));
        format!("{end}/{}", flow.key.protocol)
    }

    /// `looks like syn_scan (87 %)`, or `is unusual`.
    pub(in crate::sink) fn what(&self) -> String {
        match &self.0.alert().class {
            Some(class) => {
                let percent = class.probability * 100.0;
                format!("looks like {} ({percent:.0} %)", class.name)
            }
            None => "is unusual".to_owned(),
        }
    }

    /// The first reason.
    pub(in crate::sink) fn reason(&self) -> Option<String> {
        self.0.alert().reasons.first().map(ToString::to_string)
    }

    /// How many alerts like it were left out, if any were.
    pub(in crate::sink) fn left_out(&self) -> String {
        match self.0.left_out {
            0 => String::new(),
            left_out => format!("; {left_out} more like it were left out"),
        }
    }
}

fn end(address: IpAddr, port: Option<u16>) -> String {
    match port {
        Some(port) => SocketAddr::new(address, port).to_string(),
        None => address.to_string(),
    }
}

/// A text in which nothing is left that a terminal would obey or that would break a line or turn it around; with the
/// backslash doubled, so that nothing else looks like what was replaced.
pub(in crate::sink) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(|letter| letter == '\\' || obeyed(letter)) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\\' => plain.push_str("\\\\"),
            letter if obeyed(letter) => plain.extend(letter.escape_default()),
            letter => plain.push(letter),
        }
    }
    Cow::Owned(plain)
}

/// Control characters, separators of lines, and what changes the direction of writing.
fn obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// As much of a text as goes into so many bytes.
pub(in crate::sink) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        for (text, expected) in [
            ("dns", "dns"),
            ("grün", "grün"),
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("a\r\nb\0", "a\\r\\nb\\u{0}"),
            ("c1 \u{9b}31m", "c1 \\u{9b}31m"),
            ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"),
            ("\\n", "\\\\n"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn texts_are_cut_between_letters() {
        for (bytes, expected) in [(0, ""), (2, "gr"), (3, "gr"), (4, "grü"), (99, "grün")] {
            assert_eq!(cut("grün", bytes), expected);
        }
    }
}
