//! Small tables in the format of KDD.

/// A row: `size` bytes by `protocol`.
pub(crate) fn kdd_row(size: usize, protocol: &str, label: &str) -> String {
    format!(
        "0,{protocol},http,SF,{size},{}0,{label},21\n",
        "0,".repeat(35)
    )
}

/// A table of `benign` rows, and a quarter as many of each attack, which are larger by far.
pub(crate) fn kdd_table(benign: usize, attacks: &[&str]) -> String {
    let usual = (0..benign).map(|row| kdd_row(100 + row * 7 % 50, "tcp", "normal"));
    let odd = attacks.iter().enumerate().flat_map(|(index, attack)| {
        let size = 90_000 * (index + 1);
        (0..benign / 4).map(move |row| kdd_row(size + row, "udp", attack))
    });
    usual.chain(odd).collect()
}
