//! Who may ask: the checks before every route, and the headers of every answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;
use tokio::time::timeout;

use super::Site;
use super::connection::Local;
use super::health;

/// Time to answer a request, its body included; streams begin within it and may last.
const REQUEST_TIME: Duration = Duration::from_secs(5);

/// Nothing but what the dashboard itself serves, and no script or style within a document.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

const NO_TOKEN: &str = "This dashboard asks for its token: open it once as /?token=…, \
    or send it as \"Authorization: Bearer …\".\n";

/// Who asks, as far as that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// Whoever may read everything.
    Known,
    /// Whoever may know no more than whether the sensor is well: load balancers and the like have no token, and send no
    /// host, or none that they were told.
    Anybody,
}

/// Lets a request through to its route, or answers why not.
pub(super) async fn guard(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let asker = match check(&site, &request) {
        Ok(()) => Ok(Asker::Known),
        Err(_) if is_probe(&request) => Ok(Asker::Anybody),
        Err(response) => Err(response),
    };
    let mut response = match asker {
        Ok(asker) => {
            request.extensions_mut().insert(asker);
            match timeout(REQUEST_TIME, next.run(request)).await {
                Ok(response) => response,
                Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
            }
        }
        Err(response) => *response,
    };
    for (name, value) in HEADERS {
        // A route may be stricter than the rule.
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether somebody asks for nothing but one word, who is not a browser on behalf of somebody else's page.
fn is_probe(request: &Request) -> bool {
    let path = request.uri().path();
    let headers = request.headers();
    let asks = [&Method::GET, &Method::HEAD].contains(&request.method());
    let is_foreign = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    asks && (path == health::WELL || path == health::LIVE) && !is_foreign
}

fn check(site: &Site, request: &Request) -> Result<(), Box<Response>> {
    let host = host(site, request).ok_or_else(|| {
        refusal(
            StatusCode::MISDIRECTED_REQUEST,
            "This is not the host that you asked for.\n",
        )
    })?;
    let headers = request.headers();
    let foreign = || {
        refusal(
            StatusCode::FORBIDDEN,
            "Requests from other pages are refused.\n",
        )
    };
    let bearer = bearer(headers);
    let changes = ![&Method::GET, &Method::HEAD].contains(&request.method());
    match origin(headers, host) {
        Origin::Foreign => return Err(foreign()),
        // Browsers name the origin of whatever changes something; a bearer token is none that a page could send.
        Origin::Unknown if changes && bearer.is_none() => {
            return Err(foreign());
        }
        Origin::Unknown | Origin::Ours => {}
    }
    let Some(token) = &site.options.token else {
        return Ok(());
    };
    if bearer
        .or_else(|| cookie(headers, &site.cookie))
        .is_some_and(|given| same(given, token))
    {
        return Ok(());
    }
    match token_in_address(request) {
        Some(given) if same(given, token) => Err(Box::new(welcome(&site.cookie, token))),
        _ => Err(refusal(StatusCode::UNAUTHORIZED, NO_TOKEN)),
    }
}

/// The authority that was asked for, where it is one of ours. Its port is not looked at: it may
/// be that of a tunnel, and a name that was made to point here cannot be one of ours with any port.
fn host<'a>(site: &Site, request: &'a Request) -> Option<&'a str> {
    let authority = only(request.headers(), &header::HOST)?;
    // Of two hosts in one request nobody knows which one counts.
    if request
        .uri()
        .authority()
        .is_some_and(|asked| !asked.as_str().eq_ignore_ascii_case(authority))
    {
        return None;
    }
    let name = without_port(authority)?;
    let local = request.extensions().get::<Local>().map(|local| local.0);
    let by_address = |asked: IpAddr| {
        local.is_some_and(|local| asked == local || asked.is_loopback() && local.is_loopback())
    };
    let ours = match name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>()
    {
        Ok(address) => by_address(address.to_canonical()),
        Err(_) => {
            let is_local = local.is_some_and(|local| local.is_loopback());
            is_local && name.eq_ignore_ascii_case("localhost")
                || site
                    .options
                    .names
                    .iter()
                    .any(|ours| ours.eq_ignore_ascii_case(name))
        }
    };
    ours.then_some(authority)
}

fn without_port(authority: &str) -> Option<&str> {
    let (name, port) = match authority.rsplit_once(':') {
        // The colons of a bare IPv6 address in brackets.
        Some((_, rest)) if rest.ends_with(']') => (authority, None),
        Some((name, port)) => (name, Some(port)),
        None => (authority, None),
    };
    port.is_none_or(|port| port.parse::<u16>().is_ok())
        .then_some(name)
}

enum Origin {
    Ours,
    Foreign,
    Unknown,
}

fn origin(headers: &HeaderMap, host: &str) -> Origin {
    // A browser says so when another site's page asks; following a link from there is no harm.
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    if says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate") {
        return Origin::Foreign;
    }
    if !headers.contains_key(header::ORIGIN) {
        return Origin::Unknown;
    }
    let origin = only(headers, &header::ORIGIN);
    let authority = origin.and_then(|o| {
        o.strip_prefix("http://")
            .or_else(|| o.strip_prefix("https://"))
    });
    match authority {
        Some(authority) if authority.eq_ignore_ascii_case(host) => Origin::Ours,
        _ => Origin::Foreign,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value)
        .next()
}

fn token_in_address(request: &Request) -> Option<&str> {
    let of_page = request.method() == Method::GET && request.uri().path() == "/";
    let query = request.uri().query().filter(|_| of_page)?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
}

/// Whether two tokens are alike, in a time that does not tell where they differ.
fn same(given: &str, token: &str) -> bool {
    given.as_bytes().ct_eq(token.as_bytes()).into()
}

/// Sets the cookie and leads to the page without the token in its address. `Lax`, not `Strict`: the page is
/// reached from the link in a message, too, and what changes something asks for the origin anyway.
fn welcome(name: &str, token: &str) -> Response {
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, "/".to_owned()),
            (header::SET_COOKIE, cookie),
        ],
    )
        .into_response()
}

fn refusal(status: StatusCode, words: &'static str) -> Box<Response> {
    Box::new((status, words).into_response())
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).into_iter();
    let value = values.next()?;
    value.to_str().ok().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_from_addresses() {
        for (authority, expected) in [
            ("localhost", Some("localhost")),
            ("localhost:8080", Some("localhost")),
            ("[::1]", Some("[::1]")),
            ("[::1]:80", Some("[::1]")),
            ("a:b", None),
            ("a:99999", None),
            ("", Some("")),
        ] {
            assert_eq!(without_port(authority), expected, "{authority}");
        }
    }
}
