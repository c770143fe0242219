//! Colours that tell several things apart.

use crate::html::Html;

/// The classes of areas, lines, bands and dots in each colour. The last colour is a grey for all the
/// others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tone {
    pub(crate) area: &'static str,
    pub(crate) line: &'static str,
    pub(crate) band: &'static str,
    pub(crate) dots: &'static str,
    pub(crate) key: Key,
}

/// How a thing is marked beside its name in a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Key(pub(super) &'static str);

impl Key {
    pub(crate) const ALERT: Self = Self("key loud");
    pub(crate) const FLOW: Self = Self("key quiet");
    pub(crate) const ALERTS: Self = Self("key loud square");
    pub(crate) const FLOWS: Self = Self("key quiet square");
    /// A dashed line.
    pub(crate) const RULE: Self = Self("key rule");
}

macro_rules! tones {
    ($($name:literal),*) => {
        [$(Tone {
            area: concat!("area ", $name),
            line: concat!("line ", $name),
            band: concat!("band ", $name),
            dots: concat!("dots ", $name),
            key: Key(concat!("key ", $name)),
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

/// Names beside their marks.
pub(crate) fn legend<'a>(html: &mut Html, keys: impl IntoIterator<Item = &'a (Key, String)>) {
    html.raw("<ul class=\"legend\">");
    for (key, name) in keys {
        html.raw("<li><span class=\"")
            .raw(key.0)
            .raw("\"></span>")
            .text(name)
            .raw("</li>");
    }
    html.raw("</ul>");
}
