//! The server of the live page: HTTP/1 on a thread of its own.

mod connection;
mod error;
mod events;
mod guard;
mod health;
mod options;
mod parts;
mod patient;
mod query;
mod routes;
mod scrape;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::watch;

pub use error::DashboardError;
pub use options::DashboardOptions;

use super::Board;
use health::Pulse;

/// A bound address at which a board can be shown.
///
/// To bind and to serve are two steps, so that a sensor can bind, give up its privileges, and then begin.
///
/// | route | what |
/// |---|---|
/// | `GET /` | the page |
/// | `GET /events` | server-sent events: `state`, everything, then `change`s; resumed by `Last-Event-ID` |
/// | `GET /api/state` | everything as JSON |
/// | `GET /api/alerts` | alerts as JSON; `text`, `class`, `host`, `incident`, `severity` (at least), `suppressed` (`no`, `yes`, `only`), `order` (`time`, `score`), `limit` |
/// | `POST /api/alerts/{id}/false` | marks an alert as false: `{"becomes": "allow_list", "note": "why"}`, `"training"` or `"both"` |
/// | `DELETE /api/alerts/{id}/false` | takes that back |
/// | `GET /card` | the card of the detector |
/// | `GET /metrics` | Prometheus, text format 0.0.4 |
/// | `GET /health` | 200 `well`, or 503 `degraded` with reasons |
/// | `GET /live` | 200, or 503 when nothing is heard of the sensor any more |
///
/// The last two are answered to everybody, without a token, whichever host is asked for; reasons are told only to
/// those who may read the rest. Any other request must name a host that this is: the address that it came to, `localhost`, or one of the options'
/// names. So a page of somebody else's, whose name was made to point here, reads nothing.
/// At most 64 connections and 16 readers of events are served at once; headers end within 5 s and 16 KiB,
/// bodies within 4 KiB, and a reader that takes nothing for 20 s is let go.
#[derive(Debug)]
pub struct Dashboard {
    listener: TcpListener,
    address: SocketAddr,
    options: DashboardOptions,
}

impl Dashboard {
    /// Takes an address; port 0 is any free one.
    ///
    /// # Errors
    /// The address is in use or not of this machine; or it can be reached from elsewhere and that is not allowed
    /// or there is no token; or token or names could not work.
    pub fn bind(address: SocketAddr, options: DashboardOptions) -> Result<Self, DashboardError> {
        options.check(address)?;
        let bound = TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        });
        let (listener, address) =
            bound.map_err(|source| DashboardError::Bind { address, source })?;
        Ok(Self {
            listener,
            address,
            options,
        })
    }

    /// The address, with the port that was given.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows a board, on a thread of its own, until the result is stopped or dropped.
    ///
    /// # Errors
    /// The system gives no thread or no means to wait for the network.
    pub fn serve(self, board: Board) -> io::Result<Serving> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let (stop, stopped) = watch::channel(false);
        let site = Arc::new(Site {
            board,
            options: self.options,
            cookie: format!("nettraffic-{}", self.address.port()),
            pulse: Pulse::default(),
            readers: events::Readers::default(),
            stopped: stopped.clone(),
        });
        let thread = std::thread::Builder::new()
            .name("dashboard".into())
            .spawn(move || runtime.block_on(connection::accept(listener, site, stopped)))?;
        Ok(Serving {
            address: self.address,
            stop,
            thread: Some(thread),
        })
    }
}

/// A dashboard at work. Dropping it stops it, too.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the streams, lets answers that are under way be finished for a second, and gives the address back.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic over there ended what was to be ended.
            let _ = thread.join();
        }
    }
}

/// What all requests share.
struct Site {
    board: Board,
    options: DashboardOptions,
    /// Name of the cookie with the token: cookies are shared by all ports of a host, so the port is part of it.
    cookie: String,
    pulse: Pulse,
    readers: events::Readers,
    stopped: watch::Receiver<bool>,
}

#[cfg(test)]
mod tests;
