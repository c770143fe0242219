//! Lines to fields, for each way of framing them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::fields::Fields;
use super::layout::{ColumnIndex, ColumnRole, Framing, OtherColumns, TableLayout};
use super::{Refusal, json, zeek::ZeekHeader};

/// What a line was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A row; its fields are there.
    Row,
    /// A header or a comment.
    Heading,
    /// The header of other columns than those of the rows before it.
    OtherColumns,
    /// A record that is none of the rows.
    PassedOver,
    /// A row, but nothing has said yet what its columns are.
    TooEarly,
}

/// Turns the lines of one table into fields.
pub(super) struct Framer {
    kind: Kind,
    /// Names of the columns; empty until they are known.
    names: Vec<String>,
    most: usize,
    unset: Vec<String>,
    /// Names of members that were passed over (JSON only).
    unknown: Vec<String>,
}

enum Kind {
    /// Its names come on the first line, which is kept to know it when it comes again.
    Headed {
        delimiter: u8,
        header: String,
    },
    /// `given[..least]` must be there.
    Given {
        delimiter: u8,
        given: Vec<Cow<'static, str>>,
        least: usize,
    },
    Zeek(ZeekHeader),
    Json(Box<Members>),
}

/// Where the members of an object belong.
struct Members {
    only: Option<(&'static str, &'static str)>,
    index: ColumnIndex,
    /// Columns of the layout.
    own: usize,
    /// Whether names that the layout does not have are columns.
    opens: bool,
    slots: HashMap<String, Option<usize>>,
    /// Whether a row was there, so that no further column is opened.
    settled: bool,
}

impl Framer {
    pub(super) fn new(layout: &TableLayout, most: usize) -> Self {
        let mut names = Vec::new();
        let kind = match &layout.framing {
            Framing::Delimited {
                delimiter,
                names: None,
            } => Kind::Headed {
                delimiter: *delimiter as u8,
                header: String::new(),
            },
            Framing::Delimited {
                delimiter,
                names: Some(given),
            } => Kind::Given {
                delimiter: *delimiter as u8,
                least: least(layout, given),
                given: given.clone(),
            },
            Framing::Zeek => Kind::Zeek(ZeekHeader::default()),
            Framing::Json { only } => {
                names.extend(layout.columns.iter().map(|column| column.name.to_string()));
                Kind::Json(Box::new(Members {
                    only: *only,
                    index: layout.index(),
                    own: layout.columns.len(),
                    opens: layout.others == OtherColumns::Features,
                    slots: HashMap::new(),
                    settled: false,
                }))
            }
        };
        Self {
            kind,
            names,
            most,
            unset: layout.unset.clone(),
            unknown: Vec::new(),
        }
    }

    /// Names of the columns, by the position of their fields.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Members of objects that are no column.
    pub(super) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Whether the table has the column of that name; every one of `names`, but JSON has names
    /// only for what is there.
    pub(super) fn saw(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Json(members) => {
                let slot = self.names.iter().position(|other| other == name);
                members.slots.values().any(|seen| *seen == slot)
            }
            _ => true,
        }
    }

    /// Whether the next line must be the header.
    pub(super) fn awaits_header(&self) -> bool {
        matches!(self.kind, Kind::Headed { .. }) && self.names.is_empty()
    }

    /// Whether columns that a row does not have are unset in it.
    pub(super) const fn is_json(&self) -> bool {
        matches!(self.kind, Kind::Json(_))
    }

    /// Takes a line apart.
    pub(super) fn step(&mut self, line: &str, fields: &mut Fields) -> Result<Step, Refusal> {
        let width = self.names.len();
        let known = width > 0;
        match &mut self.kind {
            Kind::Headed { delimiter, header } => {
                if known && line == header {
                    return Err(Refusal::HeaderAgain);
                }
                fields.split_quoted(line, *delimiter, self.most)?;
                if !known {
                    line.clone_into(header);
                    self.names = distinct(fields.texts().map(str::trim_ascii));
                    return Ok(Step::Heading);
                }
                check_width(width, fields)?;
            }
            Kind::Given {
                delimiter,
                given,
                least,
            } => {
                fields.split_quoted(line, *delimiter, self.most)?;
                if known {
                    check_width(width, fields)?;
                } else if (*least..=given.len()).contains(&fields.len()) {
                    let given = given.iter().take(fields.len());
                    self.names = distinct(given.map(|name| &**name));
                } else {
                    check_width(given.len(), fields)?;
                }
            }
            Kind::Zeek(header) => {
                if line.starts_with('#') {
                    let Some(names) = header.read(line, self.most)? else {
                        return Ok(Step::Heading);
                    };
                    let names = distinct(names.iter().map(String::as_str));
                    if known && names != self.names {
                        return Ok(Step::OtherColumns);
                    }
                    self.names = names;
                    return Ok(Step::Heading);
                }
                if !known {
                    return Ok(Step::TooEarly);
                }
                header.split(line, fields, self.most)?;
                check_width(width, fields)?;
                fields.unset_marked(header.unset());
            }
            Kind::Json(members) => {
                if members.read(line, &mut self.names, self.most, fields, &mut self.unknown)? {
                    return Ok(Step::PassedOver);
                }
            }
        }
        fields.unset_marked(&self.unset);
        Ok(Step::Row)
    }
}

impl Members {
    /// Reads an object; tells whether it is none of the rows.
    fn read(
        &mut self,
        line: &str,
        names: &mut Vec<String>,
        most: usize,
        fields: &mut Fields,
        unknown: &mut Vec<String>,
    ) -> Result<bool, Refusal> {
        if let Some((field, wanted)) = self.only {
            let mut is_row = false;
            json::members(line, |name, text| is_row |= name == field && text == wanted)
                .map_err(refusal)?;
            if !is_row {
                return Ok(true);
            }
        }
        fields.clear();
        if !self.settled {
            names.truncate(self.own);
            self.slots.clear();
        }
        let mut twice = None;
        json::members(line, |name, text| {
            let slot = match self.slots.get(name) {
                Some(slot) => *slot,
                None => self.open(name, names, most, unknown),
            };
            if let Some(slot) = slot
                && !fields.set(slot, &text)
            {
                twice.get_or_insert_with(|| name.to_owned());
            }
        })
        .map_err(refusal)?;
        if let Some(name) = twice {
            return Err(refusal(format_args!("{name:?} stands there twice")));
        }
        self.settled = true;
        fields.unset(names.len());
        Ok(false)
    }

    /// Finds the place of a member that was not there before.
    fn open(
        &mut self,
        name: &str,
        names: &mut Vec<String>,
        most: usize,
        unknown: &mut Vec<String>,
    ) -> Option<usize> {
        let mut slot = self.index.find(name);
        if slot.is_none() && self.opens && !self.settled && names.len() < most {
            names.push(name.to_owned());
            slot = Some(names.len() - 1);
        }
        // No more names are remembered than there may be columns.
        if self.slots.len() < most {
            self.slots.insert(name.to_owned(), slot);
            if slot.is_none() {
                unknown.push(name.to_owned());
            }
        }
        slot
    }
}

fn refusal(reason: impl std::fmt::Display) -> Refusal {
    Refusal::Json {
        reason: reason.to_string(),
    }
}

/// How many of the given columns a table has at least: all up to the last feature.
fn least(layout: &TableLayout, given: &[Cow<'static, str>]) -> usize {
    let index = layout.index();
    let is_feature = |name: &Cow<'static, str>| {
        let column = index.find(name).and_then(|at| layout.columns.get(at));
        match column.map(|column| column.role) {
            Some(role) => matches!(role, ColumnRole::Number { .. } | ColumnRole::Category),
            None => layout.others == OtherColumns::Features,
        }
    };
    given
        .iter()
        .rposition(is_feature)
        .map_or(1, |last| last + 1)
}

fn check_width(expected: usize, fields: &Fields) -> Result<(), Refusal> {
    let found = fields.len();
    if found == expected {
        Ok(())
    } else {
        Err(Refusal::Columns { expected, found })
    }
}

/// The names, where a name that comes again is numbered: `name.1`, `name.2`.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut times: HashMap<&str, usize> = HashMap::new();
    names
        .map(|name| {
            let time = times.entry(name).or_default();
            loop {
                let candidate = match *time {
                    0 => name.to_owned(),
                    again => format!("{name}.{again}"),
                };
                *time += 1;
                if taken.insert(candidate.clone()) {
                    return candidate;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_again_is_numbered() {
        let names = distinct(["a", "b", "a", "a.1", "a"].into_iter());
        assert_eq!(names, ["a", "b", "a.1", "a.1.1", "a.2"]);
    }
}
