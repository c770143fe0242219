use super::*;
use crate::Alert;
use crate::live::{MarkUse, Suppressed};
use serde_json::json;

const SECOND: i64 = 1_000_000_000;

fn sample(second: i64) -> TrafficSample {
    TrafficSample {
        time_ns: second * SECOND,
        length_ns: 1_000_000_000,
        packets: 10,
        ..TrafficSample::default()
    }
}

fn alert(id: &str) -> LiveAlert {
    LiveAlert {
        alert: Alert {
            id: id.into(),
            ..Alert::default()
        },
        ..LiveAlert::default()
    }
}

fn incident(id: &str, alerts: u64) -> LiveIncident {
    let incident = crate::Incident {
        alerts,
        ..Default::default()
    };
    LiveIncident {
        id: id.into(),
        incident,
        ..LiveIncident::default()
    }
}

fn ids(picture: &Picture) -> Vec<&str> {
    picture
        .alerts
        .iter()
        .map(|shown| shown.told.alert.id.as_str())
        .collect()
}

#[test]
fn nothing_grows_without_bound() {
    let limits = BoardLimits {
        samples: 5,
        scores: 3,
        alerts: 4,
        incidents: 2,
        hosts: 1,
    };
    let board = Board::with_limits(limits);
    for at in 0..100 {
        for flow in 0..50 {
            board.push_score(ScorePoint::new(at * SECOND + flow, 1.0));
        }
        board.push_alert(alert(&at.to_string()));
        board.set_incident(incident(&at.to_string(), 1));
        board.push_sample(sample(at));
    }
    board.set_hosts(vec![Talker::default(); 9]);
    let all = board.all();
    assert_eq!(ids(&all), ["96", "97", "98", "99"]);
    assert_eq!((all.samples.len(), all.incidents.len()), (5, 2));
    assert_eq!(all.hosts.as_ref().map(|hosts| hosts.len()), Some(1));
    for second in &all.samples {
        assert_eq!((second.judged, second.alerts), (50, 1));
        assert!((1..=4).contains(&second.scores.len()));
    }
}

#[test]
fn a_reader_gets_what_changed_and_no_more() {
    let board = Board::new();
    board.push_alert(alert("a"));
    board.set_incident(incident("i", 1));
    let first = board.all();
    board.push_alert(LiveAlert {
        suppressed: Some(Suppressed::default()),
        ..alert("b")
    });
    board.set_incident(incident("i", 2));
    board.push_sample(sample(1));

    let number = board.number_in(&first.name());
    let Some(next) = number.and_then(|number| board.after(number)) else {
        panic!("nothing is lost")
    };
    assert_eq!(ids(&next), ["b"]);
    assert_eq!(
        next.incidents
            .iter()
            .map(|told| told.incident.alerts)
            .collect::<Vec<_>>(),
        [2]
    );
    // The suppressed one is told of, and not counted.
    assert_eq!(
        next.samples
            .iter()
            .map(|second| second.alerts)
            .collect::<Vec<_>>(),
        [1]
    );
    assert!(next.health.is_none() && next.limits.is_none());
    assert!(
        board
            .after(next.number)
            .is_some_and(|none| none.alerts.is_empty() && none.samples.is_empty())
    );
}

#[test]
fn a_reader_that_missed_something_begins_anew_and_is_counted() {
    let board = Board::with_limits(BoardLimits {
        alerts: 2,
        ..BoardLimits::default()
    });
    board.push_alert(alert("a"));
    let early = board.number();
    for id in ["b", "c"] {
        board.push_alert(alert(id));
    }
    // "a" is gone, but this reader has seen it.
    assert_eq!(board.after(early).as_ref().map(ids), Some(vec!["b", "c"]));
    assert_eq!(board.behind(), 0);
    board.push_alert(alert("d"));
    assert!(board.after(early).is_none());
    assert_eq!(board.behind(), 1);
    // A number that is yet to come is one of another time.
    assert!(board.after(board.number() + 1).is_none());
}

#[test]
fn names_of_other_boards_are_not_ours() {
    let (board, other) = (Board::new(), Board::new());
    board.push_alert(alert("a"));
    assert_eq!(board.number_in(&board.all().name()), Some(1));
    for name in [
        &*other.all().name(),
        "",
        "-",
        "1",
        "zz-1",
        "0-99999999999999999999999",
    ] {
        assert_eq!(board.number_in(name), None, "{name}");
    }
}

#[test]
fn markings_are_handed_on_once_each_and_bounded() {
    let board = Board::new();
    board.push_alert(alert("a"));
    let marking = |id: &str, becomes| Marking {
        alert: id.into(),
        becomes,
        note: String::new(),
    };
    let usual = Some(MarkUse::Training);
    assert_eq!(board.mark(marking("a", usual)), Err(Refusal::Closed));
    let waiting = board.markings(1);
    assert_eq!(board.mark(marking("nobody", usual)), Err(Refusal::Unknown));
    assert_eq!(board.mark(marking("a", usual)), Ok(()));
    assert_eq!(board.mark(marking("a", usual)), Err(Refusal::Busy));
    assert_eq!(
        waiting.try_iter().collect::<Vec<_>>(),
        [marking("a", usual)]
    );
    drop(waiting);
    assert_eq!(board.mark(marking("a", usual)), Err(Refusal::Closed));
    assert!(!board.all().takes_marks);
}

#[test]
fn a_mark_holds_when_the_sensor_says_so_and_can_be_taken_back() {
    let board = Board::new();
    board.push_alert(alert("a"));
    let waiting = board.markings(1);
    let shown = |board: &Board| {
        let marks: Vec<_> = (board.all().alerts.iter())
            .map(|shown| serde_json::to_value(&shown.mark).unwrap_or_default())
            .collect();
        marks
    };
    let mark = |becomes, waits, failed: Option<&str>| {
        json!([{"becomes": becomes, "waits": waits, "failed": failed}])
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let said = |becomes| Marking {
        alert: "a".into(),
        becomes,
        note: "ours".into(),
    };
    for (becomes, answer, before, after) in [
        (
            Some(MarkUse::Both),
            Err("the disk is full".to_owned()),
            mark(None, true, None),
            mark(None, false, Some("the disk is full")),
        ),
        (
            Some(MarkUse::Both),
            Ok(()),
            mark(None, true, None),
            mark(Some("both"), false, None),
        ),
        (
            None,
            Err("it is gone".to_owned()),
            mark(Some("both"), true, None),
            mark(Some("both"), false, Some("it is gone")),
        ),
        (
            None,
            Ok(()),
            mark(Some("both"), true, None),
            mark(None, false, None),
        ),
    ] {
        assert_eq!(board.mark(said(becomes)), Ok(()));
        assert_eq!(shown(&board), before);
        let marking = waiting.try_recv().unwrap_or_else(|_| said(None));
        board.answer(&marking, answer);
        assert_eq!(shown(&board), after);
    }
    // One that could not be handed on changes nothing.
    assert_eq!(board.mark(said(None)), Ok(()));
    assert_eq!(board.mark(said(None)), Err(Refusal::Busy));
    assert_eq!(shown(&board), mark(None, true, None));
}

#[test]
fn what_an_earlier_run_marked_can_be_taken_back() {
    let board = Board::new();
    let _waiting = board.markings(1);
    let taking_back = |becomes| Marking {
        alert: "old".into(),
        becomes,
        note: "x".into(),
    };
    assert_eq!(board.mark(taking_back(None)), Err(Refusal::Unknown));
    let entry = Allowed {
        alert: Some("old".into()),
        ..Allowed::default()
    };
    board.set_allowed(vec![entry; 500]);
    assert_eq!(
        board.all().allowed.as_deref().map(Vec::len),
        Some(bound::MOST_ALLOWED)
    );
    let false_again = taking_back(Some(MarkUse::AllowList));
    assert_eq!(board.mark(false_again), Err(Refusal::Unknown));
    assert_eq!(board.mark(taking_back(None)), Ok(()));
}
