//! The document of all features, made from their table.

use super::{PacketFeature, PacketFeatures};
use crate::Missing;

const HEAD: &str = "# Packet features\n\n\
    Made from the entries that also name the columns. Each feature has a column for each decay rate λ, whose value stands after its \
    name: `source_weight_0_01`. A packet's weight halves every 1/λ seconds. Every packet gets a row once it has been counted \
    itself.\n\n\
    | feature | unit | what it is | when undefined | compare Kitsune |\n\
    |---|---|---|---|---|\n";

impl PacketFeatures {
    /// A Markdown document of every feature: a title, a table, and how they compare with Kitsune's.
    #[must_use]
    pub fn markdown() -> String {
        let rows: String = Self::features().map(row).collect();
        let kitsune = include_str!("kitsune.md").replacen("# ", "## ", 1);
        format!("{HEAD}{rows}\n{kitsune}")
    }
}

fn row(feature: PacketFeature) -> String {
    format!(
        "| `{}` | {} | {} | {} | {} |\n",
        feature.name,
        feature.unit.name(),
        feature.formula,
        missing(feature.missing),
        feature.source
    )
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
        let document = PacketFeatures::markdown();
        for feature in PacketFeatures::features() {
            let start = format!("| `{}` | ", feature.name);
            let rows = document.lines().filter(|line| line.starts_with(&start));
            assert_eq!(rows.count(), 1, "{}", feature.name);
        }
        let rows = document.lines().filter(|line| line.starts_with('|'));
        assert!(
            rows.clone().all(|row| row.matches('|').count() == 6),
            "{document}"
        );
        assert!(document.contains("| `source_size_mean` | bytes |"));
    }
}
