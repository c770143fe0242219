//! Charts as images of their own.

/// A chart of a report as an SVG document, on a light ground: for papers and slides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figure {
    /// A name that is fit for a file: lower case letters, digits and hyphens, such as `scores-over-time`.
    pub name: String,
    /// The SVG document.
    pub svg: String,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, svg: String) -> Self {
        Self {
            name: name.into(),
            svg,
        }
    }
}
