//! From text to tokens.

use std::ops::Range;

use super::error::{Fault, FilterErrorKind};

/// A token, and the bytes of the expression that it takes.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    /// A keyword, a name, a number, an address, a range: whatever has no blank inside.
    Word(&'a str),
    /// `and`, `&&`.
    And,
    /// `or`, `||`.
    Or,
    /// `not`, `!`.
    Not,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    BitAnd,
    BitOr,
    Plus,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Signs, the longer before those that they begin with.
const SIGNS: [(&str, TokenKind<'static>); 17] = [
    ("&&", TokenKind::And),
    ("||", TokenKind::Or),
    ("==", TokenKind::Equal),
    ("!=", TokenKind::NotEqual),
    ("<=", TokenKind::LessOrEqual),
    (">=", TokenKind::GreaterOrEqual),
    ("!", TokenKind::Not),
    ("(", TokenKind::Open),
    (")", TokenKind::Close),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    ("&", TokenKind::BitAnd),
    ("|", TokenKind::BitOr),
    ("+", TokenKind::Plus),
    ("=", TokenKind::Equal),
    ("<", TokenKind::Less),
    (">", TokenKind::Greater),
];

/// The tokens of `text`, in order.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_ascii_start();
    while let Some(character) = rest.chars().next() {
        let begin = text.len() - rest.len();
        let (kind, len) = token(rest).ok_or_else(|| {
            Fault::new(
                FilterErrorKind::UnexpectedCharacter,
                begin..begin + character.len_utf8(),
            )
        })?;
        tokens.push(Token {
            kind,
            span: begin..begin + len,
        });
        rest = rest.get(len..).unwrap_or("").trim_ascii_start();
    }
    Ok(tokens)
}

/// The token that `rest` begins with, and its bytes.
fn token(rest: &str) -> Option<(TokenKind<'_>, usize)> {
    if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Some((*kind, sign.len()));
    }
    let len = rest
        .find(|c: char| !is_word_character(c))
        .unwrap_or(rest.len());
    let kind = match rest.get(..len)? {
        "" => return None,
        "and" => TokenKind::And,
        "or" => TokenKind::Or,
        "not" => TokenKind::Not,
        word => TokenKind::Word(word),
    };
    Some((kind, len))
}

/// Letters beyond ASCII too: a name in another script is one wrong word, not many wrong characters.
fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | ':' | '/' | '-' | '_' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_needed_only_between_words() {
        let spaced =
            kinds("tcp [ tcpflags ] & ( 2 | 16 ) != 0 && ! host fe80::1 or net 10.0.0.0/8");
        let tight = kinds("tcp[tcpflags]&(2|16)!=0&&!host fe80::1\tor net\n10.0.0.0/8");
        assert_eq!(spaced, tight);
        assert_eq!(spaced.len(), 19);
    }

    #[test]
    fn a_strange_character_is_shown_where_it_stands() {
        let fault = tokens("port 80 § udp").err().map(|fault| fault.span);
        assert_eq!(fault, Some(8..10));
    }

    fn kinds(text: &str) -> Vec<TokenKind<'_>> {
        tokens(text)
            .unwrap_or_default()
            .into_iter()
            .map(|token| token.kind)
            .collect()
    }
}
