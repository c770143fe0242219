//! The part of a system that a message is said to come from.

/// The part of a system that a message is said to come from (RFC 5424, table 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Facility(u8);

/// The usual names, by number.
const NAMES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

impl Facility {
    /// The system's daemons.
    pub const DAEMON: Self = Self(3);
    /// The first of those for local use.
    pub const LOCAL0: Self = Self(16);

    /// The one of that name: `daemon`, `local0`, ….
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let place = NAMES.iter().position(|known| *known == name)?;
        u8::try_from(place).ok().map(Self)
    }

    /// Every name, in the order of their numbers.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter()
    }

    /// What stands at the start of a message (RFC 5424, 6.2.1); severities go from 0 to 7.
    pub(super) const fn priority(self, severity: u8) -> u8 {
        self.0 * 8 + severity
    }
}

/// [`Facility::LOCAL0`].
impl Default for Facility {
    fn default() -> Self {
        Self::LOCAL0
    }
}
