//! One model's scores, judged.

use std::time::Duration;

use super::judge::{Judge, Threshold};
use super::{
    AlarmPace, ClassReport, Estimate, GroupReport, ModelReport, PrecisionAt, RecallAt, ScoreTable,
};
use crate::error::ratio;
use crate::{
    AlarmLoad, Bins, Calibration, ConfusionMatrix, EvalError, Interval, Judged, RankedRows,
    Ranking, RocCurve, Truth, active_time, detections, per_class, precision_at_base_rate, wilson,
};

/// False-alarm rates that people ask about.
const RATES: [f64; 3] = [0.001, 0.01, 0.05];
/// Rows that somebody may look at.
const LOOKED_AT: [u64; 3] = [10, 100, 1000];
/// Attacks among all rows on networks.
const BASE_RATES: [f64; 3] = [0.01, 0.001, 0.0001];
/// A pause in traffic that is longer is no traffic.
const LONGEST_GAP: Duration = Duration::from_secs(120);
const PARTIAL: f64 = 0.01;

pub(super) struct ModelRows<'a> {
    pub(super) name: &'a str,
    pub(super) scores: &'a [f64],
    /// What the model decided itself, where that is to be judged.
    pub(super) decisions: Option<&'a [bool]>,
    pub(super) labels: &'a [bool],
    pub(super) truths: &'a [Truth<'a>],
    pub(super) table: &'a ScoreTable,
}

/// Which rows raise an alert: those that were decided on, or those beyond the threshold; none without either.
pub(super) fn alerts(
    scores: &[f64],
    threshold: Option<f64>,
    decisions: Option<&[bool]>,
) -> Vec<bool> {
    if let Some(decisions) = decisions {
        return decisions.to_vec();
    }
    let alert = |score: &f64| threshold.is_some_and(|threshold| *score >= threshold);
    scores.iter().map(alert).collect()
}

impl ModelRows<'_> {
    pub(super) fn report(&self, judge: &Judge) -> Result<ModelReport, EvalError> {
        let rows = RankedRows::new(self.scores, self.labels)?;
        let ranking = rows.ranking();
        let (roc, pr) = (ranking.roc(), ranking.pr());
        let (threshold, chosen_for_rate) = match judge.threshold {
            Threshold::At(threshold) => {
                // As infinite scores are read.
                let threshold = threshold.clamp(f64::MIN, f64::MAX);
                (Some(self.table.sign * threshold), None)
            }
            Threshold::ForRate(rate) => (reached(&roc, rate), Some(rate)),
            Threshold::Decided => (None, None),
        };
        let alerts = alerts(self.scores, threshold, self.decisions);
        let confusion = ConfusionMatrix::new(&alerts, self.labels)?;
        let calibration = self.calibration()?;
        let interval = |statistic: &dyn Fn(&Ranking) -> Option<f64>| {
            self.draw(judge, |drawn| statistic(&rows.draw(drawn)))
        };
        let area_interval = match &self.table.groups {
            Some(_) => interval(&|drawn| drawn.roc().area()),
            None => roc.area_interval(judge.confidence),
        };
        let shares = Shares {
            rows: self,
            judge,
            alerts: &alerts,
        };
        let (recall, false_alarm_rate) = (confusion.recall(), confusion.false_alarm_rate());
        // No false alarm among a few benign rows does not mean that there will be none among millions.
        let is_seen = confusion.false_positives() > 0;
        let at_base_rate = |base: f64| {
            let rate = false_alarm_rate.filter(|_| is_seen)?;
            precision_at_base_rate(recall?, rate, base)
        };
        Ok(ModelReport {
            score: self.name.to_owned(),
            area: Estimate::new(roc.area(), area_interval),
            partial_area: roc.partial_area(PARTIAL),
            average_precision: Estimate::new(
                pr.average_precision(),
                interval(&|drawn| drawn.pr().average_precision()),
            ),
            recall_at: RATES
                .map(|false_alarm_rate| RecallAt {
                    false_alarm_rate,
                    recall: roc.recall_at_false_alarm_rate(false_alarm_rate),
                })
                .into(),
            precision_at: LOOKED_AT
                .map(|rows| PrecisionAt {
                    rows,
                    precision: ranking.precision_at(rows),
                })
                .into(),
            mean_cost: ranking.cost().mean(),
            brier: calibration.as_ref().and_then(Calibration::brier),
            calibration_error: calibration.as_ref().and_then(Calibration::expected_error),
            threshold,
            chosen_for_rate,
            is_decided: self.decisions.is_some(),
            true_positives: confusion.true_positives(),
            false_positives: confusion.false_positives(),
            false_negatives: confusion.false_negatives(),
            true_negatives: confusion.true_negatives(),
            precision: shares.estimate(|row| alerts[row], |row| self.labels[row]),
            recall: shares.estimate(|row| self.labels[row], |row| alerts[row]),
            false_alarm_rate: shares.estimate(|row| !self.labels[row], |row| alerts[row]),
            f1: confusion.f1(),
            balanced_accuracy: confusion.balanced_accuracy(),
            mcc: confusion.mcc(),
            precision_at_base_rate: BASE_RATES.map(|base| (base, at_base_rate(base))).into(),
            false_alarms: self.false_alarms(judge, confusion.false_positives()),
            classes: self.classes(&shares)?,
            groups: self.groups(&alerts)?,
        })
    }

    /// `None` where a score is no probability; a decision is none.
    fn calibration(&self) -> Result<Option<Calibration>, EvalError> {
        if self.table.has_decisions_alone
            || !self.scores.iter().all(|score| (0.0..=1.0).contains(score))
        {
            return Ok(None);
        }
        Calibration::new(self.scores, self.labels, Bins::OfEqualWidth(10)).map(Some)
    }

    /// Draws groups where there are any, otherwise rows within attacks and within benign ones.
    fn draw(
        &self,
        judge: &Judge,
        statistic: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Interval> {
        let bootstrap = judge.bootstrap()?;
        let found = match &self.table.groups {
            Some((groups, _)) => bootstrap.grouped(groups, statistic),
            None => bootstrap.stratified(self.labels, statistic),
        };
        Some(found?.interval)
    }

    fn false_alarms(&self, judge: &Judge, alarms: u64) -> Option<AlarmPace> {
        let observed = active_time(self.table.times_ns.as_deref()?, LONGEST_GAP);
        let load = AlarmLoad::new(alarms, observed);
        let confidence = judge.confidence;
        Some(AlarmPace {
            seconds: observed.as_secs_f64(),
            per_hour: Estimate::new(load.per_hour(), load.per_hour_interval(confidence)),
            per_day: Estimate::new(load.per_day(), load.per_day_interval(confidence)),
        })
    }

    fn classes(&self, shares: &Shares<'_>) -> Result<Vec<ClassReport>, EvalError> {
        let alerts = shares.alerts;
        let times = self.table.times_ns.as_deref().unwrap_or_default();
        let timed =
            times
                .iter()
                .enumerate()
                .filter_map(|(row, time)| match self.truths.get(row)? {
                    Truth::Attack(class) => Some(Judged {
                        attack: *class,
                        began_ns: *time,
                        judged_ns: *time,
                        alert: alerts[row],
                    }),
                    _ => None,
                });
        // Ascending by class, as the results below.
        let noticed = detections(timed);
        let seconds = |class: &str| {
            let found = noticed
                .binary_search_by(|found| found.attack.cmp(class))
                .ok()?;
            Some(noticed.get(found)?.delay_ns()? as f64 / 1e9)
        };
        let found = per_class(self.scores, alerts, self.truths)?;
        let report = |class: crate::ClassResult| ClassReport {
            recall: Estimate::new(
                class.recall(),
                class.recall_interval(shares.judge.confidence),
            ),
            seconds_to_alert: seconds(&class.class),
            rows: class.rows,
            alerts: class.alerts,
            area: class.area,
            average_precision: class.average_precision,
            class: class.class,
        };
        Ok(found.into_iter().map(report).collect())
    }

    fn groups(&self, alerts: &[bool]) -> Result<Option<Vec<GroupReport>>, EvalError> {
        let Some((groups, names)) = &self.table.groups else {
            return Ok(None);
        };
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); names.names().len()];
        for (row, group) in groups.iter().enumerate() {
            rows[*group].push(row);
        }
        let report = |(group, rows): (&String, Vec<usize>)| {
            let of =
                |values: &[bool]| -> Vec<bool> { rows.iter().map(|row| values[*row]).collect() };
            let scores: Vec<f64> = rows.iter().map(|row| self.scores[*row]).collect();
            let labels = of(self.labels);
            let confusion = ConfusionMatrix::new(&of(alerts), &labels)?;
            Ok(GroupReport {
                group: group.clone(),
                attacks: confusion.actual(&true),
                benign: confusion.actual(&false),
                area: RocCurve::new(&scores, &labels)?.area(),
                recall: confusion.recall(),
                false_alarm_rate: confusion.false_alarm_rate(),
            })
        };
        let reports = names.names().iter().zip(rows).map(report);
        reports.collect::<Result<_, _>>().map(Some)
    }
}

/// Shares of rows, with intervals that know of groups.
struct Shares<'a> {
    rows: &'a ModelRows<'a>,
    judge: &'a Judge,
    alerts: &'a [bool],
}

impl Shares<'_> {
    /// Share of the rows that are `counted` which are `met`.
    fn estimate(&self, counted: impl Fn(usize) -> bool, met: impl Fn(usize) -> bool) -> Estimate {
        let count = |rows: &mut dyn Iterator<Item = usize>| {
            rows.filter(|row| counted(*row))
                .fold((0, 0), |(some, all), row| {
                    (some + u64::from(met(row)), all + 1)
                })
        };
        let (some, all) = count(&mut (0..self.alerts.len()));
        let by_rows = || wilson(some, all, self.judge.confidence);
        let interval = match &self.rows.table.groups {
            None => by_rows(),
            Some(_) => {
                let drawn = self.rows.draw(self.judge, |drawn| {
                    let (some, all) = count(&mut drawn.iter().copied());
                    ratio(some, all)
                });
                // None or all of the rows: draws of them tell nothing of how sure that is.
                drawn.and_then(|drawn| match drawn.low < drawn.high {
                    true => Some(drawn),
                    false => by_rows(),
                })
            }
        };
        Estimate::new(ratio(some, all), interval)
    }
}

/// The threshold of the most alerts that keep to the rate; `None` when there are none.
fn reached(roc: &RocCurve, rate: f64) -> Option<f64> {
    let point = roc.operating_point(rate)?;
    (point.recall > 0.0 || point.false_alarm_rate > 0.0).then_some(point.threshold)
}
