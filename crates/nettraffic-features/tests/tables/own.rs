//! Tables that we write ourselves.

use std::net::Ipv4Addr;

use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp, Transport, UdpHeader};
use nettraffic_features::{
    Extractor, FeatureMatrix, FeatureSet, FlowFormat, FlowWriter, TableFormat, TableOptions,
};
use nettraffic_flow::{Flow, FlowConfig};

use crate::{Outcome, assert_closes};

/// Flows, and their rows one after another.
fn flows(features: &FeatureSet) -> (Vec<Flow>, Vec<f64>) {
    let mut table = Extractor::new(features.clone(), FlowConfig::default());
    for number in 0..200_u16 {
        let time =
            Timestamp::from_nanos(1_700_000_000_000_000_000 + i64::from(number) * 12_345_678);
        let host = Ipv4Addr::new(192, 0, 2, (number % 20) as u8);
        let protocol = [IpProtocol::UDP, IpProtocol(47)][usize::from(number % 3 == 0)];
        let mut packet = PacketMeta::new(time, host.into(), Ipv4Addr::LOCALHOST.into(), protocol);
        packet.payload_len = u32::from(number) * 7 % 1_400;
        packet.header_len = 28;
        if protocol == IpProtocol::UDP {
            packet.transport = Transport::Udp(UdpHeader {
                source_port: 4_000 + number % 30,
                destination_port: 53,
            });
        }
        table.push(&packet);
    }
    table.finish();
    let mut rows = Vec::new();
    let flows = std::iter::from_fn(|| table.pop(&mut rows)).collect();
    (flows, rows)
}

#[test]
fn what_was_written_is_read_back_bit_for_bit() -> Outcome {
    let features = FeatureSet::all();
    let (flows, rows) = flows(&features);
    let expected = FeatureMatrix::from_rows(features.schema(), rows)?;
    for (format, detected) in [
        (FlowFormat::Csv, TableFormat::FlowsCsv),
        (FlowFormat::Ndjson, TableFormat::FlowsNdjson),
        (FlowFormat::ZeekTsv, TableFormat::FlowsZeek),
    ] {
        let mut writer = FlowWriter::new(features.schema(), format);
        let mut text = writer.header().to_vec();
        for (flow, row) in flows.iter().zip(expected.view().rows()) {
            text.extend_from_slice(writer.record(flow, &row.to_vec()));
        }
        text.extend_from_slice(&writer.footer(Timestamp::default()));
        let table = if detected == TableFormat::FlowsZeek {
            assert_eq!(TableFormat::detect(&text), Some(TableFormat::Zeek));
            TableOptions::default().format(detected).read(&text[..])?
        } else {
            assert_eq!(TableFormat::detect(&text), Some(detected));
            TableOptions::default().read(&text[..])?
        };
        assert_closes(&table.account);
        assert_eq!(table.matrix, expected, "{detected:?}: {}", table.account);
        assert_eq!(
            table.matrix.schema().fingerprint(),
            expected.schema().fingerprint()
        );
        assert!(table.account.unknown.is_empty(), "{}", table.account);
        for (row, flow) in flows.iter().enumerate() {
            let uid = table
                .identity_column("uid")
                .and_then(|column| column.get(row));
            assert_eq!(uid, Some(flow.uid().to_string().as_str()));
        }
    }
    Ok(())
}
