//! Which word was meant by a mistyped one.

use super::words::known;

/// The word of the language that `word` may have been meant to be.
pub(super) fn suggestion(word: &str) -> Option<&'static str> {
    // Longer than every word of the language: not worth the time that comparing takes.
    if word.len() > 40 {
        return None;
    }
    let word = word.to_lowercase();
    let near = known().map(|known| (typing_errors(&word, known), known));
    // The first of the nearest ones; keywords come first.
    let (errors, nearest) = near.min_by_key(|(errors, _)| *errors)?;
    let tolerable = match word.len() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    (errors <= tolerable).then_some(nearest)
}

/// Letters to add, leave out, change or swap with their neighbour to make one word of the
/// other (the optimal string alignment distance).
fn typing_errors(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let mut least = (at(&last, j) + usize::from(from != to))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_word() {
        for (typed, meant) in [
            ("hots", Some("host")),
            ("prot", Some("port")),
            ("udpp", Some("udp")),
            ("TCP", Some("tcp")),
            ("protrange", Some("portrange")),
            ("htttp", Some("http")),
            ("tcp-sny", Some("tcp-syn")),
            ("elephant", None),
            ("x", None),
        ] {
            assert_eq!(suggestion(typed), meant, "{typed}");
        }
    }
}
