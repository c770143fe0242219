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

/// How tools write that they have nothing to say, in lower case.
const NOTHING: [&str; 6] = ["-", "?", "(empty)", "n/a", "nan", "null"];

/// Whether a label stands for none.
pub(super) fn says_nothing(label: &str) -> bool {
    NOTHING.iter().any(|name| label.eq_ignore_ascii_case(name))
}

/// What a tool decided; `None` for what is neither yes nor no.
pub(super) fn decision(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "t" | "yes" | "y" => Some(true),
        "0" | "0.0" | "false" | "f" | "no" | "n" => Some(false),
        _ => None,
    }
}

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
    fn decisions_are_yes_or_no() {
        for (text, expected) in [
            ("1", Some(true)),
            ("1.0", Some(true)),
            ("True", Some(true)),
            ("YES", Some(true)),
            ("0", Some(false)),
            ("false", Some(false)),
            ("n", Some(false)),
            ("2", None),
            ("0.5", None),
            ("-1", None),
            ("benign", None),
        ] {
            assert_eq!(decision(text), expected, "{text}");
        }
    }

    #[test]
    fn marks_for_nothing_are_no_classes() {
        for (label, expected) in [
            ("-", true),
            ("NaN", true),
            ("(empty)", true),
            ("-1", false),
            ("none", false),
            ("scan", false),
        ] {
            assert_eq!(says_nothing(label), expected, "{label}");
        }
    }

    #[test]
    fn a_label_has_one_number() {
        let mut labels = Labels::default();
        let numbers = ["a", "b", "a"].map(|label| labels.number(label));
        assert_eq!((numbers, labels.names().len()), ([0, 1, 0], 2));
    }
}
