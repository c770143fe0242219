//! Reports in which every text is an attack on them.

use nettraffic_eval::{Evaluation, Truth};
use nettraffic_viz::{
    Alert, Beside, Card, CardFeature, ClassRecall, Comparison, Confusion, Curve, Drift,
    DriftedFeature, Fact, FlowMap, Importance, Incident, MapPoint, Measure, Measured, ModelOutcome,
    Reason, Report, ScorePoint, Share, Study, Talker, Threshold,
};

pub(crate) const POISON: &str =
    "\"'><script>alert(1)</script><!--\u{2028}\u{202e}</style>{{x}}&amp;\0";

/// A detection.
pub(crate) fn report() -> Report {
    let text = || POISON.to_owned();
    let texts = || vec![text(); 5];
    let mut report = Report::new(POISON);
    report.facts = vec![Fact::new(POISON, POISON)];
    report.account = report.facts.clone();
    report.warnings = texts();
    report.threshold = Some(Threshold::new(0.5, POISON));
    report.scores = vec![ScorePoint::new(5, 1.0).alert()];
    report.alerts = vec![Alert {
        id: text(),
        class: Some(text()),
        first_ns: 5,
        last_ns: 5,
        source: text(),
        target: text(),
        service: text(),
        score: 1.0,
        exchange: None,
        reasons: vec![Reason::new(POISON, POISON, POISON, 0.5).with_words(POISON)],
        label: Some(text()),
    }];
    report.incidents = vec![Incident {
        class: Some(text()),
        sources: texts(),
        targets: texts(),
        reasons: vec![Reason::new(POISON, POISON, POISON, 0.5)],
        ..Incident::default()
    }];
    report.services = vec![Share {
        name: text(),
        ..Share::default()
    }];
    report.talkers = vec![Talker {
        address: text(),
        ..Talker::default()
    }];
    report.not_looked_at = report.facts.clone();
    report.traffic.add_kind(0, POISON, 1, 1);
    report.map = Some(FlowMap {
        meaning: text(),
        x_title: text(),
        y_title: text(),
        points: vec![MapPoint {
            kind: Some(text()),
            ..MapPoint::default()
        }],
        ..FlowMap::default()
    });
    let truths = [Truth::Attack(POISON), Truth::Benign];
    report.evaluation = Evaluation::new(&[1.0, 0.0], &[true, false], &truths).ok();
    report
}

/// A comparison.
pub(crate) fn comparison() -> Comparison {
    let text = || POISON.to_owned();
    let facts = vec![Fact::new(POISON, POISON)];
    let measure = Measure {
        name: text(),
        values: vec![Some(0.5)],
        ..Measure::default()
    };
    let model = ModelOutcome {
        name: text(),
        measures: vec![measure.clone()],
        roc: Some(Curve::once(vec![(0.0, 0.0), (1.0, 1.0)])),
        confusion: Some(Confusion {
            verdicts: vec![text()],
            classes: vec![(text(), vec![5])],
        }),
        recall: vec![ClassRecall {
            class: text(),
            rows: 5,
            is_new: false,
            recall: vec![Some(0.5)],
        }],
        importance: vec![Importance {
            feature: text(),
            mean: 1.0,
            spread: None,
        }],
        timing: vec![measure],
        ..ModelOutcome::default()
    };
    let study = Study {
        name: text(),
        facts: facts.clone(),
        leaks: facts.clone(),
        models: vec![model],
        published: facts.clone(),
        ..Study::default()
    };
    Comparison {
        beside: vec![Beside::new(text(), text())],
        title: text(),
        facts,
        warnings: vec![text()],
        studies: vec![study.clone(), study],
    }
}

/// A detector.
pub(crate) fn card() -> Card {
    let text = || POISON.to_owned();
    let facts = vec![Fact::new(POISON, POISON)];
    Card {
        title: text(),
        summary: text(),
        warnings: vec![text()],
        figures: facts.clone(),
        period_ns: Some((i64::MIN, i64::MAX)),
        training: facts.clone(),
        attacks: vec![(text(), 5)],
        threshold: facts.clone(),
        features: vec![CardFeature {
            name: text(),
            words: Some(text()),
            categories: vec![(text(), 1.0)],
            ..CardFeature::default()
        }],
        measured: vec![Measured {
            data: text(),
            figures: facts.clone(),
            classes: vec![(text(), 1, 2)],
        }],
        drift: Some(Drift {
            has_drifted: true,
            facts,
            features: vec![DriftedFeature {
                name: text(),
                words: Some(text()),
                level: text(),
                values: text(),
                ..DriftedFeature::default()
            }],
        }),
    }
}
