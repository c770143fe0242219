//! Ground truth of many conversations, with an account of it.

use serde::Serialize;

use super::{Conversation, LabelRule, LabelRules, Truth, Unmatched};

/// What conversations are by the rules, and how sure that is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Joined<'a> {
    /// One per conversation, in their order; unknown where none of the rules tells.
    pub truths: Vec<Truth<'a>>,
    /// What they are, counted.
    pub account: LabelAccount,
}

/// Conversations by what rules say of them; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LabelAccount {
    /// Benign by a rule.
    pub benign: u64,
    /// Attacks by a rule.
    pub attacks: u64,
    /// Unknown by a rule, or under a capture's label (`contains:…`): left out.
    pub unknown: u64,
    /// Attacks of two classes at once by rules that overlap: left out.
    pub ambiguous: u64,
    /// Matched by no rule: taken for benign or left out, as was asked for.
    pub unmatched: u64,
}

impl LabelAccount {
    /// All conversations.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.benign + self.attacks + self.unknown + self.ambiguous + self.unmatched
    }
}

impl LabelRules {
    /// What each conversation is, as [`LabelRules::truth`] says it, except that one which rules name as
    /// attacks of two classes is unknown: nobody can say that a model got it wrong.
    ///
    /// ```
    /// use nettraffic_eval::{Conversation, LabelRules, Truth, Unmatched};
    ///
    /// let csv = "\
    /// start,end,src,dst,proto,sport,dport,label
    /// ,,10.0.0.7,,tcp,,22,bruteforce
    /// ,,10.0.0.7,,,,,scan
    /// ";
    /// let rules = LabelRules::parse(csv.as_bytes())?;
    /// let to_port = |b_port| Conversation {
    ///     first_ns: 0,
    ///     last_ns: 1,
    ///     a: [10, 0, 0, 7].into(),
    ///     a_port: 50_000,
    ///     b: [10, 0, 0, 9].into(),
    ///     b_port,
    ///     proto: 6,
    /// };
    /// let joined = rules.join([to_port(22), to_port(80)], Unmatched::Benign);
    /// assert_eq!(joined.truths, [Truth::Unknown, Truth::Attack("scan")]);
    /// assert_eq!((joined.account.ambiguous, joined.account.attacks), (1, 1));
    /// # Ok::<(), nettraffic_eval::LabelError>(())
    /// ```
    pub fn join(
        &self,
        conversations: impl IntoIterator<Item = Conversation>,
        unmatched: Unmatched,
    ) -> Joined<'_> {
        let mut account = LabelAccount::default();
        let mut truth = |conversation: Conversation| {
            let truth = self.truth(&conversation, unmatched);
            let mut matching = self.matching(&conversation).peekable();
            let count = match truth {
                _ if matching.peek().is_none() => &mut account.unmatched,
                Truth::Attack(class) if matching.any(|rule| names_another(rule, class)) => {
                    account.ambiguous += 1;
                    return Truth::Unknown;
                }
                Truth::Attack(_) => &mut account.attacks,
                Truth::Benign => &mut account.benign,
                Truth::Unknown => &mut account.unknown,
            };
            *count += 1;
            truth
        };
        let truths = conversations.into_iter().map(&mut truth).collect();
        Joined { truths, account }
    }
}

/// Whether the rule names an attack of another class. A rule for benign traffic behind one for an
/// attack does not contradict it: order says which is meant.
fn names_another(rule: &LabelRule, class: &str) -> bool {
    rule.capture_label().is_none()
        && matches!(Truth::named(&rule.label), Truth::Attack(other) if other != class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conversation_is_counted_once() {
        let csv = "start,end,src,dst,proto,sport,dport,label\n\
                   ,,10.0.0.1,,,,,scan\n,,10.0.0.1,,,,80,scan\n,,10.0.0.1,,,,22,guess\n,,10.0.0.2,,,,,unknown\n\
                   ,,10.0.0.3,,,,,contains:worm\n,,10.0.0.1,,,,443,benign\n,,10.0.0.4,,,,,benign\n,,10.0.0.4,,,,1,scan\n";
        let rules = LabelRules::parse(csv.as_bytes());
        let conversation = |(host, b_port): (u8, u16)| Conversation {
            first_ns: 0,
            last_ns: 1,
            a: [10, 0, 0, host].into(),
            a_port: 50_000,
            b: [10, 9, 9, 9].into(),
            b_port,
            proto: 6,
        };
        let asked = [(1, 80), (1, 22), (1, 443), (2, 1), (3, 1), (4, 1), (5, 1)].map(conversation);
        for (unmatched, last) in [
            (Unmatched::Benign, Truth::Benign),
            (Unmatched::Unknown, Truth::Unknown),
        ] {
            let joined = rules.as_ref().map(|rules| rules.join(asked, unmatched));
            let scan = Truth::Attack("scan");
            let truths = [
                scan,
                Truth::Unknown,
                scan,
                Truth::Unknown,
                Truth::Unknown,
                Truth::Benign,
                last,
            ];
            let account = LabelAccount {
                benign: 1,
                attacks: 2,
                unknown: 2,
                ambiguous: 1,
                unmatched: 1,
            };
            assert_eq!(account.total(), 7);
            let found = joined
                .as_ref()
                .map(|joined| (joined.truths.as_slice(), joined.account));
            assert_eq!(found.ok(), Some((truths.as_slice(), account)));
        }
    }
}
