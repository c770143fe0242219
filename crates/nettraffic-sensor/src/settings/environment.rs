//! Settings in environment variables.

use toml::Value;

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

/// The table and key that a variable stands for; nothing for one that is not ours.
pub(super) fn place(variable: &str) -> Result<Option<(String, String)>, String> {
    let Some(name) = variable.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    if OTHERS.contains(&variable) {
        return Ok(None);
    }
    let name = name.to_ascii_lowercase();
    let place = TABLES.iter().find_map(|table| {
        let key = name.strip_prefix(table)?.strip_prefix('_')?;
        Some(((*table).to_owned(), key.to_owned()))
    });
    let tables = TABLES.join(", ").to_uppercase();
    place.map(Some).ok_or_else(|| {
        format!(
            "no setting begins so: the name is {PREFIX}, a table ({tables}), _, and a key of it"
        )
    })
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
