//! Records as lines.

use std::collections::HashMap;
use std::sync::Arc;

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_features::{
    Column, FlowFormat, FlowWriter, RecordColumns, Schema, TableFormat, TableOptions, Unit,
};
use nettraffic_flow::{Flow, FlowEnd, FlowKey, InitiatorEvidence};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::value::RawValue;

use super::{Outcome, any_record, flow, schema};

const FORMATS: [FlowFormat; 3] = [FlowFormat::Csv, FlowFormat::Ndjson, FlowFormat::ZeekTsv];

fn line(writer: &mut FlowWriter, flow: &Flow, row: &[f64]) -> String {
    String::from_utf8_lossy(writer.record(flow, row)).into_owned()
}

#[test]
fn a_record_looks_like_this() -> Outcome {
    let row = [0.1, 2.0, 1e9];
    for (format, expected) in [
        (
            FlowFormat::Csv,
            "1700000000.000000001,CUID,192.0.2.1,40000,198.51.100.7,443,tcp,1.500000002,10,0,OTH,,\
             3,0,2,1234567890123,,,fin,1700000003.000000001,0,first_packet,0,,,0.1,other,1000000000\n",
        ),
        (
            FlowFormat::ZeekTsv,
            "1700000000.000000001\tCUID\t192.0.2.1\t40000\t198.51.100.7\t443\ttcp\t1.500000002\t10\
             \t0\tOTH\t-\t3\t0\t2\t1234567890123\t-\t-\tfin\t1700000003.000000001\t0\tfirst_packet\t0\t-\t-\t0.1\tother\
             \t1000000000\n",
        ),
        (
            FlowFormat::Ndjson,
            "{\"ts\":1700000000.000000001,\"uid\":\"CUID\",\"id.orig_h\":\"192.0.2.1\",\
             \"id.orig_p\":40000,\"id.resp_h\":\"198.51.100.7\",\"id.resp_p\":443,\
             \"proto\":\"tcp\",\"duration\":1.500000002,\"orig_bytes\":10,\"resp_bytes\":0,\
             \"conn_state\":\"OTH\",\"history\":null,\"orig_pkts\":3,\"orig_ip_bytes\":0,\
             \"resp_pkts\":2,\"resp_ip_bytes\":1234567890123,\"vlan\":null,\"tunnel\":null,\
             \"flow_end_reason\":\"fin\",\"ended\":1700000003.000000001,\"continuation\":0,\
             \"initiator_evidence\":\"first_packet\",\"icmp_errors\":0,\"icmp_error_type\":null,\
             \"icmp_error_code\":null,\"rate\":0.1,\"kind\":\"other\",\"packets\":1000000000}\n",
        ),
    ] {
        let mut writer = FlowWriter::new(schema()?, format);
        let uid = flow().uid().to_string();
        assert_eq!(
            line(&mut writer, &flow(), &row).replace(&uid, "CUID"),
            expected
        );
    }
    Ok(())
}

#[test]
fn a_line_has_all_columns_whatever_the_row() -> Outcome {
    for (row, rate, kind, packets) in [
        (&[][..], None, None, None),
        (&[0.5], Some("0.5"), None, None),
        (&[0.5, 0.0], Some("0.5"), Some(0.0), None),
        (&[0.5, 0.0, 7.0, 9.0], Some("0.5"), Some(0.0), Some("7")),
        (&[0.5, f64::NAN, 7.0], Some("0.5"), Some(9.0), Some("7")),
        (&[0.5, -1.0, 7.0], Some("0.5"), Some(9.0), Some("7")),
        (&[0.5, 1e300, 7.0], Some("0.5"), Some(9.0), Some("7")),
    ] {
        let kind = kind.and_then(|kind| {
            schema().ok()?.columns()[1]
                .category_name(kind)
                .map(str::to_owned)
        });
        let kind = kind.as_deref();
        for (format, separator, unset) in
            [(FlowFormat::Csv, ",", ""), (FlowFormat::ZeekTsv, "\t", "-")]
        {
            let line = line(&mut FlowWriter::new(schema()?, format), &flow(), row);
            let expected = [rate, kind, packets].map(|value| value.unwrap_or(unset));
            let fields: Vec<_> = line.trim_end_matches('\n').split(separator).collect();
            assert_eq!(fields.len(), 25 + 3, "{line}");
            assert_eq!(fields[25..], expected, "{row:?}");
        }
        let line = line(
            &mut FlowWriter::new(schema()?, FlowFormat::Ndjson),
            &flow(),
            row,
        );
        let kind = kind.map(|kind| format!("{kind:?}"));
        let [rate, kind, packets] =
            [rate, kind.as_deref(), packets].map(|value| value.unwrap_or("null"));
        let end = format!(",\"rate\":{rate},\"kind\":{kind},\"packets\":{packets}}}\n");
        assert!(line.ends_with(&end), "{line}");
    }
    Ok(())
}

#[test]
fn a_zeek_log_says_what_its_columns_are_and_that_it_is_whole() -> Outcome {
    let writer = FlowWriter::new(schema()?, FlowFormat::ZeekTsv);
    let header = String::from_utf8_lossy(writer.header()).into_owned();
    let rest = |word: &str| {
        let line = header.lines().find_map(|line| line.strip_prefix(word));
        line.map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>())
    };
    assert!(header.starts_with("#separator \\x09\n#set_separator\t,\n"));
    let names = rest("#fields\t").ok_or("no names")?;
    let types = rest("#types\t").ok_or("no types")?;
    assert_eq!(names.len(), types.len());
    let of = |name: &str| Some(&*types[names.iter().position(|n| n == name)?]);
    assert_eq!(of("ts"), Some("time"));
    assert_eq!(of("id.resp_h"), Some("addr"));
    assert_eq!(of("kind"), Some("string"));
    assert_eq!(of("packets"), Some("double"));
    let last = Timestamp::from_seconds(1_700_000_000, 5);
    assert_eq!(writer.footer(last), b"#close\t2023-11-14-22-13-20\n");
    let csv = FlowWriter::new(schema()?, FlowFormat::Csv);
    assert!(csv.footer(last).is_empty());
    Ok(())
}

#[test]
fn early_records_are_told_apart() -> Outcome {
    let mut early = flow();
    early.end = FlowEnd::Early;
    for format in FORMATS {
        let mut writer = FlowWriter::new(schema()?, format);
        assert!(line(&mut writer, &early, &[0.0; 3]).contains("early"));
        assert!(!line(&mut writer, &flow(), &[0.0; 3]).contains("early"));
    }
    Ok(())
}

#[test]
fn records_of_cic_tables_begin_as_theirs_do() -> Outcome {
    for (columns, ends) in [
        (
            RecordColumns::cic_2017(),
            "Source IP,Source Port,Destination IP,Destination Port",
        ),
        (RecordColumns::cic_2018(), "Src IP,Src Port,Dst IP,Dst Port"),
    ] {
        let mut writer = FlowWriter::with_columns(schema()?, FlowFormat::Csv, &columns);
        let header = String::from_utf8_lossy(writer.header()).into_owned();
        let expected = format!("Flow ID,{ends},Protocol,Timestamp,rate,kind,packets\n");
        assert_eq!(header, expected);
        assert_eq!(
            line(&mut writer, &flow(), &[0.5, 0.0, 3.0]),
            "192.0.2.1-198.51.100.7-40000-443-6,192.0.2.1,40000,198.51.100.7,443,6,\
             14/11/2023 22:13:20,0.5,dns,3\n"
        );
    }
    Ok(())
}

/// The values are those of the reference implementation, `pycommunityid`.
#[test]
fn community_ids_are_those_of_other_programs() -> Outcome {
    let columns = RecordColumns::cic_2018()
        .with_community_id()
        .with_community_id();
    assert_eq!(
        columns
            .names()
            .filter(|name| *name == "community_id")
            .count(),
        1
    );
    let empty = Arc::new(Schema::new(Vec::new())?);
    let mut writer = FlowWriter::with_columns(empty, FlowFormat::Csv, &columns);
    let query = InitiatorEvidence::Query;
    let first = InitiatorEvidence::FirstPacket;
    for (ends, ports, protocol, evidence, expected) in [
        (
            ["128.232.110.120", "66.35.250.204"],
            [34_855, 80],
            6,
            first,
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        ),
        (
            ["66.35.250.204", "128.232.110.120"],
            [80, 34_855],
            6,
            first,
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        ),
        (
            ["192.168.1.52", "8.8.8.8"],
            [54_585, 53],
            17,
            first,
            "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
        ),
        (
            ["192.168.0.89", "192.168.0.1"],
            [777, 777],
            1,
            query,
            "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
        ),
        (
            ["192.168.170.8", "192.168.170.56"],
            [7, 80],
            132,
            first,
            "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=",
        ),
    ] {
        let [initiator, responder] = ends;
        let key = FlowKey::new(
            initiator.parse()?,
            ports[0],
            responder.parse()?,
            ports[1],
            IpProtocol(protocol),
        );
        let mut flow = Flow::new(key, Timestamp::default(), ());
        flow.evidence = evidence;
        let line = line(&mut writer, &flow, &[]);
        assert_eq!(line.trim_end().rsplit(',').next(), Some(expected), "{line}");
    }
    Ok(())
}

/// Names of categories may come from anywhere, those of a loaded schema for instance.
#[test]
fn hostile_names_are_read_back_as_they_are() -> Outcome {
    let names = ["a,b", "quo\"te", "tab\there", " blank ", "\\x09", "plain"];
    let schema = Arc::new(Schema::new(vec![
        Column::category("kind, \"or\" so", names),
        Column::number("number", Unit::Count),
    ])?);
    for (format, table) in [
        (FlowFormat::Csv, TableFormat::FlowsCsv),
        (FlowFormat::Ndjson, TableFormat::FlowsNdjson),
    ] {
        let mut writer = FlowWriter::new(Arc::clone(&schema), format);
        let mut text = writer.header().to_vec();
        for at in 0..names.len() {
            text.extend_from_slice(writer.record(&flow(), &[at as f64, 7.0]));
        }
        let read = TableOptions::default().format(table).read(&text[..])?;
        assert_eq!(read.account.kept, names.len() as u64, "{}", read.account);
        let column = &read.matrix.schema().columns()[0];
        assert_eq!(column.name, "kind, \"or\" so");
        for (at, name) in names.iter().enumerate() {
            let row = read.matrix.row(at).to_vec();
            assert_eq!(
                column.category_name(row[0]).map(str::trim),
                Some(name.trim())
            );
            assert_eq!(row[1], 7.0);
        }
    }
    let mut writer = FlowWriter::new(schema, FlowFormat::ZeekTsv);
    let fields = String::from_utf8_lossy(writer.header())
        .matches('\t')
        .count();
    for at in 0..names.len() {
        let line = line(&mut writer, &flow(), &[at as f64, 7.0]);
        assert_eq!(line.matches('\n').count(), 1);
        // Names and types: as many tabs each as a line, and one behind their word.
        assert_eq!(2 * (line.matches('\t').count() + 1) + 4, fields, "{line}");
    }
    Ok(())
}

fn check_any(flow: &Flow, row: &[f64; 3], cut: usize) -> TestCaseResult {
    let schema = schema().map_err(|error| TestCaseError::fail(error.to_string()))?;
    for format in FORMATS {
        let columns = RecordColumns::zeek().with_community_id();
        let mut writer = FlowWriter::with_columns(Arc::clone(&schema), format, &columns);
        let line = line(&mut writer, flow, row);

        // A line in two parts, by two writers, has the same bytes.
        let mut parts = writer.line_start(flow, &row[..cut]).to_vec();
        parts.extend_from_slice(writer.clone().line_end(&row[cut..]));
        prop_assert_eq!(String::from_utf8_lossy(&parts), &*line);

        let names: Vec<&str> = columns.names().chain(["rate", "kind", "packets"]).collect();
        let fields: Vec<String> = match format {
            FlowFormat::Ndjson => {
                // Raw, for the library reads numbers only nearly.
                let members: HashMap<String, &RawValue> = serde_json::from_str(&line)
                    .map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(members.len(), names.len());
                let text = |name: &&str| match members.get(*name).map_or("?", |raw| raw.get()) {
                    "null" => String::new(),
                    raw => serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()),
                };
                names.iter().map(text).collect()
            }
            _ => {
                let separator = if format == FlowFormat::Csv { ',' } else { '\t' };
                prop_assert!(!line.contains(['"', '\r']));
                let fields = line.trim_end_matches('\n').split(separator);
                let unset = if format == FlowFormat::Csv { "" } else { "-" };
                fields
                    .map(|field| {
                        if field == unset {
                            String::new()
                        } else {
                            field.to_owned()
                        }
                    })
                    .collect()
            }
        };
        prop_assert_eq!(fields.len(), names.len());
        let of = |name: &str| {
            let at = names.iter().position(|n| *n == name);
            at.map_or("?", |at| &*fields[at])
        };
        prop_assert_eq!(of("uid"), flow.uid().to_string());
        prop_assert_eq!(of("id.orig_h"), flow.key.initiator.to_string());
        prop_assert_eq!(of("id.resp_h"), flow.key.responder.to_string());
        prop_assert_eq!(of("proto"), flow.key.protocol.to_string());
        prop_assert_eq!(of("orig_pkts"), flow.forward.packets.to_string());
        prop_assert_eq!(of("resp_bytes"), flow.backward.payload_bytes.to_string());
        prop_assert_eq!(
            of("vlan"),
            flow.vlan.map_or(String::new(), |vlan| vlan.to_string())
        );
        let tunnel = flow
            .key
            .tunnel
            .map_or(String::new(), |tunnel| tunnel.to_string());
        prop_assert_eq!(of("tunnel"), tunnel);
        prop_assert_eq!(of("flow_end_reason"), flow.end.name());
        prop_assert_eq!(of("ts"), flow.first.to_string());
        let duration = Timestamp::default().saturating_add(flow.duration());
        if duration < Timestamp::MAX {
            prop_assert_eq!(of("duration"), duration.to_string());
        }
        for (name, value) in [("rate", row[0]), ("packets", row[2])] {
            prop_assert_eq!(of(name).parse::<f64>(), Ok(value), "{}", of(name));
        }
        let kind = schema.columns()[1].category_name(row[1]);
        prop_assert_eq!(Some(of("kind")), kind);
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_value_of_every_record_is_read_back_equal(
        (flow, row) in any_record(), cut in 0_usize..=3,
    ) {
        check_any(&flow, &row, cut)?;
    }
}
