//! The benign mix: who does what, and how often.

mod bulk;
mod chatter;
mod mail;
mod shell;
mod web;

use crate::rng::Rng;
use crate::source::{Env, Pace, Source};
use crate::time::HOUR;
use crate::world::{Host, World};

/// Something that benign hosts do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activity {
    /// A client opens a page: look-ups, then several HTTP or TLS connections, some of which fail.
    Browse,
    /// A client looks up names without connecting.
    LookUp,
    /// A client reads mail over IMAP and TLS.
    ReadMail,
    /// A client works in an SSH session.
    Shell,
    /// A client copies files from or to the file server.
    CopyFiles,
    /// A client uploads a backup to a store outside.
    BackUp,
    /// A client downloads something large.
    Download,
    /// A voice call of small UDP packets both ways.
    Call,
    /// A client asks the time.
    AskTime,
    /// A client pings the router or a site.
    Ping,
    /// A program asks its server for news at regular intervals, as many agents do.
    Poll,
    /// Somebody outside visits the office's web server.
    VisitUs,
    /// Mail is delivered between the office's mail server and others.
    DeliverMail,
}

type Start = fn(&mut Env, &mut Rng, u64, &Host);

/// Who acts in an activity.
#[derive(Clone, Copy)]
enum Who {
    EachClient,
    /// One source whatever the number of clients; its rate grows with them.
    Office,
}

/// The activities: rate per client and hour, by whom, what starts.
const ACTIVITIES: [(Activity, f64, Who, Start); 13] = [
    (Activity::Browse, 68.0, Who::EachClient, web::browse),
    (Activity::LookUp, 240.0, Who::EachClient, chatter::look_up),
    (Activity::ReadMail, 20.0, Who::EachClient, mail::read),
    (Activity::Shell, 1.6, Who::EachClient, shell::work),
    (Activity::CopyFiles, 2.5, Who::EachClient, bulk::copy_files),
    (Activity::BackUp, 0.25, Who::EachClient, bulk::back_up),
    (Activity::Download, 0.35, Who::EachClient, bulk::download),
    (Activity::Call, 0.25, Who::EachClient, chatter::call),
    (Activity::AskTime, 16.0, Who::EachClient, chatter::ask_time),
    (Activity::Ping, 3.0, Who::EachClient, chatter::ping),
    (Activity::Poll, 80.0, Who::EachClient, web::poll),
    (Activity::VisitUs, 60.0, Who::Office, web::visit_us),
    (Activity::DeliverMail, 10.0, Who::Office, mail::deliver),
];

/// Rates of the benign activities.
#[derive(Clone, Debug)]
pub struct Benign {
    rates: [f64; ACTIVITIES.len()],
    loss: f64,
}

impl Benign {
    /// An office: mostly web and look-ups, some mail, shells, copies, calls; 0.3 % of segments are lost.
    #[must_use]
    pub fn default_mix() -> Self {
        Self {
            rates: ACTIVITIES.map(|(_, rate, ..)| rate),
            loss: 0.003,
        }
    }

    /// No benign traffic at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            rates: [0.0; ACTIVITIES.len()],
            loss: 0.003,
        }
    }

    /// Sets how often a client does something on average, in times per hour.
    #[must_use]
    pub fn with(mut self, activity: Activity, per_hour: f64) -> Self {
        for (rate, (known, ..)) in self.rates.iter_mut().zip(ACTIVITIES) {
            if known == activity {
                *rate = per_hour.max(0.0);
            }
        }
        self
    }

    /// Makes everything this many times as frequent.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for rate in &mut self.rates {
            *rate *= factor.max(0.0);
        }
        self
    }

    /// Sets the share of TCP data segments that get lost, from 0 to 0.2.
    #[must_use]
    pub fn losing(mut self, share: f64) -> Self {
        self.loss = share.clamp(0.0, 0.2);
        self
    }

    pub(crate) fn loss(&self) -> f64 {
        self.loss
    }

    /// The sources of this mix, in a fixed order.
    pub(crate) fn sources(&self, world: &World, seed: u64, start: u64, end: u64) -> Vec<Source> {
        let mut sources = Vec::new();
        for (kind, (rate, (activity, _, who, begin))) in
            self.rates.iter().zip(ACTIVITIES).enumerate()
        {
            if *rate <= 0.0 {
                continue;
            }
            let actors = match who {
                Who::EachClient => &world.clients[..],
                Who::Office => std::slice::from_ref(&world.mail_server),
            };
            for (number, actor) in actors.iter().enumerate() {
                let mut rng =
                    Rng::stream(seed, 10_000_000 + (kind as u64) * 100_000 + number as u64);
                // Some people do more of a thing than others.
                let own = rng.log_normal(0.85, 0.55);
                let share = match who {
                    Who::EachClient => own,
                    Who::Office => world.clients.len() as f64,
                };
                let mean = HOUR as f64 / (rate * share).max(1e-9);
                let pace = match activity {
                    Activity::Poll | Activity::AskTime => Pace::Clock {
                        gap: mean,
                        jitter: 0.15,
                    },
                    _ => Pace::Human {
                        mean,
                        phase: rng.between(0, HOUR),
                    },
                };
                let first = match pace {
                    Pace::Clock { .. } => start + (rng.unit() * mean) as u64,
                    _ => start,
                };
                let actor = actor.clone();
                let act =
                    Box::new(move |env: &mut Env, rng: &mut Rng, at| begin(env, rng, at, &actor));
                sources.push(Source::new(first, end, pace, rng, act));
            }
        }
        sources
    }
}

impl Default for Benign {
    fn default() -> Self {
        Self::default_mix()
    }
}
