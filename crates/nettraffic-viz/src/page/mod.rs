//! The page: head, sections in order, foot.

mod about;
mod alerts;
mod evaluation;
mod headline;
mod incidents;
mod parts;
mod services;
mod timeline;
mod volume;

use crate::Report;
use crate::html::Html;

const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");
/// SHA-256 of [`SCRIPT`] in base64: the only script that the page allows. A test holds it.
const SCRIPT_HASH: &str = "BoIzbrMDkX/Wh6SxYJ99JOK+2H2rA6xEDlyg4mQnQiY=";

/// The whole document.
pub(crate) fn document(report: &Report) -> Html {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-");
    html.raw(SCRIPT_HASH)
        .raw("'; base-uri 'none'; form-action 'none'\">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">");
    html.raw("<title>")
        .text(&report.title)
        .raw(" · nettraffic</title>");
    html.raw("<style>").raw(STYLE).raw("</style></head><body>");
    headline::write(report, &mut html);
    html.raw("<main>");
    incidents::write(report, &mut html);
    timeline::write(report, &mut html);
    alerts::write(report, &mut html);
    evaluation::write(report, &mut html);
    volume::write(report, &mut html);
    services::write(report, &mut html);
    about::write(report, &mut html);
    html.raw("</main><footer>Made by nettraffic. This file loads nothing from anywhere.</footer>");
    html.raw("<script>")
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
