//! From tokens to the tree: how primitives are joined.

mod number;
mod qualified;
mod relation;

use std::ops::Range;

use self::qualified::Head;
use super::error::{Fault, FilterErrorKind};
use super::expr::{Expr, Join};
use super::lex::{Token, TokenKind, tokens};
use super::primitive::{Family, Primitive};
use super::spelling;
use super::words::{self, PROTOCOL_WORDS};
use super::{MAX_DEPTH, MAX_LEN};
use crate::TunnelKind;

/// The tree of `text`, `None` when it is blank.
pub(super) fn parse(text: &str) -> Result<Option<Expr>, Fault> {
    if text.len() > MAX_LEN {
        return Err(Fault::new(FilterErrorKind::TooLong, 0..text.len()));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser {
        tokens: &tokens,
        next: 0,
        end: text.trim_end().len(),
        depth: 0,
        head: None,
    };
    let expr = parser.chain(Allowed::Everything)?;
    match parser.peek() {
        None => Ok(Some(expr)),
        Some(TokenKind::Close | TokenKind::CloseBracket) => {
            Err(parser.fault(FilterErrorKind::Unopened))
        }
        Some(_) => Err(parser.no_join("`and`, `or` or the end")),
    }
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    next: usize,
    /// Where the text ends, without the blanks behind it.
    end: usize,
    /// Parentheses that are open.
    depth: usize,
    /// The qualifiers that a bare address, port or protocol number repeats.
    head: Option<Head>,
}

/// What may stand in a part of the expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    Everything,
    /// What the last qualifiers apply to, as in `port (80 or 443)`.
    Values,
}

impl<'a> Parser<'a> {
    /// Terms joined by `and` and `or`.
    fn chain(&mut self, allowed: Allowed) -> Result<Expr, Fault> {
        let first = self.term(allowed)?;
        let mut rest = Vec::new();
        while let Some(join) = self.join() {
            rest.push((join, self.term(allowed)?));
        }
        Ok(Expr::chain(first, rest))
    }

    fn join(&mut self) -> Option<Join> {
        let join = match self.peek()? {
            TokenKind::And => Join::And,
            TokenKind::Or => Join::Or,
            _ => return None,
        };
        self.next += 1;
        Some(join)
    }

    /// A primitive or a group, denied by any number of `not`.
    fn term(&mut self, allowed: Allowed) -> Result<Expr, Fault> {
        let mut denied = false;
        while self.take(TokenKind::Not) {
            denied = !denied;
        }
        let expr = match allowed {
            Allowed::Everything if self.is_relation() => Expr::Primitive(self.relation()?),
            _ if self.peek() == Some(TokenKind::Open) => {
                self.group(|parser| parser.chain(allowed))?
            }
            Allowed::Everything => self.primitive()?,
            Allowed::Values => Expr::Primitive(self.value()?),
        };
        Ok(if denied { expr.negated() } else { expr })
    }

    /// `inner` between the parentheses that begin here.
    fn group<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let open = self.span();
        if self.depth == MAX_DEPTH {
            return Err(self.fault(FilterErrorKind::TooDeep));
        }
        self.depth += 1;
        self.next += 1;
        let inner = inner(self)?;
        self.depth -= 1;
        match self.peek() {
            Some(TokenKind::Close) => self.next += 1,
            Some(_) => return Err(self.no_join("`and`, `or` or `)`")),
            None => return Err(Fault::new(FilterErrorKind::Unclosed, open)),
        }
        Ok(inner)
    }

    fn primitive(&mut self) -> Result<Expr, Fault> {
        const EXPECTED: &str = "a primitive such as `tcp` or `host 10.0.0.1`";
        let word = self.word(EXPECTED)?;
        if let Some(head) = self.qualifiers()? {
            self.head = Some(head);
            return self.term(Allowed::Values);
        }
        let primitive = match word {
            "vlan" => self.vlan()?,
            "tunnel" => self.tunnel()?,
            "less" | "greater" => self.length_limit(word)?,
            _ => match self.protocol_alone(word) {
                Some(primitive) => primitive,
                None if self.head.is_some() => return Ok(Expr::Primitive(self.value()?)),
                None if begins_with_digit(word) => {
                    return Err(self.misplaced("a word such as `host`, `net` or `port`"));
                }
                None => return Err(self.wrong_word(word, EXPECTED)),
            },
        };
        // As in libpcap: what follows a word without a value has nothing to repeat.
        self.head = None;
        Ok(Expr::Primitive(primitive))
    }

    /// `ip`, `tcp`, `ip multicast`: a protocol that qualifies nothing.
    fn protocol_alone(&mut self, word: &str) -> Option<Primitive> {
        if let Some(family) = qualified::family(word) {
            self.next += 1;
            let is_ip = family != Family::Arp;
            return Some(if is_ip && self.take(TokenKind::Word("multicast")) {
                Primitive::Multicast(family)
            } else {
                Primitive::Family(family)
            });
        }
        let (_, family, number) = PROTOCOL_WORDS.iter().find(|(name, ..)| *name == word)?;
        self.next += 1;
        Some(Primitive::Protocol {
            family: *family,
            number: *number,
        })
    }

    fn vlan(&mut self) -> Result<Primitive, Fault> {
        const MAX_ID: u32 = 0xfff;
        self.next += 1;
        let id = self.optional_number(MAX_ID)?;
        Ok(Primitive::Vlan(id.map(|id| id as u16)))
    }

    /// `tunnel`, `tunnel vxlan`, `tunnel vxlan 42`.
    fn tunnel(&mut self) -> Result<Primitive, Fault> {
        self.next += 1;
        let named = |word| TunnelKind::ALL.into_iter().find(|kind| kind.name() == word);
        let kind = match self.peek() {
            Some(TokenKind::Word(word)) => named(word),
            _ => None,
        };
        let Some(kind) = kind else {
            return Ok(Primitive::Tunnel(None));
        };
        self.next += 1;
        let id = self.optional_number(u32::MAX)?;
        Ok(Primitive::Tunnel(Some((kind, id))))
    }

    /// Why what is next joins nothing; a mistyped word is told as such.
    fn no_join(&self, expected: &'static str) -> Fault {
        match self.peek() {
            Some(TokenKind::Word(word)) if !begins_with_digit(word) => {
                self.wrong_word(word, expected)
            }
            _ => self.misplaced(expected),
        }
    }

    /// What to say of `word`, which is next and not what is `expected`.
    fn wrong_word(&self, word: &str, expected: &'static str) -> Fault {
        self.fault(match words::unsupported(word) {
            Some(reason) => FilterErrorKind::Unsupported { reason },
            None if words::is_known(word) => FilterErrorKind::Misplaced { expected },
            None => FilterErrorKind::UnknownWord {
                suggestion: spelling::suggestion(word),
            },
        })
    }

    /// The next word, which stays next.
    fn word(&self, expected: &'static str) -> Result<&'a str, Fault> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Ok(word),
            _ => Err(self.misplaced(expected)),
        }
    }

    fn peek(&self) -> Option<TokenKind<'a>> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<TokenKind<'a>> {
        self.tokens.get(self.next + ahead).map(|token| token.kind)
    }

    /// Passes over the next token if it is `kind`.
    fn take(&mut self, kind: TokenKind<'_>) -> bool {
        let is_next = self.peek() == Some(kind);
        self.next += usize::from(is_next);
        is_next
    }

    /// The place of the next token, or of the end.
    fn span(&self) -> Range<usize> {
        self.tokens
            .get(self.next)
            .map_or(self.end..self.end, |token| token.span.clone())
    }

    fn fault(&self, kind: FilterErrorKind) -> Fault {
        Fault::new(kind, self.span())
    }

    /// The next token, or the end, stands where `expected` should.
    fn misplaced(&self, expected: &'static str) -> Fault {
        self.fault(match self.peek() {
            Some(_) => FilterErrorKind::Misplaced { expected },
            None => FilterErrorKind::Ended { expected },
        })
    }
}

fn begins_with_digit(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
}
