//! What all pages have in common: head, style, policy, script.

use crate::html::Html;
use crate::json::Json;

const STYLE: &str = concat!(
    include_str!("../assets/base.css"),
    include_str!("../assets/table.css"),
    include_str!("../assets/chart.css"),
    include_str!("../assets/narrow.css"),
    include_str!("../assets/print.css"),
);
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("../assets/tables.js"),
    include_str!("../assets/rows.js"),
    include_str!("../assets/alerts.js"),
    "})();\n"
);
/// SHA-256 of [`SCRIPT`] in base64: the only script that the page allows. A test holds it.
pub(crate) const SCRIPT_HASH: &str = "kSjBjsleASQqBQ2AS9QOEz5pzQ84+bISqyFYrPpFkXI=";

/// A whole document around a body. `data` can be read by other programs, and is what the script makes
/// further rows from.
pub(super) fn document(title: &str, body: &Html, data: &Json) -> Html {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-");
    html.raw(SCRIPT_HASH)
        .raw("'; base-uri 'none'; form-action 'none'\">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">");
    html.raw("<title>").text(title).raw(" · nettraffic</title>");
    html.raw("<style>").raw(STYLE).raw("</style></head><body>");
    html.append(body);
    html.raw("<footer>Made by nettraffic. This file loads nothing from anywhere; its figures stand in it as JSON, too, in the element <code>report-data</code>.</footer>");
    html.raw("<script type=\"application/json\" id=\"report-data\">")
        .json(data)
        .raw("</script><script>")
        .raw(SCRIPT)
        .raw("</script></body></html>\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_allows_this_script_and_no_other() {
        assert_eq!(base64(&Sha256::digest(SCRIPT)), SCRIPT_HASH);
    }

    #[test]
    fn assets_cannot_close_their_own_element() {
        for asset in [STYLE, SCRIPT] {
            assert!(!asset.contains("</") && !asset.contains("<!--") && !asset.contains("//"));
        }
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let bits = chunk
                .iter()
                .fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
            let bits = bits << (8 * (3 - chunk.len()));
            for place in 0..4 {
                let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
                text.push(if place <= chunk.len() {
                    char::from(digit)
                } else {
                    '='
                });
            }
        }
        text
    }
}
