//! A source of packets as a source of flow records.

use nettraffic_capture::{CaptureError, DecodeConfig, DecodeCounters, Decoder, PacketSource};

use crate::{
    Accumulate, Flow, FlowConfig, FlowCounters, FlowTable, Tidy, TidyConfig, TidyCounters,
};

/// Reads, decodes and meters in one: packets in, flow records out.
///
/// For callers who want the records alone; whoever needs the packets too calls the source,
/// a [`Decoder`] and a [`FlowTable`] by turns, which is all that this does.
pub struct FlowMeter<S, A: Accumulate = ()> {
    source: S,
    decoder: Decoder,
    tidy: Option<Tidy>,
    table: FlowTable<A>,
    ended: bool,
}

impl<S: PacketSource, A: Accumulate> FlowMeter<S, A> {
    /// A meter over `source`, which decodes as is usual.
    #[must_use]
    pub fn new(source: S, config: FlowConfig) -> Self {
        Self::with_decoder(source, Decoder::new(DecodeConfig::default()), config)
    }

    /// A meter over `source` with a decoder of the caller's choice.
    #[must_use]
    pub fn with_decoder(source: S, decoder: Decoder, config: FlowConfig) -> Self {
        Self {
            source,
            decoder,
            tidy: None,
            table: FlowTable::new(config),
            ended: false,
        }
    }

    /// Tidies the packets between decoding and the table, for captures in which packets lie twice or
    /// in disorder; has the decoder compute the fingerprints that this needs.
    #[must_use]
    pub fn with_tidy(mut self, config: TidyConfig) -> Self {
        if config.copy_window.is_some() {
            self.decoder = self.decoder.with_fingerprints();
        }
        self.tidy = Some(Tidy::new(config));
        self
    }

    /// The next flow record; `None` when the input has ended and every flow was given out.
    ///
    /// # Errors
    /// The source's error. The flows are kept, and the next call goes on.
    pub fn next_flow(&mut self) -> Result<Option<Flow<A>>, CaptureError> {
        loop {
            if let Some(flow) = self.table.pop() {
                return Ok(Some(flow));
            }
            if self.ended {
                return Ok(None);
            }
            // Packets are looked at where they lie, in their `Result`: to move one out of it right
            // after it was written is a stall that every packet would pay for.
            match self.source.next_packet() {
                Ok(Some(ref packet)) => {
                    let packet = self.decoder.decode(packet);
                    if let Ok(packet) = &packet {
                        match &mut self.tidy {
                            Some(tidy) => tidy.push(packet),
                            None => self.table.push(packet),
                        }
                        self.pass_on();
                    }
                }
                Ok(None) => {
                    self.ended = true;
                    if let Some(tidy) = &mut self.tidy {
                        tidy.finish();
                    }
                    self.pass_on();
                    self.table.finish();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The source.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// What became of the packets that were read.
    pub fn decode_counters(&self) -> DecodeCounters {
        self.decoder.counters()
    }

    /// What tidying did, when that was asked for.
    pub fn tidy_counters(&self) -> Option<TidyCounters> {
        self.tidy.as_ref().map(Tidy::counters)
    }

    /// What became of the packets that were decoded, or left by tidying.
    pub fn flow_counters(&self) -> FlowCounters {
        self.table.counters()
    }

    /// Gives the table what has been tidied.
    fn pass_on(&mut self) {
        let Some(tidy) = &mut self.tidy else {
            return;
        };
        while let Some(packet) = tidy.pop() {
            self.table.push(&packet);
        }
    }
}
