//! How far the figures of a test may be off by chance.

use nettraffic_eval::{Bootstrap, Confidence, Interval, RankedRows, wilson};

/// Draws of a bootstrap.
const DRAWS: u32 = 200;

/// The rows of a test, as one model judged them.
pub(crate) struct Tested<'a> {
    pub(crate) rows: &'a RankedRows,
    pub(crate) attacks: &'a [bool],
    /// The host that began each row, where rows tell.
    pub(crate) hosts: Option<&'a [u64]>,
    /// Whether each raises an alert, for each rate.
    pub(crate) alerts: &'a [Vec<bool>],
}

/// 95 % intervals of the figures of a test; none where they cannot be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Intervals {
    pub(crate) roc_auc: Option<Interval>,
    pub(crate) pr_auc: Option<Interval>,
    /// For each rate.
    pub(crate) at: Vec<IntervalsAt>,
}

/// The intervals of a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct IntervalsAt {
    pub(crate) false_alarm_rate: Option<Interval>,
    pub(crate) recall: Option<Interval>,
}

impl Tested<'_> {
    /// From the hosts where they are known: the flows of one scan are no independent rows.
    pub(crate) fn intervals(&self, seed: u64) -> Intervals {
        let bootstrap = Bootstrap::new(seed).replicates(DRAWS);
        match self.hosts {
            Some(hosts) => self.of_hosts(hosts, bootstrap),
            None => self.of_rows(bootstrap),
        }
    }

    /// As if rows were independent: DeLong, a stratified bootstrap, and Wilson.
    fn of_rows(&self, bootstrap: Bootstrap) -> Intervals {
        let average_precision = |drawn: &[usize]| self.rows.draw(drawn).pr().average_precision();
        let share = |alerts: &Vec<bool>, of: bool| {
            let (part, all) = self.alarms(alerts, 0..self.attacks.len(), of);
            wilson(part, all, Confidence::PERCENT_95)
        };
        let at = |alerts: &Vec<bool>| IntervalsAt {
            false_alarm_rate: share(alerts, false),
            recall: share(alerts, true),
        };
        let precision = bootstrap.stratified(self.attacks, average_precision);
        Intervals {
            roc_auc: self
                .rows
                .ranking()
                .roc()
                .area_interval(Confidence::PERCENT_95),
            pr_auc: precision.map(|found| found.interval),
            at: self.alerts.iter().map(at).collect(),
        }
    }

    /// A bootstrap of whole hosts, those that attack and the others each among themselves.
    fn of_hosts(&self, hosts: &[u64], bootstrap: Bootstrap) -> Intervals {
        let statistics = |drawn: &[usize]| {
            let ranking = self.rows.draw(drawn);
            let share = |alerts: &Vec<bool>, of: bool| {
                let (part, all) = self.alarms(alerts, drawn.iter().copied(), of);
                (all > 0).then(|| part as f64 / all as f64)
            };
            let areas = [ranking.roc().area(), ranking.pr().average_precision()];
            let shares =
                (self.alerts.iter()).flat_map(|alerts| [share(alerts, false), share(alerts, true)]);
            areas.into_iter().chain(shares).collect()
        };
        let found = bootstrap.stratified_groups(self.attacks, hosts, statistics);
        let interval = |place: usize| Some((*found.get(place)?)?.interval);
        let at = |rate: usize| IntervalsAt {
            false_alarm_rate: interval(2 + 2 * rate),
            recall: interval(3 + 2 * rate),
        };
        Intervals {
            roc_auc: interval(0),
            pr_auc: interval(1),
            at: (0..self.alerts.len()).map(at).collect(),
        }
    }

    /// Alerts among the attacks, or among the benign ones, of some rows; and how many these are.
    fn alarms(
        &self,
        alerts: &[bool],
        rows: impl Iterator<Item = usize>,
        of_attacks: bool,
    ) -> (u64, u64) {
        rows.filter(|row| self.attacks[*row] == of_attacks)
            .fold((0, 0), |(part, all), row| {
                (part + u64::from(alerts[row]), all + 1)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_eval::EvalError;

    /// Twenty attackers and twenty others with ten flows each; every second host is told by its scores.
    fn found(has_hosts: bool, attackers: u64) -> Result<Intervals, EvalError> {
        let attacks: Vec<bool> = (0..400).map(|row| row < 200).collect();
        let host = |row: u64| row / 10;
        let hosts: Vec<u64> = (0..400)
            .map(|row| match row < 200 {
                true => host(row) % attackers,
                false => 1_000 + host(row),
            })
            .collect();
        let scores: Vec<f64> = (0..400_u64)
            .map(|row| {
                if host(row).is_multiple_of(2) && row < 200 {
                    1.0
                } else {
                    0.0
                }
            })
            .collect();
        let alerts = [scores.iter().map(|score| *score > 0.5).collect()];
        let tested = Tested {
            rows: &RankedRows::new(&scores, &attacks)?,
            attacks: &attacks,
            hosts: has_hosts.then_some(&hosts),
            alerts: &alerts,
        };
        Ok(tested.intervals(1))
    }

    #[test]
    fn flows_of_one_host_make_intervals_wide() -> Result<(), EvalError> {
        let (rows, hosts) = (found(false, 20)?, found(true, 20)?);
        let width = |interval: Option<Interval>| interval.map(|ends| ends.high - ends.low);
        for (narrow, wide) in [
            (rows.roc_auc, hosts.roc_auc),
            (rows.at[0].recall, hosts.at[0].recall),
        ] {
            // Ten flows say as much as one: the square root of ten.
            let times = width(wide)
                .zip(width(narrow))
                .map(|(wide, narrow)| wide / narrow);
            assert!(
                times.is_some_and(|times| (2.5..4.0).contains(&times)),
                "{times:?}"
            );
        }
        assert!(width(hosts.pr_auc) > width(rows.pr_auc));
        assert_eq!(width(hosts.at[0].false_alarm_rate), Some(0.0));
        assert!(
            hosts.at[0]
                .recall
                .is_some_and(|recall| recall.contains(0.5))
        );
        Ok(())
    }

    #[test]
    fn one_attacker_says_nothing_of_others() -> Result<(), EvalError> {
        let found = found(true, 1)?;
        assert_eq!((found.roc_auc, found.pr_auc), (None, None));
        assert_eq!(found.at, [IntervalsAt::default()]);
        Ok(())
    }
}
