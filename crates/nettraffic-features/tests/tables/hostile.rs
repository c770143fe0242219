//! Damaged and hostile tables.

use std::io::{self, Read};

use nettraffic_features::{
    OtherColumns, TableError, TableFormat, TableLayout, TableLimits, TableOptions, Unit,
};
use proptest::prelude::*;

use crate::{Outcome, assert_closes};

fn bytes_layout() -> TableLayout {
    TableLayout::delimited(',')
        .number("bytes", Unit::Bytes)
        .category("kind")
}

/// Gives some bytes, then fails.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("gone")),
            read => Ok(read),
        }
    }
}

#[test]
fn rows_before_a_fault_are_given_and_nothing_follows_it() -> Outcome {
    let input = Failing(b"bytes,kind\n1,a\n2,b\n3,");
    let mut reader = TableOptions::default().layout(bytes_layout()).open(input)?;
    let batch = reader.next_batch(10)?.ok_or("no batch")?;
    assert_eq!(batch.lines, [2, 3]);
    assert_closes(&batch.account);
    let error = reader.next_batch(10).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("after line 3: gone"));
    assert!(reader.next_batch(10)?.is_none());
    Ok(())
}

#[test]
fn limits_hold() -> Outcome {
    let limits = TableLimits::default()
        .with_line(12)
        .with_columns(2)
        .with_categories(2)
        .with_rows(3);
    let options = TableOptions::default()
        .layout(bytes_layout())
        .limits(limits);
    let text = "bytes,kind\n1,a\n2,123456789012345678901234567890\n3,a,b,c\n4,b\n5,c\n";
    let table = options.clone().read(text.as_bytes())?;
    assert_closes(&table.account);
    let refusals: Vec<_> = table
        .account
        .refusals
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        refusals,
        [
            "line 3: the line is longer than 12 bytes",
            "line 4: more than 2 fields"
        ]
    );
    assert_eq!(table.matrix.row(2).to_vec(), [5.0, 2.0]);
    assert_eq!(table.account.values_replaced(), 1);
    let more = text.to_owned() + "6,a\n";
    let error = options.read(more.as_bytes()).err();
    assert!(
        matches!(error, Some(TableError::TooManyRows { limit: 3 })),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn an_open_quote_costs_one_row_and_a_bad_row_teaches_no_category() -> Outcome {
    let text = "bytes,kind\n1,\"a\n2,b\nx,zzz\n3,\"c\"\n";
    let table = TableOptions::default()
        .layout(bytes_layout())
        .read(text.as_bytes())?;
    assert_eq!(crate::columns(&table), "bytes kind=b|c");
    let refusals: Vec<_> = table
        .account
        .refusals
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        refusals,
        [
            "line 2: a quote is not closed",
            "line 4: column \"bytes\": \"x\" is no number"
        ]
    );
    Ok(())
}

#[test]
fn only_the_first_hundred_refused_rows_are_kept_and_all_are_counted() -> Outcome {
    let text = "bytes,kind\n".to_owned() + &"x,a\n".repeat(1_000);
    let table = TableOptions::default()
        .layout(bytes_layout())
        .read(text.as_bytes())?;
    assert_closes(&table.account);
    assert_eq!(
        table.account.refused_by_reason.get("not_a_number"),
        Some(&1_000)
    );
    assert_eq!(table.account.refusals.len(), 100);
    assert_eq!(table.rows(), 0);
    Ok(())
}

#[test]
fn what_is_no_table_is_an_error_that_says_so() {
    let detect = |text: &[u8]| {
        TableOptions::default()
            .read(text)
            .err()
            .map(|e| e.to_string())
    };
    let with = |layout: TableLayout, text: &[u8]| {
        TableOptions::default()
            .layout(layout)
            .read(text)
            .err()
            .map(|e| e.to_string())
    };
    for (found, expected) in [
        (detect(b""), "the table is empty"),
        (detect(b"\n\r\n  \n"), "the table is empty"),
        (detect(b"a,b\n1,2\n"), "no known table begins with \"a,b\""),
        (with(bytes_layout(), b"\n"), "the table is empty"),
        (
            with(bytes_layout(), b"\"a,b\n"),
            "line 1, the header: a quote is not closed",
        ),
        (
            with(TableLayout::json_lines().label("a"), b"{\"a\":1}\n"),
            "no column of the table is known as a feature",
        ),
        (
            with(bytes_layout(), b"a,b\n1,2\n"),
            "the table has no column bytes, kind",
        ),
    ] {
        assert_eq!(found.as_deref(), Some(expected));
    }
}

#[test]
fn batches_of_any_size_hold_the_same_rows() -> Outcome {
    let text: String = (0..50)
        .map(|row| {
            format!(
                "{row},{}\n",
                ["b", "a", "x\"", "c"].get(row % 4).unwrap_or(&"")
            )
        })
        .collect();
    let text = "bytes,kind\n".to_owned() + &text.replace("7,c", "seven,c");
    let options = TableOptions::default().layout(bytes_layout());
    let whole = options.clone().read(text.as_bytes())?;
    for size in [1, 4, 7, 100] {
        let schema = std::sync::Arc::clone(whole.matrix.schema());
        let mut reader = options.clone().schema(schema).open(text.as_bytes())?;
        let (mut values, mut lines) = (Vec::new(), Vec::new());
        while let Some(batch) = reader.next_batch(size)? {
            assert!(batch.rows() <= size);
            values.extend(batch.matrix.view().iter().copied());
            lines.extend(batch.lines);
        }
        assert_eq!(
            values,
            whole.matrix.view().iter().copied().collect::<Vec<_>>()
        );
        assert_eq!(lines, whole.lines);
        assert_eq!(reader.account(), &whole.account);
    }
    Ok(())
}

/// Bytes that look somewhat like a table of the format.
fn damaged(format: TableFormat) -> impl Strategy<Value = Vec<u8>> {
    let beginning: &[u8] = match format {
        TableFormat::Zeek => b"#separator \\x09\n#fields\tts\tproto\tduration\ttail   label\n",
        TableFormat::CicFlowMeter => b"Flow Duration,Flow Bytes/s,Protocol,Label,Label\n",
        TableFormat::UnswNb15 => b"id,dur,proto,sload,ct_state_ttl,attack_cat\n",
        TableFormat::FlowsCsv => b"uid,id.orig_h,flow_end_reason,protocol,gap_mean,own\n",
        TableFormat::SuricataEve => b"{\"event_type\":\"flow\",\"proto\":\"TCP\"}\n",
        _ => b"",
    };
    let piece = prop_oneof![
        Just(&b","[..]),
        Just(&b",1,2,3,tcp"[..]),
        Just(&b"\n"[..]),
        Just(&b"\r\n"[..]),
        Just(&b"\t"[..]),
        Just(&b"   "[..]),
        Just(&b"\""[..]),
        Just(&b"NaN"[..]),
        Just(&b"-Infinity"[..]),
        Just(&b"1e400"[..]),
        Just(&b"-"[..]),
        Just(&b"\xff\x96"[..]),
        Just(&b"{\"uid\":\"C\",\"proto\":\"x\",\"flow\":{\"age\":1,\"pkts_toserver\":"[..]),
        Just(&b"}}"[..]),
        Just(&b"#fields\tproto\tduration\n"[..]),
        Just(&b"#separator "[..]),
        Just(&b"0,tcp,http,SF,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,x\n"[..]),
    ];
    (any::<bool>(), proptest::collection::vec(piece, 0..40)).prop_map(move |(whole, pieces)| {
        let mut text = if whole {
            beginning.to_vec()
        } else {
            Vec::new()
        };
        text.extend(pieces.concat());
        text
    })
}

fn read_closes(options: TableOptions, text: &[u8]) {
    let Ok(mut reader) = options
        .limits(TableLimits::default().with_line(300))
        .open(text)
    else {
        return;
    };
    let mut rows = 0;
    while let Ok(Some(batch)) = reader.next_batch(3) {
        assert_eq!(batch.matrix.rows(), batch.rows());
        rows += batch.rows() as u64;
    }
    assert_closes(reader.account());
    assert_eq!(rows, reader.account().kept);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_tables_never_panic_and_the_account_closes(
        (format, text) in (0..TableFormat::ALL.len())
            .prop_map(|at| TableFormat::ALL.get(at).copied().unwrap_or(TableFormat::Kdd))
            .prop_flat_map(|format| (Just(format), damaged(format)))
    ) {
        read_closes(TableOptions::default().format(format), &text);
        read_closes(TableOptions::default(), &text);
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_the_account_closes(
        text in proptest::collection::vec(any::<u8>(), 0..400),
        delimiter in any::<char>(),
    ) {
        let layouts = [
            TableLayout::delimited(delimiter),
            TableLayout::delimited(delimiter).without_header(["a", "b", "c"]),
            TableLayout::json_lines(),
        ];
        for layout in layouts {
            let layout = layout.others(OtherColumns::Features).label("label");
            read_closes(TableOptions::default().layout(layout), &text);
        }
        for format in TableFormat::ALL {
            read_closes(TableOptions::default().format(format), &text);
        }
    }
}
