//! Tables of scores, as other tools write them, from text to report.

use std::error::Error;
use std::fmt::Write as _;

use nettraffic_eval::{
    Confidence, EvalError, Judge, RocCurve, ScoreColumns, ScoreError, ScoreTable,
};
use serde_json::Value;

type Outcome = Result<(), Box<dyn Error>>;

/// 200 rows of ten hosts: every fifth a scan, every 20th a flood.
fn csv() -> String {
    let mut text = "time,host,label,good,bad\n".to_owned();
    for row in 0..200_u32 {
        let label = match row {
            _ if row % 20 == 0 => "flood",
            _ if row % 5 == 0 => "scan",
            _ => "benign",
        };
        let noise = f64::from(row * 7919 % 101) / 101.0;
        let good = noise + if label == "benign" { 0.0 } else { 0.6 };
        let _ = writeln!(text, "{},h{},{label},{good},{noise}", row * 30, row % 10);
    }
    text
}

fn table(change: impl Fn(&mut ScoreColumns)) -> Result<ScoreTable, ScoreError> {
    let mut columns = ScoreColumns::new("good", "label");
    columns.scores.push("bad".into());
    change(&mut columns);
    ScoreTable::read(csv().as_bytes(), &columns)
}

#[test]
fn figures_are_those_of_the_curves() -> Outcome {
    let table = table(|columns| columns.time = Some("time".into()))?;
    let report = table.judge(&Judge::at_false_alarm_rate(0.05).replicates(200))?;
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for line in csv().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        scores.push(fields.get(3).ok_or("short")?.parse::<f64>()?);
        labels.push(fields.get(2) != Some(&"benign"));
    }
    let roc = RocCurve::new(&scores, &labels)?;
    let model = report.models.first().ok_or("a model")?;
    assert_eq!(model.area.value, roc.area());
    assert_eq!(
        model.area.interval,
        roc.area_interval(Confidence::PERCENT_95)
    );
    let point = roc.operating_point(0.05).ok_or("a point")?;
    assert_eq!(model.threshold, Some(point.threshold));
    assert_eq!(model.recall.value, Some(point.recall));
    assert_eq!(model.false_alarm_rate.value, Some(point.false_alarm_rate));
    assert!(model.false_positives > 0 && model.true_positives + model.false_negatives == 40);
    let classes: Vec<_> = model
        .classes
        .iter()
        .map(|class| (class.class.as_str(), class.rows))
        .collect();
    assert_eq!(classes, [("flood", 10), ("scan", 30)]);
    // 199 steps of 30 s.
    let pace = model.false_alarms.ok_or("times")?;
    assert_eq!(
        pace.per_hour.value,
        Some(model.false_positives as f64 * 3600.0 / 5970.0)
    );
    let noticed = model
        .classes
        .iter()
        .filter_map(|class| class.seconds_to_alert);
    assert!(noticed.count() == 2);
    let comparison = report.comparisons.first().ok_or("a comparison")?;
    assert!(
        comparison.areas.p_value < Some(1e-6)
            && comparison.only_first_right > comparison.only_second_right
    );
    Ok(())
}

#[test]
fn groups_widen_or_narrow_intervals_and_are_told() -> Outcome {
    let judge = Judge::at_threshold(0.8).replicates(200);
    let grouped = table(|columns| columns.group = Some("host".into()))?.judge(&judge)?;
    let plain = table(|_| {})?.judge(&judge)?;
    let (grouped, plain) = (
        grouped.models.first().ok_or("a model")?,
        plain.models.first().ok_or("a model")?,
    );
    assert_eq!(grouped.area.value, plain.area.value);
    assert_ne!(grouped.area.interval, plain.area.interval);
    assert_ne!(grouped.recall.interval, plain.recall.interval);
    let groups = grouped.groups.as_ref().ok_or("groups")?;
    assert_eq!(
        groups
            .iter()
            .map(|group| group.attacks + group.benign)
            .collect::<Vec<_>>(),
        [20; 10]
    );
    assert_eq!(groups.iter().map(|group| group.attacks).sum::<u64>(), 40);
    assert_eq!(plain.groups, None);
    Ok(())
}

#[test]
fn lower_scores_may_be_the_stranger() -> Outcome {
    let turned = csv().replace(",label,good,bad", ",label,raw,rest");
    let mut columns = ScoreColumns::new("raw", "label");
    let up = ScoreTable::read(turned.as_bytes(), &columns)?.judge(&Judge::at_threshold(0.8))?;
    columns.lower_is_stranger = true;
    let down = ScoreTable::read(turned.as_bytes(), &columns)?.judge(&Judge::at_threshold(0.8))?;
    let (up, down) = (
        up.models.first().ok_or("a model")?,
        down.models.first().ok_or("a model")?,
    );
    let areas = up.area.value.zip(down.area.value).ok_or("areas")?;
    assert!((areas.0 + areas.1 - 1.0).abs() < 1e-12);
    // At most the threshold now instead of at least; no score is 0.8 itself.
    assert_eq!(down.true_positives, up.false_negatives);
    assert_eq!((up.threshold, down.threshold), (Some(0.8), Some(0.8)));
    Ok(())
}

#[test]
fn the_same_table_gives_the_same_bytes() -> Outcome {
    let json = |seed| -> Result<String, Box<dyn Error>> {
        let table = table(|columns| columns.group = Some("host".into()))?;
        Ok(serde_json::to_string(&table.judge(
            &Judge::at_threshold(0.5).seed(seed).replicates(50),
        )?)?)
    };
    assert_eq!(json(1)?, json(1)?);
    assert_ne!(json(1)?, json(2)?);
    let value: Value = serde_json::from_str(&json(1)?)?;
    let keys: Vec<&str> = value
        .as_object()
        .ok_or("an object")?
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "comparisons",
            "confidence",
            "models",
            "replicates",
            "rows",
            "seed"
        ]
    );
    Ok(())
}

#[test]
fn hostile_names_are_shown_as_text() -> Outcome {
    let csv = "s,label\n1,benign\n2,\"\u{1b}[31mred\"\n3,\"a very long name of an attack that nobody wants to read to its end\"\n";
    let table = ScoreTable::read(csv.as_bytes(), &ScoreColumns::new("s", "label"))?;
    let text = table.judge(&Judge::at_threshold(2.0))?.to_string();
    assert!(
        !text.contains('\u{1b}') && text.contains("\u{fffd}[31mred"),
        "{text}"
    );
    assert!(text.contains("a very long name of an attack t…"), "{text}");
    Ok(())
}

#[test]
fn a_report_is_a_table_for_people() -> Outcome {
    let csv = "score,label\n0.1,benign\n0.3,benign\n0.2,scan\n0.9,scan\n0.8,flood\nx,scan\n";
    let table = ScoreTable::read(csv.as_bytes(), &ScoreColumns::new("score", "label"))?;
    let text = table
        .judge(&Judge::at_false_alarm_rate(0.0).replicates(0))?
        .to_string();
    for line in [
        "5 rows judged: 3 attacks, 2 benign; left out: 0 unknown, 1 refused",
        "  line 7: score is \"x\", not a number",
        "area under ROC                   0.8333 [0.3714, 1.0000]",
        "threshold                                            0.8",
        "class  rows  alerts                   recall    area  average precision",
        "flood     1       1  1.0000 [0.2065, 1.0000]  1.0000             1.0000",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    Ok(())
}

#[test]
fn rates_and_thresholds_are_checked() -> Outcome {
    let table = table(|_| {})?;
    let refused = |judge: Judge| matches!(table.judge(&judge), Err(ScoreError::Eval(_)));
    assert!(
        refused(Judge::at_false_alarm_rate(1.5)) && refused(Judge::at_false_alarm_rate(f64::NAN))
    );
    assert!(refused(Judge::at_threshold(f64::NAN)));
    let error = table
        .judge(&Judge::at_threshold(f64::NAN))
        .map(|_| ())
        .map_err(|error| error.to_string());
    assert_eq!(error, Err(EvalError::Threshold.to_string()));
    // Nobody alerts: the best benign row ties with the best attack.
    let csv = "s,label\n1,benign\n1,scan\n";
    let report = ScoreTable::read(csv.as_bytes(), &ScoreColumns::new("s", "label"))?
        .judge(&Judge::at_false_alarm_rate(0.0))?;
    let model = report.models.first().ok_or("a model")?;
    assert_eq!(
        (model.threshold, model.true_positives, model.precision.value),
        (None, 0, None)
    );
    Ok(())
}

#[test]
fn decisions_of_tools_are_judged_as_they_are() -> Outcome {
    // Two tools on the same rows, of which the second decides other than its scores say.
    let csv = "a,b,a_says,b_says,label\n.9,.1,yes,1,scan\n.8,.9,yes,0,scan\n.7,.8,no,1,scan\n.2,.7,yes,0,benign\n.1,.2,no,0,benign\n";
    let mut columns = ScoreColumns::new("a", "label");
    columns.scores.push("b".into());
    columns.alerts = vec!["a_says".into(), "b_says".into()];
    let judged = |columns: &ScoreColumns| {
        ScoreTable::read(csv.as_bytes(), columns)?.judge(&Judge::by_decisions().replicates(0))
    };
    let report = judged(&columns)?;
    let found: Vec<_> = (report.models.iter())
        .map(|m| {
            (
                m.true_positives,
                m.false_positives,
                m.false_negatives,
                m.threshold,
                m.is_decided,
            )
        })
        .collect();
    assert_eq!(found, [(2, 1, 1, None, true), (2, 0, 1, None, true)]);
    let areas: Vec<_> = report.models.iter().map(|m| m.area.value).collect();
    assert_eq!(areas, [Some(1.0), Some(4.0 / 6.0)]);
    let pair = report.comparisons.first().ok_or("a pair")?;
    assert_eq!((pair.only_first_right, pair.only_second_right), (1, 2));
    assert!(report.to_string().contains("the tool's own decisions"));

    // Tools that give no scores are named by their decisions.
    columns.scores.clear();
    let alone = judged(&columns)?;
    let names: Vec<_> = alone.models.iter().map(|m| &*m.score).collect();
    assert_eq!(names, ["a_says", "b_says"]);
    let counts: Vec<_> = (alone.models.iter())
        .map(|m| {
            (
                m.true_positives,
                m.false_positives,
                m.false_negatives,
                m.brier,
            )
        })
        .collect();
    assert_eq!(counts, [(2, 1, 1, None), (2, 0, 1, None)]);
    // Recall 2/3 and half of the benign rows spared: the area of one point is their mean.
    let area = alone.models[0].area.value.ok_or("an area")?;
    assert!((area - (2.0 / 3.0 + 0.5) / 2.0).abs() < 1e-12);

    let without = ScoreTable::read(csv.as_bytes(), &ScoreColumns::new("a", "label"))?;
    let refused = without.judge(&Judge::by_decisions());
    assert!(matches!(refused, Err(ScoreError::NoDecisions)));
    Ok(())
}

#[test]
fn many_comparisons_are_corrected_for_their_number() -> Outcome {
    let three = table(|columns| columns.scores.push("time".into()))?;
    let report = three.judge(&Judge::at_false_alarm_rate(0.05).replicates(0))?;
    assert_eq!(report.comparisons.len(), 3);
    let p: Vec<_> = report.comparisons.iter().map(|c| c.areas.p_value).collect();
    let corrected: Vec<_> = report.comparisons.iter().map(|c| c.areas_holm_p).collect();
    assert_eq!(corrected, nettraffic_eval::holm(&p));
    assert!(
        report
            .comparisons
            .iter()
            .all(|c| c.mcnemar_holm_p >= Some(c.mcnemar_exact_p))
    );
    assert!(report.to_string().contains("after Holm for 3 comparisons"));
    Ok(())
}
