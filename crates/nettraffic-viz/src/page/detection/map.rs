//! Flows on a plane: alike ones lie close.

use std::collections::BTreeMap;

use crate::chart::{Axis, Dots, Path, Plot, Scale, Tone};
use crate::html::Html;
use crate::sentence::words;
use crate::{FlowMap, MapPoint, Report, number};

/// The chart; `None` without a flow that can be drawn.
pub(super) fn chart(report: &Report) -> Option<Plot> {
    let map = report.map.as_ref()?;
    let points = drawable(map);
    let across = reach(points.iter().map(|point| point.x))?;
    let up = reach(points.iter().map(|point| point.y))?;
    let place = |point: &MapPoint| (across.at(point.x), up.at(point.y));
    let mut plot = Plot::new(
        Axis::numbers(&map.x_title, &across),
        Axis::numbers(&map.y_title, &up),
    );
    let dots = |kind: &dyn Fn(&Option<String>) -> bool| -> Path {
        let chosen = points.iter().filter(|point| kind(&point.kind));
        let dots: Dots = chosen.map(|point| place(point)).collect();
        Path::dots(dots.places())
    };
    plot.path("dots quiet", dots(&Option::is_none));
    let kinds = kinds(map);
    for (tone, name) in kinds.iter().rev() {
        let path = match name {
            Some(name) => dots(&|kind| kind.as_deref() == Some(*name)),
            None => dots(&|kind| is_other(kind, &kinds)),
        };
        plot.titled(tone.dots, path, name.map_or_else(others, words));
    }
    for (tone, name) in &kinds {
        plot.key(tone.key, name.map_or_else(others, words));
    }
    let told = format!(
        "Map of {}, {} of them alerts.",
        number::counted(points.len() as u64, "flow", "flows"),
        number::count(points.iter().filter(|point| point.kind.is_some()).count() as u64)
    );
    Some(plot.told(told))
}

pub(super) fn write(report: &Report, plot: Option<Plot>, html: &mut Html) {
    let (Some(plot), Some(map)) = (plot, &report.map) else {
        return;
    };
    html.raw("<div><h3>Map of flows</h3>");
    plot.legend(html);
    plot.draw(html, "square");
    html.raw("<p class=\"note\">Flows that are alike lie close: ")
        .text(&map.meaning)
        .raw(". ");
    let shown = map.points.len() as u64;
    if shown < map.chosen_from {
        html.text(format_args!(
            "{} of {} flows, evenly chosen. ",
            number::count(shown),
            number::count(map.chosen_from)
        ));
    }
    html.raw("Grey dots raised no alert.</p></div>");
}

fn drawable(map: &FlowMap) -> Vec<&MapPoint> {
    let finite = |point: &&MapPoint| point.x.is_finite() && point.y.is_finite();
    map.points.iter().filter(finite).collect()
}

/// An axis over values, a little wider than they reach.
fn reach(values: impl Iterator<Item = f64>) -> Option<Scale> {
    let bounded = values.map(|value| value.clamp(-1e100, 1e100));
    let (low, high) = bounded.fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })?;
    let edge = 0.03 * (high - low);
    Some(Scale::linear(low - edge, high + edge))
}

/// Kinds of alert with their colours, most frequent first; the last is all others, where there are more
/// than colours.
fn kinds(map: &FlowMap) -> Vec<(Tone, Option<&str>)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in map.points.iter().filter_map(|point| point.kind.as_deref()) {
        *counts.entry(kind).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let mut kinds: Vec<(Tone, Option<&str>)> = (ranked.iter().take(Tone::MOST).enumerate())
        .map(|(place, (name, _))| (Tone::of(place), Some(*name)))
        .collect();
    if ranked.len() > Tone::MOST {
        kinds.push((Tone::others(), None));
    }
    kinds
}

fn is_other(kind: &Option<String>, kinds: &[(Tone, Option<&str>)]) -> bool {
    kind.is_some()
        && !kinds
            .iter()
            .any(|(_, name)| name.is_some() && *name == kind.as_deref())
}

fn others() -> String {
    "other alerts".to_owned()
}
