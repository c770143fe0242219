//! Settings in environment variables.

use serde::Deserialize as _;
use toml::{Table, Value};

use super::Settings;

/// What every variable begins with.
const PREFIX: &str = "NETTRAFFIC_";
/// Tables whose keys can be set. Sinks are a list: they are stated in the file.
const TABLES: [&str; 10] = [
    "input",
    "detector",
    "learn",
    "renew",
    "alerts",
    "packets",
    "state",
    "limits",
    "dashboard",
    "privileges",
];
/// Variables that are no settings: they tell tests where captures lie.
const OTHERS: [&str; 2] = ["NETTRAFFIC_CORPUS", "NETTRAFFIC_BENCH"];

/// Letters by which a name may differ from that of a setting to be taken for a slip of the pen.
const NEAR: usize = 2;

/// The table and key that a variable stands for; nothing for one that is not ours: what runs the sensor has variables
/// of its own, as Kubernetes has `NETTRAFFIC_SERVICE_HOST` for a service of that name.
pub(super) fn place(variable: &str) -> Result<Option<(String, String)>, String> {
    let Some(name) = variable.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    if OTHERS.contains(&variable) {
        return Ok(None);
    }
    let name = name.to_ascii_lowercase();
    let of_table = TABLES.iter().find_map(|table| {
        let key = name.strip_prefix(table)?.strip_prefix('_')?;
        Some((*table, key))
    });
    let Some((table, key)) = of_table else {
        return match nearest(&name) {
            Some(near) => Err(format!("no setting is called so; did you mean {near}?")),
            None => Ok(None),
        };
    };
    let keys = keys(table);
    if keys.iter().any(|known| known == key) {
        return Ok(Some((table.to_owned(), key.to_owned())));
    }
    let hint = match nearest(&name) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("[{table}] has {}", keys.join(", ")),
    };
    Err(format!("unknown field `{key}`; {hint}"))
}

/// The variable of the setting whose name is nearest, where one is near.
fn nearest(name: &str) -> Option<String> {
    let of_table = |table: &&'static str| -> Vec<String> {
        let keys = keys(table).into_iter();
        keys.map(|key| format!("{table}_{key}")).collect()
    };
    let settings = TABLES.iter().flat_map(of_table);
    let distances = settings.map(|setting| (strsim::osa_distance(name, &setting), setting));
    let (_, near) = distances.filter(|(distance, _)| *distance <= NEAR).min()?;
    Some(format!("{PREFIX}{}", near.to_uppercase()))
}

/// The keys of a table, as reading one that has none of them tells.
fn keys(table: &str) -> Vec<String> {
    let none = Table::from_iter([("?".to_owned(), Value::Boolean(true))]);
    let settings = Table::from_iter([(table.to_owned(), Value::Table(none))]);
    let Err(error) = Settings::deserialize(settings) else {
        return Vec::new();
    };
    let quoted = error.message().split('`').skip(1).step_by(2);
    quoted
        .filter(|word| *word != "?")
        .map(str::to_owned)
        .collect()
}

/// The ways to read a value, the plainest first: as TOML, as text, as a list of words.
pub(super) fn values(text: &str) -> Vec<Value> {
    let as_toml = toml::from_str::<toml::Table>(&format!("value = {text}"));
    let as_toml = as_toml.ok().and_then(|mut table| table.remove("value"));
    let words = text
        .split(',')
        .map(|word| Value::String(word.trim().to_owned()));
    let mut values: Vec<Value> = as_toml.into_iter().collect();
    values.push(Value::String(text.to_owned()));
    values.push(Value::Array(words.collect()));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_setting_is_taken_for_one() {
        for (variable, expected) in [
            ("NETTRAFFIC_INPUT_SNAPLEN", Ok(Some("input.snaplen"))),
            (
                "NETTRAFFIC_RENEW_DRIFT_EVERY",
                Ok(Some("renew.drift_every")),
            ),
            ("NETTRAFFIC_STATE_FOLDER", Ok(Some("state.folder"))),
            // What Kubernetes sets in every pod for a service of this name.
            ("NETTRAFFIC_SERVICE_HOST", Ok(None)),
            ("NETTRAFFIC_SERVICE_PORT_HTTP", Ok(None)),
            ("NETTRAFFIC_PORT", Ok(None)),
            ("NETTRAFFIC_PORT_8800_TCP_ADDR", Ok(None)),
            ("NETTRAFFIC_CORPUS", Ok(None)),
            ("NETTRAFFICS_INPUT", Ok(None)),
            ("PATH", Ok(None)),
            (
                "NETTRAFFIC_INPUT_SNAPLEM",
                Err("unknown field `snaplem`; did you mean NETTRAFFIC_INPUT_SNAPLEN?"),
            ),
            (
                "NETTRAFFIC_INPUTS_SNAPLEN",
                Err("no setting is called so; did you mean NETTRAFFIC_INPUT_SNAPLEN?"),
            ),
            (
                "NETTRAFFIC_LIMITS_MEMORY",
                Err("unknown field `memory`; [limits] has flows"),
            ),
        ] {
            let found = place(variable);
            let found = found.map(|place| place.map(|(table, key)| format!("{table}.{key}")));
            let expected = expected.map(|place| place.map(str::to_owned));
            assert_eq!(found, expected.map_err(str::to_owned), "{variable}");
        }
        assert!(TABLES.iter().all(|table| !keys(table).is_empty()));
    }
}
