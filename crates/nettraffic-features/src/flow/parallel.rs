//! Extraction on several threads.

use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use nettraffic_capture::{CaptureError, PacketSource};
use nettraffic_flow::{Batch, Dealer, Flow, FlowConfig, FlowCounters, PacketBatches, TablePart};

use super::level::{
    CicStatistics, CommonStatistics, FullStatistics, Needs, StandardStatistics, Statistics,
    TrafficStatistics,
};
use crate::{ExtractionCounters, FeatureSet, HostWindows, WindowConfig};

/// Extracts the features of a set on several threads: one reads, decodes and deals, the others join
/// flows and compute.
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
    workers: usize,
}

/// What a worker makes of its batches.
struct Rendered<T> {
    records: Vec<(Flow, T)>,
    counters: FlowCounters,
}

/// Batches that a worker may have waiting: enough that nobody waits for the slowest of the moment.
const AHEAD: usize = 4;

impl ParallelExtractor {
    /// On `threads` threads, the calling one included; at least two, since with one an
    /// [`Extractor`](crate::Extractor) is faster.
    #[must_use]
    pub fn new(features: FeatureSet, config: FlowConfig, threads: NonZeroUsize) -> Self {
        Self {
            features,
            config,
            hash_key: 0,
            workers: (threads.get() - 1).max(1),
        }
    }

    /// With this hash key of the flow tables.
    #[must_use]
    pub fn with_hash_key(mut self, key: u64) -> Self {
        self.hash_key = key;
        self
    }

    /// Reads all packets. Every record with its row is rendered by one of the `renderers` that
    /// `renderer` makes, one for each thread; then `each` is called on the calling thread, in the order
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
            let renderers = (0..self.workers).map(|_| renderer()).collect();
            let flows = self.run_workers(packets, renderers, each, error)?;
            let windows = None;
            return Ok(ExtractionCounters { flows, windows });
        }
        let (mut each, mut render) = (each, renderer());
        let mut windows = HostWindows::with_hash_key(WindowConfig::default(), self.hash_key);
        let flows = self.run_workers(
            packets,
            vec![|_: &Flow, row: &[f64]| row.to_vec(); self.workers],
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
        thread::scope(|scope| {
            let workers: Vec<Worker<T>> = renderers
                .into_iter()
                .map(|render| {
                    let (batches, to_do) = sync_channel(AHEAD);
                    let (done, results) = sync_channel(AHEAD);
                    scope.spawn(move || self.work::<T, R, A>(&to_do, &done, render));
                    Worker {
                        batches,
                        results,
                        counters: FlowCounters::default(),
                    }
                })
                .collect();
            let mut merger = Merger::new(workers);
            let mut dealer = Dealer::new(&self.config, self.workers);
            loop {
                match packets.next_batch() {
                    Ok(Some(batch)) => dealer.push_all(batch),
                    Ok(None) => break,
                    Err(damage) => error(damage),
                }
                merger.pass_on(&mut dealer, &mut each)?;
            }
            dealer.finish();
            merger.pass_on(&mut dealer, &mut each)?;
            while merger.underway > 0 {
                merger.merge(&mut each)?;
            }
            Ok(merger.counters().and(&dealer.counters()))
        })
    }

    /// Takes batches until there are no more.
    fn work<T, R, A>(
        &self,
        batches: &Receiver<Batch>,
        results: &SyncSender<Rendered<T>>,
        mut render: R,
    ) where
        R: FnMut(&Flow, &[f64]) -> T,
        A: Statistics,
    {
        let mut table = TablePart::<A>::new(&self.config, self.hash_key);
        let mut row = Vec::new();
        while let Ok(batch) = batches.recv() {
            table.take(&batch);
            let mut records = Vec::new();
            while let Some(record) = table.pop_with(|flow, state| {
                row.clear();
                self.features.extract(&state.record(flow), &mut row);
                (flow.clone(), render(flow, &row))
            }) {
                records.push(record);
            }
            let counters = *table.counters();
            // Nobody takes results any more: the reading has ended early.
            if results.send(Rendered { records, counters }).is_err() {
                return;
            }
        }
    }
}

/// The ways to a worker and back.
struct Worker<T> {
    batches: SyncSender<Batch>,
    results: Receiver<Rendered<T>>,
    counters: FlowCounters,
}

/// Keeps the workers busy and brings together what they made.
struct Merger<T> {
    workers: Vec<Worker<T>>,
    /// Batches that every worker has and whose results were not merged yet.
    underway: usize,
    records: Vec<(Flow, T)>,
}

impl<T> Merger<T> {
    fn new(workers: Vec<Worker<T>>) -> Self {
        Self {
            workers,
            underway: 0,
            records: Vec::new(),
        }
    }

    fn pass_on<E>(
        &mut self,
        dealer: &mut Dealer,
        each: &mut impl FnMut(&Flow, T) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(batches) = dealer.pop() {
            if self.underway == AHEAD {
                self.merge(each)?;
            }
            for (worker, batch) in self.workers.iter().zip(batches) {
                // A worker that is gone has panicked, which the scope passes on.
                let _ = worker.batches.send(batch);
            }
            self.underway += 1;
        }
        Ok(())
    }

    /// Takes the oldest results of all workers.
    fn merge<E>(&mut self, each: &mut impl FnMut(&Flow, T) -> Result<(), E>) -> Result<(), E> {
        self.underway -= 1;
        for worker in &mut self.workers {
            if let Ok(rendered) = worker.results.recv() {
                worker.counters = rendered.counters;
                self.records.extend(rendered.records);
            }
        }
        self.records.sort_by_key(|(flow, _)| flow.order());
        for (flow, rendered) in self.records.drain(..) {
            each(&flow, rendered)?;
        }
        Ok(())
    }

    fn counters(&self) -> FlowCounters {
        let counters = self.workers.iter().map(|worker| &worker.counters);
        counters.fold(FlowCounters::default(), |all, one| all.and(one))
    }
}
