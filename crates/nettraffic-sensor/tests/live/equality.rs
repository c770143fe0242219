//! What a sensor says of an interface is what is said offline of the packets that it received.

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nettraffic_capture::{CaptureFormat, CaptureWriter, LiveOptions, PacketSource, from_reader};
use nettraffic_detect::Verdict;
use nettraffic_sensor::{Live, Sensor};

use crate::common::{Seen, attacked, detector, offline, source};
use crate::place::{HERE, Outcome, Place, frame};

/// A file in memory.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_interface_is_judged_as_offline_and_every_packet_is_accounted_for() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    let mut frames = Vec::new();
    let mut packets = source(&attacked(3));
    while let Some(packet) = packets.next_packet()? {
        frames.push(packet.data.to_vec());
    }
    let (detector, seen, record) = (detector(), Seen::default(), Shared::default());
    let output: Box<dyn Write + Send> = Box::new(record.clone());
    let sensor = Sensor::detecting(Arc::clone(&detector))
        .observer(seen.clone())
        .record(CaptureWriter::new(output, CaptureFormat::PcapNg)?);
    // With whole packets: what is cut off would be missing in the record too.
    let options = LiveOptions::new().with_snap_len(65_535);
    let running = place.inside(|| Ok(sensor.input(Live::open(HERE, &options)?).start()?))?;
    let mut sent = 0;
    for burst in frames.chunks(50) {
        place.send(burst.iter().map(Vec::as_slice))?;
        sent += burst.len() as u64;
        std::thread::sleep(Duration::from_millis(5));
    }
    // Time goes by on a silent wire: flows are reported without a packet. A last one tells offline of that time.
    std::thread::sleep(Duration::from_millis(2_600));
    let before_last = seen.parts().verdicts.len();
    let last = frame(0, 53, 100);
    place.send(std::iter::once(last.as_slice()))?;
    sent += 1;
    std::thread::sleep(Duration::from_millis(100));
    running.handle().stop();
    let status = running.wait();

    assert_eq!((status.received(), status.processed), (sent, sent));
    assert_eq!((status.shed(), status.dropped()), (0, 0));
    let record = std::mem::take(&mut *record.0.lock().unwrap_or_else(PoisonError::into_inner));
    let expected = offline(&detector, from_reader("record", Cursor::new(record))?);
    let told = |verdicts: &[Verdict]| -> Vec<_> {
        let key = |verdict: &Verdict| {
            let alert = verdict.alert.as_ref().map(|alert| alert.id);
            (verdict.flow.uid(), verdict.flow.ended, verdict.score, alert)
        };
        verdicts.iter().map(key).collect()
    };
    let parts = seen.parts();
    assert_eq!(told(&parts.verdicts), told(&expected));
    assert!(parts.verdicts.iter().any(|verdict| verdict.alert.is_some()));
    assert!(expected.len() > 500 && before_last > 100);
    Ok(())
}
