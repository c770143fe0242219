//! What readers of the live page say of alerts, on its way to the sensor, and the answers on their way back.

use std::sync::mpsc::Receiver;

use nettraffic_detect::AlertId;
use nettraffic_sensor::{Handle, MarkAs, NotDone, Reply};
use nettraffic_viz::live::{Board, MarkUse, Marking};

use super::say::say;

/// Marks that wait at most.
const MOST_MARKS: usize = 64;

/// Marks, and those that the sensor has yet to answer.
pub(super) struct Marks {
    said: Receiver<Marking>,
    unanswered: Vec<(Marking, Answer)>,
}

/// Whether a mark holds, once that is known.
type Answer = Box<dyn Fn() -> Option<Result<(), NotDone>>>;

impl Marks {
    /// Those that are said on the page of a board.
    pub(super) fn of(board: &Board) -> Self {
        Self {
            said: board.markings(MOST_MARKS),
            unanswered: Vec::new(),
        }
    }

    /// Hands on what was said, and tells the board what was answered.
    pub(super) fn pass(&mut self, handle: &Handle, board: &Board) {
        for marking in self.said.try_iter() {
            match told(&marking, handle) {
                Ok(answer) => self.unanswered.push((marking, answer)),
                Err(why) => answer(&marking, Err(why), board),
            }
        }
        self.unanswered.retain(|(marking, reply)| match reply() {
            None => true,
            Some(given) => {
                let given = given.map_err(|why| why.to_string());
                answer(marking, given, board);
                false
            }
        });
    }
}

/// Tells the sensor.
fn told(marking: &Marking, handle: &Handle) -> Result<Answer, String> {
    let id = u64::from_str_radix(&marking.alert, 16).map(AlertId);
    let id = id.map_err(|_| "it is no alert of a sensor".to_owned())?;
    let asked = match marking.becomes {
        None => handle.unmark(id).map(waiting),
        Some(becomes) => {
            let mark = match becomes {
                MarkUse::AllowList => MarkAs::Allowed,
                MarkUse::Training => MarkAs::Usual,
                _ => MarkAs::AllowedAndUsual,
            };
            handle.mark(id, mark, marking.note.trim()).map(waiting)
        }
    };
    asked.map_err(|why| why.to_string())
}

fn waiting<T: 'static>(reply: Reply<T>) -> Answer {
    Box::new(move || Some(reply.now()?.map(drop)))
}

fn answer(marking: &Marking, given: Result<(), String>, board: &Board) {
    if let Err(why) = &given {
        let alert = &marking.alert;
        say(format_args!(
            "trouble: the mark of alert {alert} stays as it was: {why}"
        ));
    }
    board.answer(marking, given);
}
