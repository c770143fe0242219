//! The expression as a tree, in its normal form.

use std::fmt;

use super::primitive::Primitive;

/// An expression. Depth comes from parentheses alone, which are limited; a long `a or b or c …`
/// is one [`Expr::Chain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    Primitive(Primitive),
    Not(Box<Expr>),
    /// Joined from left to right: `and` and `or` bind equally, as in libpcap.
    Chain(Box<Expr>, Vec<(Join, Expr)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
}

impl Expr {
    /// What denies this expression; twice is not at all.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// `first` joined with `rest`. A chain at the left end becomes part of the new one, so that
    /// `(a and b) or c` equals `a and b or c`.
    pub(super) fn chain(first: Self, rest: Vec<(Join, Self)>) -> Self {
        if rest.is_empty() {
            return first;
        }
        match first {
            Self::Chain(first, mut joined) => {
                joined.extend(rest);
                Self::Chain(first, joined)
            }
            first => Self::Chain(Box::new(first), rest),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Primitive(primitive) => write!(f, "{primitive}"),
            Self::Not(inner) => write!(f, "not {}", Operand(inner)),
            Self::Chain(first, rest) => {
                write!(f, "{}", Operand(first))?;
                for (join, next) in rest {
                    let join = match join {
                        Join::And => "and",
                        Join::Or => "or",
                    };
                    write!(f, " {join} {}", Operand(next))?;
                }
                Ok(())
            }
        }
    }
}

/// A part of an expression, in parentheses where they are needed.
struct Operand<'a>(&'a Expr);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            chain @ Expr::Chain(..) => write!(f, "({chain})"),
            other => write!(f, "{other}"),
        }
    }
}
