//! Counts the packets of a capture that each expression wants: `filter CAPTURE EXPRESSION...`
//!
//! One line an expression: the count, a tab, the expression. Every packet is decoded by itself, so
//! that later fragments have no ports, as for libpcap.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use nettraffic_capture::{Filter, PacketSource, decode, open};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(capture) = arguments.next() else {
        eprintln!("usage: filter CAPTURE EXPRESSION...");
        return ExitCode::FAILURE;
    };
    match count(&capture, &arguments.collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn count(capture: &str, expressions: &[String]) -> Result<(), Box<dyn Error>> {
    let filters = expressions
        .iter()
        .map(|expression| Filter::parse(expression))
        .collect::<Result<Vec<_>, _>>()?;
    let mut wanted = vec![0_u64; filters.len()];
    let mut source = open(capture)?;
    while let Some(packet) = source.next_packet()? {
        let Ok(meta) = decode(&packet) else {
            continue;
        };
        for (filter, wanted) in filters.iter().zip(&mut wanted) {
            *wanted += u64::from(filter.matches(&meta));
        }
    }
    for (expression, wanted) in expressions.iter().zip(wanted) {
        println!("{wanted}\t{expression}");
    }
    Ok(())
}
