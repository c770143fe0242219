//! Filter expressions that are wrong: what is said of them.

use nettraffic_capture::{Filter, FilterErrorKind, PacketMeta};
use proptest::prelude::*;

#[test]
fn errors_show_where() {
    let cases = [
        (
            "tcp and hots 10.0.0.1",
            "unknown word `hots` at column 9; did you mean `host`?",
            "        ^^^^",
        ),
        (
            "host www.example.org",
            "`www.example.org` at column 6 is no address; names are not looked up",
            "     ^^^^^^^^^^^^^^^",
        ),
        (
            "tcp and",
            "the expression ends at column 8, where a primitive such as `tcp` or `host 10.0.0.1` is expected",
            "       ^",
        ),
        (
            "port 70000 or 1",
            "`70000` at column 6 is larger than 65535",
            "     ^^^^^",
        ),
        (
            "tcp host 10.0.0.1",
            "`host` at column 5 does not go with `tcp`",
            "    ^^^^",
        ),
        (
            "not net 10.1.2.3/8",
            "`10.1.2.3/8` at column 9 has bits set beyond its network",
            "        ^^^^^^^^^^",
        ),
        ("(tcp or (udp)", "`(` at column 1 is never closed", "^"),
        ("tcp) or udp", "`)` at column 4 was never opened", "   ^"),
        (
            "ether host 1:2:3:4:5:6",
            "`ether` at column 1 cannot be filtered on: link-layer addresses are not kept",
            "^^^^^",
        ),
        (
            "udp \u{a7}",
            "unexpected character `\u{a7}` at column 5",
            "    ^",
        ),
        (
            "h\u{f6}st 10.0.0.1",
            "unknown word `h\u{f6}st` at column 1; did you mean `host`?",
            "^^^^",
        ),
        (
            "10.0.0.1",
            "`10.0.0.1` at column 1 stands where a word such as `host`, `net` or `port` is expected",
            "^^^^^^^^",
        ),
        (
            "udp port http",
            "`http` at column 10 does not go with `udp`",
            "         ^^^^",
        ),
    ];
    for (expression, message, mark) in cases {
        let shown = Filter::parse(expression).map_err(|error| error.to_string());
        assert_eq!(
            shown.err(),
            Some(format!("{message}\n  {expression}\n  {mark}"))
        );
    }
    let shown = Filter::parse("tcp\n\tand udp[0] == 1\u{1b}").map_err(|error| error.to_string());
    assert_eq!(
        shown.err().as_deref(),
        Some(
            "unexpected character `\\u{1b}` at column 21\n  tcp  and udp[0] == 1 \n                      ^"
        )
    );
}

#[test]
fn wrong_expressions_are_refused_for_their_reason() {
    use FilterErrorKind as Kind;
    type Check = fn(&Kind) -> bool;
    let cases: &[(&str, Check)] = &[
        ("port", |kind| matches!(kind, Kind::Ended { .. })),
        ("port or", |kind| matches!(kind, Kind::Misplaced { .. })),
        ("port tcp", |kind| matches!(kind, Kind::Misplaced { .. })),
        ("src tcp port 80", |kind| {
            matches!(kind, Kind::Misplaced { .. })
        }),
        ("tcp udp", |kind| matches!(kind, Kind::Misplaced { .. })),
        ("port 80 and tcp or 443", |kind| {
            matches!(kind, Kind::Misplaced { .. })
        }),
        ("less 100 or 200", |kind| {
            matches!(kind, Kind::Misplaced { .. })
        }),
        ("port (80 or udp)", |kind| {
            matches!(kind, Kind::Misplaced { .. })
        }),
        ("()", |kind| matches!(kind, Kind::Misplaced { .. })),
        ("tcp[tcpflags] & 2", |kind| {
            matches!(kind, Kind::Ended { .. })
        }),
        ("tcp[13", |kind| matches!(kind, Kind::Unclosed)),
        ("tcp]", |kind| matches!(kind, Kind::Unopened)),
        ("host 10.1", |kind| matches!(kind, Kind::Malformed { .. })),
        ("host 10.0.0.0/8", |kind| {
            matches!(kind, Kind::Malformed { .. })
        }),
        ("net 10.0.0.0 mask 255.0", |kind| {
            matches!(kind, Kind::Malformed { .. })
        }),
        ("portrange a-b", |kind| {
            matches!(kind, Kind::Malformed { .. })
        }),
        ("ip6 host 10.0.0.1", |kind| {
            matches!(kind, Kind::Qualifier { protocol: "ip6" })
        }),
        ("arp host ::1", |kind| {
            matches!(kind, Kind::Qualifier { protocol: "arp" })
        }),
        ("ip port 80", |kind| {
            matches!(kind, Kind::Qualifier { protocol: "ip" })
        }),
        ("tcp proto 6", |kind| {
            matches!(kind, Kind::Qualifier { protocol: "tcp" })
        }),
        ("icmp host 10.0.0.1", |kind| {
            matches!(kind, Kind::Qualifier { protocol: "icmp" })
        }),
        ("src proto 6", |kind| matches!(kind, Kind::Misplaced { .. })),
        ("proto 256", |kind| {
            matches!(kind, Kind::OutOfRange { max: 255 })
        }),
        ("vlan 4096", |kind| {
            matches!(kind, Kind::OutOfRange { max: 4_095 })
        }),
        ("net 10.0.0.0/33", |kind| {
            matches!(kind, Kind::OutOfRange { max: 32 })
        }),
        ("ip broadcast", |kind| {
            matches!(kind, Kind::Unsupported { .. })
        }),
        ("multicast", |kind| matches!(kind, Kind::Unsupported { .. })),
        ("tcp[0:2] == 80", |kind| {
            matches!(kind, Kind::Unsupported { .. })
        }),
        ("udp[tcpflags] == 2", |kind| {
            matches!(kind, Kind::Unsupported { .. })
        }),
        ("geneve 5", |kind| matches!(kind, Kind::Unsupported { .. })),
        ("elephant", |kind| {
            matches!(kind, Kind::UnknownWord { suggestion: None })
        }),
        ("proto elephant", |kind| {
            matches!(kind, Kind::UnknownWord { suggestion: None })
        }),
        ("port htttp", |kind| {
            matches!(
                kind,
                Kind::UnknownWord {
                    suggestion: Some("http")
                }
            )
        }),
        ("host 10.0.0.1 or tpc", |kind| {
            matches!(
                kind,
                Kind::UnknownWord {
                    suggestion: Some("tcp")
                }
            )
        }),
        ("net localnet", |kind| matches!(kind, Kind::HostName)),
    ];
    for (expression, is_expected) in cases {
        match Filter::parse(expression) {
            Ok(filter) => panic!("{expression} was read as {filter}"),
            Err(error) => assert!(
                is_expected(error.kind()),
                "{expression}: {:?}",
                error.kind()
            ),
        }
    }
}

#[test]
fn size_and_depth_are_limited() {
    let nested = |depth| format!("{}tcp{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(Filter::MAX_DEPTH)).is_ok());
    let kind = |text: &str| Filter::parse(text).err().map(|error| error.kind().clone());
    assert_eq!(
        kind(&nested(Filter::MAX_DEPTH + 1)),
        Some(FilterErrorKind::TooDeep)
    );
    assert_eq!(
        kind(&"(".repeat(Filter::MAX_LEN)),
        Some(FilterErrorKind::TooDeep)
    );
    let arithmetic = format!("len & {}1{} == 1", "(".repeat(65), ")".repeat(65));
    assert_eq!(kind(&arithmetic), Some(FilterErrorKind::TooDeep));
    assert_eq!(
        kind(&" ".repeat(Filter::MAX_LEN + 1)),
        Some(FilterErrorKind::TooLong)
    );
    // What has no parentheses nests nothing.
    assert!(Filter::parse(&format!("{}tcp", "!".repeat(Filter::MAX_LEN - 3))).is_ok());
    let many = ["port 1 or 2"; 4_000].join(" and ");
    let filter = Filter::parse(&many);
    assert!(filter.is_ok_and(|filter| !filter.matches(&PacketMeta::default())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is typed is a filter or an error that can be shown.
    #[test]
    fn any_text_is_a_filter_or_an_error(text in "\\PC{0,60}") {
        shown(&text)?;
    }

    /// The same with the words of the language in any order.
    #[test]
    fn any_words_are_a_filter_or_an_error(words in prop::collection::vec(0..WORDS.len(), 0..16)) {
        let words: Vec<&str> = words.iter().filter_map(|word| WORDS.get(*word).copied()).collect();
        shown(&words.join(" "))?;
    }
}

const WORDS: [&str; 46] = [
    "and",
    "or",
    "not",
    "!",
    "&&",
    "||",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "&",
    "|",
    "+",
    "==",
    "!=",
    "<",
    "ip",
    "ip6",
    "arp",
    "tcp",
    "udp",
    "icmp",
    "src",
    "dst",
    "host",
    "net",
    "mask",
    "port",
    "portrange",
    "proto",
    "vlan",
    "tunnel",
    "len",
    "less",
    "tcp[13]",
    "tcp-syn",
    "http",
    "80",
    "10.0.0.1",
    "10.1/16",
    "::1",
    "255.0.0.0",
    "1-9",
    "h\u{f6}st",
];

fn shown(text: &str) -> Result<(), TestCaseError> {
    match Filter::parse(text) {
        Ok(filter) => {
            let again = Filter::parse(&filter.to_string());
            prop_assert_eq!(again, Ok(filter), "{}", text);
        }
        Err(error) => {
            prop_assert!(
                text.get(error.span()).is_some(),
                "{:?} of {:?}",
                error.span(),
                text
            );
            prop_assert!(error.to_string().lines().count() <= 3);
        }
    }
    Ok(())
}
