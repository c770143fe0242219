//! Reading rules.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{LabelError, LabelErrorKind, LabelRule};

pub(super) const COLUMNS: [&str; 8] = [
    "start", "end", "src", "dst", "proto", "sport", "dport", "label",
];

/// Protocols that may be named instead of numbered.
pub(super) const PROTOCOLS: [(&str, u8); 5] = [
    ("tcp", 6),
    ("udp", 17),
    ("icmp", 1),
    ("icmpv6", 58),
    ("sctp", 132),
];

pub(super) const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Longest text that is read: half a million rules, far beyond any capture's.
const MAX_BYTES: u64 = 64 << 20;

pub(super) fn rules(reader: impl Read) -> Result<Vec<LabelRule>, LabelError> {
    let text = read(reader)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text);
    let header = reader.headers().map_err(|error| csv_error(text, error))?;
    let positions = positions(header).map_err(|kind| kind.at(1))?;
    let mut rules = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| csv_error(text, error))?;
        let rule = rule(&record, &positions);
        rules.push(rule.map_err(|kind| kind.at(line(text, record.position())))?);
    }
    Ok(rules)
}

fn read(reader: impl Read) -> Result<Vec<u8>, LabelError> {
    let mut text = Vec::new();
    let result = reader.take(MAX_BYTES + 1).read_to_end(&mut text);
    let last_line = || 1 + text.iter().filter(|&&byte| byte == b'\n').count() as u64;
    match result {
        Err(error) => Err(LabelErrorKind::Read(error).at(last_line())),
        Ok(length) if length as u64 > MAX_BYTES => Err(LabelErrorKind::TooLong.at(last_line())),
        Ok(_) => Ok(text),
    }
}

/// Where each of [`COLUMNS`] stands.
fn positions(header: &StringRecord) -> Result<[usize; 8], LabelErrorKind> {
    let mut positions = [0; 8];
    for (position, column) in positions.iter_mut().zip(COLUMNS) {
        let mut found = (0..header.len()).filter(|&at| header.get(at) == Some(column));
        *position = found.next().ok_or(LabelErrorKind::NoColumn(column))?;
        if found.next().is_some() {
            return Err(LabelErrorKind::TwoColumns(column));
        }
    }
    Ok(positions)
}

fn rule(record: &StringRecord, positions: &[usize; 8]) -> Result<LabelRule, LabelErrorKind> {
    let mut fields = [""; 8];
    for ((field, &position), column) in fields.iter_mut().zip(positions).zip(COLUMNS) {
        *field = record.get(position).ok_or(LabelErrorKind::Short(column))?;
    }
    let [start, end, src, dst, proto, sport, dport, label] = fields;
    let time = "seconds since 1970 with at most nine decimals, between the years 1677 and 2262";
    let address = "an IP address or a prefix such as 10.0.0.0/8";
    let port = "a port, 0 to 65535";
    let known = "tcp, udp, icmp, icmpv6, sctp or a protocol number, 0 to 255";
    let rule = LabelRule {
        start_ns: optional("start", start, time, nanoseconds)?,
        end_ns: optional("end", end, time, nanoseconds)?,
        src: optional("src", src, address, |text| text.parse().ok())?,
        dst: optional("dst", dst, address, |text| text.parse().ok())?,
        proto: optional("proto", proto, known, protocol)?,
        sport: optional("sport", sport, port, |text| text.parse().ok())?,
        dport: optional("dport", dport, port, |text| text.parse().ok())?,
        label: label.to_owned(),
    };
    if label.is_empty() {
        return Err(LabelErrorKind::field("label", label, "a name"));
    }
    if let (Some(start), Some(end)) = (rule.start_ns, rule.end_ns)
        && end < start
    {
        return Err(LabelErrorKind::EndBeforeStart);
    }
    Ok(rule)
}

/// Blank is `None`, what `parse` cannot understand an error.
fn optional<T>(
    column: &'static str,
    text: &str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, LabelErrorKind> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = parse(text).ok_or_else(|| LabelErrorKind::field(column, text, expected))?;
    Ok(Some(value))
}

/// Decimal seconds as nanoseconds, in integers: a float would be off by up to 200 ns in this
/// century, and flows begin and end on rule boundaries.
pub(crate) fn nanoseconds(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 9 {
        return None;
    }
    let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
    let whole: i128 = whole.parse().ok()?;
    let magnitude = whole
        .checked_mul(i128::from(NANOS_PER_SECOND))?
        .checked_add(fraction)?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

fn protocol(text: &str) -> Option<u8> {
    let named = PROTOCOLS
        .iter()
        .find(|(name, _)| text.eq_ignore_ascii_case(name));
    named
        .map(|&(_, number)| number)
        .or_else(|| text.parse().ok())
}

fn csv_error(text: &[u8], error: csv::Error) -> LabelError {
    let line = line(text, error.position());
    LabelErrorKind::from(error).at(line)
}

/// The line on which a record begins. The csv crate's own position is that of the blank lines
/// before it.
fn line(text: &[u8], position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 1 };
    let rest = text.get(position.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.filter(|&&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_to_the_nanosecond() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1704067260.755112", Some(1_704_067_260_755_112_000)),
            ("1704067200.000000001", Some(1_704_067_200_000_000_001)),
            ("1.10", Some(1_100_000_000)),
            ("1.0000000010000", Some(1_000_000_001)),
            ("-0.5", Some(-500_000_000)),
            ("9223372036.854775807", Some(i64::MAX)),
            ("-9223372036.854775808", Some(i64::MIN)),
            ("9223372036.854775808", None),
            ("99999999999999999999999999999999999999999999", None),
            ("1.0000000001", None),
            ("1.", None),
            (".5", None),
            ("1e9", None),
            ("+1", None),
            ("--1", None),
            ("1.-5", None),
            ("inf", None),
        ] {
            assert_eq!(nanoseconds(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_line_and_what_is_wrong() {
        let header = "start,end,src,dst,proto,sport,dport,label\n";
        for (csv, expected) in [
            (String::new(), "line 1: the header has no column \"start\""),
            (
                "start,end,src,dst,proto,sport,dport\n".into(),
                "line 1: the header has no column \"label\"",
            ),
            (
                format!("start,{header}"),
                "line 1: the header has two columns \"start\"",
            ),
            (
                format!("{header},,,,,,,ok\n,,,,,,,\n"),
                "line 3: label is \"\", not a name",
            ),
            (
                format!("{header},,,,,x\n"),
                "line 2: the line ends before its \"dport\"",
            ),
            (
                format!("{header},,host,,,,,l\n"),
                "line 2: src is \"host\", not an IP address or a prefix such as 10.0.0.0/8",
            ),
            (
                format!("{header},,,,,,65536,l\n"),
                "line 2: dport is \"65536\", not a port, 0 to 65535",
            ),
            (
                format!("{header},,,,ipx,,,l\n"),
                "line 2: proto is \"ipx\", not tcp, udp, icmp, icmpv6, sctp or a protocol number, 0 to 255",
            ),
            (
                format!("{header}\n\n2,1,,,,,,l\n"),
                "line 4: the end is earlier than the start",
            ),
        ] {
            let error = rules(csv.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("label rules, {expected}"));
        }
        let not_text = [header.as_bytes(), b",,,,,,,\xff\n"].concat();
        assert_eq!(rules(not_text.as_slice()).unwrap_err().line, 2);
    }

    #[test]
    fn a_line_number_counts_every_line_end() {
        for end in ["\n", "\r\n"] {
            let lines = [
                "start,end,src,dst,proto,sport,dport,label",
                "",
                ",,,,,,,a",
                ",,,,,,,",
                "",
            ];
            let error = rules(lines.join(end).as_bytes()).unwrap_err();
            assert_eq!(error.line, 4, "{end:?}");
        }
    }

    #[test]
    fn a_text_without_end_is_refused() {
        let error = rules(std::io::repeat(b'x')).unwrap_err();
        assert!(matches!(error.kind, LabelErrorKind::TooLong));
    }

    #[test]
    fn columns_stand_in_any_order_among_others() {
        let csv = "\u{feff}label, note,dport,sport,proto,dst,src,end,start\r\n scan ,x,80,, TCP ,,::1,,1\r\n";
        let rules = rules(csv.as_bytes()).unwrap();
        let expected = LabelRule {
            start_ns: Some(NANOS_PER_SECOND),
            src: Some("::1".parse().unwrap()),
            proto: Some(6),
            dport: Some(80),
            label: "scan".into(),
            ..LabelRule::default()
        };
        assert_eq!(rules, [expected]);
    }
}
