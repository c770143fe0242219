//! Labels of many data sets.

use std::collections::HashMap;

use crate::Truth;

/// How data sets call what is harmless, in lower case.
const BENIGN: [&str; 13] = [
    "0",
    "0.0",
    "-1",
    "background",
    "benign",
    "clean",
    "false",
    "harmless",
    "legitimate",
    "negative",
    "no",
    "normal",
    "normal.",
];

/// Different labels, each kept once.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Labels {
    /// The number of a label.
    pub(super) fn number(&mut self, label: &str) -> usize {
        if let Some(number) = self.numbers.get(label) {
            return *number;
        }
        self.names.push(label.to_owned());
        self.numbers.insert(label.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}

/// What a label says, when only `positive` is an attack or, without, what is not known to be benign.
pub(super) fn truth<'a>(label: &'a str, positive: Option<&str>) -> Truth<'a> {
    let is = |name: &str| label.eq_ignore_ascii_case(name);
    match positive {
        Some(positive) if label == positive => Truth::Attack(label),
        _ if is("unknown") => Truth::Unknown,
        Some(_) => Truth::Benign,
        None if BENIGN.iter().any(|name| is(name)) => Truth::Benign,
        None => Truth::Attack(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_data_sets_are_understood() {
        for (label, positive, expected) in [
            ("BENIGN", None, Truth::Benign),
            ("normal.", None, Truth::Benign),
            ("0", None, Truth::Benign),
            ("1", None, Truth::Attack("1")),
            ("DoS Hulk", None, Truth::Attack("DoS Hulk")),
            ("Unknown", None, Truth::Unknown),
            ("unknown", Some("bot"), Truth::Unknown),
            ("unknown", Some("unknown"), Truth::Attack("unknown")),
            ("bot", Some("bot"), Truth::Attack("bot")),
            ("Bot", Some("bot"), Truth::Benign),
            ("0", Some("0"), Truth::Attack("0")),
        ] {
            assert_eq!(truth(label, positive), expected, "{label} {positive:?}");
        }
    }

    #[test]
    fn a_label_has_one_number() {
        let mut labels = Labels::default();
        let numbers = ["a", "b", "a"].map(|label| labels.number(label));
        assert_eq!((numbers, labels.names().len()), ([0, 1, 0], 2));
    }
}
