//! Charts: SVG that stretches with the page, with axes in HTML so that text keeps its size; or as
//! images that stand alone.

mod axis;
mod dots;
mod path;
mod plot;
mod scale;
mod svg;
mod tone;

pub(crate) use axis::Axis;
pub(crate) use dots::{Dots, thin};
pub(crate) use path::{Frame, Path};
pub(crate) use plot::Plot;
pub(crate) use scale::Scale;
pub(crate) use tone::{Key, Tone, legend};
