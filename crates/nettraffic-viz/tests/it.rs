//! The report as its reader gets it.

use nettraffic_eval::{Evaluation, Truth};
use nettraffic_viz::{
    Alert, Fact, FlowMap, Incident, Limits, MapPoint, Reason, Report, ScorePoint, Share, Talker,
    Threshold,
};

#[path = "../examples/sample.rs"]
#[expect(dead_code, reason = "its main is for people")]
mod sample;

#[test]
fn the_sample_tells_everything() {
    let html = sample::report().to_html();
    for expected in [
        "<h1>41 alerts from 6 sources</h1>",
        "c2 beacon · port scan · ssh bruteforce · unusual behaviour ×\u{a0}3",
        "203.0.113.66:40017",
        "203.0.113.66 tried 22 ports of 10.0.0.12 with 22 connections within 33.8 s.",
        "; 212 ports that the source tried in 10 s, usual: 1 to 6.",
        "usual 1 to 6",
        "threshold 2.4",
        "What was not looked at",
        "Map of flows",
        "Top talkers",
        "Drawn: 1,959 flows without an alert in",
        "all 41 alerts one by one",
        "each point an average over 5 s",
        "https (tcp/443)",
        "Against the labels",
        "21 without a known truth are left out",
        "Skipped: not IP",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    assert!(html.len() < 450_000, "{} bytes", html.len());
}

#[test]
fn the_same_report_is_the_same_bytes() {
    assert_eq!(sample::report().to_html(), sample::report().to_html());
}

#[test]
fn tags_are_closed_in_order() {
    balanced(&sample::report().to_html());
    balanced(&Report::new("").to_html());
    balanced(&hostile().to_html());
}

/// Walks over all tags; void elements aside, each must be closed by its own end.
fn balanced(html: &str) {
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, rest) = rest.split_once("<script type").unwrap();
    let (_, rest) = rest.split_once("<script>").unwrap();
    let (_, tail) = rest.split_once("</script>").unwrap();
    let mut open: Vec<&str> = Vec::new();
    for tag in [head, body, tail]
        .iter()
        .flat_map(|part| part.split('<').skip(1))
    {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('>'), "stray > after <{tag}>");
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
        } else if !tag.ends_with('/') && !["!DOCTYPE", "meta", "br", "input"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn nothing_is_asked_of_the_network() {
    let html = sample::report().to_html();
    assert!(html.contains("default-src 'none'"));
    for forbidden in [
        "http://", "https://", "src=", "url(", "@import", "<link", "<iframe", "<object", "<img",
        "fetch(", "XMLHttp",
    ] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    for link in html.split("href=\"").skip(1) {
        assert!(link.starts_with("#alert"), "{}", &link[..20]);
    }
}

const POISON: &str = "\"'><script>alert(1)</script><!--\u{2028}\u{202e}</style>{{x}}&amp;\0";

/// A report in which every text is an attack on it.
fn hostile() -> Report {
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

#[test]
fn hostile_text_stays_text() {
    let html = hostile().to_html();
    assert_eq!(html.matches("<script>").count(), 1);
    assert_eq!(html.matches("</script>").count(), 2);
    assert_eq!(html.matches("</style>").count(), 1);
    assert!(!html.contains("<!--") && !html.contains("\"'>"));
    for hidden in ['\u{2028}', '\u{202e}', '\0'] {
        assert!(!html.contains(hidden));
    }
    assert!(
        html.matches("&lt;script&gt;alert(1)&lt;/script&gt;")
            .count()
            > 15
    );
}

#[test]
fn the_strangest_alert_stands_first_and_its_dot_leads_to_it() {
    let mut report = Report::new("three alerts");
    for (time, score, source) in [
        (10, 2.0, "10.0.0.2"),
        (20, 9.0, "10.0.0.9"),
        (30, 5.0, "10.0.0.5"),
    ] {
        report.scores.push(ScorePoint::new(time, score).alert());
        report.alerts.push(Alert {
            first_ns: time,
            score,
            source: source.into(),
            ..Alert::default()
        });
    }
    let html = report.to_html();
    for (row, source) in [(1, "10.0.0.9"), (2, "10.0.0.5"), (3, "10.0.0.2")] {
        let after = |start: String| html.split_once(&start).map(|(_, rest)| rest.to_owned());
        let cells = after(format!("<tr id=\"alert-{row}\">")).unwrap();
        assert!(
            cells.split("</tr>").next().unwrap().contains(source),
            "row {row}"
        );
        let dot = after(format!("href=\"#alert-{row}\">")).unwrap();
        assert!(
            dot.split("</a>")
                .next()
                .unwrap()
                .contains(&format!("<title>{source} to")),
            "row {row}"
        );
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let mut report = sample::report();
    report.further_alerts = 959;
    report.limits = Limits {
        alerts: 10,
        alert_rows: 7,
        incidents: 2,
        drawn_alerts: 5,
    };
    let html = report.to_html();
    assert_eq!(html.matches("<tr id=\"alert-").count(), 7);
    for expected in [
        "<h1>1,000 alerts from",
        "10 of 1,000 alerts, the highest of each incident; the other 990 are counted, not listed.",
        "4 more incidents are not shown.",
        "the 5 highest alerts one by one, 36 further ones in",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
}

#[test]
fn many_flows_make_no_large_file() {
    let mut report = Report::new("a week");
    let mut state = 1_u64;
    for flow in 0..300_000_i64 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let score = (state >> 40) as f64 / 1e6;
        let point = ScorePoint::new(flow * 2_000_000_000, score);
        report
            .scores
            .push(if score > 16.0 { point.alert() } else { point });
    }
    let html = report.to_html();
    assert!(html.len() < 600_000, "{} bytes", html.len());
    assert!(html.contains("further ones in"));
}

#[test]
fn odd_numbers_are_drawn_or_told() {
    for scores in [
        &[f64::NAN, 1.0][..],
        &[f64::INFINITY],
        &[-5.0, -4.0],
        &[0.0, 0.0],
        &[1e-300, 1e300],
        &[f64::MAX, f64::MIN],
    ] {
        for threshold in [
            None,
            Some(0.0),
            Some(-1.0),
            Some(1e-3),
            Some(f64::NAN),
            Some(f64::MAX),
        ] {
            let mut report = Report::new("odd");
            report.threshold = threshold.map(|value| Threshold::new(value, "something"));
            let times = [i64::MIN, i64::MAX];
            report.scores = scores
                .iter()
                .zip(times)
                .map(|(&score, time)| ScorePoint::new(time, score).alert())
                .collect();
            report.alerts = scores
                .iter()
                .map(|&score| Alert {
                    score,
                    ..Alert::default()
                })
                .collect();
            let html = report.to_html();
            balanced(&html);
            for path in html
                .split(" d=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                assert!(
                    !path.contains("NaN") && !path.contains("inf"),
                    "{scores:?} {threshold:?}: {path}"
                );
            }
        }
    }
    let mut report = Report::new("odd");
    report.scores = vec![ScorePoint::new(0, f64::NAN), ScorePoint::new(1, 2.0)];
    assert!(
        report
            .to_html()
            .contains("1 flow without a finite score not at all")
    );
}
