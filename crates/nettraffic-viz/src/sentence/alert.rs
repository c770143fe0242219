//! One flow and its foremost reason.

use super::{foremost, words};
use crate::{Alert, Exchange, Reason, Unit, number, time};

/// `192.0.2.7:40022 sent 840 B in 14 packets to 10.0.0.1:22 within 3 s and got 1.2 kB back; 214
/// connections to the target in 2 s, usual: 1 to 16.`
pub(crate) fn alert(alert: &Alert) -> String {
    let length = match alert.last_ns.abs_diff(alert.first_ns) {
        0 => String::new(),
        length => format!(" within {}", time::length(length)),
    };
    let flow = match &alert.exchange {
        Some(exchange) => format!(
            "{} sent {} to {}{length} and {}",
            alert.source,
            sent(exchange),
            alert.target,
            answer(exchange)
        ),
        None => format!("{} talked to {}{length}", alert.source, alert.target),
    };
    match foremost(&alert.reasons) {
        Some(first) => format!("{flow}; {}.", reason(first)),
        None => format!("{flow}."),
    }
}

/// `214 connections to the target in 2 s, usual: 1 to 16`, `longest silence 9 s, usual: 0 s to 5 s`.
fn reason(reason: &Reason) -> String {
    let name = (reason.words.clone()).unwrap_or_else(|| words(&reason.feature));
    let value = if reason.unit == Unit::Count {
        format!("{} {name}", reason.observed)
    } else {
        format!("{name} {}", reason.observed)
    };
    match (reason.expected.is_empty(), reason.is_usual()) {
        (true, _) => value,
        (_, true) => format!("{value}, usual by itself"),
        (_, false) => format!("{value}, usual: {}", reason.expected),
    }
}

fn sent(exchange: &Exchange) -> String {
    format!(
        "{} in {}",
        number::bytes(exchange.bytes_sent),
        number::counted(exchange.packets_sent, "packet", "packets")
    )
}

fn answer(exchange: &Exchange) -> String {
    match exchange.packets_received {
        0 => "got no answer".to_owned(),
        _ => format!("got {} back", number::bytes(exchange.bytes_received)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_a_sentence() {
        let reasons = vec![
            Reason::measured("payload_mean", Unit::Bytes, 40.0, (0.0, 400.0), 0.5),
            Reason::measured(
                "destination_connections_2s",
                Unit::Count,
                214.0,
                (1.0, 16.0),
                0.4,
            )
            .with_words("connections to the target in 2 s"),
        ];
        let mut told = Alert {
            source: "192.0.2.7:40022".into(),
            target: "10.0.0.1:22".into(),
            last_ns: 3_000_000_000,
            reasons,
            ..Alert::default()
        };
        assert_eq!(
            alert(&told),
            "192.0.2.7:40022 talked to 10.0.0.1:22 within 3 s; 214 connections to the target in 2 s, usual: 1 to 16."
        );
        told.exchange = Some(Exchange {
            packets_sent: 1,
            bytes_sent: 1_200,
            ..Exchange::default()
        });
        told.last_ns = 0;
        told.reasons.truncate(1);
        assert_eq!(
            alert(&told),
            "192.0.2.7:40022 sent 1.2 kB in 1 packet to 10.0.0.1:22 and got no answer; payload mean 40 B, usual by itself."
        );
        told.reasons = vec![Reason::new("service", "telnet", "dns 63 %", 1.0)];
        assert!(alert(&told).ends_with("; service telnet, usual: dns 63 %."));
        told.reasons.clear();
        assert!(alert(&told).ends_with("got no answer."));
    }
}
