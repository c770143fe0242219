//! Pieces that several sections share.

use std::fmt::Display;

use crate::html::Html;
use crate::sentence::words;
use crate::{Fact, number, time};

/// The name of what an alert or incident looks like, as a badge.
pub(super) fn badge(html: &mut Html, class: Option<&str>) {
    match class {
        Some(name) => html.raw("<span class=\"badge known\">").text(words(name)),
        None => html.raw("<span class=\"badge\">").text("unusual"),
    };
    html.raw("</span>");
}

/// Times of one report: with their date only where several days are shown.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    dated: bool,
}

impl Clock {
    pub(super) fn new(span: Option<(i64, i64)>) -> Self {
        let day = |(first, last): (i64, i64)| time::date(first) != time::date(last);
        Self {
            dated: span.is_some_and(day),
        }
    }

    /// A time to the second, with the exact one for machines.
    pub(super) fn write(self, html: &mut Html, nanos: i64) {
        html.raw("<time datetime=\"")
            .text(time::iso(nanos))
            .raw("\">");
        if self.dated {
            html.raw("<span class=\"muted\">")
                .text(time::date(nanos))
                .raw("</span> ");
        }
        html.text(time::second(nanos)).raw("</time>");
    }
}

/// A key figure: a number with its name and what there is to add.
pub(super) fn figure(html: &mut Html, name: &'static str, value: impl Display, note: impl Display) {
    html.raw("<div class=\"figure\"><dt>")
        .raw(name)
        .raw("</dt><dd>");
    html.text(value).raw("</dd>");
    let note = note.to_string();
    if !note.is_empty() {
        html.raw("<dd class=\"note\">").text(note).raw("</dd>");
    }
    html.raw("</div>");
}

/// A small bar for a share of 0 to 1, with the share in words beside it.
pub(super) fn bar(html: &mut Html, share: f64) {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    html.raw("<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:");
    html.text(format_args!("{:.1}%", 100.0 * share))
        .raw("\"></i></span><span class=\"share\">");
    html.text(number::percent(share)).raw("</span>");
}

/// The first of several members after a word, and how many more there are; nothing for none.
pub(super) fn members(html: &mut Html, word: &'static str, members: &[String], most: usize) {
    if members.is_empty() {
        return;
    }
    html.raw("<span class=\"members\">").raw(word).raw(" ");
    for (at, name) in members.iter().take(most).enumerate() {
        html.raw(if at > 0 { ", " } else { "" })
            .raw("<span class=\"address\">")
            .text(name)
            .raw("</span>");
    }
    if let Some(more) = members.len().checked_sub(most).filter(|&more| more > 0) {
        html.raw(" and ")
            .text(number::count(more as u64))
            .raw(" more");
    }
    html.raw("</span>");
}

/// Where on the axis of time something lies, drawn small.
#[derive(Clone, Copy)]
pub(super) struct Strip(Option<(i64, i64)>);

impl Strip {
    pub(super) fn new(span: Option<(i64, i64)>) -> Self {
        Self(span.filter(|(first, last)| last > first))
    }

    pub(super) fn write(self, html: &mut Html, from: i64, to: i64) {
        let Some((first, last)) = self.0 else { return };
        let span = last.abs_diff(first) as f64;
        let place = |time: i64| (time as f64 - first as f64) / span;
        let (from, to) = (place(from).clamp(0.0, 1.0), place(to).clamp(0.0, 1.0));
        html.raw("<span class=\"strip\" aria-hidden=\"true\"><i style=\"left:")
            .text(format_args!(
                "{:.1}%;width:{:.1}%",
                100.0 * from,
                100.0 * (to - from).max(0.0)
            ))
            .raw("\"></i></span>");
    }
}

/// Facts as a list of names and values.
pub(super) fn facts(told: &[Fact], html: &mut Html) {
    html.raw("<dl class=\"facts\">");
    for fact in told {
        html.raw("<div><dt>")
            .text(&fact.name)
            .raw("</dt><dd>")
            .text(&fact.value)
            .raw("</dd></div>");
    }
    html.raw("</dl>");
}
