//! Options that tell their kind and length.

/// An option of `len` bytes in all, kind and length included, at byte `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tlv {
    pub(super) kind: u8,
    pub(super) at: usize,
    pub(super) len: usize,
}

/// How lengths are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// IPv4 and TCP: the length counts kind and length; kind 0 ends the list, kind 1 is a byte alone.
    Ip4AndTcp,
    /// IPv6: the length counts what follows it; kind 0 is a byte alone.
    Ip6,
    /// Neighbour discovery: the length counts the whole option in units of 8 bytes.
    Discovery,
}

impl Style {
    /// The option at `at`, which moves behind it. Everything from a wrong length or the end of the
    /// list on becomes zero, as nobody can tell what it is.
    pub(super) fn next(self, options: &mut [u8], at: &mut usize) -> Option<Tlv> {
        let rest = options.get_mut(*at..)?;
        let alone = match self {
            Self::Ip4AndTcp => rest.iter().position(|&kind| kind != 1),
            Self::Ip6 => rest.iter().position(|&kind| kind != 0),
            Self::Discovery => Some(0),
        };
        let rest = rest.get_mut(alone?..)?;
        *at += alone?;
        let len = match *rest {
            [0, ..] if self == Self::Ip4AndTcp => None,
            [_, len, ..] => match self {
                Self::Ip4AndTcp => Some(usize::from(len)).filter(|len| *len >= 2),
                Self::Ip6 => Some(usize::from(len) + 2),
                Self::Discovery => Some(usize::from(len) * 8).filter(|len| *len > 0),
            },
            _ => None,
        };
        let Some((kind, len)) = rest
            .first()
            .copied()
            .zip(len.filter(|len| *len <= rest.len()))
        else {
            rest.fill(0);
            return None;
        };
        let found = Tlv { kind, at: *at, len };
        *at += len;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_wrong_length_is_blanked() {
        for (style, before, found, after) in [
            (
                Style::Ip4AndTcp,
                [1, 2, 3, 9, 0, 7, 7],
                1,
                [1, 2, 3, 9, 0, 0, 0],
            ),
            (
                Style::Ip4AndTcp,
                [2, 3, 9, 3, 9, 7, 7],
                1,
                [2, 3, 9, 0, 0, 0, 0],
            ),
            (Style::Ip4AndTcp, [2, 1, 9, 3, 9, 7, 7], 0, [0; 7]),
            (Style::Ip6, [0, 0, 5, 1, 9, 7, 7], 1, [0, 0, 5, 1, 9, 0, 0]),
            (Style::Ip6, [5, 0, 1, 0, 5, 0, 7], 3, [5, 0, 1, 0, 5, 0, 0]),
            (Style::Discovery, [1, 0, 1, 0, 5, 0, 7], 0, [0; 7]),
        ] {
            let mut options = before;
            let mut at = 0;
            let count = std::iter::from_fn(|| style.next(&mut options, &mut at)).count();
            assert_eq!((count, options), (found, after), "{before:?}");
        }
    }
}
