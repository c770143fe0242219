//! HTTP/1.1 requests and responses.

use crate::rng::Rng;
use crate::talk::{CLIENT, SERVER, Step};
use crate::wire::Message;

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "curl/8.5.0",
];
const PATHS: [&str; 8] = [
    "/",
    "/index.html",
    "/style/main.css",
    "/api/v1/items",
    "/img/logo.png",
    "/news/today",
    "/search?q=plan",
    "/js/app.js",
];

/// A request for something at `host`, with a cookie of `cookie` bytes.
pub(crate) fn request(rng: &mut Rng, host: &str, cookie: usize) -> Step {
    let path = rng.pick(&PATHS);
    let agent = rng.pick(&AGENTS);
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\nCookie: s={:x<cookie$}\r\nConnection: keep-alive\r\n\r\n",
        rng.bits()
    );
    Step::Say(CLIENT, Message::literal(head))
}

/// The answer with a body of `len` bytes.
pub(crate) fn response(rng: &mut Rng, len: usize) -> Step {
    let text = rng.chance(0.6);
    let kind = if text {
        "text/html"
    } else {
        "application/octet-stream"
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\nConnection: keep-alive\r\n\r\n"
    );
    Step::Say(
        SERVER,
        if text {
            Message::text(head, len)
        } else {
            Message::noise(head, len)
        },
    )
}

/// The first half of a request that never ends.
pub(crate) fn unfinished_request(rng: &mut Rng, host: &str) -> Step {
    let head = format!(
        "GET /?{} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\nAccept-language: en-US,en;q=0.5\r\n",
        rng.between(0, 2_000),
        rng.pick(&AGENTS)
    );
    Step::Say(CLIENT, Message::literal(head))
}

/// One more header line of that request.
pub(crate) fn another_header(rng: &mut Rng) -> Step {
    Step::Say(
        CLIENT,
        Message::literal(format!("X-a: {}\r\n", rng.between(1, 5_000))),
    )
}
