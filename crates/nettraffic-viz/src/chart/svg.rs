//! A chart as an image of its own: for papers and slides, on a light ground.

use super::{Frame, Plot};
use crate::html::Html;

/// Size of the image.
const WIDTH: f64 = 760.0;
/// Room for the labels of the axes.
const FRAME_LEFT: f64 = 62.0;
const FRAME_TOP: f64 = 46.0;
const BELOW: f64 = 56.0;
const RIGHT: f64 = 24.0;
/// Labels of times need more room than those of numbers.
const LEAST_BETWEEN_LABELS: f64 = 56.0;

/// Height of a line of the legend, and the mean width of a letter.
const LINE: f64 = 18.0;
const LETTER: f64 = 6.4;
const LEGEND_LEFT: f64 = 12.0;
/// Longer names are cut when they are written.
const MOST_LETTERS: usize = 300;

const STYLE: &str = include_str!("../assets/figure.css");

impl Plot {
    /// The chart as an SVG document. `ratio` is the height of its area divided by the width.
    pub(crate) fn to_svg(&self, title: &str, ratio: f64) -> String {
        let width = if ratio > 0.8 { 0.6 * WIDTH } else { WIDTH };
        let frame = Frame {
            left: FRAME_LEFT,
            top: FRAME_TOP,
            width: width - FRAME_LEFT - RIGHT,
            height: ((width - FRAME_LEFT - RIGHT) * ratio).round(),
        };
        let places = self.legend_places(width - RIGHT);
        let lines = places.last().map_or(0.0, |(_, line)| line + 1.0);
        let below = frame.top + frame.height + BELOW;
        let height = below + lines * LINE;
        let mut svg = Html::default();
        svg.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
            .text(width)
            .raw("\" height=\"")
            .text(height)
            .raw("\" viewBox=\"0 0 ")
            .text(width)
            .raw(" ")
            .text(height)
            .raw("\" role=\"img\"><title>")
            .text(title)
            .raw("</title><desc>")
            .text(&self.alternative)
            .raw("</desc><style>")
            .raw(STYLE)
            .raw("</style><rect class=\"ground\" width=\"100%\" height=\"100%\"/>");
        label(&mut svg, "title", 12.0, 18.0, title);
        label(&mut svg, "unit", 12.0, 36.0, &self.y.title);
        svg.raw("<path class=\"grid\" d=\"")
            .path(&self.grid(), frame)
            .raw("\"/>");
        for layer in &self.layers {
            svg.raw("<path class=\"").raw(layer.class).raw("\" d=\"");
            svg.path(&layer.path, frame).raw("\"/>");
        }
        self.labels(&mut svg, frame);
        for ((key, name), (x, line)) in self.keys.iter().zip(places) {
            let y = below + line * LINE + 4.0;
            svg.raw("<circle class=\"").raw(key.0).raw("\" cx=\"");
            svg.text(x + 4.0)
                .raw("\" cy=\"")
                .text(y - 4.0)
                .raw("\" r=\"4\"/>");
            label(&mut svg, "name", x + 14.0, y, name);
        }
        svg.raw("</svg>\n");
        svg.into_string()
    }

    /// Where the entries of the legend stand: to the right, and in which line. SVG cannot tell how wide a
    /// text is, so that is estimated.
    fn legend_places(&self, width: f64) -> Vec<(f64, f64)> {
        let (mut x, mut line) = (LEGEND_LEFT, 0.0);
        let mut places = Vec::new();
        for (_, name) in &self.keys {
            let wide = 32.0 + LETTER * name.chars().count().min(MOST_LETTERS) as f64;
            if x > LEGEND_LEFT && x + wide > width {
                (x, line) = (LEGEND_LEFT, line + 1.0);
            }
            places.push((x, line));
            x += wide;
        }
        places
    }

    fn labels(&self, svg: &mut Html, frame: Frame) {
        for tick in &self.y.ticks {
            let (x, y) = frame.place(0.0, tick.at);
            label(svg, "y", x - 8.0, y + 4.0, &tick.label);
        }
        let mut free = f64::MIN;
        for tick in &self.x.ticks {
            let (x, y) = frame.place(tick.at, 0.0);
            if x >= free {
                label(svg, "x", x, y + 18.0, &tick.label);
                free = x + LEAST_BETWEEN_LABELS;
            }
        }
        let (x, y) = frame.place(0.5, 0.0);
        label(svg, "x", x, y + 38.0, &self.x.title);
    }
}

fn label(svg: &mut Html, class: &'static str, x: f64, y: f64, text: &str) {
    svg.raw("<text class=\"")
        .raw(class)
        .raw("\" x=\"")
        .text(x)
        .raw("\" y=\"")
        .text(y)
        .raw("\">")
        .text(text)
        .raw("</text>");
}

#[cfg(test)]
mod tests {
    use crate::chart::{Axis, Key, Path, Plot, Scale};

    #[test]
    fn an_image_stands_alone() {
        let scale = Scale::nice(0.0, 10.0);
        let mut plot =
            Plot::new(Axis::numbers("<x>", &scale), Axis::numbers("y & z", &scale)).told("a line");
        plot.path("line tone-1", Path::line([(0.0, 0.0), (1.0, 1.0)]));
        for name in ["one & only".to_owned(), "x".repeat(110), "last".to_owned()] {
            plot.key(Key::ALERT, name);
        }
        let svg = plot.to_svg("A \"title\"", 0.5);
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\""));
        for expected in [
            "<title>A &quot;title&quot;</title>",
            "&lt;x&gt;",
            "y &amp; z",
            "<path class=\"line tone-1\" d=\"M62 383L736 46\"/>",
            "x=\"26\" y=\"443\">one &amp; only</text>",
            "x=\"26\" y=\"479\">last</text>",
            ".ground { fill: #ffffff; }",
        ] {
            assert!(svg.contains(expected), "{expected} in {svg}");
        }
        for forbidden in ["url(", "href", "@import", "script"] {
            assert!(!svg.contains(forbidden), "{forbidden}");
        }
    }
}
