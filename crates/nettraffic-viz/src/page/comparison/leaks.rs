//! Whether the figures can be trusted.

use crate::Study;
use crate::html::Html;

pub(super) fn write(study: &Study, html: &mut Html) {
    if study.leaks.is_empty() {
        html.raw(if study.leaks_checked {
            "<p class=\"sound\">Checked for leaks between training and test rows: none found.</p>"
        } else {
            ""
        });
        return;
    }
    html.raw("<div class=\"warning\" role=\"note\"><p><strong>Leaks between training and test rows. These figures are too good:</strong></p><ul>");
    for leak in &study.leaks {
        html.raw("<li><b>")
            .text(&leak.name)
            .raw("</b> ")
            .text(&leak.value)
            .raw("</li>");
    }
    html.raw("</ul></div>");
}
