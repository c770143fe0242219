//! Reasons, each with a drawing of how far it is from what is usual.

use crate::html::Html;
use crate::sentence::words;
use crate::{Reason, Unit, number};

/// Reasons as a list. The script makes the same of the data of further alerts.
pub(super) fn list(html: &mut Html, reasons: &[Reason], most: usize) {
    html.raw("<ul class=\"reasons\">");
    for reason in reasons.iter().take(most) {
        html.raw("<li>");
        drawing(html, reason);
        html.raw("<span class=\"reason\">");
        match reason.unit {
            // A yes alone says nothing.
            Unit::Flag => html
                .text(name(reason))
                .raw(": <b>")
                .text(&reason.observed)
                .raw("</b>"),
            _ => html
                .raw("<b>")
                .text(&reason.observed)
                .raw("</b> ")
                .text(name(reason)),
        };
        if !reason.expected.is_empty() {
            html.raw(" <span class=\"muted\">usual ")
                .text(&reason.expected)
                .raw("</span>");
        }
        html.raw("</span><span class=\"share\">")
            .text(number::percent(reason.share))
            .raw("</span></li>");
    }
    html.raw("</ul>");
}

/// The feature in words.
pub(crate) fn name(reason: &Reason) -> String {
    (reason.words.clone()).unwrap_or_else(|| words(&reason.feature))
}

/// The usual range as a band, the value as a dot.
fn drawing(html: &mut Html, reason: &Reason) {
    let place = (reason.value.zip(reason.usual)).and_then(|(value, usual)| place(value, usual));
    let Some([left, width, dot]) = place else {
        html.raw("<span class=\"range\"></span>");
        return;
    };
    html.raw(if reason.is_usual() {
        "<span class=\"range ruled calm\" aria-hidden=\"true\"><i style=\"left:"
    } else {
        "<span class=\"range ruled\" aria-hidden=\"true\"><i style=\"left:"
    });
    html.text(left).raw("%;width:").text(width);
    html.raw("%\"></i><b style=\"left:")
        .text(dot)
        .raw("%\"></b></span>");
}

/// Left end and width of the usual range, and the place of the value, in percent of the drawing. Its
/// scale is linear about zero and logarithmic far from it, so that a value a thousand times the usual
/// leaves the range visible. `None` for numbers that cannot be drawn.
fn place(value: f64, (low, high): (f64, f64)) -> Option<[i32; 3]> {
    let unit = [high.abs(), low.abs(), value.abs()]
        .into_iter()
        .find(|size| *size > 0.0)
        .unwrap_or(1.0)
        / 4.0;
    let at = |number: f64| (number / unit).asinh();
    let (begin, end) = (at(low.min(value).min(0.0)), at(high.max(value)));
    let percent = |number: f64| (4.0 + 92.0 * (at(number) - begin) / (end - begin)).round();
    let [left, right, dot] = [low, high, value].map(percent);
    let drawable = [left, right, dot].iter().all(|place| place.is_finite());
    // A range of one value is still to be seen.
    drawable.then(|| [left as i32, (right - left).max(3.0) as i32, dot as i32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_values_stand_apart_and_the_range_stays_visible() {
        for (value, usual, expected) in [
            (343.0, (1.0, 16.0), Some([8, 33, 96])),
            (0.0, (0.0, 0.0), None),
            (4.0, (0.0, 0.0), Some([4, 3, 96])),
            (5.0, (0.0, 10.0), Some([4, 92, 67])),
            (-5.0, (0.0, 10.0), Some([42, 54, 4])),
            (f64::NAN, (0.0, 1.0), None),
            (f64::INFINITY, (0.0, 1.0), None),
        ] {
            assert_eq!(place(value, usual), expected, "{value}");
        }
    }
}
