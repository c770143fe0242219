//! What storing promises.

use ndarray::Array2;
use proptest::prelude::*;

use super::{Data, TestResult, params, xor};
use crate::{AnomalyModel, ForestDetector, RandomForest};

fn fitted() -> TestResult<ForestDetector> {
    let forest = Data::new(120, 3, 16, xor)?.fit(&params().trees(3))?;
    Ok(forest.into_anomaly_model("benign")?)
}

fn stored() -> TestResult<Vec<u8>> {
    Ok(postcard::to_allocvec(&fitted()?)?)
}

#[test]
fn stored_and_read_it_is_the_same_model() -> TestResult {
    let bytes = stored()?;
    let model: ForestDetector = postcard::from_bytes(&bytes)?;
    assert_eq!(postcard::to_allocvec(&model)?, bytes);
    assert_eq!(model, fitted()?);
    Ok(())
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
            let trees = [(columns, edges, shares)];
            // Tuples are stored as their parts one after the other.
            let bytes = postcard::to_allocvec(&(stored, Some(0.1), trees.as_slice()));
            let forest = bytes.and_then(|bytes| postcard::from_bytes::<RandomForest>(&bytes));
            forest.map_or(Err(()), |forest| Ok(forest.nodes()))
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
        let mut bytes = stored().map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(model) = postcard::from_bytes::<ForestDetector>(&bytes) {
            let rows = Array2::from_elem((9, model.columns()), 0.5);
            for score in model.score(rows.view())? {
                prop_assert!((0.0..=1.0).contains(&score));
            }
            prop_assert!(model.contributions(rows.row(0)).is_ok());
        }
    }
}
