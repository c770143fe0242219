//! Words from outside come back out of every form as they were, and cannot leave their place.

use nettraffic_sensor::{Colour, Event, Form, Syslog, SyslogConfig, SyslogTarget};
use proptest::prelude::*;
use serde_json::Value;

use crate::events::{hostile, hostile_incident};
use crate::forms::shown;

fn words() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        4 => any::<char>(),
        1 => Just('"'), 1 => Just('\\'), 1 => Just(']'), 1 => Just('\n'), 1 => Just('\0'),
        1 => Just('\u{1b}'), 1 => Just('\u{2028}'), 1 => Just('='), 1 => Just(' '),
    ];
    proptest::collection::vec(letters, 0..200).prop_map(String::from_iter)
}

fn event(word: &str) -> Result<Event, TestCaseError> {
    hostile(word).map_err(TestCaseError::fail)
}

fn begin(word: &str) -> Result<Event, TestCaseError> {
    hostile_incident(word).map_err(TestCaseError::fail)
}

/// What a receiver makes of a message.
struct Read<'a> {
    parameters: Vec<(String, String)>,
    text: &'a str,
}

/// Reads a message by the grammar of RFC 5424, section 6, apart from the code that writes it.
fn read(message: &str) -> Result<Read<'_>, String> {
    let fields: Vec<&str> = message.splitn(7, ' ').collect();
    let &[priority, _, host, app, process, kind, rest] = &*fields else {
        return Err(format!("not a header: {message}"));
    };
    let priority = priority
        .strip_prefix('<')
        .and_then(|field| field.strip_suffix(">1"));
    let priority: u8 = priority
        .ok_or("no priority")?
        .parse()
        .map_err(|_| "no number")?;
    for (field, longest) in [(host, 255), (app, 48), (process, 128), (kind, 32)] {
        let sound = field.bytes().all(|byte| (33..=126).contains(&byte));
        if priority > 191 || field.is_empty() || field.len() > longest || !sound {
            return Err(format!("not a field: {field}"));
        }
    }
    let rest = rest.strip_prefix('[').ok_or("no structured data")?;
    let mut letters = rest.char_indices();
    let (mut parameters, mut text, mut quoted) = (Vec::new(), String::new(), false);
    let mut name = String::new();
    while let Some((at, letter)) = letters.next() {
        match (quoted, letter) {
            (true, '\\') => text.push(letters.next().ok_or("ends in an escape")?.1),
            (true, '"') => {
                parameters.push((name.trim().to_owned(), std::mem::take(&mut text)));
                (quoted, name) = (false, String::new());
            }
            (true, ']') => return Err("a bracket that is not escaped".to_owned()),
            (true, letter) => text.push(letter),
            (false, '"') => {
                quoted = true;
                name = name
                    .trim_end_matches('=')
                    .rsplit(' ')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
            }
            (false, ']') => {
                let text = &rest[at + 1..];
                return Ok(Read { parameters, text });
            }
            (false, letter) => name.push(letter),
        }
    }
    Err("the structured data has no end".to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn json_is_one_line_that_reads_back(word in words()) {
        for form in Form::ALL {
            let line = form.json(&event(&word)?).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert!(!line.contains('\n'));
            let read: Value = serde_json::from_str(&line).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let own = &read["nettraffic"];
            prop_assert_eq!(own["class"]["name"].as_str(), Some(&*word));
            prop_assert_eq!(own["detector"].as_str(), Some(&*word));
            prop_assert_eq!(own["reasons"][0]["feature"].as_str(), Some(&*word));
            prop_assert_eq!(own["reasons"][0]["observed"]["category"].as_str(), Some(&*word));
            prop_assert_eq!(own["reasons"][0]["expected"]["categories"][0]["name"].as_str(), Some(&*word));
            let interface = match form {
                Form::Ecs => &read["observer"]["ingress"]["interface"]["name"],
                _ => &read["in_iface"],
            };
            prop_assert_eq!(interface.as_str(), Some(&*word));
            let line = form.json(&begin(&word)?).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert!(!line.contains('\n'));
            let read: Value = serde_json::from_str(&line).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(read["nettraffic"]["class"]["name"].as_str(), Some(&*word));
            prop_assert_eq!(read["nettraffic"]["detector"].as_str(), Some(&*word));
        }
    }

    #[test]
    fn syslog_messages_are_read_by_the_grammar(word in words(), longest in 0_usize..10_000) {
        let target = SyslogTarget::Udp(String::new());
        let config = SyslogConfig::new(target)
            .with_host_name(word.clone())
            .with_app_name(word.clone())
            .with_element(word.clone())
            .with_max_len(longest);
        let (alert, begin) = (event(&word)?, begin(&word)?);
        for (event, id) in [(&alert, Some("0000000000000007".to_owned())), (&begin, begin.id().map(|id| id.to_string()))] {
        let message = Syslog::new(&config).message(event);
        prop_assert!(message.len() <= longest.max(2_048), "{}", message.len());
        prop_assert!(!message.chars().any(char::is_control));
        let Read { parameters, text } = read(&message).map_err(TestCaseError::fail)?;
        let value = |name| parameters.iter().find(|p| p.0 == name).map(|p| p.1.as_str());
        prop_assert_eq!(value("id"), id.as_deref());
        prop_assert_eq!(value("src_ip"), Some("192.168.1.10"));
        if word.len() <= 64 && word.chars().all(|c| c.is_ascii_graphic() && c != '\\') {
            prop_assert_eq!(value("class"), Some(&*word));
            prop_assert_eq!(value("interface"), Some(&*word));
        }
        // Text that is not ASCII stands behind the mark of its encoding, and no other does.
        let text = text.strip_prefix(' ').ok_or_else(|| TestCaseError::fail("no text"))?;
        prop_assert_eq!(text.starts_with('\u{feff}'), !text.is_ascii());
        }
    }

    #[test]
    fn a_terminal_obeys_nothing_from_outside(word in words()) {
        for event in [event(&word)?, begin(&word)?] {
            let line = shown(&event, Colour::Never).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let line = line.strip_suffix('\n').ok_or_else(|| TestCaseError::fail("no line end"))?;
            prop_assert!(!line.chars().any(char::is_control), "{:?}", line);
            let turned = line.contains(['\u{2028}', '\u{202e}']);
            prop_assert!(!turned);
        }
    }
}
