//! The first line of a table: where its columns stand, and what may be meant where they do not.

use csv::ByteRecord;

use super::{ScoreColumns, ScoreError};

/// Where the columns stand, with their names.
pub(super) struct Positions {
    /// How many columns there are.
    pub(super) width: usize,
    pub(super) scores: Vec<usize>,
    pub(super) alerts: Vec<usize>,
    pub(super) label: usize,
    pub(super) group: Option<usize>,
    pub(super) time: Option<usize>,
}

impl Positions {
    pub(super) fn find(header: &ByteRecord, columns: &ScoreColumns) -> Result<Self, ScoreError> {
        refuse_other_forms(header)?;
        let text = |name: &[u8]| String::from_utf8_lossy(name).trim().to_owned();
        let mut names: Vec<String> = header.iter().map(text).collect();
        if let Some(first) = names.first_mut() {
            // The mark that some programs begin a file with.
            *first = first.trim_start_matches('\u{feff}').trim().to_owned();
        }
        if names.iter().all(String::is_empty) {
            return Err(ScoreError::NoHeader);
        }
        let find = |name: &String| {
            let mut found = (0..names.len()).filter(|place| names[*place] == name.trim());
            match (found.next(), found.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(ScoreError::TwoColumns { name: name.clone() }),
                (None, _) => Err(ScoreError::NoColumn {
                    name: name.clone(),
                    available: names.clone(),
                }),
            }
        };
        let scores: Vec<usize> = columns.scores.iter().map(find).collect::<Result<_, _>>()?;
        let alerts: Vec<usize> = columns.alerts.iter().map(find).collect::<Result<_, _>>()?;
        if (scores.is_empty() && alerts.is_empty()) || has_twice(&scores) {
            return Err(ScoreError::ScoreColumns);
        }
        let fits = alerts.is_empty() || scores.is_empty() || alerts.len() == scores.len();
        if !fits || has_twice(&alerts) {
            let (alerts, scores) = (alerts.len(), scores.len());
            return Err(ScoreError::AlertColumns { alerts, scores });
        }
        Ok(Self {
            width: names.len(),
            scores,
            alerts,
            label: find(&columns.label)?,
            group: columns.group.as_ref().map(find).transpose()?,
            time: columns.time.as_ref().map(find).transpose()?,
        })
    }
}

/// What somebody may have meant who asked for a column that is not there: what separates the columns, or the name
/// that looks most like the one asked for.
pub(super) fn hint(name: &str, available: &[String]) -> String {
    if let [only] = available
        && let Some((_, named)) = SEPARATORS.iter().find(|(letter, _)| only.contains(*letter))
    {
        return format!(", which seem to be separated by {named}: only commas are understood");
    }
    let wanted = name.trim().to_lowercase();
    // A name of gigabytes is none that somebody misspelt.
    let is_short = |name: &&String| name.len() <= LONGEST && wanted.len() <= LONGEST;
    let near = available.iter().take(MOST).filter(is_short).map(|known| {
        let distance = strsim::osa_distance(&wanted, &known.to_lowercase());
        (distance, known)
    });
    let (distance, known) = near.min_by_key(|(distance, _)| *distance).unzip();
    match (distance, known) {
        (Some(distance), Some(known)) if distance <= wanted.chars().count().div_ceil(3) => {
            format!("; did you mean {known:?}?")
        }
        _ => String::new(),
    }
}

/// What other tools separate columns by.
const SEPARATORS: [(char, &str); 3] = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
/// Names that are held against one that is not there.
const MOST: usize = 10_000;
/// Bytes of a name that may be misspelt.
const LONGEST: usize = 64;

/// How files begin that are no text, and what to do with them.
const FORMS: [(&[u8], &str, &str); 5] = [
    (
        b"\x1f\x8b",
        "compressed with gzip",
        "unpack it first, as in `zcat FILE | nettraffic-evaluate -`",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "compressed with zstd",
        "unpack it first, as in `zstdcat FILE | nettraffic-evaluate -`",
    ),
    (
        b"\xfd7zXZ\0",
        "compressed with xz",
        "unpack it first, as in `xzcat FILE | nettraffic-evaluate -`",
    ),
    (
        b"PK\x03\x04",
        "a ZIP archive or a spreadsheet",
        "unpack it, or save it as CSV",
    ),
    (b"PAR1", "Parquet", "write it as CSV"),
];

fn refuse_other_forms(header: &ByteRecord) -> Result<(), ScoreError> {
    let first = header.get(0).unwrap_or_default();
    match FORMS.iter().find(|(magic, _, _)| first.starts_with(magic)) {
        Some((_, form, advice)) => Err(ScoreError::NotText { form, advice }),
        None => Ok(()),
    }
}

fn has_twice(places: &[usize]) -> bool {
    (1..places.len()).any(|at| places[..at].contains(&places[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_column_is_guessed() {
        for (name, available, expected) in [
            (
                "scroe",
                &["label", "score"][..],
                "; did you mean \"score\"?",
            ),
            ("Score", &["label", "score"], "; did you mean \"score\"?"),
            ("lable", &["label", "score"], "; did you mean \"label\"?"),
            ("anomaly", &["label", "score"], ""),
            (
                "s",
                &["label;score"],
                ", which seem to be separated by semicolons: only commas are understood",
            ),
            (
                "s",
                &["label\tscore"],
                ", which seem to be separated by tabs: only commas are understood",
            ),
            ("s", &[], ""),
        ] {
            let available: Vec<String> = available.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(hint(name, &available), expected, "{name}");
        }
        let endless = "x".repeat(1 << 20);
        assert_eq!(hint(&endless, std::slice::from_ref(&endless)), "");
    }

    #[test]
    fn what_is_no_text_is_told_by_its_beginning() {
        for (bytes, expected) in [
            (&b"\x1f\x8b\x08\x00,x"[..], Some("compressed with gzip")),
            (b"PAR1,x", Some("Parquet")),
            (b"score,label", None),
        ] {
            let header = ByteRecord::from(bytes.split(|byte| *byte == b',').collect::<Vec<_>>());
            let refused = refuse_other_forms(&header)
                .err()
                .map(|error| error.to_string());
            let is_told = match (&refused, expected) {
                (Some(message), Some(form)) => message.contains(form),
                (None, None) => true,
                _ => false,
            };
            assert!(is_told, "{refused:?}");
        }
    }
}
