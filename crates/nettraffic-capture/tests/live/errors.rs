//! Errors say what to do.

use nettraffic_capture::{GapReason, LiveOptions, LiveSource, LiveState};

use crate::place::{HERE, Outcome, Place};

fn check(interface: &str, filter: &str, expected: &str) -> Outcome {
    refused(interface, &LiveOptions::new().with_filter(filter), expected)
}

fn refused(interface: &str, options: &LiveOptions, expected: &str) -> Outcome {
    match LiveSource::open(interface, options) {
        Err(error) => assert_eq!(error.to_string(), expected),
        Ok(source) => return Err(format!("{source:?} is open").into()),
    }
    Ok(())
}

#[test]
fn errors_name_what_is_there_and_where_it_is_wrong() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.inside(|| {
        check("eth9", "", "there is no interface eth9, but lo, here0")?;
        // One that is down is waited for, unless it is to be promiscuous: that takes one that is up.
        refused(
            "lo",
            &LiveOptions::new().with_promiscuous(),
            "the interface lo is down: sudo ip link set lo up",
        )?;
        let waits = LiveSource::open("lo", &LiveOptions::new())?.state();
        assert!(matches!(
            waits,
            LiveState::Waiting {
                reason: GapReason::Down,
                ..
            }
        ));
        check(
            HERE,
            "udp and prot 53",
            "the filter is refused: unknown word `prot` at column 9; did you mean `port`?\n  \
             udp and prot 53\n          ^^^^",
        )?;
        // Our own filters do not know it, libpcap does.
        check(
            HERE,
            "ether host 1:2:3:4:5:6 and (wlan type foo)",
            "the filter is refused: unknown 802.11 type name \"foo\"\n  \
             ether host 1:2:3:4:5:6 and (wlan type foo)",
        )?;
        // It would be looked up, and so something would be sent.
        check(
            HERE,
            "host example.org",
            "the filter is refused: `example.org` at column 6 is no address; names are not looked up\n  \
             host example.org\n       ^^^^^^^^^^^",
        )
    })
}
