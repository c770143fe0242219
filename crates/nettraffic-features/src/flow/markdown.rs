//! The document of all features, made from their tables.

use std::collections::HashSet;

use super::sets::{GROUPS, Group};
use crate::{Feature, FeatureSet, Missing, Value};

const HEAD: &str = "# Flow features\n\n\
    Made from the entries that also compute the values. Forward is from the initiator to the responder. Detectors use `basic`, \
    `length`, `timing` and `tcp` unless they are told otherwise.\n\n";

impl FeatureSet {
    /// A Markdown document of every feature of every set: a title, then a heading and a table per set.
    #[must_use]
    pub fn markdown() -> String {
        let mut seen = HashSet::new();
        let sections: Vec<String> = GROUPS
            .iter()
            .map(|group| section(group, &mut seen))
            .collect();
        format!("{HEAD}{}", sections.join("\n"))
    }
}

/// A feature that an earlier set has is told by its name only.
fn section(group: &Group, seen: &mut HashSet<&'static str>) -> String {
    let (new, shared): (Vec<_>, Vec<_>) = group
        .features()
        .partition(|feature| seen.insert(feature.name));
    let rows: String = new.into_iter().map(row).collect();
    format!(
        "## `{}`\n\n{}{}\n\n\
         | feature | unit | what it is | when undefined | compare |\n\
         |---|---|---|---|---|\n\
         {rows}",
        group.name,
        group.about,
        also(shared)
    )
}

fn also(mut shared: Vec<&Feature>) -> String {
    let mut told = HashSet::new();
    shared.retain(|feature| told.insert(feature.name));
    if shared.is_empty() {
        return String::new();
    }
    let names: Vec<_> = shared.iter().map(|f| format!("`{}`", f.name)).collect();
    format!(" It has these of other sets too: {}.", names.join(", "))
}

fn row(feature: &Feature) -> String {
    format!(
        "| `{}` | {} | {} | {} | {} |\n",
        feature.name,
        unit(feature),
        meaning(feature),
        missing(feature.missing),
        feature.source
    )
}

fn unit(feature: &Feature) -> &'static str {
    match feature.value {
        Value::Category(..) => "category",
        Value::Number(_) | Value::Window(_) => feature.unit.name(),
    }
}

fn meaning(feature: &Feature) -> String {
    match feature.value {
        Value::Number(_) | Value::Window(_) => feature.formula.to_owned(),
        Value::Category(names, _) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("{}: {}, or another", feature.formula, names.join(", "))
        }
    }
}

fn missing(rule: Missing) -> String {
    match rule {
        Missing::Never => "never".to_owned(),
        Missing::Zero => "0".to_owned(),
        Missing::Indicated(value) => format!("{value}, and an indicator column is 1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_row_of_its_own() {
        let document = FeatureSet::markdown();
        for feature in FeatureSet::all().features() {
            let start = format!("| `{}` | ", feature.name);
            let rows = document.lines().filter(|line| line.starts_with(&start));
            assert_eq!(rows.count(), 1, "{}", feature.name);
        }
        let rows = document.lines().filter(|line| line.starts_with('|'));
        assert!(
            rows.clone().all(|row| row.matches('|').count() == 6),
            "{document}"
        );
        assert!(document.contains(
            "| `flow_duration` | seconds | last packet − first packet | never | Zeek duration |"
        ));
    }
}
