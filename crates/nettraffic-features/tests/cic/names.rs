//! What is written under the names of public tables is read as such.

use nettraffic_features::{
    FeatureNames, FeatureSet, FlowFormat, FlowWriter, Projection, RecordColumns, TableFormat,
    TableOptions, Unit,
};

use crate::Outcome;
use crate::packets::{ACK, Client, PSH, SYN, Server, datagram, rows, segment};

#[test]
fn what_is_written_under_public_names_is_read_back_as_such_a_table() -> Outcome {
    let packets = [
        segment(Client, 0, SYN, 0),
        segment(Server, 13, SYN | ACK, 0),
        segment(Client, 27, PSH | ACK, 311),
        segment(Server, 7_000, PSH | ACK, 1_400),
        datagram(Client, 7_001, 20),
    ];
    let set = FeatureSet::named("cic")?;
    let (flows, rows) = rows(&set, &packets);
    assert_eq!(flows.len(), 2);
    for (names, columns) in [
        (FeatureNames::Cic2017, RecordColumns::cic_2017()),
        (FeatureNames::Cic2018, RecordColumns::cic_2018()),
    ] {
        let projection = Projection::of(&set.schema(), names)?;
        let mut writer = FlowWriter::with_columns(projection.schema(), FlowFormat::Csv, &columns);
        let mut text = writer.header().to_vec();
        for (flow, row) in flows.iter().zip(&rows) {
            let mut values = Vec::new();
            projection.apply(row, &mut values);
            text.extend_from_slice(writer.record(flow, &values));
        }
        assert_eq!(TableFormat::detect(&text), Some(TableFormat::CicFlowMeter));
        let table = TableOptions::default().read(&text[..])?;
        let account = &table.account;
        assert_eq!((account.kept, account.refused), (2, 0), "{account}");
        assert!(account.unknown.is_empty(), "{account}");
        // All but the label, which is for others to say, and the protocol's identity.
        assert!(
            account.absent.is_empty() || account.absent == ["Label"],
            "{account}"
        );
        let schema = table.matrix.schema();
        let read = schema
            .columns()
            .iter()
            .filter(|column| column.name != "Protocol");
        assert_eq!(read.count(), 76);
        // The reader names the columns of both years as those of 2017.
        let of_2017 = Projection::of(&set.schema(), FeatureNames::Cic2017)?;
        for (number, row) in rows.iter().enumerate() {
            let mut expected = Vec::new();
            of_2017.apply(row, &mut expected);
            for (column, expected) in of_2017.schema().columns().iter().zip(expected) {
                if column.name == "Fwd Header Length.1" {
                    continue;
                }
                let at = schema
                    .position(&column.name)
                    .ok_or(column.name.to_string())?;
                let found = table.matrix.row(number)[at];
                assert_eq!(found, expected, "{names}: {}", column.name);
                // The reader does not say what windows are counted in.
                let unit = schema.columns()[at].unit;
                assert!(
                    unit == Unit::None || unit == column.unit,
                    "{names}: {}",
                    column.name
                );
            }
        }
    }
    Ok(())
}
