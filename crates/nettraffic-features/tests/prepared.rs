//! Rows of every feature set, prepared.
#![cfg(feature = "flow")]

use std::path::PathBuf;
use std::time::Duration;

use nettraffic_capture::{PacketMeta, PacketSource, decode, from_reader, open};
use nettraffic_features::{
    Column, ColumnKind, Extractor, FeatureMatrix, FeatureSet, HeavyTails, Preprocessor,
    PreprocessorParams, Redundant, Scale,
};
use nettraffic_flow::FlowConfig;
use nettraffic_synth::{Attack, AttackKind, Scenario};
use proptest::prelude::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// All scales and both tails; the redundant columns take turns.
fn ways() -> impl Iterator<Item = PreprocessorParams> {
    let scales = [
        Scale::MinMax,
        Scale::Standard,
        Scale::Robust,
        Scale::Quantile,
        Scale::None,
    ];
    let redundant = [Redundant::Keep, Redundant::DropDuplicates, Redundant::Drop];
    let tails = [HeavyTails::Log, HeavyTails::Keep];
    let ways = scales
        .into_iter()
        .flat_map(move |scale| tails.map(|tails| (scale, tails)));
    ways.zip(redundant.into_iter().cycle())
        .map(|((scale, tails), redundant)| {
            let params = Preprocessor::params().scale(scale);
            params.heavy_tails(tails).redundant(redundant)
        })
}

fn packets(
    mut source: impl PacketSource,
) -> Result<Vec<PacketMeta>, nettraffic_capture::CaptureError> {
    let mut packets = Vec::new();
    while let Some(packet) = source.next_packet()? {
        packets.extend(decode(&packet));
    }
    Ok(packets)
}

/// The rows of all feature sets.
fn rows(packets: &[PacketMeta]) -> Result<FeatureMatrix, Box<dyn std::error::Error>> {
    let features = FeatureSet::all();
    let schema = features.schema();
    let mut extractor = Extractor::new(features, FlowConfig::default());
    extractor.push_all(packets);
    extractor.finish();
    let mut values = Vec::new();
    while extractor.pop(&mut values).is_some() {}
    Ok(FeatureMatrix::from_rows(schema, values)?)
}

/// Fits on the first rows and prepares all: every value is a number, in every way.
fn check(rows: &FeatureMatrix) -> Outcome {
    let some: Vec<usize> = (0..rows.rows().div_ceil(2)).collect();
    for params in ways() {
        let fitted = params.fit(&rows.select(&some))?;
        let prepared = fitted.apply(rows)?;
        assert_eq!(prepared.columns(), fitted.columns());
        assert!(
            prepared.view().iter().all(|value| value.is_finite()),
            "{params:?}"
        );
    }
    Ok(())
}

#[test]
fn every_feature_of_usual_traffic_and_of_attacks_is_a_number() -> Outcome {
    let usual = Scenario::new(7).hosts(5).duration(Duration::from_secs(600));
    let attacked = AttackKind::ALL.iter().zip(0_u64..);
    let attacked = attacked.fold(usual, |scenario, (kind, index)| {
        let attack = Attack::new(*kind).at(Duration::from_secs(30 + 40 * index));
        scenario.attack(attack.lasting(Duration::from_secs(2)))
    });
    let capture = attacked.pcap_bytes();
    let rows = rows(&packets(from_reader("memory", &*capture)?)?)?;
    assert!(rows.rows() > 500 && rows.schema().len() > 200);
    check(&rows)
}

#[test]
fn every_feature_of_real_traffic_is_a_number() -> Outcome {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(());
    };
    for name in ["mixed/mix_train_benign.pcap", "attack/nmap_connect.pcap"] {
        let rows = rows(&packets(open(corpus.join(name))?)?)?;
        assert!(rows.rows() > 500, "{name}: {} rows", rows.rows());
        check(&rows)?;
    }
    Ok(())
}

/// What can stand in a column, in any amount.
fn any_value(column: &Column) -> BoxedStrategy<f64> {
    match &column.kind {
        ColumnKind::Category(names) => (0..=names.len()).prop_map(|index| index as f64).boxed(),
        ColumnKind::Indicator => (0_u8..2).prop_map(f64::from).boxed(),
        _ => prop_oneof![
            3 => Just(0.0),
            3 => (0_u32..100).prop_map(f64::from),
            2 => 0.0..1e12_f64,
            1 => any::<f64>().prop_filter("finite", |value| value.is_finite()),
        ]
        .boxed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn absurd_values_of_any_feature_stay_numbers(
        values in prop::collection::vec(
            FeatureSet::all().schema().columns().iter().map(any_value).collect::<Vec<_>>(),
            1..12,
        ),
    ) {
        let rows = FeatureMatrix::from_rows(FeatureSet::all().schema(), values.concat());
        prop_assert_eq!(rows.map_err(Box::from).and_then(|rows| check(&rows)).map_err(|e| e.to_string()), Ok(()));
    }
}
