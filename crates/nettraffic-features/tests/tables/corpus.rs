//! Whole public tables, when the corpus is there (`NETTRAFFIC_CORPUS`).

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use nettraffic_features::{Table, TableFormat, TableOptions};

use crate::{Outcome, assert_closes, value};

fn open(name: &str) -> Option<std::io::Result<MultiGzDecoder<File>>> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS") else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return None;
    };
    let path = PathBuf::from(corpus).join("flows").join(name);
    Some(File::open(path).map(MultiGzDecoder::new))
}

fn check(
    name: &str,
    format: TableFormat,
    features: usize,
    counts: &[(&str, &[(&str, u64)])],
) -> Result<Option<Table>, Box<dyn std::error::Error>> {
    let Some(input) = open(name) else {
        return Ok(None);
    };
    let reader = TableOptions::default().open(input?)?;
    assert_eq!(reader.format(), Some(format), "{name}");
    let Some(input) = open(name) else {
        return Ok(None);
    };
    let table = TableOptions::default().read(input?)?;
    assert_closes(&table.account);
    assert_eq!(table.account.refused, 0, "{name}: {}", table.account);
    assert!(
        table.account.unknown.is_empty(),
        "{name}: {}",
        table.account
    );
    assert_eq!(table.matrix.rows() as u64, table.account.kept);
    assert_eq!(table.matrix.schema().len(), features, "{name}");
    for (column, expected) in counts {
        let found = table.label_column(column).map(|labels| labels.counts());
        let expected = expected.iter().copied().collect();
        assert_eq!(found, Some(expected), "{name}: {column}");
    }
    Ok(Some(table))
}

#[test]
fn nsl_kdd_has_its_published_rows_and_families() -> Outcome {
    let train = check(
        "nsl-kdd/KDDTrain+.txt.gz",
        TableFormat::Kdd,
        41,
        &[(
            "family",
            &[
                ("dos", 45_927),
                ("normal", 67_343),
                ("probe", 11_656),
                ("r2l", 995),
                ("u2r", 52),
            ],
        )],
    )?;
    let test = check(
        "nsl-kdd/KDDTest+.txt.gz",
        TableFormat::Kdd,
        41,
        &[(
            "family",
            &[
                ("dos", 7_460),
                ("normal", 9_711),
                ("probe", 2_421),
                ("r2l", 2_885),
                ("u2r", 67),
            ],
        )],
    )?;
    let (Some(train), Some(test)) = (train, test) else {
        return Ok(());
    };
    assert_eq!((train.rows(), test.rows()), (125_973, 22_544));
    assert_eq!(
        train
            .label_column("label")
            .map(|labels| labels.names().len()),
        Some(23)
    );
    assert_eq!(
        test.label_column("label")
            .map(|labels| labels.names().len()),
        Some(38)
    );
    assert_eq!(train.account.left_out, ["difficulty"]);
    let attacks = (0..test.rows()).filter(|row| test.is_attack(*row) == Some(true));
    assert_eq!(attacks.count(), 12_833);

    let Some(input) = open("nsl-kdd/KDDTest+.txt.gz") else {
        return Ok(());
    };
    let schema = Arc::clone(train.matrix.schema());
    let fitted = TableOptions::default()
        .schema(Arc::clone(&schema))
        .read(input?)?;
    assert_eq!(fitted.matrix.schema(), &schema);
    // Every service of the test part occurs in training, so nothing is unseen.
    assert_eq!(fitted.account.values_replaced(), 0);
    Ok(())
}

#[test]
fn the_hard_part_of_nsl_kdd_has_its_published_rows() -> Outcome {
    let table = check("nsl-kdd/KDDTest-21.txt.gz", TableFormat::Kdd, 41, &[])?;
    let Some(table) = table else { return Ok(()) };
    let attacks = (0..table.rows()).filter(|row| table.is_attack(*row) == Some(true));
    assert_eq!((table.rows(), attacks.count()), (11_850, 9_698));
    Ok(())
}

#[test]
fn unsw_nb15_has_its_published_rows_and_classes() -> Outcome {
    let table = check(
        "unsw-nb15/UNSW_NB15_82332.csv.gz",
        TableFormat::UnswNb15,
        42,
        &[
            (
                "attack_cat",
                &[
                    ("Analysis", 677),
                    ("Backdoor", 583),
                    ("DoS", 4_089),
                    ("Exploits", 11_132),
                    ("Fuzzers", 6_062),
                    ("Generic", 18_871),
                    ("Normal", 37_000),
                    ("Reconnaissance", 3_496),
                    ("Shellcode", 378),
                    ("Worms", 44),
                ],
            ),
            ("label", &[("0", 37_000), ("1", 45_332)]),
        ],
    )?;
    let Some(table) = table else { return Ok(()) };
    assert_eq!(table.rows(), 82_332);
    assert!(table.account.encoding.byte_order_mark);
    assert_eq!(table.account.encoding.carriage_returns, 82_333);
    assert_eq!(table.account.left_out, ["id"]);
    for row in 0..table.rows() {
        let label = table
            .label_column("label")
            .and_then(|labels| labels.get(row));
        assert_eq!(
            table.is_attack(row),
            label.map(|label| label == "1"),
            "row {row}"
        );
    }
    Ok(())
}

#[test]
fn cic_ids2017_has_its_rows_and_labels() -> Outcome {
    let table = check(
        "cic-ids2017/cicids2017_sample_12001.csv.gz",
        TableFormat::CicFlowMeter,
        76,
        &[(
            "Label",
            &[
                ("BENIGN", 9_637),
                ("Bot", 6),
                ("DDoS", 518),
                ("DoS GoldenEye", 51),
                ("DoS Hulk", 985),
                ("DoS Slowhttptest", 25),
                ("DoS slowloris", 22),
                ("FTP-Patator", 35),
                ("PortScan", 688),
                ("SSH-Patator", 27),
                ("Web Attack - Brute Force", 6),
                ("Web Attack - XSS", 1),
            ],
        )],
    )?;
    let Some(table) = table else { return Ok(()) };
    assert_eq!(table.rows(), 12_001);
    assert_eq!(table.account.encoding.labels_mended, 7);
    assert_eq!(table.account.left_out, ["Fwd Header Length.1"]);
    let ports = table.identity_column("Destination Port");
    assert_eq!(ports.and_then(|ports| ports.get(0)), Some("80"));
    assert_eq!(value(&table, 0, "Flow Duration"), Some(5_665_649.0));
    Ok(())
}

#[test]
fn a_table_of_cicflowmeter_itself_has_its_rows() -> Outcome {
    let table = check(
        "cicflowmeter_pair/cicflowmeter_pair.csv.gz",
        TableFormat::CicFlowMeter,
        77,
        &[("Label", &[("No Label", 96)])],
    )?;
    let Some(table) = table else { return Ok(()) };
    assert_eq!(table.rows(), 96);
    assert_eq!(table.is_attack(0), None);
    assert_eq!(value(&table, 0, "Total Fwd Packets"), Some(192.0));
    let identity: Vec<_> = table.identity.iter().map(|column| column.get(0)).collect();
    let expected = [
        "188.120.225.17-10.200.2.252-8080-61559-6",
        "10.200.2.252",
        "61559",
        "188.120.225.17",
        "8080",
        "31/03/2015 08:32:22",
    ];
    assert_eq!(identity, expected.map(Some));
    Ok(())
}

#[test]
fn iot_23_has_its_published_rows_and_labels() -> Outcome {
    let table = check(
        "iot-23/CTU-IoT-Malware-Capture-34-1.conn.log.labeled.gz",
        TableFormat::Zeek,
        14,
        &[
            ("label", &[("Benign", 1_923), ("Malicious", 21_222)]),
            (
                "detailed-label",
                &[
                    ("C&C", 6_706),
                    ("DDoS", 14_394),
                    ("PartOfAHorizontalPortScan", 122),
                ],
            ),
        ],
    )?;
    let Some(table) = table else { return Ok(()) };
    assert_eq!(table.rows(), 23_145);
    assert_eq!(value(&table, 1, "duration_missing"), Some(1.0));
    assert_eq!(value(&table, 0, "duration"), Some(3.139211));
    Ok(())
}
