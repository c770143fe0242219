//! The expression as a list of questions, each of which says where to go on.

use super::expr::{Expr, Join};
use super::primitive::Primitive;
use crate::PacketMeta;

/// A list of steps, run from the last one towards the first: every jump goes to a lower place,
/// so a run asks each question once at most and ends.
#[derive(Clone, Debug)]
pub(super) struct Program {
    steps: Vec<Step>,
    entry: Place,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    primitive: Primitive,
    yes: Place,
    no: Place,
}

/// The index of a step, or one of the two ends, which are no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(u32);

const ACCEPT: Place = Place(u32::MAX);
const REJECT: Place = Place(u32::MAX - 1);

impl Default for Program {
    /// Accepts everything.
    fn default() -> Self {
        Self::new(None)
    }
}

impl Program {
    /// Accepts what `expr` describes, everything when there is none.
    pub(super) fn new(expr: Option<&Expr>) -> Self {
        let mut steps = Vec::new();
        let entry = match expr {
            Some(expr) => compile(expr, ACCEPT, REJECT, &mut steps),
            None => ACCEPT,
        };
        steps.shrink_to_fit();
        Self { steps, entry }
    }

    #[inline]
    pub(super) fn accepts(&self, meta: &PacketMeta) -> bool {
        let mut at = self.entry;
        while let Some(step) = self.steps.get(at.0 as usize) {
            at = if step.primitive.matches(meta) {
                step.yes
            } else {
                step.no
            };
        }
        at == ACCEPT
    }
}

/// Adds the steps of `expr`, last question first, and gives the place where it begins.
fn compile(expr: &Expr, yes: Place, no: Place, steps: &mut Vec<Step>) -> Place {
    match expr {
        Expr::Primitive(primitive) => {
            steps.push(Step {
                primitive: *primitive,
                yes,
                no,
            });
            Place(steps.len() as u32 - 1)
        }
        Expr::Not(inner) => compile(inner, no, yes, steps),
        Expr::Chain(first, rest) => {
            // `a and b or c` asks c when b says no; so b is compiled when the place of c is known.
            let (mut yes, mut no) = (yes, no);
            for (join, next) in rest.iter().rev() {
                let begin = compile(next, yes, no, steps);
                match join {
                    Join::And => yes = begin,
                    Join::Or => no = begin,
                }
            }
            compile(first, yes, no, steps)
        }
    }
}
