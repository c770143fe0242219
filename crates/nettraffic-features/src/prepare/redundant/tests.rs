use proptest::prelude::*;

use super::super::stored::StoredPreprocessor;
use super::super::tests::{TestResult, any_number, every_way, rows};
use super::*;
use crate::{Column, FeatureMatrix, PrepareError, Preprocessor, Schema, Unit};

const DROPPING: [Redundant; 2] = [Redundant::DropDuplicates, Redundant::Drop];

/// Bytes, their half, two constants, two flags and a category of which two values occur.
fn table(values: &[[f64; 7]]) -> TestResult<FeatureMatrix> {
    let columns = vec![
        Column::number("bytes", Unit::Bytes),
        Column::number("half", Unit::Bytes),
        Column::number("ttl", Unit::Count),
        Column::number("urgent", Unit::Count),
        Column::number("answered", Unit::Flag),
        Column::number("over_udp", Unit::Flag),
        Column::category("protocol", ["tcp", "udp", "icmp"]),
    ];
    rows(columns, values.as_flattened())
}

fn training() -> TestResult<FeatureMatrix> {
    table(&[
        [0.0, 0.0, 64.0, 0.0, 1.0, 0.0, 0.0],
        [100.0, 50.0, 64.0, 0.0, 1.0, 1.0, 1.0],
        [40.0, 20.0, 64.0, 0.0, 0.0, 1.0, 1.0],
    ])
}

fn fit(redundant: Redundant) -> TestResult<Preprocessor> {
    let params = Preprocessor::params().redundant(redundant);
    Ok(params.fit(&training()?)?)
}

fn names(fitted: &Preprocessor) -> Vec<String> {
    (0..fitted.columns()).map(|i| fitted.name_of(i)).collect()
}

#[test]
fn all_columns_stay_unless_asked_for() -> TestResult {
    assert_eq!(Preprocessor::params().redundant, Redundant::Keep);
    let kept = fit(Redundant::Keep)?;
    assert_eq!(kept.columns(), 9);
    assert_eq!(kept.dropped(), []);
    Ok(())
}

#[test]
fn of_equal_columns_the_first_stays_and_constants_are_no_duplicates() -> TestResult {
    let fitted = fit(Redundant::DropDuplicates)?;
    let expected = [
        "bytes",
        "ttl",
        "urgent",
        "answered",
        "over_udp",
        "protocol=tcp",
        "protocol=unseen",
    ];
    assert_eq!(names(&fitted), expected);
    let sources: Vec<_> = (0..7).map(|i| fitted.source_of(i)).collect();
    assert_eq!(sources, [0, 2, 3, 4, 5, 6, 6]);
    let dropped = |name: &str, source, prepared| DroppedColumn {
        name: name.into(),
        source,
        because: Redundancy::DuplicateOf { prepared },
    };
    // On the common scale a half is the whole. The other column counts among those that stay.
    let expected = [dropped("half", 1, 0), dropped("protocol=udp", 6, 4)];
    assert_eq!(fitted.dropped(), expected);
    Ok(())
}

#[test]
fn constant_columns_go_where_asked_for_and_the_unseen_stay() -> TestResult {
    let fitted = fit(Redundant::Drop)?;
    let expected = [
        "bytes",
        "answered",
        "over_udp",
        "protocol=tcp",
        "protocol=unseen",
    ];
    assert_eq!(names(&fitted), expected);
    let dropped: Vec<_> = (fitted.dropped().iter())
        .map(|column| (column.name.as_str(), column.because))
        .collect();
    let duplicate_of = |prepared| Redundancy::DuplicateOf { prepared };
    let expected = [
        ("half", duplicate_of(0)),
        ("ttl", Redundancy::Constant),
        ("urgent", Redundancy::Constant),
        ("protocol=udp", duplicate_of(2)),
    ];
    assert_eq!(dropped, expected);
    Ok(())
}

#[test]
fn what_was_constant_shows_later_unless_constants_are_dropped() -> TestResult {
    let usual = [40.0, 20.0, 64.0, 0.0, 0.0, 1.0, 1.0];
    let (mut ttl, mut protocol) = (usual, usual);
    ttl[2] = 255.0;
    protocol[6] = 2.0;
    let shows = |redundant, row: [f64; 7]| -> TestResult<bool> {
        let rows = fit(redundant)?.apply(&table(&[usual, row])?)?;
        Ok(rows.row(0) != rows.row(1))
    };
    for (redundant, expected) in [
        (Redundant::Keep, true),
        (Redundant::DropDuplicates, true),
        (Redundant::Drop, false),
    ] {
        assert_eq!(shows(redundant, ttl)?, expected, "{redundant:?}");
        assert!(shows(redundant, protocol)?, "{redundant:?}");
    }
    Ok(())
}

#[test]
fn nothing_is_left_of_constant_columns_alone() -> TestResult {
    let constant = rows(vec![Column::number("x", Unit::Count)], &[3.0, 3.0])?;
    let fit = |redundant| Preprocessor::params().redundant(redundant).fit(&constant);
    assert_eq!(fit(Redundant::Drop), Err(PrepareError::NothingVaries));
    assert_eq!(fit(Redundant::DropDuplicates)?.columns(), 1);
    // A category always keeps the column of what was not there.
    let category = rows(vec![Column::category("x", ["a", "b"])], &[0.0])?;
    let params = Preprocessor::params().redundant(Redundant::Drop);
    assert_eq!(names(&params.fit(&category)?), ["x=unseen"]);
    Ok(())
}

#[test]
fn stored_omissions_that_do_not_fit_are_refused() -> TestResult {
    let whole = fit(Redundant::Keep)?;
    let read = |omissions: &[(usize, Option<usize>)]| {
        let omission = |&(column, duplicate_of)| Omission {
            column,
            duplicate_of,
        };
        Preprocessor::try_from(StoredPreprocessor {
            schema: Schema::clone(whole.schema()),
            encoders: whole.encoders.clone(),
            omissions: omissions.iter().map(omission).collect(),
        })
    };
    let all: Vec<_> = (0..9).map(|column| (column, None)).collect();
    let order = "the columns that it leaves out are not in order";
    let duplicate = "it leaves out a duplicate of a column that does not stay";
    for (omissions, expected) in [
        (&[(2, None), (1, None)][..], order),
        (&[(1, None), (1, None)], order),
        (&[(9, None)], order),
        (&[(usize::MAX, None)], order),
        (&[(1, Some(1))], duplicate),
        (&[(1, Some(2))], duplicate),
        (&[(1, Some(usize::MAX))], duplicate),
        (&[(1, None), (2, Some(1))], duplicate),
        (&all, "it leaves out every column"),
    ] {
        let error = read(omissions).unwrap_err().to_string();
        let expected = format!("not a sound preprocessor: {expected}");
        assert_eq!(error, expected, "{omissions:?}");
    }
    assert_eq!(read(&[]), Ok(whole.clone()));
    assert_eq!(read(&all[1..])?.columns(), 1);
    let fitted = fit(Redundant::Drop)?;
    let (encoders, omissions) = (fitted.encoders.clone(), fitted.omissions.clone());
    let schema = Schema::clone(fitted.schema());
    let stored = StoredPreprocessor {
        schema,
        encoders,
        omissions,
    };
    assert_eq!(Preprocessor::try_from(stored), Ok(fitted));
    Ok(())
}

/// Rows of few different values, so that columns are often constant or equal.
fn any_table() -> impl Strategy<Value = TestResult<FeatureMatrix>> {
    let number = prop_oneof![9 => (0_u8..3).prop_map(f64::from), 1 => any_number()];
    let row = (prop::array::uniform5(number), 0_u8..2, 0_u8..4);
    let rows_of = |values: Vec<([f64; 5], u8, u8)>| {
        let mut columns: Vec<_> = (0..5)
            .map(|i| Column::number(format!("n{i}"), Unit::Bytes))
            .collect();
        columns.push(Column::number("flag", Unit::Flag));
        columns.push(Column::category("category", ["a", "b", "c"]));
        let row = |(numbers, flag, category): ([f64; 5], u8, u8)| {
            let rest = [f64::from(flag), f64::from(category)];
            numbers.into_iter().chain(rest)
        };
        rows(
            columns,
            &values.into_iter().flat_map(row).collect::<Vec<_>>(),
        )
    };
    prop::collection::vec(row, 1..8).prop_map(rows_of)
}

proptest! {
    // Each case goes through twenty ways of preparing.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn dropping_changes_no_column_that_stays(
        training in any_table(),
        test in any_table(),
        turn in 0_usize..8,
    ) {
        let (training, test) = (training?, test?);
        for (params, redundant) in every_way().flat_map(|way| DROPPING.map(|drop| (way, drop))) {
            let whole = params.fit(&training)?;
            let params = params.redundant(redundant);
            let fitted = params.fit(&training)?;

            let all = names(&whole);
            let stay = names(&fitted);
            let gone: Vec<_> = fitted.dropped().iter().map(|column| &column.name).collect();
            prop_assert_eq!(stay.len() + gone.len(), all.len());
            prop_assert!(all.iter().all(|name| stay.contains(name) != gone.contains(&name)));
            let place = |name: &String| all.iter().position(|other| other == name);

            for rows in [&training, &test] {
                let (expected, found) = (whole.apply(rows)?, fitted.apply(rows)?);
                for (column, name) in stay.iter().enumerate() {
                    let place = place(name).ok_or_else(|| TestCaseError::fail(name.clone()))?;
                    prop_assert_eq!(whole.source_of(place), fitted.source_of(column));
                    let bits = |x: &f32| x.to_bits();
                    let expected = expected.view().column(place).map(bits);
                    prop_assert_eq!(found.view().column(column).map(bits), expected);
                }
                let mut by_row = Vec::new();
                for row in rows.view().rows() {
                    fitted.apply_row(&row.to_vec(), &mut by_row)?;
                }
                let bits = |x: f32| x.to_bits();
                prop_assert!(by_row.into_iter().map(bits).eq(found.view().iter().copied().map(bits)));
            }

            let stored = postcard::to_stdvec(&fitted)?;
            prop_assert_eq!(&postcard::from_bytes::<Preprocessor>(&stored)?, &fitted);
            let turned: Vec<_> = (0..training.rows())
                .map(|row| (row + turn) % training.rows())
                .collect();
            prop_assert_eq!(&params.fit(&training.select(&turned))?, &fitted);
        }
    }

    #[test]
    fn exactly_the_redundant_columns_are_dropped(training in any_table()) {
        let training = training?;
        for (params, redundant) in every_way().flat_map(|way| DROPPING.map(|drop| (way, drop))) {
            let whole = params.fit(&training)?;
            let fitted = params.redundant(redundant).fit(&training)?;
            let rows = whole.apply(&training)?;
            let all = names(&whole);
            let values = |column: usize| rows.view().column(column).to_vec();
            for (column, name) in all.iter().enumerate() {
                let values_here = values(column);
                let constant = values_here.iter().all(|value| *value == values_here[0]);
                let earlier = (0..column).find(|other| values(*other) == values_here);
                let expected = match (constant, earlier) {
                    _ if name.ends_with("=unseen") => None,
                    (true, _) => (redundant == Redundant::Drop).then_some("constant"),
                    (false, Some(other)) => Some(all[other].as_str()),
                    (false, None) => None,
                };
                let dropped = fitted.dropped().iter().find(|dropped| dropped.name == *name);
                let found = dropped.map(|dropped| match dropped.because {
                    Redundancy::Constant => "constant".to_owned(),
                    Redundancy::DuplicateOf { prepared } => fitted.name_of(prepared),
                });
                prop_assert_eq!(found.as_deref(), expected);
            }
        }
    }

    #[test]
    fn damaged_omissions_are_refused_or_give_numbers(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        test in any_table(),
    ) {
        let test = test?;
        for redundant in DROPPING {
            let params = Preprocessor::params().redundant(redundant);
            let fitted = params.fit(&test)?;
            let mut stored = postcard::to_stdvec(&fitted)?;
            // The omissions come last.
            let tail = stored.len() - postcard::to_stdvec(&fitted.omissions)?.len();
            *at.get_mut(&mut stored[tail..]) = byte;
            let Ok(read) = postcard::from_bytes::<Preprocessor>(&stored) else {
                continue;
            };
            let mut out = Vec::new();
            for row in test.view().rows() {
                read.apply_row(&row.to_vec(), &mut out)?;
            }
            prop_assert_eq!(out.len(), test.rows() * read.columns());
            prop_assert!(out.iter().all(|value| value.is_finite()));
            prop_assert_eq!(names(&read).len() + read.dropped().len(), read.kept.len());
        }
    }
}
