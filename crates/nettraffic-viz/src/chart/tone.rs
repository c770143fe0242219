//! Colours that tell several things apart.

use crate::html::Html;

/// The classes of areas, lines, bands, dots and keys in each colour. The last colour is a grey for all
/// the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tone {
    pub(crate) area: &'static str,
    pub(crate) line: &'static str,
    pub(crate) band: &'static str,
    pub(crate) dots: &'static str,
    key: &'static str,
}

macro_rules! tones {
    ($($name:literal),*) => {
        [$(Tone {
            area: concat!("area ", $name),
            line: concat!("line ", $name),
            band: concat!("band ", $name),
            dots: concat!("dots ", $name),
            key: concat!("key ", $name),
        }),*]
    };
}

const TONES: [Tone; 8] = tones![
    "tone-1", "tone-2", "tone-3", "tone-4", "tone-5", "tone-6", "tone-7", "tone-8"
];

impl Tone {
    /// Things that have colours of their own.
    pub(crate) const MOST: usize = TONES.len() - 1;

    /// The colour of the thing at a place in a list.
    pub(crate) fn of(place: usize) -> Self {
        TONES[place.min(Self::MOST)]
    }

    /// The grey of everything else.
    pub(crate) fn others() -> Self {
        TONES[Self::MOST]
    }
}

/// Names beside their colours.
pub(crate) fn legend<'a>(html: &mut Html, entries: impl IntoIterator<Item = (Tone, &'a str)>) {
    html.raw("<ul class=\"legend\">");
    for (tone, name) in entries {
        html.raw("<li><span class=\"")
            .raw(tone.key)
            .raw("\"></span>")
            .text(name)
            .raw("</li>");
    }
    html.raw("</ul>");
}
