//! What storing promises.

use std::sync::OnceLock;

use ndarray::Array2;
use proptest::prelude::*;

use super::{Data, params, xor};
use crate::{AnomalyModel, ForestDetector, RandomForest};

fn stored() -> Vec<u8> {
    static STORED: OnceLock<Vec<u8>> = OnceLock::new();
    STORED.get_or_init(store).clone()
}

fn store() -> Vec<u8> {
    let model = Data::new(120, 3, 16, xor)
        .fit(&params().trees(3))
        .into_anomaly_model("benign");
    postcard::to_allocvec(&model.unwrap()).unwrap()
}

#[test]
fn stored_and_read_it_is_the_same_model() {
    let bytes = stored();
    let model: ForestDetector = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(postcard::to_allocvec(&model).unwrap(), bytes);
    let data = Data::new(120, 3, 16, xor);
    let fitted = data
        .fit(&params().trees(3))
        .into_anomaly_model("benign")
        .unwrap();
    assert_eq!(model, fitted);
}

#[test]
fn a_tree_that_does_not_fit_together_is_refused() {
    // One tree over two columns and two classes; the parts are columns, edges, shares.
    let read_with =
        |known: [&[f32]; 2], missing: bool, columns: &[u32], edges: &[u8], shares: &[f32]| {
            let classes = ["benign", "attack"];
            let importance = [0.5, 0.5];
            let stored = (
                classes.as_slice(),
                missing,
                known.as_slice(),
                importance.as_slice(),
            );
            let mut bytes = postcard::to_allocvec(&stored).unwrap();
            let trees = [(columns, edges, shares)];
            bytes.extend(postcard::to_allocvec(&(Some(0.1), trees.as_slice())).unwrap());
            let forest = postcard::from_bytes::<RandomForest>(&bytes).map_err(|_| ());
            forest.map(|forest| forest.nodes())
        };
    let read = |columns: &[u32], edges: &[u8], shares: &[f32]| {
        read_with([&[0.1], &[0.2, 0.3]], false, columns, edges, shares)
    };
    let half = |nodes: usize| vec![0.5; 2 * nodes];
    let deep = |depth: usize| {
        let mut columns = vec![1];
        columns.extend([1, 0].repeat(depth - 1));
        columns.extend([0, 0]);
        read(&columns, &vec![0; depth], &half(2 * depth + 1))
    };
    let known = |edges: &[f32], missing| read_with([edges, &[]], missing, &[0], &[], &half(1));
    let many: Vec<f32> = (0..256_u16).map(f32::from).collect();
    let cases = [
        ("one leaf", read(&[0], &[], &half(1)), Ok(1)),
        ("one split", read(&[2, 0, 0], &[1], &half(3)), Ok(3)),
        ("deepest", deep(256), Ok(513)),
        ("deeper", deep(257), Err(())),
        ("no node", read(&[], &[], &[]), Err(())),
        ("no such column", read(&[3, 0, 0], &[0], &half(3)), Err(())),
        ("children missing", read(&[1, 0], &[0], &half(2)), Err(())),
        (
            "a node without parent",
            read(&[0, 0, 0], &[], &half(3)),
            Err(()),
        ),
        ("its own child", read(&[0, 1, 0], &[0], &half(3)), Err(())),
        ("edge missing", read(&[1, 0, 0], &[], &half(3)), Err(())),
        (
            "edge too many",
            read(&[1, 0, 0], &[0, 0], &half(3)),
            Err(()),
        ),
        ("no such edge", read(&[1, 0, 0], &[1], &half(3)), Err(())),
        ("a leaf's edge", read(&[1, 0, 0], &[255], &half(3)), Err(())),
        ("shares missing", read(&[1, 0, 0], &[0], &half(2)), Err(())),
        ("shares above 1", read(&[0], &[], &[0.5, 0.6]), Err(())),
        ("a share below 0", read(&[0], &[], &[-0.5, 1.5]), Err(())),
        ("no share", read(&[0], &[], &[f32::NAN, 1.0]), Err(())),
        ("255 edges", known(&many[1..], false), Ok(1)),
        ("256 edges", known(&many, false), Err(())),
        ("an edge twice", known(&[1.0, 1.0], false), Err(())),
        ("no edge", known(&[f32::NAN], true), Err(())),
        (
            "missing values",
            known(&[f32::NEG_INFINITY, 1.0], true),
            Ok(1),
        ),
        (
            "none missing",
            known(&[f32::NEG_INFINITY, 1.0], false),
            Err(()),
        ),
        ("infinite", known(&[1.0, f32::INFINITY], true), Err(())),
    ];
    for (name, found, expected) in cases {
        assert_eq!(found, expected, "{name}");
    }
}

proptest! {
    /// Whatever a damaged file makes of the model, reading ends, and a model that is read works.
    #[test]
    fn damaged_bytes_give_an_error_or_a_sound_model(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = stored();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(model) = postcard::from_bytes::<ForestDetector>(&bytes) {
            let rows = Array2::from_elem((9, model.columns()), 0.5);
            for score in model.score(rows.view()).unwrap() {
                prop_assert!((0.0..=1.0).contains(&score));
            }
            prop_assert!(model.contributions(rows.row(0)).is_ok());
        }
    }
}
