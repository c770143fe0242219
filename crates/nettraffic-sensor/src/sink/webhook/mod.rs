//! Events to a web server.

mod config;
mod signature;

use std::io;
use std::time::{Duration, SystemTime};

use ureq::http::{HeaderMap, Response, StatusCode, Uri};
use ureq::{Agent, Body, Error, Proxy};

pub use self::config::WebhookConfig;
use self::signature::signature;
use super::{Dealt, Event, Sink, SinkError, Wants};

/// Bytes of an answer that are read, so that a server sees its end; nothing is done with them.
const LONGEST_ANSWER: u64 = 4 << 10;

/// Posts events as JSON.
///
/// A request counts as written when it is answered with a status of 200 to 299. It is made again when there is no
/// answer in time, and after 408, 429 and 500 to 599 (not before the time that `Retry-After` tells in seconds); any
/// other answer is final, redirects included, which are never followed. A server that took a request and did not
/// answer in time gets it twice, and tells by the event's `id`.
///
/// With a secret there are two more headers: `X-Nettraffic-Timestamp`, the seconds since 1970, and
/// `X-Nettraffic-Signature`, `sha256=` and the HMAC-SHA256 of these seconds, a dot and the body.
pub struct Webhook {
    name: String,
    config: WebhookConfig,
    agent: Agent,
}

impl Webhook {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// The address is none that can be posted to, or it needs the crate's feature `https`; the proxy or a header is
    /// none.
    pub fn new(config: &WebhookConfig) -> Result<Self, SinkError> {
        let name = name(&config.url)?;
        let proxy = (config.proxy.as_deref().map(Proxy::new).transpose())
            .map_err(|_| SinkError::lasting("the webhook's proxy is no address of one"))?;
        for (header, value) in &config.headers {
            let sound = ureq::http::HeaderName::try_from(header.as_str()).is_ok()
                && ureq::http::HeaderValue::try_from(value.as_str()).is_ok();
            if !sound {
                let why = format!("{header:?} is no header, or its value is none");
                return Err(SinkError::lasting(why));
            }
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .timeout_global(Some(config.timeout))
            .user_agent(concat!("nettraffic/", env!("CARGO_PKG_VERSION")))
            // Alerts are rare, and a connection that was kept may be gone.
            .max_idle_connections(0)
            .build()
            .new_agent();
        Ok(Self {
            name,
            config: config.clone(),
            agent,
        })
    }

    fn body(&self, events: &[Event]) -> Result<String, SinkError> {
        let objects: Result<Vec<String>, SinkError> = (events.iter())
            .map(|event| self.config.form.json(event))
            .collect();
        let objects = objects?.join(",");
        Ok(match self.config.batch {
            0 | 1 => objects,
            _ => format!("[{objects}]"),
        })
    }

    fn post(&self, body: &str) -> Result<Response<Body>, Error> {
        let mut request = (self.agent.post(&self.config.url)).content_type("application/json");
        for (name, value) in &self.config.headers {
            request = request.header(name, value);
        }
        if let Some(secret) = &self.config.secret {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let seconds = now.unwrap_or_default().as_secs();
            request = request
                .header("X-Nettraffic-Timestamp", seconds.to_string())
                .header(
                    "X-Nettraffic-Signature",
                    signature(secret, seconds, body.as_bytes()),
                );
        }
        let mut response = request.send(body)?;
        // Whether all of the answer can be read says nothing about the request.
        let answer = response.body_mut().with_config().limit(LONGEST_ANSWER);
        let _ = answer.read_to_vec();
        Ok(response)
    }
}

impl Sink for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self) -> Wants {
        self.config.wants
    }

    fn batch(&self) -> usize {
        self.config.batch
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let body = self.body(events)?;
        let response = self.post(&body).map_err(|error| self.failed(error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Dealt::written(events.len()));
        }
        let answered = format!("{} answered {status}", self.name);
        let again = status.is_server_error()
            || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        if !again {
            return Err(SinkError::Lasting(answered));
        }
        Err(SinkError::Passing {
            what: answered,
            error: io::Error::other("it may take it later"),
            pause: retry_after(response.headers()),
        })
    }
}

impl Webhook {
    fn failed(&self, error: Error) -> SinkError {
        match error {
            Error::Http(_) | Error::BadUri(_) => {
                SinkError::lasting(format!("{}: it cannot be asked so", self.name))
            }
            Error::Io(error) => SinkError::passing(&self.name, error),
            error => SinkError::passing(&self.name, io::Error::other(error.to_string())),
        }
    }
}

/// Scheme, host and port, without what may be secret.
fn name(url: &str) -> Result<String, SinkError> {
    let why = |what: &str| SinkError::lasting(format!("the webhook's address {what}"));
    let uri: Uri = url.parse().map_err(|_| why("is none"))?;
    let scheme = uri.scheme_str().ok_or_else(|| why("has no scheme"))?;
    let host = (uri.host().filter(|host| !host.is_empty())).ok_or_else(|| why("has no host"))?;
    match scheme {
        "http" => {}
        "https" if cfg!(feature = "https") => {}
        "https" => return Err(why("needs a build with the feature https")),
        _ => return Err(why("begins with neither http:// nor https://")),
    }
    let port = uri
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    Ok(format!("webhook {scheme}://{host}{port}"))
}

/// How long the server asks to be left alone, where it says so in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("retry-after")?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}
