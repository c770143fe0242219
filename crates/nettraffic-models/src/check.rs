//! What every model checks about the rows that it is given.

use ndarray::{ArrayView1, ArrayView2, CowArray, Ix1, Ix2};

use crate::ModelError;

/// Refuses rows of another width than `columns`, and the first value that is not finite.
pub(crate) fn rows(x: ArrayView2<'_, f32>, columns: usize) -> Result<(), ModelError> {
    width(x.ncols(), columns)?;
    for (index, values) in x.outer_iter().enumerate() {
        finite(values, index)?;
    }
    Ok(())
}

/// [`rows`] for a single row, which counts as row 0.
pub(crate) fn row(x: ArrayView1<'_, f32>, columns: usize) -> Result<(), ModelError> {
    width(x.len(), columns)?;
    finite(x, 0)
}

/// The checked rows one after another in memory: borrowed where they lie so already.
pub(crate) fn contiguous_rows<'a>(
    x: &'a ArrayView2<'_, f32>,
    columns: usize,
) -> Result<CowArray<'a, f32, Ix2>, ModelError> {
    rows(x.view(), columns)?;
    Ok(x.as_standard_layout())
}

/// [`contiguous_rows`] for a single row.
pub(crate) fn contiguous_row<'a>(
    x: &'a ArrayView1<'_, f32>,
    columns: usize,
) -> Result<CowArray<'a, f32, Ix1>, ModelError> {
    row(x.view(), columns)?;
    Ok(x.as_standard_layout())
}

fn width(found: usize, expected: usize) -> Result<(), ModelError> {
    if found == expected {
        Ok(())
    } else {
        Err(ModelError::Columns { expected, found })
    }
}

fn finite(values: ArrayView1<'_, f32>, row: usize) -> Result<(), ModelError> {
    // A loop without an early exit compiles to vector instructions; the search runs once, on failure.
    if values.fold(true, |sound, v| sound & v.is_finite()) {
        return Ok(());
    }
    let column = values.iter().position(|v| !v.is_finite()).unwrap_or(0);
    Err(ModelError::NotFinite { row, column })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn another_width_is_refused_with_both_widths() {
        let x = Array2::<f32>::zeros((2, 3));
        let error = ModelError::Columns {
            expected: 4,
            found: 3,
        };
        assert_eq!(rows(x.view(), 4), Err(error.clone()));
        assert_eq!(row(x.row(0), 4), Err(error));
        assert_eq!(rows(x.view(), 3), Ok(()));
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_named() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let x = array![[1.0, 2.0], [3.0, bad], [bad, 4.0]];
            let error = ModelError::NotFinite { row: 1, column: 1 };
            assert_eq!(rows(x.view(), 2), Err(error));
            let error = ModelError::NotFinite { row: 0, column: 0 };
            assert_eq!(row(x.row(2), 2), Err(error));
        }
    }

    #[test]
    fn transposed_rows_become_contiguous() {
        let x = array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let turned = x.t();
        let copied = contiguous_rows(&turned, 3);
        assert_eq!(
            copied.as_ref().map(|x| x.as_slice()),
            Ok(Some(&[1.0, 3.0, 5.0, 2.0, 4.0, 6.0][..]))
        );
        let column = x.column(1);
        let copied = contiguous_row(&column, 3);
        assert_eq!(
            copied.as_ref().map(|x| x.as_slice()),
            Ok(Some(&[2.0, 4.0, 6.0][..]))
        );
    }
}
