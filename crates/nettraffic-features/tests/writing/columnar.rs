//! Records as columns, read back with the libraries that others read them with.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use nettraffic_features::{ColumnarFormat, ColumnarWriter};
use nettraffic_flow::Flow;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use super::{Outcome, any_record, flow, schema};

const FORMATS: [ColumnarFormat; 3] = [
    ColumnarFormat::Parquet,
    ColumnarFormat::ArrowFile,
    ColumnarFormat::ArrowStream,
];

fn write(
    format: ColumnarFormat,
    records: &[(Flow, [f64; 3])],
) -> Result<File, Box<dyn std::error::Error>> {
    let schema = schema()?;
    let mut writer = ColumnarWriter::new(tempfile::tempfile()?, &schema, format)?;
    for (flow, row) in records {
        writer.record(flow, row)?;
    }
    let mut file = writer.finish()?;
    file.rewind()?;
    Ok(file)
}

fn read(
    format: ColumnarFormat,
    file: File,
) -> Result<Vec<RecordBatch>, Box<dyn std::error::Error>> {
    let batches: Result<Vec<_>, _> = match format {
        ColumnarFormat::Parquet => ParquetRecordBatchReaderBuilder::try_new(file)?
            .build()?
            .collect(),
        ColumnarFormat::ArrowFile => arrow_ipc::reader::FileReader::try_new(file, None)?.collect(),
        _ => arrow_ipc::reader::StreamReader::try_new(file, None)?.collect(),
    };
    Ok(batches?)
}

/// Every value of a row that differs from what was written, by name.
fn differences(
    batch: &RecordBatch,
    at: usize,
    flow: &Flow,
    row: &[f64; 3],
) -> Option<Vec<&'static str>> {
    let column = |name: &str| batch.column_by_name(name);
    let text = |name: &str| {
        let column = column(name)?.as_string::<i32>();
        Some(column.is_valid(at).then(|| column.value(at).to_owned()))
    };
    let count = |name: &str| {
        let column = column(name)?.as_primitive::<UInt64Type>();
        Some(column.is_valid(at).then(|| column.value(at)))
    };
    let number = |name: &str| Some(column(name)?.as_primitive::<Float64Type>().value(at));
    let kind = column("kind")?.as_dictionary::<Int32Type>();
    let kind = kind.values().as_string::<i32>().value(kind.key(at)?);
    let time = column("ts")?
        .as_primitive::<TimestampNanosecondType>()
        .value(at);
    let tunnel = flow.key.tunnel.map(|tunnel| tunnel.to_string());
    let checks = [
        ("ts", time == flow.first.as_nanos()),
        ("uid", text("uid")? == Some(flow.uid().to_string())),
        (
            "id.orig_h",
            text("id.orig_h")? == Some(flow.key.initiator.to_string()),
        ),
        (
            "id.resp_p",
            count("id.resp_p")? == Some(flow.key.responder_port.into()),
        ),
        (
            "duration",
            number("duration")? == flow.duration().as_secs_f64(),
        ),
        (
            "resp_ip_bytes",
            count("resp_ip_bytes")? == Some(flow.backward.ip_bytes),
        ),
        ("vlan", count("vlan")? == flow.vlan.map(u64::from)),
        ("tunnel", text("tunnel")? == tunnel),
        (
            "flow_end_reason",
            text("flow_end_reason")?.as_deref() == Some(flow.end.name()),
        ),
        ("rate", number("rate")?.to_bits() == row[0].to_bits()),
        ("packets", number("packets")?.to_bits() == row[2].to_bits()),
        (
            "kind",
            Some(&kind) == ["dns", "http", "other"].get(row[1] as usize),
        ),
    ];
    Some(
        checks
            .iter()
            .filter(|(_, equal)| !equal)
            .map(|(name, _)| *name)
            .collect(),
    )
}

#[test]
fn records_of_many_batches_come_back_in_order() -> Outcome {
    let records: Vec<_> = (0..20_000_u32)
        .map(|number| {
            let mut record = flow();
            record.forward.packets = number.into();
            (
                record,
                [
                    f64::from(number) / 7.0,
                    f64::from(number % 3),
                    f64::from(number),
                ],
            )
        })
        .collect();
    for format in FORMATS {
        let batches = read(format, write(format, &records)?)?;
        assert!(batches.len() > 1, "{format:?}");
        let mut expected = records.iter();
        for batch in &batches {
            for at in 0..batch.num_rows() {
                let (flow, row) = expected.next().ok_or("too many rows")?;
                assert_eq!(
                    differences(batch, at, flow, row),
                    Some(vec![]),
                    "{format:?}"
                );
            }
        }
        assert!(expected.next().is_none(), "{format:?}");
    }
    Ok(())
}

#[test]
fn a_table_without_records_has_its_columns() -> Outcome {
    for format in FORMATS {
        assert!(read(format, write(format, &[])?)?.is_empty());
    }
    let file = write(ColumnarFormat::Parquet, &[])?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let rate = reader.schema().field_with_name("rate")?;
    assert_eq!(
        rate.metadata().get("unit").map(String::as_str),
        Some("bytes_per_second")
    );
    let packets = reader.schema().field_with_name("packets")?;
    assert_eq!(
        packets.metadata().get("version").map(String::as_str),
        Some("2")
    );
    let fingerprint = schema()?.fingerprint().to_string();
    assert_eq!(reader.schema().metadata().get("schema"), Some(&fingerprint));
    Ok(())
}

#[test]
fn the_same_records_give_the_same_bytes() -> Outcome {
    let records = vec![(flow(), [0.5, 1.0, 2.0]); 100];
    for format in FORMATS {
        let [mut first, mut second] = [Vec::new(), Vec::new()];
        write(format, &records)?.read_to_end(&mut first)?;
        write(format, &records)?.read_to_end(&mut second)?;
        assert!(first == second, "{format:?}");
    }
    Ok(())
}

/// An output that fails as a closed pipe does.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_pipe_is_told_as_one() -> Outcome {
    for format in FORMATS {
        let written = ColumnarWriter::new(Closed, &*schema()?, format).and_then(|mut writer| {
            writer.record(&flow(), &[0.0; 3])?;
            writer.finish().map(|_| ())
        });
        let kind = written.err().map(|error| error.kind());
        assert_eq!(kind, Some(io::ErrorKind::BrokenPipe), "{format:?}");
    }
    Ok(())
}

#[test]
fn a_row_of_another_schema_is_refused() -> Outcome {
    let schema = schema()?;
    let mut writer = ColumnarWriter::new(Vec::new(), &schema, ColumnarFormat::Parquet)?;
    for row in [&[0.0; 2][..], &[0.0; 4]] {
        let refused = writer.record(&flow(), row).err().map(|error| error.kind());
        assert_eq!(refused, Some(io::ErrorKind::InvalidInput));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_value_of_every_record_is_read_back_equal(
        records in prop::collection::vec(any_record(), 1..20),
    ) {
        for format in FORMATS {
            let batches = write(format, &records).and_then(|file| read(format, file));
            let batches = batches.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(batches.len(), 1);
            for (at, (flow, row)) in records.iter().enumerate() {
                prop_assert_eq!(differences(&batches[0], at, flow, row), Some(vec![]), "{:?}", format);
            }
        }
    }
}
