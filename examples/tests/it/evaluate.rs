//! Scores of any tool, judged.

use serde_json::Value;

use crate::run::{Folder, Ran};

const TABLE: &str = "forest,kmeans,label,host,start\n\
    0.1,0.2,benign,a,0\n0.3,0.9,benign,b,600\n0.2,0.1,benign,a,1200\nx,1,scan,c,1\n\
    0.9,0.1,scan,c,1800\n0.8,0.7,flood,d,2400\n0.25,0.3,flood,d,3000\n0.5,0.5,unknown,e,3600\n";

fn evaluate(table: &str, arguments: &[&str]) -> Ran {
    let folder = Folder::new();
    std::fs::write(folder.file("scores.csv"), table).unwrap();
    folder.run("evaluate", &[&["scores.csv"], arguments].concat())
}

#[test]
fn scores_of_a_table_are_judged_and_refused_rows_named() {
    let arguments = [
        "--score",
        "forest",
        "--label",
        "label",
        "--threshold",
        "0.28",
        "--json",
    ];
    let ran = evaluate(TABLE, &arguments).expect(1);
    let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
    let (rows, model) = (&report["rows"], &report["models"][0]);
    for (count, expected) in [
        ("read", 8),
        ("judged", 6),
        ("attacks", 3),
        ("benign", 3),
        ("unknown", 1),
        ("refused_rows", 1),
    ] {
        assert_eq!(rows[count], expected, "{count}");
    }
    assert_eq!(rows["refused"].as_array().unwrap().len(), 1);
    // By hand: of nine pairs the flood of 0.25 is below the benign 0.3.
    assert_eq!(model["area"]["value"].as_f64(), Some(8.0 / 9.0));
    assert_eq!(model["recall"]["value"].as_f64(), Some(2.0 / 3.0));
    assert_eq!(model["false_alarm_rate"]["value"].as_f64(), Some(1.0 / 3.0));
    let flood = &model["classes"][0];
    assert_eq!(
        (&flood["class"], &flood["alerts"]),
        (&"flood".into(), &1.into())
    );

    let told = evaluate(TABLE, &arguments[..6]).expect(1).stdout();
    assert!(
        told.contains("line 5: forest is \"x\", not a number"),
        "{told}"
    );
}

#[test]
fn two_columns_of_scores_are_compared_on_the_same_rows() {
    let arguments = [
        "--score", "forest", "--score", "kmeans", "--label", "label", "--group", "host", "--time",
        "start",
    ];
    let told = evaluate(TABLE, &arguments).expect(1).stdout();
    for part in ["forest against kmeans: area ", "DeLong", "McNemar"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert_eq!(evaluate(TABLE, &arguments).expect(1).stdout(), told);
}

#[test]
fn what_cannot_be_judged_is_refused_with_the_place() {
    for (arguments, part) in [
        (
            &["--score", "none", "--label", "label"][..],
            "line 1 names no column \"none\"",
        ),
        (&["--score", "forest", "--label", "class"], "\"class\""),
        (
            &["--score", "forrest", "--label", "label"],
            "; did you mean \"forest\"?",
        ),
        (
            &[
                "--score", "forest", "--alert", "host", "--alert", "label", "--label", "label",
            ],
            "2 columns of decisions do not go with 1 of scores",
        ),
    ] {
        let ran = evaluate(TABLE, arguments).expect(2);
        let message = ran.stderr();
        assert!(
            message.contains(part) && message.contains("scores.csv"),
            "{message}"
        );
    }
    evaluate(TABLE, &[]).expect(2);
    for both in [["--threshold", "1"], ["--false-alarm-rate", "0.1"]] {
        let arguments = ["--score", "forest", "--alert", "label", "--label", "label"];
        evaluate(TABLE, &[&arguments[..], &both].concat()).expect(2);
    }
    let semicolons = evaluate(
        &TABLE.replace(',', ";"),
        &["--score", "forest", "--label", "label"],
    );
    let message = semicolons.expect(2).stderr();
    assert!(message.contains("separated by semicolons"), "{message}");
}

#[test]
fn decisions_are_judged_instead_of_a_threshold() {
    // No threshold makes these counts, and the opposite of each decision makes others.
    let table = "score,says,label\n0.1,no,benign\n0.2,0,benign\n0.3,yes,benign\n0.9,Yes,scan\n0.85,1,scan\n0.8,no,scan\n\
                 0.7,maybe,scan\n0.7,true,scan\n";
    for scores in [&["--score", "score"][..], &[]] {
        let arguments = [scores, &["--alert", "says", "--label", "label", "--json"]].concat();
        let ran = evaluate(table, &arguments).expect(1);
        let report: Value = serde_json::from_str(&ran.stdout()).unwrap();
        let model = &report["models"][0];
        for (count, expected) in [
            ("true_positives", 3),
            ("false_positives", 1),
            ("false_negatives", 1),
            ("true_negatives", 2),
        ] {
            assert_eq!(model[count], expected, "{count}");
        }
        let refused = &report["rows"]["refused"][0]["reason"];
        assert_eq!(*refused, "says is \"maybe\", neither yes nor no");
    }
}

#[test]
fn scores_of_our_own_detector_are_read_as_they_are_written() {
    let folder = Folder::new();
    for (scenario, seed, name) in [("benign", "1", "usual"), ("mixed", "3", "lab")] {
        let (capture, labels) = (format!("{name}.pcap"), format!("{name}.csv"));
        let arguments = [
            scenario, "--seed", seed, "-o", &capture, "--labels", &labels,
        ];
        folder.run("synth", &arguments).expect(0);
    }
    let train = "--benign usual.pcap --model kmeans --false-alarm-rate 0.02 -q -o office.ntm";
    folder
        .run("train", &train.split(' ').collect::<Vec<_>>())
        .expect(0);
    let detect = "--model office.ntm lab.pcap --labels lab.csv --scores scores.csv";
    let told = folder
        .run("detect", &detect.split(' ').collect::<Vec<_>>())
        .expect(0)
        .stdout();
    let evaluate = "scores.csv --score score --label label --replicates 0 --json";
    let ran = folder.run("evaluate", &evaluate.split(' ').collect::<Vec<_>>());
    let report: Value = serde_json::from_str(&ran.expect(0).stdout()).unwrap();
    let area = report["models"][0]["area"]["value"].as_f64().unwrap();
    assert!(
        told.contains(&format!("ROC AUC {area:.3}")),
        "{area}\n{told}"
    );
}
