//! The way through a packet: header by header, then the checksums from the inside out.

use std::ops::Range;

use super::checksum::{PseudoHeader, Sum};
use super::internet::{self, Ends};
use super::messages::{self, Stays};
use super::names::{Names, blank};
use super::options::PseudonymDirection;
use super::{arp, link, tcp, tunnel};
use crate::decode::{Layer, LayerKind, layers};
use crate::{LinkType, Packet, PacketMeta, Skip};

/// Bytes of a control message that are kept at most: what does not fit is cut.
const MESSAGE: usize = 2048;

/// Rewrites packets. What it holds between them are empty buffers.
#[derive(Default)]
pub(super) struct Rewriter {
    layers: Vec<Layer>,
    sums: Vec<Sum>,
}

impl Rewriter {
    /// Writes to `out` what may be seen of `packet`: its headers, with other addresses in them.
    /// Gives what decoding the packet gave.
    pub(super) fn rewrite(
        &mut self,
        packet: &Packet<'_>,
        names: &mut Names,
        out: &mut Vec<u8>,
    ) -> Result<PacketMeta, Skip> {
        let decoded = self.find_layers(packet, 0);
        self.sums.clear();
        let headers = self.layers.last().map_or(0, end_of);
        let seen = packet.data.get(..headers + MESSAGE).unwrap_or(packet.data);
        out.clear();
        out.extend_from_slice(seen);

        let wire_end = packet.data.len().max(packet.wire_len as usize);
        let mut end = self.walk(packet.link_type, wire_end, seen, names, out);
        if let End::Quote(ref bytes, link_type) = end {
            // An error quotes the beginning of another packet.
            let at = bytes.start;
            let quoted = seen.get(bytes.clone()).unwrap_or(&[]);
            let quoted = Packet::new(packet.timestamp, link_type, quoted);
            let _ = self.find_layers(&quoted, at);
            end = match self.layers.last() {
                Some(_) => self.walk(link_type, usize::MAX, seen, names, out),
                None => End::Here(at),
            };
            if let (End::Here(end), Some(ports)) = (&mut end, self.quoted_ports(seen)) {
                *end = ports.min(out.len()).max(*end);
            }
        }
        let end = match end {
            End::Here(end) => end,
            // Errors about errors are not sent: what one would quote is not kept.
            End::Quote(bytes, _) => bytes.start,
        };
        out.truncate(end);
        decoded
    }

    /// Where the ports of a quoted packet end whose transport header cannot be right, as it has
    /// no room by the word of the IP header: they are told all the same.
    fn quoted_ports(&self, bytes: &[u8]) -> Option<usize> {
        let [.., last] = self.layers[..] else {
            return None;
        };
        let next = match last.kind {
            LayerKind::Ipv4 => bytes.get(last.at + 9),
            LayerKind::Ipv6 => bytes.get(last.at + 6),
            LayerKind::Extension(_) => bytes.get(last.at),
            _ => None,
        };
        let has_ports = next.is_some_and(|next| matches!(next, 6 | 17 | 132));
        has_ports.then(|| end_of(&last) + 4)
    }

    /// Sets the checksums of the packet that was rewritten last to `new`.
    pub(super) fn mend_checksums(
        &self,
        direction: PseudonymDirection,
        packet: &Packet<'_>,
        new: &mut [u8],
    ) {
        for sum in self.sums.iter().rev() {
            sum.mend(direction, packet.data, new);
        }
    }

    /// The headers of a packet that begins at byte `at`.
    fn find_layers(&mut self, packet: &Packet<'_>, at: usize) -> Result<PacketMeta, Skip> {
        self.layers.clear();
        let decoded = layers(packet, &mut self.layers);
        if let Ok(meta) = &decoded {
            let depth = meta.tunnel.map_or(0, |tunnel| tunnel.depth);
            drop_guesses(&mut self.layers, depth.into());
        }
        self.layers.iter_mut().for_each(|layer| layer.at += at);
        decoded
    }

    fn walk(
        &mut self,
        link_type: LinkType,
        wire_end: usize,
        old: &[u8],
        names: &mut Names,
        new: &mut [u8],
    ) -> End {
        let walk = Walk {
            link_type,
            wire_end,
            old,
            new,
            names,
            sums: &mut self.sums,
            ip: None,
            frame: None,
            before: None,
        };
        walk.pass(&self.layers)
    }
}

/// Drops what was taken for the headers of a packet inside of the innermost one that could be
/// decoded, which came through `depth` tunnels: it may be payload on the port of a tunnel. What
/// the IP header itself names is no guess.
fn drop_guesses(layers: &mut Vec<Layer>, depth: usize) {
    use LayerKind::{Arp, Extension, Gre, Icmp, Icmpv6, Ipv4, Ipv6, MplsLabel, Sctp, Tcp, Udp};
    let is_network = |layer: &Layer| matches!(layer.kind, Ipv4 | Ipv6 | Arp);
    let mut networks = layers.iter().enumerate();
    let mut networks = networks.by_ref().filter(|(_, layer)| is_network(layer));
    let Some((innermost, _)) = networks.nth(depth) else {
        return;
    };
    let own = layers.iter().skip(innermost + 1).take_while(|layer| {
        matches!(
            layer.kind,
            Extension(_) | Tcp | Udp | Icmp | Icmpv6 | Sctp | Gre | MplsLabel
        )
    });
    let own = own.count();
    layers.truncate(innermost + 1 + own);
}

/// Where the headers end.
enum End {
    Here(usize),
    /// At the packet of this type in these bytes, which an ICMP error quotes.
    Quote(Range<usize>, LinkType),
}

struct Walk<'a> {
    link_type: LinkType,
    /// Where the packet ended on the wire; `usize::MAX` if nobody knows.
    wire_end: usize,
    old: &'a [u8],
    new: &'a mut [u8],
    names: &'a mut Names,
    sums: &'a mut Vec<Sum>,
    /// The IP packet in which the walk is.
    ip: Option<Internet>,
    /// The Ethernet header that has no IP header behind it yet.
    frame: Option<usize>,
    /// The header before.
    before: Option<LayerKind>,
}

/// What is known of an IP packet.
struct Internet {
    ends: Ends,
    /// Where its destination stands, which need not be the final one.
    destination: usize,
    /// The protocol that follows the headers so far.
    next: u8,
    /// Where it ends by its own account.
    end: usize,
    is_v4: bool,
    is_fragment: bool,
    is_later_fragment: bool,
}

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
const IGMP: u8 = 2;
const MPLS: u8 = 137;

impl Walk<'_> {
    fn pass(mut self, layers: &[Layer]) -> End {
        for layer in layers {
            match layer.kind {
                LayerKind::Ipv4 | LayerKind::Ipv6 => self.internet(layer),
                LayerKind::Extension(number) => self.extension(layer, number),
                LayerKind::Icmp | LayerKind::Icmpv6 => return self.icmp(layer),
                _ => self.header(layer),
            }
            self.before = Some(layer.kind);
        }
        let end = layers.last().map_or(0, end_of).min(self.new.len());
        let is_igmp = |ip: &Internet| ip.is_v4 && ip.next == IGMP && !ip.is_later_fragment;
        let is_at_ip = matches!(self.before, Some(LayerKind::Ipv4 | LayerKind::Extension(_)));
        if !is_at_ip || !self.ip.as_ref().is_some_and(is_igmp) {
            return End::Here(end);
        }
        self.sum(end + 2, end, None);
        let (message, names) = self.message(end);
        End::Here(end + messages::igmp(message, names).min(message.len()))
    }

    /// A header that is not IP's.
    fn header(&mut self, layer: &Layer) {
        let at = layer.at;
        let end = end_of(layer).min(self.new.len());
        let is_mpls_in_ip = self.ip.as_ref().is_some_and(|ip| ip.next == MPLS);
        let Some(header) = self.new.get_mut(at..end) else {
            return;
        };
        match layer.kind {
            LayerKind::Ethernet => {
                link::ethernet(header, self.names);
                self.frame = Some(at);
            }
            LayerKind::OtherLan if self.link_type == LinkType::TOKEN_RING => {
                link::token_ring(header, self.names);
            }
            LayerKind::OtherLan => link::fddi(header, self.names),
            LayerKind::Cooked1 => link::cooked_1(header, self.names),
            LayerKind::Cooked2 => link::cooked_2(header, self.names),
            // Padding between the frame's header and LLC.
            LayerKind::RadioHeader if self.before == Some(LayerKind::Wifi) => header.fill(0),
            LayerKind::RadioHeader if self.link_type == LinkType::IEEE_802_11_RADIOTAP => {
                link::radiotap(header);
            }
            LayerKind::RadioHeader => link::radio_header(header),
            LayerKind::Wifi => link::wifi(header, self.names),
            // Flags, length and number of a frame, or what was taken for them.
            LayerKind::ControlWord => header.fill(0),
            LayerKind::Nflog => link::nflog(header),
            LayerKind::Arp => arp::message(header, self.names),
            LayerKind::Tcp => {
                tcp::header(header, self.names);
                self.sum(at + 16, at, Some(TCP));
            }
            LayerKind::Udp => {
                // It tells its own length.
                let udp_end = at + usize::from(u16_at(header, 4));
                self.sum(at + 6, at, Some(UDP));
                if let Some(sum) = self.sums.last_mut() {
                    sum.zero_is_none = true;
                    sum.range.end = sum.range.end.min(udp_end);
                }
            }
            LayerKind::Gre => {
                const CHECKSUM: u16 = 0x8000;
                if self.before != Some(LayerKind::Gre) && u16_at(header, 0) & CHECKSUM != 0 {
                    self.sum(at + 4, at, None);
                }
            }
            LayerKind::MplsLabel if is_mpls_in_ip => tunnel::mpls_in_ip(header),
            LayerKind::Vxlan => tunnel::vxlan(header),
            LayerKind::Geneve => tunnel::geneve(header),
            LayerKind::Gtp if self.before == Some(LayerKind::Gtp) => tunnel::gtp_extension(header),
            LayerKind::Teredo => tunnel::teredo(header, self.names),
            // Its checksum covers no address, but tells 32 bits of payload.
            LayerKind::Sctp => blank(header, 8, 12),
            // Nothing in them is an address.
            _ => {}
        }
    }

    fn internet(&mut self, layer: &Layer) {
        let at = layer.at;
        let end = end_of(layer).min(self.new.len());
        let Some(header) = self.new.get_mut(at..end) else {
            return;
        };
        let is_v4 = layer.kind == LayerKind::Ipv4;
        let (len, next, destination, ends) = if is_v4 {
            let (len, next) = (u16_at(header, 2), header.get(9));
            let (len, next) = (usize::from(len), next.copied());
            (len, next, at + 16, internet::ipv4(header, at, self.names))
        } else {
            let (len, next) = (u16_at(header, 4), header.get(6));
            let len = if len > 0 { usize::from(len) + 40 } else { 0 };
            let next = next.copied();
            (len, next, at + 24, internet::ipv6(header, at, self.names))
        };
        let is_later_fragment = is_v4 && u16_at(header, 6) & 0x1fff > 0;
        if is_v4 {
            self.sums.push(Sum {
                field: at + 10,
                range: at..end_of(layer),
                pseudo: None,
                is_of_fragment: false,
                zero_is_none: false,
            });
        }
        let ip = Internet {
            ends,
            destination,
            next: next.unwrap_or(0),
            // 0 leaves the length open.
            end: match &self.ip {
                _ if len > 0 => at + len,
                Some(around) => around.end,
                None => self.wire_end,
            },
            is_v4,
            is_fragment: is_v4 && u16_at(header, 6) & 0x3fff > 0,
            is_later_fragment,
        };
        if let Some(frame) = self.frame.take() {
            self.group_frame(frame, &ip);
        }
        self.ip = Some(ip);
    }

    fn extension(&mut self, layer: &Layer, number: u8) {
        let end = end_of(layer).min(self.new.len());
        let (Some(header), Some(ip)) = (self.new.get_mut(layer.at..end), &mut self.ip) else {
            return;
        };
        ip.next = header.first().copied().unwrap_or(0);
        if number == internet::FRAGMENT {
            const MORE: u16 = 1;
            let part = u16_at(header, 2);
            ip.is_later_fragment |= part >> 3 > 0;
            ip.is_fragment |= part >> 3 > 0 || part & MORE > 0;
        }
        internet::extension(header, number, layer.at, &mut ip.ends, self.names);
        if matches!(number, internet::MOBILITY | internet::HOST_IDENTITY) {
            self.sum(layer.at + 4, layer.at, Some(number));
            if let Some(sum) = self.sums.last_mut() {
                sum.range.end = end_of(layer);
            }
        }
    }

    fn icmp(&mut self, layer: &Layer) -> End {
        let at = layer.at;
        let is_v4 = layer.kind == LayerKind::Icmp;
        self.sum(at + 2, at, (!is_v4).then_some(ICMPV6));
        let (message, names) = self.message(at);
        let (stays, quoted) = if is_v4 {
            (messages::icmp(message, names), LinkType::IPV4)
        } else {
            (messages::icmpv6(message, names), LinkType::IPV6)
        };
        match stays {
            Stays::Bytes(len) => End::Here(at + len.min(message.len())),
            Stays::Quote if message.len() > messages::ICMP_LEN => {
                End::Quote(at + messages::ICMP_LEN..at + message.len(), quoted)
            }
            Stays::Quote => End::Here(at + message.len()),
        }
    }

    /// The message that begins at `at`, without what the frame was padded with.
    fn message(&mut self, at: usize) -> (&mut [u8], &mut Names) {
        let end = self.ip.as_ref().map_or(at, |ip| ip.end);
        let end = end.clamp(at, self.new.len().max(at));
        (self.new.get_mut(at..end).unwrap_or_default(), self.names)
    }

    /// Notes a checksum at `field` that covers all of the IP packet from byte `from` on, and the
    /// addresses of its header if that is the one of this `protocol`.
    fn sum(&mut self, field: usize, from: usize, protocol: Option<u8>) {
        let Some(ip) = &self.ip else {
            return;
        };
        self.sums.push(Sum {
            field,
            range: from..ip.end,
            pseudo: protocol.map(|protocol| PseudoHeader {
                ends: ip.ends.clone(),
                protocol,
            }),
            is_of_fragment: ip.is_fragment,
            zero_is_none: false,
        });
    }

    /// A frame to the group that its packet is for goes to the group of the pseudonym.
    fn group_frame(&mut self, frame: usize, ip: &Internet) {
        let group = |bytes: &[u8]| {
            let address = bytes.get(ip.destination..)?;
            if ip.is_v4 {
                address
                    .first_chunk()
                    .and_then(|address| link::ipv4_group(*address))
            } else {
                address
                    .first_chunk()
                    .and_then(|address| link::ipv6_group(*address))
            }
        };
        let (Some(before), Some(after)) = (group(self.old), group(self.new)) else {
            return;
        };
        if self
            .old
            .get(frame..)
            .is_some_and(|header| header.starts_with(&before))
            && let Some(mac) = self.new.get_mut(frame..frame + after.len())
        {
            mac.copy_from_slice(&after);
        }
    }
}

/// The byte behind a header.
fn end_of(layer: &Layer) -> usize {
    layer.at + layer.len
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |bytes| u16::from_be_bytes(*bytes))
}
