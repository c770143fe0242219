//! The frame of a chart: axes, grid, and layers of paths.

use super::{Axis, Frame, Key, Path, legend};
use crate::html::Html;

/// A chart that is being drawn.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) layers: Vec<Layer>,
    /// Its legend.
    pub(super) keys: Vec<(Key, String)>,
    /// What it shows, in words.
    pub(super) alternative: String,
}

/// A path in the style of a CSS class.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) class: &'static str,
    pub(super) path: Path,
    /// What it tells when pointed at.
    title: Option<String>,
    /// Where it leads to in the page.
    target: Option<String>,
}

impl Plot {
    pub(crate) fn new(x: Axis, y: Axis) -> Self {
        Self {
            x,
            y,
            layers: Vec::new(),
            keys: Vec::new(),
            alternative: String::new(),
        }
    }

    /// With what it shows in words, for those who do not see it.
    pub(crate) fn told(mut self, alternative: impl Into<String>) -> Self {
        self.alternative = alternative.into();
        self
    }

    /// Adds a line to the legend.
    pub(crate) fn key(&mut self, key: Key, name: impl Into<String>) {
        self.keys.push((key, name.into()));
    }

    /// Draws a path in the style of a CSS class.
    pub(crate) fn path(&mut self, class: &'static str, path: Path) {
        self.layers.push(Layer {
            class,
            path,
            title: None,
            target: None,
        });
    }

    /// Draws a path that tells something when pointed at.
    pub(crate) fn titled(&mut self, class: &'static str, path: Path, title: impl Into<String>) {
        self.path(class, path);
        if let Some(layer) = self.layers.last_mut() {
            layer.title = Some(title.into());
        }
    }

    /// Draws one dot that tells something when pointed at, and leads to `target` in the page.
    pub(crate) fn marked_dot(
        &mut self,
        class: &'static str,
        place: (f64, f64),
        title: impl Into<String>,
        target: Option<String>,
    ) {
        self.titled(class, Path::dots([place]), title);
        if let Some(layer) = self.layers.last_mut() {
            layer.target = target;
        }
    }

    /// Writes the legend as a part of the page.
    pub(crate) fn legend(&self, html: &mut Html) {
        if !self.keys.is_empty() {
            legend(html, &self.keys);
        }
    }

    /// Writes the chart as a part of the page, without its legend.
    pub(crate) fn draw(&self, html: &mut Html, class: &'static str) {
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
        html.text(&self.alternative)
            .raw("\"><path class=\"grid\" d=\"")
            .path(&self.grid(), Frame::UNITS);
        html.raw("\"/>");
        for layer in &self.layers {
            layer.write(html);
        }
        html.raw("</svg></div><div class=\"x\" aria-hidden=\"true\">");
        for tick in &self.x.ticks {
            html.raw("<span style=\"left:")
                .text(percent(tick.at))
                .raw("\">");
            html.text(&tick.label).raw("</span>");
        }
        html.raw("</div><div class=\"x-title\" aria-hidden=\"true\">");
        html.text(&self.x.title).raw("</div></div>");
    }

    pub(super) fn grid(&self) -> Path {
        Path::rules(self.y.ticks.iter().map(|tick| tick.at))
    }
}

impl Layer {
    fn write(&self, html: &mut Html) {
        if let Some(target) = &self.target {
            // Keyboards reach the same rows through the table: hundreds of stops help nobody.
            html.raw("<a tabindex=\"-1\" href=\"#")
                .text(target)
                .raw("\">");
        }
        html.raw("<path class=\"").raw(self.class).raw("\" d=\"");
        html.path(&self.path, Frame::UNITS);
        match &self.title {
            Some(title) => html.raw("\"><title>").text(title).raw("</title></path>"),
            None => html.raw("\"/>"),
        };
        html.raw(if self.target.is_some() { "</a>" } else { "" });
    }
}

fn percent(place: f64) -> String {
    format!("{:.2}%", 100.0 * place)
}
