//! Numbers in words.

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// `1 alert`, `47 alerts`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Three significant digits: `0.00123`, `12.3`, `1,230`; powers of ten beyond.
pub(crate) fn significant(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return number.to_string();
    }
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e7).contains(&size) {
        return scientific(number);
    }
    // Digits of the rounded number: 9.999 is shown as 10.0, not as 10.00.
    let exponent = format!("{size:.2e}")
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse::<i32>().ok())
        .unwrap_or(0);
    let decimals = usize::try_from(2 - exponent).unwrap_or(0);
    let unit = 10_f64.powi(exponent - 2);
    let text = if decimals > 0 {
        let text = format!("{number:.decimals$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{:.0}", (number / unit).round() * unit)
    };
    grouped(&text)
}

/// `1.23×10⁷`.
fn scientific(number: f64) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let text = format!("{number:.2e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised = exponent.chars().map(|character| {
        let digit = character
            .to_digit(10)
            .and_then(|digit| RAISED.get(digit as usize));
        digit.copied().unwrap_or('⁻')
    });
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}×10{}", raised.collect::<String>())
}

/// A number for an axis: `0.5`, `20`, `5 k`, `2 M`.
pub(crate) fn tick(number: f64) -> String {
    for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")] {
        if number.abs() >= unit * (1.0 - 1e-9) && number.abs() < 1e16 {
            let unit = if name == "k" { 1e3 } else { unit };
            return format!("{} {name}", significant(number / unit));
        }
    }
    significant(number)
}

/// `12 B`, `3.4 kB`, `1.2 GB`: powers of 1,000.
pub(crate) fn bytes(number: u64) -> String {
    let (unit, name) = byte_unit(number as f64);
    format!("{} {name}", significant(number as f64 / unit))
}

/// The unit in which a number of bytes reads well, and its name.
pub(crate) fn byte_unit(number: f64) -> (f64, &'static str) {
    [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        .into_iter()
        .find(|(unit, _)| number >= *unit)
        .unwrap_or((1.0, "B"))
}

/// `63 %`, `4.2 %`, `99.6 %`: what is not 0 or 1 is never rounded to look like it.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        p if p > 0.0 && p < 0.1 => "< 0.1 %".into(),
        p if p > 99.9 && p < 100.0 => "> 99.9 %".into(),
        p if p > 0.0 && p < 9.95 || p > 99.0 && p < 100.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// `0.864`; what is below 1 is never rounded to look like 1.
pub(crate) fn decimal(value: f64) -> String {
    match value {
        v if (0.9995..1.0).contains(&v) => format!("{:.4}", (v * 1e4).floor() / 1e4),
        v => format!("{v:.3}"),
    }
}

/// `9.5×`, `120×`.
pub(crate) fn times(factor: f64) -> String {
    if factor < 9.95 {
        format!("{factor:.1}×")
    } else {
        format!("{}×", significant(factor.round()))
    }
}

fn grouped(number: &str) -> String {
    let whole_end = number.find('.').unwrap_or(number.len());
    let (whole, fraction) = number.split_at(whole_end);
    let digits = whole.trim_start_matches('-');
    let mut text = number[..whole.len() - digits.len()].to_owned();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (number, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.001_234, "0.00123"),
            (9.999, "10"),
            (12.34, "12.3"),
            (1234.0, "1,230"),
            (-1_234_567.0, "-1,230,000"),
            (12_345_678.0, "1.23×10⁷"),
            (1e20, "1×10²⁰"),
            (-0.000_05, "-5×10⁻⁵"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(significant(number), expected);
        }
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(
            (count(0), count(999), count(1000)),
            ("0".into(), "999".into(), "1,000".into())
        );
        assert_eq!(
            [tick(5000.0), tick(20_000.0), tick(0.5)],
            ["5,000", "20 k", "0.5"]
        );
        assert_eq!(
            [bytes(999), bytes(3400), bytes(1_200_000_000)],
            ["999 B", "3.4 kB", "1.2 GB"]
        );
    }

    #[test]
    fn nearly_all_is_not_shown_as_all() {
        for (share, expected) in [
            (0.0, "0 %"),
            (0.0004, "< 0.1 %"),
            (0.042, "4.2 %"),
            (0.634, "63 %"),
            (0.996, "99.6 %"),
            (0.9997, "> 99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), expected);
        }
        assert_eq!(
            [decimal(0.8642), decimal(0.99999), decimal(1.0)],
            ["0.864", "0.9999", "1.000"]
        );
        assert_eq!(
            [times(1.04), times(9.96), times(1234.0)],
            ["1.0×", "10×", "1,230×"]
        );
    }
}
