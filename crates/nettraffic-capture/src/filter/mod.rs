//! Filter expressions: which packets are wanted, in libpcap's language.

mod error;
mod expr;
mod lex;
mod network;
mod parse;
mod primitive;
mod print;
mod program;
mod spelling;
mod words;

use std::fmt;
use std::str::FromStr;

pub use self::error::{FilterError, FilterErrorKind};
use self::expr::Expr;
use self::program::Program;
use crate::PacketMeta;

const MAX_LEN: usize = 65_536;
const MAX_DEPTH: usize = 64;

/// Tells which packets are wanted: an expression in the common part of libpcap's filter
/// language (`pcap-filter(7)`), parsed once, asked of every packet.
///
/// ```
/// use nettraffic_capture::{Filter, IpProtocol, PacketMeta, Timestamp};
///
/// let filter: Filter = "ip and not net 10.0.0.0/8".parse()?;
/// let packet = |source: [u8; 4]| {
///     PacketMeta::new(Timestamp::default(), source.into(), [192, 0, 2, 1].into(), IpProtocol::TCP)
/// };
/// assert!(filter.matches(&packet([198, 51, 100, 7])));
/// assert!(!filter.matches(&packet([10, 1, 2, 3])));
/// # Ok::<(), nettraffic_capture::FilterError>(())
/// ```
///
/// # The language
///
/// | | |
/// |---|---|
/// | `host 10.0.0.1`, `host 2001:db8::1` | an address; ARP's sender and target too |
/// | `net 10.0.0.0/8`, `net 10.1`, `net 10.1.0.0 mask 255.255.0.0` | a network |
/// | `port 443`, `port https`, `portrange 1-1024` | of TCP, UDP and SCTP |
/// | `src`, `dst`, `src or dst`, `src and dst` | before those, one end or both: `dst port 53` |
/// | `tcp`, `udp`, `sctp` | before `port` and `portrange`: `tcp dst port 25` |
/// | `ip`, `ip6`, `arp` | before `host` and `net`: `arp src host 10.0.0.1` |
/// | `ip`, `ip6`, `arp`, `tcp`, `udp`, `sctp`, `icmp`, `icmp6`, `igmp`, `gre`, `esp`, `ah`, `ospf`, `pim`, `vrrp` | a protocol by itself |
/// | `proto 47`, `ip proto gre`, `ip6 proto 58` | a protocol by number or name |
/// | `ip multicast`, `ip6 multicast` | sent to a group, or to 255.255.255.255 |
/// | `vlan`, `vlan 100` | a tag of 802.1Q, the outermost one |
/// | `tunnel`, `tunnel vxlan`, `tunnel vxlan 42` | came through a tunnel, by [kind](crate::TunnelKind) and identifier (not in libpcap) |
/// | `less 128`, `greater 128`, `len > 128` | bytes on the wire; `less` and `greater` include the number |
/// | `tcp[tcpflags] & (tcp-syn\|tcp-ack) == tcp-syn`, `tcp[13] & 4 != 0` | flags of TCP |
/// | `icmp[icmptype] == icmp-echo`, `icmp[icmpcode] != 0`, the same with `icmp6` | types and codes |
/// | `ip[8] < 5`, `ip6[7] == 255` | time to live and hop limit |
///
/// They are joined by `and` (`&&`), `or` (`||`), `not` (`!`) and parentheses. `not` binds most
/// tightly; `and` and `or` bind **equally**, from left to right: `a or b and c` is `(a or b) and c`.
/// Qualifiers need not be repeated: `tcp dst port 80 or 443`, `port (80 or 443)`,
/// `host 10.0.0.1 and not 10.0.0.2`. A blank expression wants everything.
///
/// Names of hosts are refused, because nothing is ever looked up; names of services come from a
/// small table of their own, and like in libpcap `port http` asks for TCP.
///
/// # What differs from libpcap
///
/// The filter asks the decoded packet, libpcap the bytes at fixed places. So here
/// - a packet in a tunnel that was opened is seen as the inner one (libpcap: the outer one);
/// - tags, labels and other link layers are seen through, where libpcap wants `vlan and …` first;
/// - `proto` and its abbreviations mean what follows all extension headers, of both IP versions;
/// - later fragments have the ports of the first one, when decoding joins them;
/// - `tcp[tcpflags]` is asked of IPv6 as well;
/// - what is neither IP nor ARP is not decoded, so nothing wants it, not even `not tcp`.
///
/// # Cost
///
/// Some nanoseconds a question, nothing is allocated; each question is asked at most once a packet.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    expr: Option<Expr>,
    program: Program,
}

impl Filter {
    /// The longest expression, in bytes.
    pub const MAX_LEN: usize = MAX_LEN;
    /// How many parentheses may be open at once.
    pub const MAX_DEPTH: usize = MAX_DEPTH;

    /// Parses an expression.
    ///
    /// # Errors
    /// What is wrong and where, ready to be shown to people.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let expr = parse::parse(text).map_err(|fault| FilterError::new(fault, text))?;
        let program = Program::new(expr.as_ref());
        Ok(Self { expr, program })
    }

    /// Whether the packet is wanted.
    #[inline]
    #[must_use]
    pub fn matches(&self, meta: &PacketMeta) -> bool {
        self.program.accepts(meta)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

/// Filters are equal when their normal forms are.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}

impl Eq for Filter {}

impl fmt::Display for Filter {
    /// The normal form: every qualifier written out, numbers for names; parsed again it gives an
    /// equal filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expr {
            Some(expr) => write!(f, "{expr}"),
            None => Ok(()),
        }
    }
}
