//! What becomes of the interface that is captured.

use super::interface::Link;
use super::{Gap, GapReason, InterfaceState, LiveState};
use crate::Timestamp;

/// Follows one interface. It stays with it under any name; when it is gone, it waits for another of
/// its kind that bears the name that was asked for, or the last one.
#[derive(Debug)]
pub(super) struct Watch {
    wanted: String,
    name: String,
    kind: u16,
    state: LiveState,
    worked_at: Timestamp,
    /// When it was noticed that nothing can be received.
    lost_at: Timestamp,
    /// When that was last found.
    failed_at: Timestamp,
    /// Whether the flag for the carrier is believed: it lags by up to a second, and packets that
    /// come prove it wrong.
    believes_carrier: bool,
    gaps: u64,
    resumptions: u64,
}

/// What one look told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Finding<'a, A> {
    /// Nothing new.
    Nothing,
    /// It can receive again.
    Back(Gap),
    /// The socket should be bound to this.
    Successor(&'a A),
}

impl Watch {
    pub(super) fn new<A>(link: &Link<A>, now: Timestamp) -> Self {
        Self {
            wanted: link.interface.name.clone(),
            name: link.interface.name.clone(),
            kind: link.kind,
            state: LiveState::Receiving,
            worked_at: now,
            lost_at: now,
            failed_at: now,
            believes_carrier: true,
            gaps: 0,
            resumptions: 0,
        }
    }

    /// Follows an interface that cannot be captured yet.
    pub(super) fn awaiting(name: &str, kind: u16, reason: GapReason, now: Timestamp) -> Self {
        Self {
            wanted: name.to_owned(),
            name: name.to_owned(),
            kind,
            state: LiveState::Waiting { since: now, reason },
            worked_at: now,
            lost_at: now,
            failed_at: now,
            believes_carrier: true,
            gaps: 1,
            resumptions: 0,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn state(&self) -> LiveState {
        self.state
    }

    pub(super) fn gaps(&self) -> u64 {
        self.gaps
    }

    pub(super) fn resumptions(&self) -> u64 {
        self.resumptions
    }

    /// Notes that a packet came.
    #[inline]
    pub(super) fn worked(&mut self, at: Timestamp) {
        self.worked_at = self.worked_at.max(at);
    }

    /// Notes that nothing can be received.
    pub(super) fn lose(&mut self, reason: GapReason, now: Timestamp) {
        self.failed_at = now;
        self.state = match self.state {
            LiveState::Receiving => {
                self.gaps += 1;
                self.lost_at = now;
                LiveState::Waiting {
                    since: self.worked_at,
                    reason,
                }
            }
            LiveState::Waiting {
                since,
                reason: earlier,
            } => LiveState::Waiting {
                since,
                reason: reason.max(earlier),
            },
        };
    }

    /// Looks at the interfaces; `bound` is the number of the one that the socket hears, `first` and
    /// `last` the times of packets that came and were not lent yet.
    pub(super) fn look<'a, A>(
        &mut self,
        bound: Option<u32>,
        links: &'a [Link<A>],
        packets: Option<(Timestamp, Timestamp)>,
        now: Timestamp,
    ) -> Finding<'a, A> {
        let heard = |link: &&Link<A>| Some(link.interface.index) == bound;
        let Some(Link { interface, .. }) = links.iter().find(heard) else {
            self.lose(GapReason::Gone, now);
            return match self.successor(links) {
                Some(link) => {
                    self.name.clone_from(&link.interface.name);
                    Finding::Successor(&link.address)
                }
                None => Finding::Nothing,
            };
        };
        if interface.name != self.name {
            self.name.clone_from(&interface.name);
            self.lose(GapReason::Renamed, now);
        }
        let since_loss = packets.filter(|(_, last)| *last > self.lost_at);
        match interface.state {
            InterfaceState::Down => {
                self.lose(GapReason::Down, now);
                return Finding::Nothing;
            }
            InterfaceState::NoCarrier if self.believes_carrier && since_loss.is_none() => {
                self.lose(GapReason::NoCarrier, now);
                return Finding::Nothing;
            }
            state => self.believes_carrier = state == InterfaceState::Up,
        }
        let back_at = match since_loss {
            Some((first, _)) if first > self.lost_at => first.min(now),
            // Packets that came since may not have been handed over yet.
            _ => self.failed_at,
        };
        self.worked_at = self.worked_at.max(now);
        self.resume(back_at).map_or(Finding::Nothing, Finding::Back)
    }

    /// The interface that could not be captured yet, once it can.
    pub(super) fn awaited<'a, A>(
        &mut self,
        links: &'a [Link<A>],
        now: Timestamp,
    ) -> Option<&'a Link<A>> {
        let link = self.successor(links);
        match link.map(|link| link.interface.state) {
            None => self.lose(GapReason::NotThere, now),
            Some(InterfaceState::Down) => self.lose(GapReason::Down, now),
            Some(_) => return link,
        }
        None
    }

    fn successor<'a, A>(&self, links: &'a [Link<A>]) -> Option<&'a Link<A>> {
        let named = |name: &str| {
            let mut of_kind = links.iter().filter(|link| link.kind == self.kind);
            of_kind.find(|link| link.interface.name == name)
        };
        named(&self.wanted).or_else(|| named(&self.name))
    }

    fn resume(&mut self, end: Timestamp) -> Option<Gap> {
        let LiveState::Waiting { since, reason } = self.state else {
            return None;
        };
        self.state = LiveState::Receiving;
        self.resumptions += 1;
        Some(Gap {
            begin: since,
            end: end.max(since),
            reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Interface;

    const ETHERNET: u16 = 1;
    const NONE: u16 = 65_534;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second, 0)
    }

    fn link(index: u32, name: &str, state: InterfaceState, kind: u16) -> Link<u32> {
        Link {
            interface: Interface {
                name: name.to_owned(),
                index,
                state,
                is_loopback: false,
                mac: None,
                addresses: Vec::new(),
            },
            kind,
            address: index,
        }
    }

    /// One look a second, each with the interface bound, what there is, and when a packet came.
    type Look = (Option<u32>, Link<u32>, Option<i64>);

    /// Watches `eth0`, number 1, from second 0 on; what each look tells, in words.
    fn check(looks: &[Look], expected: &[&str]) {
        let mut watch = Watch::new(&link(1, "eth0", InterfaceState::Up, ETHERNET), at(0));
        let told: Vec<String> = (1..)
            .zip(looks)
            .map(|(second, (bound, link, packet))| {
                let packets = packet.map(|packet| (at(packet), at(packet)));
                match watch.look(*bound, std::slice::from_ref(link), packets, at(second)) {
                    Finding::Nothing => match watch.state() {
                        LiveState::Receiving => "works".to_owned(),
                        LiveState::Waiting { reason, .. } => reason.to_string(),
                    },
                    Finding::Back(Gap { begin, end, reason }) => {
                        let seconds = |time: Timestamp| time.as_nanos() / 1_000_000_000;
                        format!("{reason} {}-{}", seconds(begin), seconds(end))
                    }
                    Finding::Successor(index) => format!("bind to {index}"),
                }
            })
            .collect();
        assert_eq!(told, expected);
        assert!(watch.gaps() - watch.resumptions() <= 1);
    }

    #[test]
    fn a_gap_begins_when_it_last_worked_and_tells_the_worst() {
        use InterfaceState::{Down, NoCarrier, Up};
        let eth0 = |state| link(1, "eth0", state, ETHERNET);
        check(
            &[
                (Some(1), eth0(Up), None),
                (Some(1), eth0(NoCarrier), None),
                (Some(1), eth0(Down), None),
                (Some(1), eth0(NoCarrier), None),
                (Some(1), eth0(Up), None),
                (Some(1), eth0(Up), None),
            ],
            &["works", "no carrier", "down", "down", "down 1-4", "works"],
        );
    }

    #[test]
    fn an_interface_that_is_awaited_is_taken_up_when_it_is_up() {
        let mut watch = Watch::awaiting("eth0", ETHERNET, GapReason::Down, at(0));
        let up = InterfaceState::Up;
        for (link, expected, reason) in [
            (
                link(1, "eth0", InterfaceState::Down, ETHERNET),
                None,
                "down",
            ),
            (link(1, "eth1", up, ETHERNET), None, "not there yet"),
            (link(1, "eth0", up, NONE), None, "not there yet"),
            (link(7, "eth0", up, ETHERNET), Some(7), "not there yet"),
        ] {
            let links = std::slice::from_ref(&link);
            let found = watch.awaited(links, at(5)).map(|link| link.address);
            assert_eq!(found, expected);
            let LiveState::Waiting { reason: told, .. } = watch.state() else {
                panic!("it waits");
            };
            assert_eq!(told.to_string(), reason);
        }
        let links = [link(7, "eth0", up, ETHERNET)];
        let back = watch.look(Some(7), &links, None, at(9));
        assert!(matches!(back, Finding::Back(gap) if (gap.begin, gap.end) == (at(0), at(5))));
        assert_eq!((watch.gaps(), watch.resumptions()), (1, 1));
    }

    #[test]
    fn packets_prove_a_carrier_before_its_flag_does() {
        use InterfaceState::{Down, NoCarrier};
        let eth0 = |state| link(1, "eth0", state, ETHERNET);
        check(
            &[
                (Some(1), eth0(Down), None),
                // From before the loss: what was left in the ring.
                (Some(1), eth0(NoCarrier), Some(0)),
                (Some(1), eth0(NoCarrier), Some(2)),
                (Some(1), eth0(NoCarrier), None),
            ],
            &["down", "down", "down 0-2", "works"],
        );
    }

    #[test]
    fn it_follows_its_interface_and_then_its_name() {
        use InterfaceState::Up;
        check(
            &[
                (Some(1), link(1, "wan", Up, ETHERNET), None),
                // Numbered as before, and yet another one: the socket is bound to nothing.
                (None, link(1, "other", Up, ETHERNET), None),
                // Another kind would be decoded wrongly.
                (None, link(8, "eth0", Up, NONE), None),
                (None, link(9, "eth0", Up, ETHERNET), None),
                (Some(9), link(9, "eth0", Up, ETHERNET), None),
                (None, link(10, "eth0", Up, ETHERNET), None),
            ],
            &[
                "renamed 0-1",
                "gone",
                "gone",
                "bind to 9",
                "gone 1-4",
                "bind to 10",
            ],
        );
        let last_name = link(7, "wan", Up, ETHERNET);
        let renamed = (Some(1), link(1, "wan", Up, ETHERNET), None);
        check(
            &[renamed, (None, last_name, None)],
            &["renamed 0-1", "bind to 7"],
        );
    }
}
