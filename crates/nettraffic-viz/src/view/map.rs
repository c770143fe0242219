//! Flows as places on a plane: alike ones lie close.

use serde::{Serialize, Serializer};

/// Where flows lie on a plane, such as [`principal_components`](crate::principal_components) gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FlowMap {
    /// What the places were made from, as the end of "Flows that are alike lie close: …".
    pub meaning: String,
    /// What the axis to the right is called.
    pub x_title: String,
    /// What the axis upwards is called.
    pub y_title: String,
    /// The flows.
    pub points: Vec<MapPoint>,
    /// Flows from which they were chosen.
    pub chosen_from: u64,
}

/// A flow on a map.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MapPoint {
    /// Place to the right.
    #[serde(serialize_with = "thousandths")]
    pub x: f64,
    /// Place upwards.
    #[serde(serialize_with = "thousandths")]
    pub y: f64,
    /// What its alert looks like, `unusual` for one without a name; `None` for a flow without an alert.
    pub kind: Option<String>,
}

/// Finer places are not to be seen, and would be most of a report's size.
fn thousandths<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1e3).round() / 1e3)
}
