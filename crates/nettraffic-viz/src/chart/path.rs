//! Outlines, in the language of SVG paths.

use std::fmt::Write;

use crate::html::Html;

/// Units of the drawing in both directions. It is stretched to the page's width; strokes and
/// dots keep their size because they do not scale with it.
const UNITS: f64 = 1000.0;

/// The outline of an SVG path. Places run from 0 to 1, y upwards.
#[derive(Default)]
pub(crate) struct Path {
    commands: String,
    /// Where the pen is, in rounded units.
    pen: Option<(f64, f64)>,
}

impl Path {
    /// Dots: lines of no length, drawn round by their caps.
    pub(crate) fn dots(places: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut path = Self::default();
        for place in places {
            path.move_to(place);
            path.commands.push_str("h0");
        }
        path
    }

    /// A line through points.
    pub(crate) fn line(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut path = Self::default();
        for point in points {
            path.line_to(point);
        }
        path
    }

    /// The area between a line and the x axis.
    pub(crate) fn area(points: &[(f64, f64)]) -> Self {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Self::default();
        };
        let begin = [(first.0, 0.0)];
        let mut path = Self::line(begin.iter().chain(points).copied());
        path.line_to((last.0, 0.0));
        path.commands.push('Z');
        path
    }

    /// Lines from left to right at several heights.
    pub(crate) fn rules(heights: impl IntoIterator<Item = f64>) -> Self {
        let mut path = Self::default();
        for height in heights {
            path.move_to((0.0, height));
            path.line_to((1.0, height));
        }
        path
    }

    /// For the attribute `d`. A path holds nothing but its own commands and numbers.
    pub(crate) fn markup(&self) -> Html {
        Html::numbers(&self.commands)
    }

    fn move_to(&mut self, place: (f64, f64)) {
        let (x, y) = units(place);
        self.pen = Some((x, y));
        self.command(format_args!("M{x} {y}"));
    }

    /// As short as it can be said: most lines here are steps.
    fn line_to(&mut self, place: (f64, f64)) {
        let (x, y) = units(place);
        match self.pen {
            None => return self.move_to(place),
            Some(pen) if pen == (x, y) => return,
            Some((_, pen_y)) if pen_y == y => self.command(format_args!("H{x}")),
            Some((pen_x, _)) if pen_x == x => self.command(format_args!("V{y}")),
            Some(_) => self.command(format_args!("L{x} {y}")),
        }
        self.pen = Some((x, y));
    }

    fn command(&mut self, command: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.commands.write_fmt(command);
    }
}

/// In units, to a tenth, y downwards.
fn units((x, y): (f64, f64)) -> (f64, f64) {
    let rounded = |value: f64| (value * UNITS * 10.0).round() / 10.0;
    (rounded(x), rounded(1.0 - y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_short() {
        let steps = [(0.0, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 0.25)];
        for (path, expected) in [
            (Path::line(steps), "M0 500H500V0L1000 750"),
            (Path::area(&steps[..2]), "M0 1000V500H500V1000Z"),
            (Path::area(&[]), ""),
            (
                Path::dots([(0.0, 0.0), (0.123_45, 1.0)]),
                "M0 1000h0M123.5 0h0",
            ),
            (Path::rules([0.0, 1.0]), "M0 1000H1000M0 0H1000"),
        ] {
            assert_eq!(path.markup().into_string(), expected);
        }
    }
}
