//! Charts: SVG that stretches with the page, with axes in HTML so that text keeps its size.

mod axis;
mod dots;
mod path;
mod plot;
mod scale;

pub(crate) use axis::Axis;
pub(crate) use dots::{Dots, thin};
pub(crate) use path::Path;
pub(crate) use plot::Plot;
pub(crate) use scale::Scale;
