//! A feature has the same value whatever other sets are chosen, and stands there once.

use std::collections::BTreeMap;

use nettraffic_capture::PacketMeta;
use nettraffic_features::FeatureSet;

use crate::Outcome;
use crate::packets::{ACK, Client, FIN, PSH, SYN, Server, datagram, rows, segment};

/// A connection with a pause, bulks either way and every usual flag, and a question of its own.
fn traffic() -> Vec<PacketMeta> {
    let mut packets = vec![
        segment(Client, 0, SYN, 0),
        segment(Server, 10, SYN | ACK, 0),
        segment(Client, 20, ACK, 0),
    ];
    packets.extend((0..6).map(|at| segment(Client, 30 + at, PSH | ACK, 100 + at as u32)));
    packets.extend((0..5).map(|at| segment(Server, 8_000 + at * 7, ACK, 1_400)));
    packets.push(segment(Server, 8_100, FIN | ACK, 0));
    packets.push(segment(Client, 8_110, FIN | ACK, 0));
    packets.push(datagram(Client, 8_200, 40));
    packets
}

/// Name and value of the columns of each flow.
fn named(sets: &str) -> Result<Vec<BTreeMap<String, f64>>, Box<dyn std::error::Error>> {
    let set = FeatureSet::named(sets)?;
    let schema = set.schema();
    let names = || {
        schema
            .columns()
            .iter()
            .map(|column| column.name.to_string())
    };
    let (_, rows) = rows(&set, &traffic());
    let named: Vec<BTreeMap<_, _>> = rows
        .into_iter()
        .map(|row| names().zip(row).collect())
        .collect();
    assert!(
        named.iter().all(|row| row.len() == schema.len()),
        "{sets}: a name stands there twice"
    );
    Ok(named)
}

#[test]
fn a_feature_has_the_same_value_whatever_else_is_chosen() -> Outcome {
    let alone = named("cic")?;
    assert_eq!(alone.len(), 2);
    for others in [
        "basic",
        "length",
        "timing",
        "tcp",
        "path",
        "basic,length,timing,tcp,path",
    ] {
        let own = named(others)?;
        let both = named(&format!("{others},cic"))?;
        for ((alone, own), both) in alone.iter().zip(&own).zip(&both) {
            let mut union = own.clone();
            union.extend(alone.clone());
            assert_eq!(&union, both, "{others}");
        }
    }
    Ok(())
}

#[test]
fn columns_stand_in_the_order_of_the_first_set_that_has_them() -> Outcome {
    let columns = |sets: &str| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let schema = FeatureSet::named(sets)?.schema();
        let names = schema
            .columns()
            .iter()
            .map(|column| column.name.to_string());
        Ok(names.collect())
    };
    let (basic, cic, both) = (columns("basic")?, columns("cic")?, columns("cic,basic")?);
    assert_eq!(cic.first().map(String::as_str), Some("flow_duration"));
    let rest = cic.iter().filter(|name| !basic.contains(name));
    let expected: Vec<&String> = basic.iter().chain(rest).collect();
    assert_eq!(both.iter().collect::<Vec<_>>(), expected);
    Ok(())
}
