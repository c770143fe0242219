//! What a sensor says is what is said offline.

use std::io::Cursor;
use std::sync::Arc;

use nettraffic_capture::{CaptureFormat, CaptureWriter, LinkType, PacketSource, from_reader};
use nettraffic_sensor::{Replay, Sensor, Speed};

use crate::common::{Seen, Tested, attacked, detector, offline, replay, source};

#[test]
fn a_replay_at_any_speed_is_judged_as_offline() -> Tested {
    let detector = detector();
    let expected = offline(&detector, source(&attacked(3)));
    assert!(
        expected
            .iter()
            .filter(|verdict| verdict.alert.is_some())
            .count()
            > 50
    );
    for speed in [Speed::Full, Speed::Times(400.0)] {
        let seen = Seen::default();
        let input = replay(&attacked(3)).speed(speed);
        let sensor = Sensor::detecting(Arc::clone(&detector)).observer(seen.clone());
        let status = sensor.input(input).start()?.wait();
        assert_eq!(seen.parts().verdicts, expected, "{speed:?}");
        assert_eq!(status.judged, expected.len() as u64);
        let raised = expected.iter().filter(|verdict| verdict.alert.is_some());
        assert_eq!(status.alerts.raised, raised.count() as u64);
    }
    Ok(())
}

#[test]
fn two_taps_of_one_network_are_woven_into_what_one_would_have_seen() -> Tested {
    let detector = detector();
    let expected = offline(&detector, source(&attacked(3)));
    // What every other packet is seen by.
    let mut taps = [Vec::new(), Vec::new()]
        .map(|file| CaptureWriter::new(file, CaptureFormat::Pcap(LinkType::ETHERNET)));
    let mut whole = source(&attacked(3));
    while let Some(packet) = whole.next_packet()? {
        match &mut taps[usize::from(packet.sequence % 3 == 0)] {
            Ok(tap) => tap.write(&packet)?,
            Err(error) => return Err(error.to_string().into()),
        }
    }
    let seen = Seen::default();
    let mut sensor = Sensor::detecting(Arc::clone(&detector)).observer(seen.clone());
    for (tap, speed) in taps.into_iter().zip([Speed::Full, Speed::Times(900.0)]) {
        let capture = from_reader("tap", Cursor::new(tap?.finish()?))?;
        sensor = sensor.input(Replay::new("tap", capture).speed(speed));
    }
    let status = sensor.start()?.wait();
    // Records bear the order of reading, which two packets of the same nanosecond may have changed.
    let told = |verdicts: &[nettraffic_detect::Verdict]| -> Vec<_> {
        verdicts
            .iter()
            .map(|v| (v.flow.uid(), v.flow.ended, v.score))
            .collect()
    };
    assert_eq!(told(&seen.parts().verdicts), told(&expected));
    assert_eq!(status.received(), status.processed);
    Ok(())
}
