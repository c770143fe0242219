use super::*;
use crate::Wants;

/// Reads one sink as it stands in a file, and checks it.
fn sink(text: &str) -> Result<SinkSettings, String> {
    let sink: SinkSettings = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    sink.check().map_err(|error| error.to_string())?;
    Ok(sink)
}

#[test]
fn a_sink_takes_alerts_alone_unless_it_says_otherwise() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = format!("path = {:?}", folder.path().join("log"));
    let both = Wants::ALERTS.and(Wants::INCIDENTS);
    for (kind, place) in [
        ("eve", &*path),
        ("ecs", &path),
        ("syslog", "to = \"udp://localhost:514\""),
        ("webhook", "url = \"http://localhost/hook\""),
        ("terminal", ""),
    ] {
        for (events, expected) in [
            ("", Wants::ALERTS),
            ("events = [\"alerts\"]", Wants::ALERTS),
            ("events = [\"incidents\"]", Wants::INCIDENTS),
            ("events = [\"incidents\", \"alerts\"]", both),
        ] {
            let text = format!("type = \"{kind}\"\n{place}\n{events}\n");
            let opened = sink(&text)?.open().map_err(|error| error.to_string())?;
            assert_eq!(opened.wants(), expected, "{text}");
        }
    }
    for (events, expected) in [
        ("flows = true", Wants::ALERTS.and(Wants::FLOWS)),
        ("flows = false", Wants::ALERTS),
        ("events = [\"flows\"]", Wants::FLOWS),
        (
            "events = [\"alerts\", \"incidents\", \"flows\"]",
            both.and(Wants::FLOWS),
        ),
    ] {
        let text = format!("type = \"eve\"\n{path}\n{events}\n");
        let opened = sink(&text)?.open().map_err(|error| error.to_string())?;
        assert_eq!(opened.wants(), expected, "{text}");
    }
    let flows = sink(&format!("type = \"flows\"\n{path}\n"))?;
    assert_eq!(
        flows.open().map_err(|error| error.to_string())?.wants(),
        Wants::FLOWS
    );
    assert_eq!(
        SinkSettings::eve("a"),
        sink("type = \"eve\"\npath = \"a\"")?
    );
    assert_eq!(SinkSettings::terminal(), sink("type = \"terminal\"")?);
    Ok(())
}

#[test]
fn what_is_wrong_with_a_sink_is_told() {
    for (text, expected) in [
        (
            "type = \"eve\"\npath = \"a\"\nevents = []",
            "sink: events: a sink without any",
        ),
        (
            "type = \"ecs\"\npath = \"a\"\nevents = [\"alerts\"]\nflows = true",
            "sink: either events or flows",
        ),
        (
            "type = \"webhook\"\nurl = \"http://a\"\nevents = [\"incident\"]",
            "unknown variant `incident`, expected one of `alerts`, `incidents`, `flows`",
        ),
        (
            "type = \"terminal\"\nevents = [\"flows\"]",
            "sink: events: a terminal has no line",
        ),
        (
            "type = \"terminal\"\npath = \"a\"",
            "unknown field `path`, expected `events`",
        ),
        (
            "type = \"flows\"\npath = \"a\"\nevents = [\"flows\"]",
            "unknown field `events`",
        ),
        (
            "type = \"eve\"\npath = \"a\"\nrotate_mib = 0",
            "sink: rotate_mib and kept",
        ),
        (
            "type = \"ecs\"\npath = \"a\"\nkept = 0",
            "sink: rotate_mib and kept",
        ),
        (
            "type = \"flows\"\npath = \"a\"\nkept = 0",
            "sink: rotate_mib and kept",
        ),
        (
            "type = \"syslog\"\nto = \"localhost\"",
            "sink: `localhost` is none of udp://",
        ),
        (
            "type = \"syslog\"\nto = \"udp://a:1\"\nfacility = \"mine\"",
            "sink: `mine` is no facility",
        ),
        (
            "type = \"webhook\"\nurl = \"http://a\"\nform = \"xml\"",
            "sink: the form `xml` is neither",
        ),
    ] {
        let error = sink(text).err();
        let is_told = error
            .as_ref()
            .is_some_and(|error| error.starts_with(expected));
        assert!(is_told, "{text}: {error:?}");
    }
    let https = sink("type = \"webhook\"\nurl = \"https://a\"");
    assert_eq!(https.is_ok(), cfg!(feature = "https"));
}
