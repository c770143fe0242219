//! The workspace as a whole: its structure, its documents, and its tools run as a user runs them.

mod anonymize;
mod architecture;
mod compare;
mod corpus;
mod documents;
mod evaluate;
mod flows;
mod models;
mod monitor;
mod reading;
mod run;
mod tools;
