//! Extraction on several threads.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::thread;

use nettraffic_capture::{CaptureError, PacketSource};
use nettraffic_flow::{Batch, Dealer, Flow, FlowConfig, FlowCounters, PacketBatches, TablePart};

use super::level::{
    CicStatistics, CommonStatistics, FullStatistics, Needs, StandardStatistics, Statistics,
    TrafficStatistics,
};
use super::stations::Stations;
use crate::{ExtractionCounters, FeatureSet, HostWindows, WindowConfig};

/// Extracts the features of a set on several threads: the calling one reads, decodes and deals; all
/// of them join flows and compute, the calling one when it has nothing better to do.
///
/// The records come in the order, and with the values, that an [`Extractor`](crate::Extractor) gives
/// them, whatever the number of threads. Features of windows are computed where the records come
/// together, so with them the calling thread renders too.
///
/// ```
/// use nettraffic_capture::from_reader;
/// use nettraffic_features::{FeatureSet, ParallelExtractor};
/// use nettraffic_flow::{FlowConfig, PacketBatches};
/// use std::num::NonZeroUsize;
///
/// let capture = nettraffic_synth::Scenario::new(1).packets(500).pcap_bytes();
/// let mut packets = PacketBatches::new(from_reader("memory", &*capture)?);
/// let threads = NonZeroUsize::new(3).ok_or("not zero")?;
/// let features = FeatureSet::named("basic")?;
/// let extractor = ParallelExtractor::new(features, FlowConfig::default(), threads);
/// let mut lines = Vec::new();
/// let counters = extractor.run(
///     &mut packets,
///     || |flow: &nettraffic_flow::Flow, row: &[f64]| format!("{} {row:?}", flow.uid()),
///     |_, line| {
///         lines.push(line);
///         Ok::<(), String>(())
///     },
///     |error| eprintln!("{error}"),
/// )?;
/// assert_eq!(counters.flows.records(), lines.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParallelExtractor {
    features: FeatureSet,
    config: FlowConfig,
    hash_key: u64,
    threads: usize,
}

/// A part of the flow table, with what makes its records ready.
struct Part<A: Statistics, R> {
    table: TablePart<A>,
    render: R,
    row: Vec<f64>,
}

/// Parts of the flow table for each thread: what one takes longer for than another is then shared.
const PARTS: usize = 2;
/// Batches that each part may have waiting: enough that nobody waits for the slowest of the moment.
const AHEAD: usize = 8;
/// Each thread costs memory, and the calling one work for each packet.
const MOST_THREADS: usize = 256;

impl ParallelExtractor {
    /// On `threads` threads, the calling one included, of which 256 at most are of use; with one an
    /// [`Extractor`](crate::Extractor) is faster.
    #[must_use]
    pub fn new(features: FeatureSet, config: FlowConfig, threads: NonZeroUsize) -> Self {
        Self {
            features,
            config,
            hash_key: 0,
            threads: threads.get().min(MOST_THREADS),
        }
    }

    /// With this hash key of the flow tables.
    #[must_use]
    pub fn with_hash_key(mut self, key: u64) -> Self {
        self.hash_key = key;
        self
    }

    /// Reads all packets. Every record with its row is rendered by one of the `renderers` that
    /// `renderer` makes; then `each` is called on the calling thread, in the order
    /// of records. Errors of the source go to `error`, and reading goes on.
    ///
    /// # Errors
    /// The first error of `each`, which ends the reading.
    pub fn run<S, T, R, E>(
        &self,
        packets: &mut PacketBatches<S>,
        renderer: impl Fn() -> R,
        each: impl FnMut(&Flow, T) -> Result<(), E>,
        error: impl FnMut(CaptureError),
    ) -> Result<ExtractionCounters, E>
    where
        S: PacketSource,
        T: Send,
        R: FnMut(&Flow, &[f64]) -> T + Send,
    {
        if !self.features.needs_windows() {
            let renderers = (0..self.parts()).map(|_| renderer()).collect();
            let flows = self.run_workers(packets, renderers, each, error)?;
            let windows = None;
            return Ok(ExtractionCounters { flows, windows });
        }
        let (mut each, mut render) = (each, renderer());
        let mut windows = HostWindows::with_hash_key(WindowConfig::default(), self.hash_key);
        let flows = self.run_workers(
            packets,
            vec![|_: &Flow, row: &[f64]| row.to_vec(); self.parts()],
            |flow, mut row| {
                let facts = windows.observe(flow);
                self.features.fill_windows(&facts, &mut row);
                each(flow, render(flow, &row))
            },
            error,
        )?;
        let windows = Some(windows.counters());
        Ok(ExtractionCounters { flows, windows })
    }

    fn run_workers<S, T, R, E>(
        &self,
        packets: &mut PacketBatches<S>,
        renderers: Vec<R>,
        each: impl FnMut(&Flow, T) -> Result<(), E>,
        error: impl FnMut(CaptureError),
    ) -> Result<FlowCounters, E>
    where
        S: PacketSource,
        T: Send,
        R: FnMut(&Flow, &[f64]) -> T + Send,
    {
        let needs = self.features.needs();
        if needs == Needs::NOTHING {
            self.run_at::<S, T, R, E, ()>(packets, renderers, each, error)
        } else if Needs::TRAFFIC.include(needs) {
            self.run_at::<S, T, R, E, TrafficStatistics>(packets, renderers, each, error)
        } else if Needs::CIC.include(needs) {
            self.run_at::<S, T, R, E, CicStatistics>(packets, renderers, each, error)
        } else if Needs::STANDARD.include(needs) {
            self.run_at::<S, T, R, E, StandardStatistics>(packets, renderers, each, error)
        } else if Needs::COMMON.include(needs) {
            self.run_at::<S, T, R, E, CommonStatistics>(packets, renderers, each, error)
        } else {
            self.run_at::<S, T, R, E, FullStatistics>(packets, renderers, each, error)
        }
    }

    fn run_at<S, T, R, E, A>(
        &self,
        packets: &mut PacketBatches<S>,
        renderers: Vec<R>,
        mut each: impl FnMut(&Flow, T) -> Result<(), E>,
        mut error: impl FnMut(CaptureError),
    ) -> Result<FlowCounters, E>
    where
        S: PacketSource,
        T: Send,
        R: FnMut(&Flow, &[f64]) -> T + Send,
        A: Statistics,
    {
        let mut dealer = Dealer::new(&self.config, renderers.len());
        let stations = Stations::new(renderers.into_iter().map(|render| Part {
            table: TablePart::<A>::new(&self.config, self.hash_key),
            render,
            row: Vec::new(),
        }));
        let work = |part: &mut Part<A, R>, batch: Batch| part.take(&batch, &self.features);
        thread::scope(|scope| {
            // However this ends, the others are not to wait for more.
            let _closing = Closing(&stations);
            for _ in 1..self.threads {
                // Where the system has no more threads those that there are do the work.
                let helper = thread::Builder::new().spawn_scoped(scope, || stations.work(work));
                if helper.is_err() {
                    break;
                }
            }
            let mut underway = 0;
            let mut pass_on = |dealer: &mut Dealer, ahead: usize| {
                while let Some(batches) = dealer.pop() {
                    stations.submit(batches);
                    underway += 1;
                }
                while underway > ahead {
                    underway -= 1;
                    match stations.collect(work) {
                        Some(records) => merge(records, &mut each)?,
                        None => return Ok(ControlFlow::Break(())),
                    }
                }
                Ok(ControlFlow::Continue(()))
            };
            loop {
                match packets.next_batch() {
                    Ok(Some(batch)) => dealer.push_all(batch),
                    Ok(None) => break,
                    Err(damage) => error(damage),
                }
                if pass_on(&mut dealer, AHEAD)?.is_break() {
                    // A thread has panicked. The scope passes that on, at once and not at the end of the input.
                    return Ok(());
                }
            }
            dealer.finish();
            pass_on(&mut dealer, 0).map(|_| ())
        })?;
        let parts = stations.into_workers();
        Ok(parts.fold(dealer.counters(), |all, part| {
            all.and(part.table.counters())
        }))
    }

    fn parts(&self) -> usize {
        self.threads * PARTS
    }
}

impl<A: Statistics, R> Part<A, R> {
    /// Takes a batch; gives the records that are ready, in their order.
    fn take<T>(&mut self, batch: &Batch, features: &FeatureSet) -> Vec<(Flow, T)>
    where
        R: FnMut(&Flow, &[f64]) -> T,
    {
        let Self { table, render, row } = self;
        table.take(batch);
        let mut records = Vec::new();
        while let Some(record) = table.pop_with(|flow, state| {
            row.clear();
            features.extract(&state.record(flow), row);
            (flow.clone(), render(flow, row))
        }) {
            records.push(record);
        }
        records
    }
}

/// Calls `each` with the records of all parts, in the order of records.
fn merge<T, E>(
    parts: Vec<Vec<(Flow, T)>>,
    each: &mut impl FnMut(&Flow, T) -> Result<(), E>,
) -> Result<(), E> {
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let first = |part: &std::vec::IntoIter<(Flow, T)>| {
        part.as_slice().first().map(|(flow, _)| flow.order())
    };
    while let Some((_, part)) = (parts.iter_mut())
        .filter_map(|part| Some((first(part)?, part)))
        .min_by_key(|(order, _)| *order)
    {
        if let Some((flow, rendered)) = part.next() {
            each(&flow, rendered)?;
        }
    }
    Ok(())
}

/// Closes stations when it goes out of scope.
struct Closing<'a, S, T, R>(&'a Stations<S, T, R>);

impl<S, T, R> Drop for Closing<'_, S, T, R> {
    fn drop(&mut self) {
        self.0.close();
    }
}
