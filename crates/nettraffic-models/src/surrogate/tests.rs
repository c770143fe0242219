//! What rules promise.

use ndarray::{Array2, ArrayView2, array};

use super::*;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|column| format!("c{column}")).collect()
}

/// Rows of three columns that take each value from 0 to 99 in their own order.
fn rows() -> Array2<f64> {
    Array2::from_shape_fn((2_000, 3), |(row, column)| {
        f64::from(u32::try_from(row * [1, 37, 61][column] % 100).unwrap_or_default())
    })
}

fn decisions(rows: ArrayView2<'_, f64>, alarm: impl Fn(&[f64]) -> bool) -> Vec<bool> {
    let alarm = |row: ndarray::ArrayView1<'_, f64>| alarm(&row.to_vec());
    rows.outer_iter().map(alarm).collect()
}

#[test]
fn finds_the_rules_that_decided() -> Result<(), ModelError> {
    type Alarm = fn(&[f64]) -> bool;
    let cases: [(Alarm, &[&str]); 3] = [
        (|row| row[1] > 90.0, &["c1 > 90.5"]),
        (|row| row[2] > 20.0 && row[2] <= 30.0, &["20.5 < c2 ≤ 30.5"]),
        (
            |row| row[0] > 70.0 && row[1] <= 40.0,
            // Where the first holds, the second column takes no value of 40.
            &["c0 > 70.5 and c1 ≤ 39.5", "c1 ≤ 39.5 and c0 > 70.5"],
        ),
    ];
    let rows = rows();
    for (alarm, expected) in cases {
        let alarms = decisions(rows.view(), alarm);
        let surrogate = Surrogate::fit(rows.view(), &alarms, &names(3))?;
        let rules: Vec<_> = surrogate
            .rules()
            .iter()
            .filter(|rule| rule.anomalous)
            .collect();
        assert_eq!(rules.len(), 1, "{surrogate}");
        let text = rules[0].to_string();
        assert!(
            expected.iter().any(|rule| text.ends_with(rule)),
            "{surrogate}"
        );
        assert_eq!(surrogate.fidelity().share(), Some(1.0));
        assert_eq!(surrogate.decide(rows.view())?, alarms);
    }
    Ok(())
}

#[test]
fn each_row_meets_one_rule_and_the_counts_are_those_of_the_decisions() -> Result<(), ModelError> {
    let rows = rows();
    // No rules of four questions can say this.
    let alarms = decisions(rows.view(), |row| {
        (row[0] + 2.0 * row[1] + row[2]) % 90.0 > 70.0
    });
    let surrogate = Surrogate::fit(rows.view(), &alarms, &names(3))?;
    let count = |count: fn(&Rule) -> u64| surrogate.rules().iter().map(count).sum::<u64>();
    let fidelity = surrogate.fidelity();
    assert_eq!(
        (count(|rule| rule.rows), count(|rule| rule.alarms)),
        (2_000, fidelity.alarms)
    );
    let agreed = count(|rule| {
        if rule.anomalous {
            rule.alarms
        } else {
            rule.rows - rule.alarms
        }
    });
    assert_eq!(agreed, fidelity.agreed);
    assert!(fidelity.share() < Some(1.0));
    assert!(
        surrogate
            .rules()
            .iter()
            .all(|rule| rule.conditions.len() <= MAX_DEPTH)
    );
    assert_eq!(surrogate.fidelity_on(rows.view(), &alarms)?, fidelity);
    Ok(())
}

#[test]
fn small_scales_and_missing_values_are_told_apart() -> Result<(), ModelError> {
    let mut rows = rows();
    rows.column_mut(0).mapv_inplace(|value| value * 1e-7);
    let tiny = decisions(rows.view(), |row| row[0] > 5e-6);
    let surrogate = Surrogate::fit(rows.view(), &tiny, &names(3))?;
    assert_eq!(surrogate.fidelity().share(), Some(1.0), "{surrogate}");

    rows.column_mut(2)
        .mapv_inplace(|value| if value < 10.0 { f64::NAN } else { value });
    let missing = decisions(rows.view(), |row| row[2].is_nan());
    let surrogate = Surrogate::fit(rows.view(), &missing, &names(3))?;
    assert!(
        surrogate.rules()[0].to_string().ends_with("c2 is missing"),
        "{surrogate}"
    );
    assert_eq!(surrogate.decide(rows.view())?, missing);

    let high = decisions(rows.view(), |row| row[2] > 50.0);
    let surrogate = Surrogate::fit(rows.view(), &high, &names(3))?;
    let rules: Vec<String> = surrogate.rules().iter().map(Rule::to_string).collect();
    for (rule, end) in rules.iter().zip([": c2 > 50.5", ": c2 ≤ 50.5 or missing"]) {
        assert!(rule.ends_with(end), "{surrogate}");
    }
    Ok(())
}

#[test]
fn wrong_calls_are_errors() {
    let rows = array![[0.0], [1.0]];
    let fit = |rows: &Array2<f64>, alarms: &[bool], columns| {
        Surrogate::fit(rows.view(), alarms, &names(columns)).map(|_| ())
    };
    assert_eq!(fit(&rows, &[true, false], 1), Ok(()));
    assert!(fit(&rows, &[true, false], 2).is_err());
    assert!(fit(&rows, &[true], 1).is_err());
    assert!(fit(&rows, &[true, true], 1).is_err());
    assert!(fit(&array![[0.0], [f64::INFINITY]], &[true, false], 1).is_err());
}
