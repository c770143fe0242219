//! Models as a plan defines them.

use nettraffic_features::{HeavyTails, Preprocessor, PreprocessorParams, Scale};
use serde::Deserialize;

use super::Fit;

/// A model with its preprocessing and parameters, by a name.
///
/// ```
/// use nettraffic_experiment::tables::{Fit, TableModel};
///
/// let model: TableModel = toml::from_str(r#"
///     name = "k-means on quantiles"
///     scale = "quantile"
///     fit.kmeans = { clusters = 64, metric = "euclidean" }
/// "#)?;
/// assert!(matches!(model.fit, Fit::KMeans(_)));
///
/// let error = toml::from_str::<TableModel>("name = 'k'\nfit.kmeans = { cluster = 64 }");
/// assert!(error.unwrap_err().to_string().contains("line 2"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TableModel {
    /// Name in tables.
    pub name: String,
    /// How numbers are scaled: `min-max`, `standard`, `robust`, `quantile` or `none`.
    #[serde(default, with = "ScaleName")]
    pub scale: Scale,
    /// Whether heavy-tailed columns are taken as logarithms first: `log` or `keep`.
    #[serde(default, with = "HeavyTailsName")]
    pub heavy_tails: HeavyTails,
    /// What is fitted.
    pub fit: Fit,
}

impl TableModel {
    /// A model with the usual preprocessing.
    #[must_use]
    pub fn new(name: impl Into<String>, fit: Fit) -> Self {
        Self {
            name: name.into(),
            scale: Scale::default(),
            heavy_tails: HeavyTails::default(),
            fit,
        }
    }

    /// The preprocessing.
    pub(crate) fn preprocessor(&self) -> PreprocessorParams {
        Preprocessor::params()
            .scale(self.scale)
            .heavy_tails(self.heavy_tails)
    }
}

/// The scales as plans name them.
#[derive(Deserialize)]
#[serde(remote = "Scale", rename_all = "kebab-case")]
enum ScaleName {
    MinMax,
    Standard,
    Robust,
    Quantile,
    None,
}

/// The treatments of heavy tails as plans name them.
#[derive(Deserialize)]
#[serde(remote = "HeavyTails", rename_all = "kebab-case")]
enum HeavyTailsName {
    Log,
    Keep,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_model_is_refused_with_its_line() {
        for (text, expected) in [
            (
                "fit.kmeans = { clusters = 2, colour = 1 }",
                "unknown field `colour`",
            ),
            ("fit.kmean = {}", "unknown variant `kmean`"),
            (
                "fit.kmeans = { metric = 'Euclidean' }",
                "unknown variant `Euclidean`",
            ),
            ("fit = { kmeans = {}, forest = {} }", ""),
            ("fit.forest = { trees = -1 }", "invalid value"),
            ("scale = 'log'\nfit.kmeans = {}", "unknown variant `log`"),
            ("clusters = 4\nfit.kmeans = {}", "unknown field `clusters`"),
        ] {
            let error = toml::from_str::<TableModel>(&format!("name = 'm'\n{text}\n"));
            let error = error.map(|model| model.name).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.contains("line 2"), "{text}: {error}");
        }
    }
}
