//! Requests as they come over the wire, written by hand: what no library would send is what matters.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{Dashboard, DashboardOptions, Serving};
use crate::live::{Board, LiveAlert, TrafficSample};
use crate::{Alert, Reason};

mod access;
mod limits;
mod routes;

const TOKEN: &str = "0123456789abcdef";

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A dashboard with one alert of a hostile name.
fn begin(options: DashboardOptions) -> Result<(Board, Serving), Box<dyn std::error::Error>> {
    let board = Board::new();
    let alert = Alert {
        id: "a1".into(),
        source: "<script>alert(1)</script>\u{202e}:9".into(),
        target: "10.0.0.1:22".into(),
        score: 9.3,
        reasons: vec![Reason::new("duration", "14 min", "1 s to 3 s", 0.6)],
        ..Alert::default()
    };
    board.push_alert(LiveAlert {
        alert,
        ..LiveAlert::default()
    });
    board.push_sample(TrafficSample {
        time_ns: 5,
        packets: 7,
        ..TrafficSample::default()
    });
    let dashboard = Dashboard::bind(([127, 0, 0, 1], 0).into(), options)?;
    let serving = dashboard.serve(board.clone())?;
    Ok((board, serving))
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(15)))?;
    Ok(stream)
}

/// The whole answer to some bytes.
fn ask(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn get(address: SocketAddr, path: &str, headers: &str) -> io::Result<String> {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"),
    )
}

fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> io::Result<String> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n"
    );
    ask(address, &format!("{head}{headers}\r\n{body}"))
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Reads until a text has come.
fn read_until(stream: &mut TcpStream, end: &str) -> io::Result<String> {
    let mut text = String::new();
    let mut part = [0; 4096];
    while !text.contains(end) {
        let length = stream.read(&mut part)?;
        if length == 0 {
            return Err(io::Error::other(format!("the stream ended: {text}")));
        }
        text += &String::from_utf8_lossy(&part[..length]);
    }
    Ok(text)
}
