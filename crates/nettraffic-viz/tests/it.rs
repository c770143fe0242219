//! The report as its reader gets it.

use nettraffic_viz::{Alert, Limits, Report, ScorePoint, Threshold};

#[path = "../examples/pages/compared.rs"]
mod compared;
#[path = "../examples/pages/detector.rs"]
mod detector;
#[path = "../examples/pages/hostile.rs"]
mod hostile;
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
    balanced(&hostile::report().to_html());
    balanced(&hostile::comparison().to_html());
    balanced(&hostile::card().to_html());
    balanced(&compared::comparison().to_html());
    balanced(&detector::card().to_html());
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

#[test]
fn hostile_text_stays_text() {
    let pages = [
        (hostile::report().to_html(), 35),
        (hostile::comparison().to_html(), 25),
        (hostile::card().to_html(), 15),
    ];
    for (html, least) in pages {
        assert_eq!(html.matches("<script>").count(), 1);
        assert_eq!(html.matches("</script>").count(), 2);
        assert_eq!(html.matches("</style>").count(), 1);
        assert!(!html.contains("<!--") && !html.contains("\"'>"));
        for hidden in ['\u{2028}', '\u{202e}', '\0'] {
            assert!(!html.contains(hidden));
        }
        let told = html
            .matches("&lt;script&gt;alert(1)&lt;/script&gt;")
            .count();
        assert!(told > least, "{told}");
    }
}

#[test]
fn figures_are_whole_documents_that_ask_for_nothing() {
    let figures = [sample::report().figures(), compared::comparison().figures()];
    let names: Vec<&str> = figures.iter().flatten().map(|f| f.name.as_str()).collect();
    let expected = "scores-over-time traffic-over-time packets-over-time score-histogram flow-map \
                    roc 1-roc 1-pr 1-calibration 2-roc 2-pr 2-calibration";
    assert_eq!(names.join(" "), expected);
    let hostile = [hostile::report().figures(), hostile::comparison().figures()];
    for figure in figures.iter().chain(&hostile).flatten() {
        assert!(figure.svg.starts_with("<svg xmlns=") && figure.svg.ends_with("</svg>\n"));
        let rest = figure
            .svg
            .split_once("<svg xmlns=\"http://www.w3.org/2000/svg\"");
        let rest = rest.map_or("", |(_, rest)| rest);
        for forbidden in ["http", "url(", "href", "<script", "@import", "NaN"] {
            assert!(!rest.contains(forbidden), "{forbidden} in {}", figure.name);
        }
    }
}

#[test]
fn a_comparison_tells_what_is_best_what_leaks_and_what_is_trivial() {
    let html = compared::comparison().to_html();
    for expected in [
        "<b>0.976</b> <span class=\"muted\">± 0.011</span>",
        "<tr class=\"trivial\"><th scope=\"row\">bytes alone <span class=\"muted\">trivial</span></th>",
        "<p>k-means does not beat the trivial bytes alone (ROC AUC 0.710).</p>",
        "<h3>Two models on the same rows</h3>",
        "+0.045 <span class=\"muted\">[+0.031, +0.059]</span>",
        "&lt; 0.001</td><td class=\"number\" data-value=\"1204\">1,204</td>",
        "corrected for the number of pairs",
        "<b>Copied rows</b> 412 of 10,000 test rows",
        "Checked for leaks between training and test rows: none found.",
        "What counts in isolation forest",
        "4 features count less.",
        "Precision against recall",
        "Published by others",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    // Time is told where it was measured, and only there.
    assert_eq!(html.matches("<h3>Cost</h3>").count(), 1);
}

#[test]
fn a_card_tells_what_is_usual_and_what_moved() {
    let html = detector::card().to_html();
    for expected in [
        "dns 63 %, https 28 %, http 4.0 %",
        "<strong>Traffic has drifted</strong>",
        "response delay",
        "0.410",
        "Flows that began from 2024-01-01 09:00:00 to 2024-01-01 13:12:00 UTC.",
        "41 features.",
        "1,007",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
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
