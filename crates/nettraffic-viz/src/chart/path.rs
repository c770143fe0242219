//! Outlines, in the language of SVG paths.

use std::fmt::Write;

/// The outline of an SVG path. Places run from 0 to 1, y upwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Move(f64, f64),
    Line(f64, f64),
    Dot(f64, f64),
    Close,
}

/// The box of a drawing that the places of a path are stretched to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Frame {
    /// Units of a drawing that the page stretches to its width; strokes and dots keep their size
    /// because they do not scale with it.
    pub(crate) const UNITS: Self = Self {
        left: 0.0,
        top: 0.0,
        width: 1000.0,
        height: 1000.0,
    };

    /// To a tenth, y downwards.
    pub(crate) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        (
            rounded(self.left + x * self.width),
            rounded(self.top + (1.0 - y) * self.height),
        )
    }
}

impl Path {
    /// Dots: lines of no length, drawn round by their caps.
    pub(crate) fn dots(places: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let dot = |(x, y)| Step::Dot(x, y);
        Self {
            steps: places.into_iter().map(dot).collect(),
        }
    }

    /// A line through points.
    pub(crate) fn line(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut path = Self::default();
        for (x, y) in points {
            path.steps.push(if path.steps.is_empty() {
                Step::Move(x, y)
            } else {
                Step::Line(x, y)
            });
        }
        path
    }

    /// The area between a line and the x axis.
    pub(crate) fn area(points: &[(f64, f64)]) -> Self {
        let ground: Vec<(f64, f64)> = points.iter().map(|&(x, _)| (x, 0.0)).collect();
        Self::band(points, &ground)
    }

    /// The area between two lines over the same places to the right.
    pub(crate) fn band(upper: &[(f64, f64)], lower: &[(f64, f64)]) -> Self {
        let mut path = Self::line(upper.iter().chain(lower.iter().rev()).copied());
        if !path.steps.is_empty() {
            path.steps.push(Step::Close);
        }
        path
    }

    /// Upright bars from the x axis: left end, right end and height of each.
    pub(crate) fn bars(bars: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let mut path = Self::default();
        for (left, right, height) in bars {
            path.steps.extend([
                Step::Move(left, 0.0),
                Step::Line(left, height),
                Step::Line(right, height),
                Step::Line(right, 0.0),
                Step::Close,
            ]);
        }
        path
    }

    /// Lines from left to right at several heights.
    pub(crate) fn rules(heights: impl IntoIterator<Item = f64>) -> Self {
        let mut path = Self::default();
        for height in heights {
            path.steps
                .extend([Step::Move(0.0, height), Step::Line(1.0, height)]);
        }
        path
    }

    /// For the attribute `d`, as short as it can be said: most lines here are steps. It holds
    /// nothing but commands and numbers.
    pub(crate) fn commands(&self, frame: Frame) -> String {
        let mut text = String::new();
        let mut pen = None;
        for step in &self.steps {
            // Writing into a string cannot fail.
            let _ = match *step {
                Step::Move(x, y) => {
                    let (x, y) = frame.place(x, y);
                    pen = Some((x, y));
                    write!(text, "M{x} {y}")
                }
                Step::Dot(x, y) => {
                    let (x, y) = frame.place(x, y);
                    write!(text, "M{x} {y}h0")
                }
                Step::Line(x, y) => {
                    let (x, y) = frame.place(x, y);
                    let from = pen.replace((x, y));
                    match from {
                        Some(from) if from == (x, y) => Ok(()),
                        Some((_, from)) if from == y => write!(text, "H{x}"),
                        Some((from, _)) if from == x => write!(text, "V{y}"),
                        _ => write!(text, "L{x} {y}"),
                    }
                }
                Step::Close => write!(text, "Z"),
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_short() {
        let steps = [(0.0, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 0.25)];
        for (path, expected) in [
            (Path::line(steps), "M0 500H500V0L1000 750"),
            (Path::area(&steps[..2]), "M0 500H500V1000H0Z"),
            (Path::area(&[]), ""),
            (
                Path::band(&[(0.0, 1.0), (1.0, 1.0)], &[(0.0, 0.5), (1.0, 0.0)]),
                "M0 0H1000V1000L0 500Z",
            ),
            (
                Path::dots([(0.0, 0.0), (0.123_45, 1.0)]),
                "M0 1000h0M123.5 0h0",
            ),
            (Path::rules([0.0, 1.0]), "M0 1000H1000M0 0H1000"),
            (Path::bars([(0.0, 0.5, 0.25)]), "M0 1000V750H500V1000Z"),
        ] {
            assert_eq!(path.commands(Frame::UNITS), expected);
        }
    }

    #[test]
    fn a_path_fits_into_any_box() {
        let frame = Frame {
            left: 10.0,
            top: 20.0,
            width: 100.0,
            height: 50.0,
        };
        let path = Path::line([(0.0, 0.0), (1.0, 1.0)]);
        assert_eq!(path.commands(frame), "M10 70L110 20");
    }
}
