//! SMTP between mail servers (RFC 5321) and IMAP over TLS from the desks.

use super::tls;
use crate::rng::Rng;
use crate::talk::{CLIENT, Ending, SERVER, Step};
use crate::time::{MILLI, seconds};
use crate::wire::Message;

/// A mail of `len` bytes handed over from the server `from`.
pub(crate) fn delivery(rng: &mut Rng, from: &str, len: usize) -> Vec<Step> {
    let mut steps = vec![
        Step::Wait(rng.between(5, 400) * MILLI),
        server("220 mail ESMTP ready\r\n"),
    ];
    let lines: [(String, &str); 3] = [
        (
            format!("EHLO {from}\r\n"),
            "250-mail\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
        ),
        (
            format!(
                "MAIL FROM:<user{}@{from}> SIZE={len}\r\n",
                rng.between(1, 400)
            ),
            "250 2.1.0 Ok\r\n",
        ),
        (
            format!("RCPT TO:<user{}@example.org>\r\n", rng.between(1, 60)),
            "250 2.1.5 Ok\r\n",
        ),
    ];
    for (line, reply) in lines {
        steps.push(client(line));
        steps.push(Step::Wait(rng.between(1, 40) * MILLI));
        steps.push(server(reply));
    }
    if rng.chance(0.06) {
        steps.push(client("QUIT\r\n"));
    } else {
        steps.push(client("DATA\r\n"));
        steps.push(server("354 End data with <CR><LF>.<CR><LF>\r\n"));
        let head = format!(
            "Subject: plan {}\r\nMIME-Version: 1.0\r\n\r\n",
            rng.between(1, 9_999)
        );
        steps.push(Step::Say(CLIENT, Message::text(head, len)));
        steps.push(client("\r\n.\r\n"));
        steps.push(Step::Wait(rng.between(20, 900) * MILLI));
        steps.push(server("250 2.0.0 Ok: queued\r\n"));
        steps.push(client("QUIT\r\n"));
    }
    steps.push(server("221 2.0.0 Bye\r\n"));
    steps.push(Step::Close(Ending::Finish(if rng.chance(0.7) {
        SERVER
    } else {
        CLIENT
    })));
    steps
}

/// Somebody's mail program: logs in, looks for news, fetches some, then waits for more or leaves.
pub(crate) fn reading(rng: &mut Rng, name: &str) -> Vec<Step> {
    let mut steps = tls::handshake(rng, name);
    for (asked, told) in [(70, 110), (64, 96), (80, 400)] {
        steps.push(tls::data(CLIENT, asked + rng.size(0, 20)));
        steps.push(tls::data(SERVER, told + rng.size(0, 200)));
    }
    for _ in 0..rng.between(0, 4) {
        steps.push(Step::Wait(seconds(rng.log_normal(0.4, 1.0).min(20.0))));
        steps.push(tls::data(CLIENT, 60 + rng.size(0, 40)));
        steps.push(tls::data(
            SERVER,
            rng.pareto(900.0, 0.95, 900_000.0) as usize,
        ));
    }
    // IDLE: the server speaks when there is news.
    for _ in 0..rng.between(0, 5) {
        steps.push(Step::Wait(seconds(rng.exponential(40.0).min(110.0))));
        steps.push(tls::data(SERVER, 60 + rng.size(0, 60)));
    }
    if rng.chance(0.85) {
        steps.push(tls::goodbye(CLIENT));
        steps.push(Step::Close(Ending::Finish(CLIENT)));
    }
    steps
}

fn client(text: impl Into<Vec<u8>>) -> Step {
    Step::Say(CLIENT, Message::literal(text))
}

fn server(text: &str) -> Step {
    Step::Say(SERVER, Message::literal(text))
}
