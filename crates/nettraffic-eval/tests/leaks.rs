//! Planted leaks are each named, and nothing else is; sound splits give no warning.

use nettraffic_eval::{Direction, EvalError, IdentifierSign, Leak, LeakCheck, Split, Splitter};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const ROWS: usize = 2000;
const NAMES: [&str; 6] = [
    "duration_us",
    "bytes",
    "packets",
    "mean_gap",
    "ttl",
    "protocol",
];

/// Flows as they are: a fifth attacks, which differ, but never in one feature alone.
struct Flows {
    values: Vec<[f64; 6]>,
    attack: Vec<bool>,
    times: Vec<i64>,
    files: Vec<u8>,
    conversations: Vec<usize>,
}

fn flows(seed: u64) -> Flows {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut flows = Flows {
        values: Vec::new(),
        attack: Vec::new(),
        times: Vec::new(),
        files: Vec::new(),
        conversations: Vec::new(),
    };
    let mut time = 0;
    for row in 0..ROWS {
        let attack = row % 5 == 0;
        let shift = if attack { 1.5 } else { 0.0 };
        let mut draw = |scale: f64| {
            (rng.r#gen::<f64>() + rng.r#gen::<f64>() + rng.r#gen::<f64>() + shift) * scale
        };
        let values = [
            // Whole and nearly all different, as durations are.
            draw(4.0).exp().mul_add(1000.0, 0.0).round(),
            draw(2.5).exp().round(),
            draw(1.5).exp().round(),
            draw(1.0),
            [64.0, 128.0, 255.0][rng.gen_range(0..3)],
            [6.0, 17.0][rng.gen_range(0..2)],
        ];
        flows.values.push(values);
        flows.attack.push(attack);
        time += rng.gen_range(1..1_000_000_i64);
        flows.times.push(time);
        flows.files.push(rng.gen_range(0..8));
        flows.conversations.push(row / 4);
    }
    flows
}

impl Flows {
    fn split(&self) -> Result<Split, EvalError> {
        Splitter::new(ROWS)
            .together(&self.conversations)?
            .by_time(&self.times, 0.6)
    }

    /// All checks with one column more.
    fn check(
        &self,
        split: &Split,
        name: &str,
        extra: impl Fn(usize) -> f64,
    ) -> Result<Vec<Leak>, EvalError> {
        let names: Vec<&str> = NAMES.iter().copied().chain([name]).collect();
        let value = |row: usize, column: usize| {
            self.values[row]
                .get(column)
                .copied()
                .unwrap_or_else(|| extra(row))
        };
        Ok(LeakCheck::new(split, &self.attack)?
            .features(&names, value)
            .group("conversation", &self.conversations)?
            .times(&self.times)?
            .files(&self.files)?
            .findings())
    }
}

#[test]
fn sound_splits_give_no_warning() -> Result<(), EvalError> {
    for seed in 0..20 {
        let flows = flows(seed);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let noise: Vec<f64> = (0..ROWS).map(|_| rng.r#gen()).collect();
        assert_eq!(
            flows.check(&flows.split()?, "noise", |row| noise[row])?,
            [],
            "{seed}"
        );
        // A constant, a missing and a rarely set feature tell nothing.
        assert_eq!(flows.check(&flows.split()?, "empty", |_| f64::NAN)?, []);
        assert_eq!(
            flows.check(&flows.split()?, "urgent", |row| f64::from(row % 977 == 0))?,
            []
        );
        // Drawn at random, without times, which claim an order.
        let names = &NAMES;
        let random = Splitter::new(ROWS)
            .together(&flows.conversations)?
            .seed(seed)
            .stratified(&flows.attack, 0.7)?;
        let found = LeakCheck::new(&random, &flows.attack)?
            .features(names, |row, column| flows.values[row][column])
            .group("conversation", &flows.conversations)?
            .files(&flows.files)?;
        assert_eq!(found.findings(), [], "{seed}");
    }
    Ok(())
}

#[test]
fn each_planted_leak_is_named_and_nothing_else() -> Result<(), EvalError> {
    let clean = flows(1);
    let split = clean.split()?;
    let tested = split.test.len() as u64;
    let shuffled = |row: usize| (row * 1_103_515_245 % 2003) as f64;
    let identifier = |feature: &str, sign| {
        let feature = feature.to_owned();
        vec![Leak::Identifier { feature, sign }]
    };
    let shortcut = |feature: &str, direction| {
        let feature = feature.to_owned();
        vec![Leak::Shortcut {
            feature,
            area: 1.0,
            direction,
        }]
    };
    let attack = |row: usize| clean.attack[row];
    type Value<'a> = Box<dyn Fn(usize) -> f64 + 'a>;
    let planted: Vec<(&str, Value<'_>, Vec<Leak>)> = vec![
        (
            "verdict",
            Box::new(|row| f64::from(attack(row))),
            shortcut("verdict", Direction::AttacksHigher),
        ),
        (
            "trust",
            Box::new(|row| if attack(row) { 0.1 } else { 0.9 }),
            shortcut("trust", Direction::AttacksLower),
        ),
        (
            "category",
            // 0 to 2 are attacks of three kinds, 1.5 and 2.5 benign ones: no order, all the same telling.
            Box::new(|row| (row % 3) as f64 + if attack(row) { 0.0 } else { 0.5 }),
            shortcut("category", Direction::ByValue),
        ),
        (
            "only_benign_rows_have_it",
            Box::new(|row| {
                if attack(row) {
                    f64::NAN
                } else {
                    (row % 3) as f64
                }
            }),
            shortcut("only_benign_rows_have_it", Direction::AttacksLower),
        ),
        (
            "serial",
            Box::new(|row| row as f64),
            identifier("serial", IdentifierSign::Counter),
        ),
        (
            "ending",
            Box::new(|row| -1e9 * row as f64 - 0.5),
            identifier("ending", IdentifierSign::Counter),
        ),
        (
            "token",
            Box::new(shuffled),
            identifier("token", IdentifierSign::NearlyUnique),
        ),
        (
            "Src IP",
            Box::new(|row| (row % 9) as f64),
            identifier("Src IP", IdentifierSign::Name),
        ),
    ];
    for (name, value, expected) in planted {
        assert_eq!(clean.check(&split, name, value)?, expected, "{name}");
    }
    let label = clean.check(&split, "attack_cat", |row| (row % 4) as f64)?;
    let feature = "attack_cat".to_owned();
    assert_eq!(label, [Leak::LabelAmongFeatures { feature }]);

    // 20 of the test rows are copies of training rows: a little more than 1 %.
    let mut copied = flows(1);
    for (from, to) in split.train.iter().zip(&split.test).take(20) {
        copied.values[*to] = copied.values[*from];
    }
    let repeated = 20;
    assert_eq!(
        copied.check(&split, "same", |_| 1.0)?,
        [Leak::DuplicateRows { repeated, tested }]
    );
    let sentence = Leak::DuplicateRows { repeated, tested }.to_string();
    assert!(
        sentence.starts_with(&format!(
            "20 of {tested} test rows (2.5 %) repeat a training row"
        )),
        "{sentence}"
    );

    let mut reordered = flows(1);
    if let (Some(first), Some(last)) = (split.test.first(), split.train.last()) {
        reordered.times.swap(*first, *last);
    }
    let found = reordered.check(&split, "same", |_| 1.0)?;
    assert!(
        matches!(found.as_slice(), [Leak::TimeOverlap { overlapping: 1, .. }]),
        "{found:?}"
    );

    let mut by_file = flows(1);
    by_file.files = clean
        .attack
        .iter()
        .zip(&clean.files)
        .map(|(attack, file)| file % 4 + 4 * u8::from(*attack))
        .collect();
    let found = by_file.check(&split, "same", |_| 1.0)?;
    assert_eq!(
        found,
        [Leak::LabelByFile {
            files: 8,
            told: 1.0
        }]
    );

    let mut parted = flows(1);
    if let (Some(tested), Some(trained)) = (split.test.first(), split.train.first()) {
        parted.conversations[*tested] = parted.conversations[*trained];
    }
    let found = parted.check(&split, "same", |_| 1.0)?;
    let group = "conversation".to_owned();
    assert_eq!(
        found,
        [Leak::SharedGroup {
            group,
            shared: 1,
            tested
        }]
    );
    Ok(())
}

#[test]
fn few_rows_and_no_rows_show_nothing() -> Result<(), EvalError> {
    let attack = [true, false, true, false];
    let split = Split::new(vec![0, 1], vec![2, 3]);
    let check = LeakCheck::new(&split, &attack)?
        .features(&["verdict"], |row, _| {
            f64::from(attack[row]) + row as f64 / 10.0
        })
        .files(&[1, 2, 1, 2])?;
    assert_eq!(check.findings(), []);
    let nothing = Split::new(vec![], vec![]);
    let check = LeakCheck::new(&nothing, &[])?
        .features(&["a"], |_, _| 0.0)
        .group::<u8>("host", &[])?
        .times(&[])?
        .files::<u8>(&[])?;
    assert_eq!(check.findings(), []);
    assert!(LeakCheck::new(&split, &attack[..3]).is_err());
    assert!(LeakCheck::new(&split, &attack)?.times(&[1]).is_err());
    Ok(())
}
