//! A source of packets as decoded packets, several at a time.

use nettraffic_capture::{
    CaptureError, DecodeConfig, DecodeCounters, Decoder, PacketMeta, PacketSource,
};

use crate::{Tidy, TidyConfig, TidyCounters};

/// Reads and decodes, tidies on request, and gives out the packets in batches, which a
/// [`FlowTable`](crate::FlowTable) takes faster than one by one.
///
/// It waits for a batch to be full: a live source that is to be followed packet by packet calls its
/// decoder and its table itself.
pub struct PacketBatches<S> {
    source: S,
    decoder: Decoder,
    tidy: Option<Tidy>,
    batch: Vec<PacketMeta>,
    error: Option<CaptureError>,
    ended: bool,
}

/// Packets in a batch: few enough for the nearest cache.
const BATCH: usize = 32;

impl<S: PacketSource> PacketBatches<S> {
    /// The packets of `source`, decoded as is usual.
    #[must_use]
    pub fn new(source: S) -> Self {
        Self::with_decoder(source, Decoder::new(DecodeConfig::default()))
    }

    /// The packets of `source` with a decoder of the caller's choice.
    #[must_use]
    pub fn with_decoder(source: S, decoder: Decoder) -> Self {
        Self {
            source,
            decoder,
            tidy: None,
            batch: Vec::with_capacity(BATCH),
            error: None,
            ended: false,
        }
    }

    /// Tidies the packets after decoding, for captures in which packets lie twice or in disorder; has
    /// the decoder compute the fingerprints that this needs.
    #[must_use]
    pub fn with_tidy(mut self, config: TidyConfig) -> Self {
        if config.copy_window.is_some() {
            self.decoder = self.decoder.with_fingerprints();
        }
        self.tidy = Some(Tidy::new(config));
        self
    }

    /// The next packets, one at least; `None` at the end of the input.
    ///
    /// # Errors
    /// The source's error, after all packets before it. The next call goes on.
    pub fn next_batch(&mut self) -> Result<Option<&[PacketMeta]>, CaptureError> {
        self.batch.clear();
        while self.batch.len() < BATCH && self.error.is_none() && !self.ended {
            // Packets are looked at where they lie, in their `Result`: to move one out of it right
            // after it was written is a stall that every packet would pay for.
            match self.source.next_packet() {
                Ok(Some(ref packet)) => {
                    let packet = self.decoder.decode(packet);
                    match (&packet, &mut self.tidy) {
                        (Ok(packet), None) => self.batch.push(*packet),
                        (Ok(packet), Some(tidy)) => tidy.push(packet),
                        (Err(_), _) => {}
                    }
                }
                Ok(None) => {
                    self.ended = true;
                    if let Some(tidy) = &mut self.tidy {
                        tidy.finish();
                    }
                }
                Err(error) => self.error = Some(error),
            }
            if let Some(tidy) = &mut self.tidy {
                self.batch.extend(std::iter::from_fn(|| tidy.pop()));
            }
        }
        match (self.batch.is_empty(), self.error.take()) {
            (true, Some(error)) => Err(error),
            (true, None) => Ok(None),
            (false, error) => {
                self.error = error;
                Ok(Some(&self.batch))
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
}
