//! Where alerts are posted, and how.

use std::fmt;
use std::time::Duration;

use super::super::{Form, Wants};

/// Where events are posted, and how.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// `http://…`, or `https://…` where the crate has its feature `https`.
    pub url: String,
    /// How an event is told.
    pub form: Form,
    /// Which events (alerts).
    pub wants: Wants,
    /// What messages are signed with, if they are.
    pub secret: Option<Vec<u8>>,
    /// Further headers, such as `Authorization`.
    pub headers: Vec<(String, String)>,
    /// Time for a whole request, from connecting to the answer (5 s).
    pub timeout: Duration,
    /// Events in one request at most (1). With more than one, the body is always an array.
    pub batch: usize,
    /// A proxy to go through (none; the environment is not asked).
    pub proxy: Option<String>,
}

impl WebhookConfig {
    /// Alerts in Suricata's form to that address, one by one and unsigned.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            form: Form::Eve,
            wants: Wants::ALERTS,
            secret: None,
            headers: Vec::new(),
            timeout: Duration::from_secs(5),
            batch: 1,
            proxy: None,
        }
    }

    /// In another form.
    #[must_use]
    pub const fn with_form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// With other events.
    #[must_use]
    pub const fn with_events(mut self, wants: Wants) -> Self {
        self.wants = wants;
        self
    }

    /// Signed with a secret that the receiver knows.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// With a further header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With another time for a request.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// With several events in one request.
    #[must_use]
    pub const fn with_batch(mut self, events: usize) -> Self {
        self.batch = events;
        self
    }

    /// Through a proxy.
    #[must_use]
    pub fn with_proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }
}

/// Without what is secret: addresses of hooks hold tokens, and so do headers.
impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&String> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("WebhookConfig")
            .field("form", &self.form)
            .field("wants", &self.wants)
            .field("signed", &self.secret.is_some())
            .field("headers", &headers)
            .field("timeout", &self.timeout)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
