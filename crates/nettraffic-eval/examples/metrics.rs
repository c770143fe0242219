//! Metrics of cases that another program makes, to hold them against those of other libraries
//! (`benches/peers/metrics.sh`).
//!
//! Each case is lines `name value value …`, then an empty line; the answer is one line `name value
//! value …` for each metric, `none` where it is undefined, then an empty line. Numbers are written
//! so that reading them again gives the same.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::str::FromStr;

use nettraffic_eval::{
    AreaDifference, Bins, Calibration, Confidence, ConfusionMatrix, McNemar, Ranking, wilson,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const CONFIDENCE: Confidence = Confidence::PERCENT_95;

fn main() -> Outcome<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut case = Case::default();
    for line in io::stdin().lock().lines() {
        let line = line?;
        if let Some((name, values)) = line.split_once(' ') {
            case.0.insert(name.to_owned(), values.to_owned());
        } else if line.is_empty() {
            writeln!(output, "{}", std::mem::take(&mut case).answer()?.0)?;
        }
    }
    Ok(output.flush()?)
}

#[derive(Default)]
struct Case(HashMap<String, String>);

impl Case {
    fn read<T: FromStr>(&self, name: &str) -> Outcome<Vec<T>>
    where
        T::Err: Error + 'static,
    {
        let values = self.0.get(name).map_or("", String::as_str);
        let values = values.split_whitespace().map(str::parse);
        Ok(values.collect::<Result<_, _>>()?)
    }

    fn answer(&self) -> Outcome<Answer> {
        let mut answer = Answer::default();
        let labels: Vec<bool> = self.read("labels")?;
        let (scores, rivals): (Vec<f64>, Vec<f64>) = (self.read("scores")?, self.read("rivals")?);
        let threshold = self.read("threshold")?.first().copied().unwrap_or(0.5);
        answer.curves(&Ranking::new(&scores, &labels)?);
        let alerts = |scores: &[f64]| scores.iter().map(|s| *s >= threshold).collect();
        let (first, second): (Vec<bool>, Vec<bool>) = (alerts(&scores), alerts(&rivals));
        answer.binary(&ConfusionMatrix::new(&first, &labels)?);
        answer.comparison(
            &AreaDifference::new(&scores, &rivals, &labels, CONFIDENCE)?,
            &McNemar::new(&first, &second, &labels)?,
        );
        let (predicted, actual): (Vec<u8>, Vec<u8>) =
            (self.read("predicted")?, self.read("actual")?);
        answer.classes(&ConfusionMatrix::new(&predicted, &actual)?);
        for (name, bins) in [
            ("width", Bins::OfEqualWidth(10)),
            ("rows", Bins::OfEqualRows(5)),
        ] {
            let probabilities: Vec<f64> = self.read("probabilities")?;
            answer.calibration(name, &Calibration::new(&probabilities, &labels, bins)?);
        }
        Ok(answer)
    }
}

#[derive(Default)]
struct Answer(String);

impl Answer {
    fn put(&mut self, name: &str, value: Option<f64>) {
        match value {
            Some(value) => self.list(name, [value]),
            None => self.0.push_str(&format!("{name} none\n")),
        }
    }

    fn list(&mut self, name: &str, values: impl IntoIterator<Item = f64>) {
        self.0.push_str(name);
        for value in values {
            // `{:?}` is the shortest text that reads back to the same number.
            let _ = write!(self.0, " {value:?}");
        }
        self.0.push('\n');
    }

    fn curves(&mut self, ranking: &Ranking) {
        let (roc, pr, cost) = (ranking.roc(), ranking.pr(), ranking.cost());
        self.put("roc_area", roc.area());
        let interval = roc.area_interval(CONFIDENCE);
        self.put("roc_area_low", interval.map(|interval| interval.low));
        self.put("roc_area_high", interval.map(|interval| interval.high));
        for rate in [0.01, 0.1, 0.3, 1.0] {
            self.put(&format!("partial_area_{rate}"), roc.partial_area(rate));
            self.put(&format!("raw_area_{rate}"), roc.raw_partial_area(rate));
            let recall = roc.recall_at_false_alarm_rate(rate);
            self.put(&format!("recall_at_{rate}"), recall);
        }
        let points = roc.points();
        self.list("roc_x", points.iter().map(|point| point.false_alarm_rate));
        self.list("roc_y", points.iter().map(|point| point.recall));
        self.put("average_precision", pr.average_precision());
        let points = pr.points();
        self.list("pr_x", points.iter().map(|point| point.recall));
        self.list("pr_y", points.iter().map(|point| point.precision));
        for k in [1, 5, 20] {
            self.put(&format!("precision_at_{k}"), ranking.precision_at(k));
        }
        for odds in [0.1, 0.5, 0.8] {
            self.put(&format!("cost_at_{odds}"), cost.at(odds));
        }
        self.put("cost_mean", cost.mean());
    }

    fn binary(&mut self, matrix: &ConfusionMatrix<bool>) {
        self.put("precision", matrix.precision());
        self.put("recall", matrix.recall());
        self.put("f1", matrix.f1());
        self.put("accuracy", matrix.accuracy());
        self.put("mcc", matrix.mcc());
        self.put("balanced_accuracy", matrix.balanced_accuracy());
        self.put("false_alarm_rate", matrix.false_alarm_rate());
        self.put("base_rate_precision", matrix.precision_at_base_rate(0.001));
        let attacks = matrix.actual(&true);
        let recall = wilson(matrix.true_positives(), attacks, CONFIDENCE);
        self.put("recall_low", recall.map(|interval| interval.low));
        self.put("recall_high", recall.map(|interval| interval.high));
    }

    fn classes(&mut self, matrix: &ConfusionMatrix<u8>) {
        self.put("macro_precision", matrix.macro_precision());
        self.put("macro_recall", matrix.macro_recall());
        self.put("macro_f1", matrix.macro_f1());
        self.put("weighted_precision", matrix.weighted_precision());
        self.put("weighted_recall", matrix.weighted_recall());
        self.put("weighted_f1", matrix.weighted_f1());
        self.put("classes_mcc", matrix.mcc());
        let balanced = matrix.balanced_accuracy();
        self.put("classes_balanced_accuracy", balanced);
        let classes = matrix.classes();
        let cells = classes
            .iter()
            .flat_map(|actual| classes.iter().map(move |predicted| (predicted, actual)));
        let counts = cells.map(|(predicted, actual)| matrix.count(predicted, actual) as f64);
        self.list("classes_counts", counts);
    }

    fn comparison(&mut self, areas: &AreaDifference, errors: &McNemar) {
        self.put("difference", areas.difference);
        self.put("difference_z", areas.z);
        self.put("difference_p", areas.p_value);
        let interval = areas.interval;
        self.put("difference_low", interval.map(|interval| interval.low));
        self.put("difference_high", interval.map(|interval| interval.high));
        self.put("mcnemar_exact", Some(errors.exact_p()));
        self.put("mcnemar_statistic", errors.corrected_statistic());
        self.put("mcnemar_corrected", errors.corrected_p());
    }

    fn calibration(&mut self, name: &str, calibration: &Calibration) {
        self.put("brier", calibration.brier());
        let bins = calibration.bins();
        self.list(&format!("stated_{name}"), bins.iter().map(|bin| bin.stated));
        let observed = bins.iter().map(|bin| bin.observed);
        self.list(&format!("observed_{name}"), observed);
        self.put(&format!("calibration_{name}"), calibration.expected_error());
        self.put(
            &format!("worst_calibration_{name}"),
            calibration.greatest_error(),
        );
    }
}
