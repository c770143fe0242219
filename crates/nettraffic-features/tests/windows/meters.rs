//! The set `window` in the rows of an extractor.

use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp, Transport, UdpHeader};
use nettraffic_features::{Column, CustomFeatures, Extractor, FeatureSet, HostWindows, Unit};
use nettraffic_flow::{Accumulate, Direction, Flow, FlowConfig};

use crate::records::{host, nanos};

/// A column of an embedder's own, behind those of the sets.
#[derive(Clone, Debug, Default)]
struct Marked;

impl Accumulate for Marked {
    fn update(&mut self, _: &PacketMeta, _: Direction, _: &Flow) {}
}

impl CustomFeatures for Marked {
    fn columns() -> Vec<Column> {
        vec![Column::number("marked", Unit::Count)]
    }

    fn extract(&self, _: &Flow, row: &mut Vec<f64>) {
        row.push(-7.0);
    }
}

/// Datagrams among a few hosts over some minutes, so that flows end by silence all along.
fn packets() -> Vec<PacketMeta> {
    let packet = |n: u32| {
        let hash = n.wrapping_mul(2_654_435_761) >> 16;
        let time = Timestamp::from_nanos(nanos(f64::from(n) * 0.4));
        let (source, destination) = (host(hash & 7), host(10 + (hash >> 3 & 3)));
        let mut packet = PacketMeta::new(time, source, destination, IpProtocol::UDP);
        packet.sequence = u64::from(n);
        packet.header_len = 28;
        packet.payload_len = hash & 255;
        packet.transport = Transport::Udp(UdpHeader {
            source_port: 40_000 + (hash >> 5 & 15) as u16,
            destination_port: [53, 123, 4000][hash as usize % 3],
        });
        packet
    };
    (0..3000).map(packet).collect()
}

#[test]
fn rows_hold_what_the_windows_tell_whatever_the_chunks() -> Result<(), Box<dyn std::error::Error>> {
    let packets = packets();
    let mut seen = Vec::new();
    for chunk in [1, 7, 1000, packets.len()] {
        let features = FeatureSet::named("window,basic")?;
        let mut extractor = Extractor::<Marked>::with_custom(
            features.clone(),
            FlowConfig::default(),
            chunk as u64,
        )?;
        let mut windows = HostWindows::new(Default::default());
        let mut rows = Vec::new();
        let mut drain = |extractor: &mut Extractor<Marked>| {
            // Something of the caller's own stands before each row.
            let mut row = vec![5.0];
            while let Some(flow) = extractor.pop(&mut row) {
                let mut expected = vec![0.0; features.schema().len()];
                features.fill_windows(&windows.observe(&flow), &mut expected);
                let from = features.schema().len() - WINDOW_COLUMNS;
                assert_eq!(row[1..][from..][..WINDOW_COLUMNS], expected[from..]);
                assert_eq!((row[0], row[row.len() - 1]), (5.0, -7.0));
                assert_eq!(row.len(), extractor.schema().len() + 1);
                rows.push(row.clone());
                row.truncate(1);
            }
        };
        for packets in packets.chunks(chunk) {
            extractor.push_all(packets);
            drain(&mut extractor);
        }
        extractor.finish();
        drain(&mut extractor);
        let counted = extractor.window_counters().map(|counters| counters.counted);
        assert_eq!(counted, Some(rows.len() as u64));
        seen.push(rows);
    }
    assert!(seen[0].len() > 300, "{} records", seen[0].len());
    assert!(seen.windows(2).all(|two| two[0] == two[1]));
    Ok(())
}

/// Features and indicators.
const WINDOW_COLUMNS: usize = 58 + 4;

#[test]
fn the_set_stands_behind_the_others_and_costs_nothing_where_it_is_not_chosen()
-> Result<(), Box<dyn std::error::Error>> {
    let window = FeatureSet::named("window")?;
    assert_eq!(window.schema().len(), WINDOW_COLUMNS);
    assert!(window.needs_windows());
    let basic = FeatureSet::named("basic")?;
    let both = FeatureSet::named("window,basic")?;
    let columns = [basic.schema().columns(), window.schema().columns()].concat();
    assert_eq!(both.schema().columns(), columns);
    assert!(!basic.needs_windows() && !FeatureSet::standard().needs_windows());
    assert!(FeatureSet::default().needs_windows());
    let extractor = Extractor::new(basic, FlowConfig::default());
    assert_eq!(extractor.window_counters(), None);
    Ok(())
}

#[test]
fn context_is_the_part_of_the_windows_that_stays_comparable()
-> Result<(), Box<dyn std::error::Error>> {
    let names = |set: &str| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let schema = FeatureSet::named(set)?.schema();
        Ok((schema
            .columns()
            .iter()
            .map(|column| column.name.to_string()))
        .collect())
    };
    let (window, context) = (names("window")?, names("context")?);
    let (kept, left_out): (Vec<_>, Vec<_>) =
        window.into_iter().partition(|name| context.contains(name));
    assert_eq!(kept, context);
    let grows = ["source_age_100", "channel_connections"];
    for name in &left_out {
        let expected = name.starts_with("service_")
            || name.contains("destination_half_open")
            || ["_connections_100", "_hosts_100", "_services_100"]
                .iter()
                .any(|end| name.ends_with(end))
            || grows.contains(&&**name);
        assert!(expected, "{name}");
    }
    assert_eq!(left_out.len(), 16);
    assert_eq!(
        FeatureSet::named("basic,context")?.flow_columns(),
        (0..names("basic")?.len()).collect::<Vec<_>>()
    );
    Ok(())
}
