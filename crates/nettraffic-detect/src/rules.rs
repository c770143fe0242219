//! What a detector decides, in rules that a person can read.

use ndarray::Array2;
use nettraffic_features::{Column, ColumnKind, Schema};
use nettraffic_models::Surrogate;

use crate::{DetectError, Detector, FlowRows};

impl Detector {
    /// A few rules that imitate which of `flows` this detector alerts on, each of at most four questions
    /// about features in their own units. They explain it as a whole, and roughly: how roughly,
    /// [`Surrogate::fidelity`] says. Traffic with alerts of the kinds that are to be understood makes the best
    /// rules.
    ///
    /// # Errors
    /// Flows of other features; flows that all alert, or none of which does.
    pub fn rules(&self, flows: &FlowRows) -> Result<Surrogate, DetectError> {
        let verdicts = self.judge(flows)?;
        let alerts: Vec<bool> = (verdicts.iter())
            .map(|verdict| verdict.alert.is_some())
            .collect();
        let raised = alerts.iter().filter(|alert| **alert).count();
        if raised == 0 || raised == alerts.len() {
            return Err(DetectError::NothingToTellApart {
                alerts: raised,
                flows: alerts.len(),
            });
        }
        let questions = Question::all(&self.features().schema());
        let rows = Array2::from_shape_fn((flows.len(), questions.len()), |(row, question)| {
            questions[question].answer(flows.row(row))
        });
        let names: Vec<String> = questions
            .into_iter()
            .map(|question| question.name)
            .collect();
        Ok(Surrogate::fit(rows.view(), &alerts, &names)?)
    }
}

/// What rules may ask of a row.
struct Question {
    name: String,
    column: usize,
    kind: Kind,
}

enum Kind {
    Value,
    /// A value that is missing where the column after it says so.
    ValueIfThere,
    Is(usize),
}

impl Question {
    /// One for each number, and one for each category.
    fn all(schema: &Schema) -> Vec<Self> {
        let columns = schema.columns();
        let questions = columns.iter().enumerate().flat_map(|(place, column)| {
            let next = columns.get(place + 1).map(|next| &next.kind);
            match &column.kind {
                ColumnKind::Indicator => Vec::new(),
                ColumnKind::Category(names) => (0..=names.len())
                    .map(|category| Self {
                        name: format!("{} is {}", column.name, category_name(column, category)),
                        column: place,
                        kind: Kind::Is(category),
                    })
                    .collect(),
                _ => vec![Self {
                    name: column.name.to_string(),
                    column: place,
                    kind: match next {
                        Some(ColumnKind::Indicator) => Kind::ValueIfThere,
                        _ => Kind::Value,
                    },
                }],
            }
        });
        questions.collect()
    }

    fn answer(&self, row: &[f64]) -> f64 {
        let value = row[self.column];
        match self.kind {
            Kind::Value => value,
            Kind::ValueIfThere if row[self.column + 1] > 0.0 => f64::NAN,
            Kind::ValueIfThere => value,
            Kind::Is(category) => f64::from(u8::from(value == category as f64)),
        }
    }
}

fn category_name(column: &Column, category: usize) -> String {
    let name = column.category_name(category as f64);
    name.unwrap_or("other").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{attacked, fusion, office, rows};

    #[test]
    fn rules_decide_nearly_as_the_detector_does() -> Result<(), DetectError> {
        let detector = fusion();
        let flows = rows(&attacked(3));
        let rules = detector.rules(&flows)?;
        let fidelity = rules.fidelity();
        assert_eq!(fidelity.rows, flows.len() as u64);
        let share = fidelity.share_of_alarms();
        assert!(share > Some(0.8), "{share:?}\n{rules}");
        // The others it does not alarm on.
        assert!(fidelity.share() > Some(0.9), "{rules}");
        Ok(())
    }

    #[test]
    fn flows_without_an_alert_make_no_rules() {
        let none = rows(&office(1)).select(&[]);
        let refused = fusion().rules(&none).map(|_| ());
        assert!(matches!(
            refused,
            Err(DetectError::NothingToTellApart {
                alerts: 0,
                flows: 0
            })
        ));
    }

    #[test]
    fn categories_and_missing_values_are_asked_for_as_such()
    -> Result<(), Box<dyn std::error::Error>> {
        let schema = Schema::new(vec![
            Column::category("service", ["dns", "ssh"]),
            Column::number("gap", nettraffic_features::Unit::Seconds)
                .with_missing(nettraffic_features::Missing::Indicated(0.0)),
            Column::number("gap", nettraffic_features::Unit::Seconds).indicator(),
        ])?;
        let questions = Question::all(&schema);
        let names: Vec<&str> = questions.iter().map(|question| &*question.name).collect();
        let asked = [
            "service is dns",
            "service is ssh",
            "service is other",
            "gap",
        ];
        assert_eq!(names, asked);
        let answers = |row: [f64; 3]| -> Vec<f64> {
            questions
                .iter()
                .map(|question| question.answer(&row))
                .collect()
        };
        assert_eq!(answers([1.0, 0.5, 0.0]), [0.0, 1.0, 0.0, 0.5]);
        assert_eq!(answers([2.0, 0.5, 0.0])[..3], [0.0, 0.0, 1.0]);
        assert!(answers([0.0, 0.0, 1.0])[3].is_nan());
        Ok(())
    }
}
