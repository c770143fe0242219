//! Stations that do their tasks one after another, whichever thread works at them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A row of stations. Each has a worker of type `S`, does its tasks `T` in the order in which they came
/// and keeps its results `R` in that order. No thread owns a station: whoever has time works where a task
/// waits, so that no thread is idle while another has too much to do.
pub(super) struct Stations<S, T, R> {
    row: Mutex<Row<S, T, R>>,
    changed: Condvar,
}

struct Row<S, T, R> {
    stations: Vec<Station<S, T, R>>,
    /// Stations at which a task waits and nobody works, first come first.
    ready: VecDeque<usize>,
    /// No more tasks come; or a thread has panicked, and the others are to stop.
    closed: bool,
}

struct Station<S, T, R> {
    /// None while a thread works there.
    worker: Option<S>,
    tasks: VecDeque<T>,
    results: VecDeque<R>,
}

impl<S, T, R> Stations<S, T, R> {
    /// One station for each worker.
    pub(super) fn new(workers: impl IntoIterator<Item = S>) -> Self {
        let station = |worker| Station {
            worker: Some(worker),
            tasks: VecDeque::new(),
            results: VecDeque::new(),
        };
        Self {
            row: Mutex::new(Row {
                stations: workers.into_iter().map(station).collect(),
                ready: VecDeque::new(),
                closed: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Gives each station one more task.
    pub(super) fn submit(&self, tasks: impl IntoIterator<Item = T>) {
        let mut row = self.lock();
        let Row {
            stations, ready, ..
        } = &mut *row;
        for (at, (station, task)) in stations.iter_mut().zip(tasks).enumerate() {
            if station.tasks.is_empty() && station.worker.is_some() {
                ready.push_back(at);
            }
            station.tasks.push_back(task);
        }
        self.changed.notify_all();
    }

    /// The oldest result of every station; does tasks itself as long as one of them lacks. `None` when
    /// another thread has panicked.
    pub(super) fn collect(&self, work: impl Fn(&mut S, T) -> R) -> Option<Vec<R>> {
        let mut row = self.lock();
        loop {
            let complete = (row.stations.iter()).all(|station| !station.results.is_empty());
            if complete {
                let stations = row.stations.iter_mut();
                return stations.map(|s| s.results.pop_front()).collect();
            }
            row = match row.ready.pop_front() {
                Some(at) => {
                    drop(row);
                    self.work_at(at, &work);
                    self.lock()
                }
                None if row.closed => return None,
                None => self.wait(row),
            };
        }
    }

    /// Does tasks until there are no more and none will come.
    pub(super) fn work(&self, work: impl Fn(&mut S, T) -> R) {
        let mut row = self.lock();
        loop {
            row = match row.ready.pop_front() {
                Some(at) => {
                    drop(row);
                    self.work_at(at, &work);
                    self.lock()
                }
                None if row.closed => return,
                None => self.wait(row),
            };
        }
    }

    /// Lets those who [`work`](Self::work) go home.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// The workers, after the work.
    pub(super) fn into_workers(self) -> impl Iterator<Item = S> {
        let row = (self.row.into_inner()).unwrap_or_else(PoisonError::into_inner);
        (row.stations.into_iter()).filter_map(|station| station.worker)
    }

    /// Does one task of a ready station.
    fn work_at(&self, at: usize, work: &impl Fn(&mut S, T) -> R) {
        let begun = self.lock().stations.get_mut(at).and_then(|station| {
            let task = station.tasks.pop_front()?;
            Some((station.worker.take()?, task))
        });
        let Some((mut worker, task)) = begun else {
            return;
        };
        let alarm = Alarm(self);
        let result = work(&mut worker, task);
        drop(alarm);

        let mut row = self.lock();
        if let Some(station) = row.stations.get_mut(at) {
            station.worker = Some(worker);
            station.results.push_back(result);
            if !station.tasks.is_empty() {
                row.ready.push_back(at);
            }
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Row<S, T, R>> {
        self.row.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, row: MutexGuard<'a, Row<S, T, R>>) -> MutexGuard<'a, Row<S, T, R>> {
        (self.changed.wait(row)).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends everyone home when the work in which it lives panics: nobody is to wait for its result.
struct Alarm<'a, S, T, R>(&'a Stations<S, T, R>);

impl<S, T, R> Drop for Alarm<'_, S, T, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appends a task to what the worker did before.
    fn append(done: &mut Vec<u32>, task: u32) -> Vec<u32> {
        done.push(task);
        done.clone()
    }

    #[test]
    fn every_station_does_its_tasks_in_order_on_any_number_of_threads() {
        for helpers in [0, 1, 3] {
            let stations = Stations::new(vec![Vec::new(); 5]);
            thread::scope(|scope| {
                for _ in 0..helpers {
                    scope.spawn(|| stations.work(append));
                }
                for round in 0..100 {
                    stations.submit((0..5).map(|station| 10 * round + station));
                }
                for round in 0..100 {
                    let expected = (0..5)
                        .map(|station| (0..=round).map(|r| 10 * r + station).collect::<Vec<u32>>());
                    assert_eq!(stations.collect(append), Some(expected.collect()));
                }
                stations.close();
            });
            assert_eq!(stations.into_workers().count(), 5);
        }
    }

    #[test]
    fn a_panic_leaves_nobody_waiting() {
        let stations = Stations::new([(); 2]);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            thread::scope(|scope| {
                // The caller comes to wait for the result of a task that another thread has.
                let (taken, is_taken) = std::sync::mpsc::channel();
                let stations = &stations;
                scope.spawn(move || {
                    stations.work(|(), task: Option<u32>| {
                        let _ = taken.send(());
                        task.expect("a task that panics");
                    });
                });
                stations.submit([None, Some(1)]);
                let _ = is_taken.recv();
                assert_eq!(stations.collect(|(), _| ()), None);
            });
        }));
        assert!(result.is_err());
    }
}
