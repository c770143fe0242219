//! Connections: how many, how long, how large.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::patient::Patient;
use super::{Site, health, routes};

/// Connections that are served at once.
pub(super) const CONNECTIONS: usize = 64;
/// Connections that are being told that there are too many.
const REFUSALS: usize = 64;
/// Time for the headers of a request, the wait for the next request included.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// Bytes of the headers of a request.
const HEADER_BYTES: usize = 16 << 10;
/// Headers of a request.
const HEADERS: usize = 48;
/// Time that a reader may take nothing.
const STALL_TIME: Duration = Duration::from_secs(20);
/// Time for answers that are under way at the end.
const GRACE: Duration = Duration::from_secs(1);

const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n\
    retry-after: 5\r\nconnection: close\r\n\r\ntoo many connections\n";

/// The address of ours that a connection came to.
#[derive(Clone, Copy)]
pub(super) struct Local(pub(super) IpAddr);

/// Serves until it is told to stop.
pub(super) async fn accept(
    listener: TcpListener,
    site: Arc<Site>,
    mut stopped: watch::Receiver<bool>,
) {
    let routes = TowerToHyperService::new(routes::all(Arc::clone(&site)));
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut tasks = JoinSet::new();
    tasks.spawn(health::watch(site, stopped.clone()));
    loop {
        tokio::select! {
            // In this order: a flood of connections must not keep it from stopping.
            biased;
            _ = stopped.changed() => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => match Arc::clone(&free).try_acquire_owned() {
                    Ok(permit) => {
                        let (routes, stopped) = (routes.clone(), stopped.clone());
                        tasks.spawn(async move {
                            serve(stream, routes, stopped).await;
                            drop(permit);
                        });
                    }
                    Err(_) if tasks.len() < CONNECTIONS + REFUSALS => {
                        tasks.spawn(refuse(stream));
                    }
                    Err(_) => drop(stream),
                },
                // Most likely there are no file descriptors left; trying at once would spin.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
        }
    }
    drop(listener);
    let all = async { while tasks.join_next().await.is_some() {} };
    // What takes longer is cut off with the runtime.
    let _ = timeout(GRACE, all).await;
}

async fn serve<S>(stream: TcpStream, routes: S, mut stopped: watch::Receiver<bool>)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let service = service_fn(|mut request: Request<Incoming>| {
        // An IPv4 address that came in on an IPv6 socket is what its browser calls it.
        request
            .extensions_mut()
            .insert(Local(local.ip().to_canonical()));
        routes.call(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_headers(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(Patient::new(stream, STALL_TIME)), service)
    );
    // How a connection ends is its client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Says that there are too many. What the client sends is read for a moment: closing with something
/// unread would take the answer back.
async fn refuse(mut stream: TcpStream) {
    let tell = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await?;
        let mut unread = [0; 4096];
        while stream.read(&mut unread).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = timeout(Duration::from_millis(500), tell).await;
}
