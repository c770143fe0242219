//! The frame of a chart: axes, grid, and layers of paths.

use super::{Axis, Path};
use crate::html::Html;

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
        let grid = Path::rules(self.y.ticks.iter().map(|tick| tick.at));
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
            .append(&grid.markup());
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
}

fn percent(place: f64) -> String {
    format!("{:.2}%", 100.0 * place)
}
