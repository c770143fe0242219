//! The frame of a chart: axes, grid, and layers of paths.

use std::fmt::{self, Display};

use super::Axis;
use crate::html::Html;

/// Units of the drawing in both directions. It is stretched to the page's width; strokes and
/// dots keep their size because they do not scale with it.
const UNITS: f64 = 1000.0;

/// The outline of an SVG path, from places 0 to 1 (y upwards).
#[derive(Default)]
pub(crate) struct Path(String);

impl Path {
    /// Dots: lines of no length, drawn round by their caps.
    pub(crate) fn dots(places: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut path = Self::default();
        for (x, y) in places {
            path.place('M', x, y);
            path.0.push_str("h0");
        }
        path
    }

    /// A line through points.
    pub(crate) fn line(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut path = Self::default();
        let mut command = 'M';
        for (x, y) in points {
            path.place(command, x, y);
            command = 'L';
        }
        path
    }

    /// The area between a line and the x axis.
    pub(crate) fn area(points: &[(f64, f64)]) -> Self {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Self::default();
        };
        let ends = [(first.0, 0.0)].into_iter().chain(points.iter().copied());
        let mut path = Self::line(ends.chain([(last.0, 0.0)]));
        path.0.push('Z');
        path
    }

    fn place(&mut self, command: char, x: f64, y: f64) {
        let rounded = |value: f64| (value * UNITS * 10.0).round() / 10.0;
        let (x, y) = (rounded(x), rounded(1.0 - y));
        self.0 += &format!("{command}{x} {y}");
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A chart that is being drawn.
pub(crate) struct Plot {
    x: Axis,
    y: Axis,
    layers: Html,
}

impl Plot {
    pub(crate) fn new(x: Axis, y: Axis) -> Self {
        Self {
            x,
            y,
            layers: Html::default(),
        }
    }

    /// Draws a path in the style of a CSS class.
    pub(crate) fn path(&mut self, class: &'static str, path: &Path) {
        self.layers.raw("<path class=\"").raw(class).raw("\" d=\"");
        self.layers.append(&path.markup()).raw("\"/>");
    }

    /// Draws one dot that tells something when pointed at, and leads to `target` in the page.
    pub(crate) fn marked_dot(
        &mut self,
        class: &'static str,
        place: (f64, f64),
        title: &str,
        target: Option<&str>,
    ) {
        let dot = Path::dots([place]);
        if let Some(target) = target {
            // Keyboards reach the same rows through the table: hundreds of stops help nobody.
            self.layers
                .raw("<a tabindex=\"-1\" href=\"#")
                .text(target)
                .raw("\">");
        }
        self.layers.raw("<path class=\"").raw(class).raw("\" d=\"");
        self.layers
            .append(&dot.markup())
            .raw("\"><title>")
            .text(title)
            .raw("</title></path>");
        if target.is_some() {
            self.layers.raw("</a>");
        }
    }

    /// Writes the chart. `alternative` says in words what it shows.
    pub(crate) fn draw(&self, html: &mut Html, class: &'static str, alternative: &str) {
        html.raw("<div class=\"plot ")
            .raw(class)
            .raw("\"><div class=\"y-title\" aria-hidden=\"true\">");
        html.text(&self.y.title)
            .raw("</div><div class=\"y\" aria-hidden=\"true\">");
        for tick in &self.y.ticks {
            html.raw("<span style=\"bottom:")
                .text(percent(tick.at))
                .raw("\">");
            html.text(&tick.label).raw("</span>");
        }
        html.raw("</div><div class=\"area\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"");
        html.text(alternative)
            .raw("\"><path class=\"grid\" d=\"")
            .append(&self.grid().markup());
        html.raw("\"/>").append(&self.layers).raw("</svg>");
        html.raw("</div><div class=\"x\" aria-hidden=\"true\">");
        for tick in &self.x.ticks {
            html.raw("<span style=\"left:")
                .text(percent(tick.at))
                .raw("\">");
            html.text(&tick.label).raw("</span>");
        }
        html.raw("</div><div class=\"x-title\" aria-hidden=\"true\">");
        html.text(&self.x.title).raw("</div></div>");
    }

    fn grid(&self) -> Path {
        let mut grid = Path::default();
        for tick in &self.y.ticks {
            grid.place('M', 0.0, tick.at);
            grid.place('L', 1.0, tick.at);
        }
        grid
    }
}

impl Path {
    /// A path holds nothing but its own commands and numbers, but may be longer than a text.
    fn markup(&self) -> Html {
        Html::numbers(&self.0)
    }
}

fn percent(place: f64) -> String {
    format!("{:.2}%", 100.0 * place)
}
