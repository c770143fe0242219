//! `tcp[tcpflags] & tcp-syn != 0`, `len > 1000`: comparisons with numbers.

use super::Parser;
use super::number::number;
use crate::filter::error::{Fault, FilterErrorKind};
use crate::filter::lex::TokenKind;
use crate::filter::primitive::{Comparison, Field, Primitive};
use crate::filter::words::{FIELDS, VALUES};

impl Parser<'_> {
    /// Whether a comparison begins here, perhaps in parentheses: `(tcp[13] & 2) != 0`.
    ///
    /// A group of comparisons, `(len > 3 and udp)`, begins alike: what follows its parenthesis
    /// tells them apart.
    pub(super) fn is_relation(&self) -> bool {
        let opened = self.opened();
        let begins = match self.peek_at(opened) {
            Some(TokenKind::Word("len")) => true,
            Some(TokenKind::Word(_)) => self.peek_at(opened + 1) == Some(TokenKind::OpenBracket),
            _ => false,
        };
        begins && (opened == 0 || self.is_compared_group())
    }

    /// Parentheses that are opened here, one after the other.
    fn opened(&self) -> usize {
        let rest = self.tokens.get(self.next..).unwrap_or(&[]);
        let opened = rest
            .iter()
            .take_while(|token| token.kind == TokenKind::Open);
        // More are an error anyway: looking further would only take time.
        opened.take(super::MAX_DEPTH + 1).count()
    }

    /// Whether the group that begins here is one side of a comparison.
    fn is_compared_group(&self) -> bool {
        let rest = self.tokens.get(self.next..).unwrap_or(&[]);
        let mut depth = 0_usize;
        for (position, token) in rest.iter().enumerate() {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                // No side of a comparison has these in it.
                TokenKind::And | TokenKind::Or | TokenKind::Not => return false,
                _ => {}
            }
            if depth == 0 {
                let after = rest.get(position + 1).map(|token| token.kind);
                return after
                    .is_some_and(|kind| kind == TokenKind::BitAnd || comparison(kind).is_some());
            }
        }
        false
    }

    pub(super) fn relation(&mut self) -> Result<Primitive, Fault> {
        let (field, mask) = self.masked_field()?;
        let comparison = self.peek().and_then(comparison);
        let comparison = comparison.ok_or_else(|| self.misplaced("a comparison such as `==`"))?;
        self.next += 1;
        let value = self.constant()?;
        self.head = None;
        Ok(Primitive::Relation {
            field,
            mask,
            comparison,
            value,
        })
    }

    /// `less N`, `greater N`; the length itself is meant too.
    pub(super) fn length_limit(&mut self, word: &str) -> Result<Primitive, Fault> {
        self.next += 1;
        let comparison = if word == "less" {
            Comparison::LessOrEqual
        } else {
            Comparison::GreaterOrEqual
        };
        Ok(Primitive::Relation {
            field: Field::Length,
            mask: u32::MAX,
            comparison,
            value: self.number(u32::MAX)?,
        })
    }

    /// A field, and the bits that remain of it after every `&`.
    fn masked_field(&mut self) -> Result<(Field, u32), Fault> {
        let (field, mut mask) = if self.peek() == Some(TokenKind::Open) {
            self.group(Self::masked_field)?
        } else {
            (self.field()?, u32::MAX)
        };
        while self.take(TokenKind::BitAnd) {
            mask &= self.operand()?;
        }
        Ok((field, mask))
    }

    /// `len`, `tcp[tcpflags]`, `tcp[13]`.
    fn field(&mut self) -> Result<Field, Fault> {
        const EXPECTED: &str = "`len` or a header byte such as `tcp[tcpflags]`";
        let protocol_span = self.span();
        let protocol = self.word(EXPECTED)?;
        self.next += 1;
        if protocol == "len" {
            return Ok(Field::Length);
        }
        let open = self.span();
        if !self.take(TokenKind::OpenBracket) {
            return Err(self.misplaced("`[`"));
        }
        let byte = self.word("a byte of the header")?;
        let byte = byte.strip_suffix(":1").unwrap_or(byte);
        let at = number(byte, u32::MAX).map_err(|kind| self.fault(kind))?;
        self.next += 1;
        match self.peek() {
            Some(TokenKind::CloseBracket) => {}
            Some(_) => return Err(self.misplaced("`]`")),
            None => return Err(Fault::new(FilterErrorKind::Unclosed, open)),
        }
        let whole = protocol_span.start..self.span().end;
        self.next += 1;
        let found = FIELDS.iter().find(|(of, position, name, _)| {
            *of == protocol && (Some(*position) == at || (!name.is_empty() && *name == byte))
        });
        match found {
            Some((.., field)) => Ok(*field),
            None => Err(Fault::new(
                FilterErrorKind::Unsupported {
                    reason: "of the headers' bytes only tcp[tcpflags], icmp[icmptype], \
                             icmp[icmpcode], icmp6[icmp6type], icmp6[icmp6code], ip[8] and \
                             ip6[7] (TTL and hop limit) are kept",
                },
                whole,
            )),
        }
    }

    /// Operands joined by `|`, `&` and `+`, from left to right.
    fn constant(&mut self) -> Result<u32, Fault> {
        let mut value = self.operand()?;
        loop {
            let join: fn(u32, u32) -> u32 = match self.peek() {
                Some(TokenKind::BitOr) => |a, b| a | b,
                Some(TokenKind::BitAnd) => |a, b| a & b,
                Some(TokenKind::Plus) => u32::wrapping_add,
                _ => return Ok(value),
            };
            self.next += 1;
            value = join(value, self.operand()?);
        }
    }

    /// A number, a name such as `tcp-syn`, or a constant in parentheses.
    fn operand(&mut self) -> Result<u32, Fault> {
        const EXPECTED: &str = "a number or a name such as `tcp-syn`";
        if self.peek() == Some(TokenKind::Open) {
            return self.group(Self::constant);
        }
        let word = self.word(EXPECTED)?;
        let named = VALUES.iter().find(|(name, _)| *name == word);
        let value = match named {
            Some((_, value)) => u32::from(*value),
            None => match number(word, u32::MAX).map_err(|kind| self.fault(kind))? {
                Some(value) => value,
                None => return Err(self.wrong_word(word, EXPECTED)),
            },
        };
        self.next += 1;
        Ok(value)
    }
}

fn comparison(kind: TokenKind<'_>) -> Option<Comparison> {
    Some(match kind {
        TokenKind::Equal => Comparison::Equal,
        TokenKind::NotEqual => Comparison::NotEqual,
        TokenKind::Less => Comparison::Less,
        TokenKind::LessOrEqual => Comparison::LessOrEqual,
        TokenKind::Greater => Comparison::Greater,
        TokenKind::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}
