//! How well do ensembles of small autoencoders tell packets of floods and scans from others, on real
//! captures?
//!
//! All learn from the packets of the benign mixture alone, once from damped statistics as they are, as in
//! the paper, and once from prepared ones, with their heavy tails drawn in. An attack's packets, those of one label,
//! stand against all benign packets of the same mixture; those of a capture without traffic of its
//! own, against the benign packets of both mixtures. `--nocapture` prints the table.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use nettraffic_capture::{DecodeConfig, Decoder, PacketMeta, open};
use nettraffic_eval::{Conversation, LabelRules, RocCurve, Spread, Truth, Unmatched};
use nettraffic_features::{
    FeatureMatrix, PacketFeatureConfig, PacketFeatures, PreparedMatrix, Preprocessor,
};
use nettraffic_models::{AnomalyModel, Histogram, Kitnet};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SEEDS: [u64; 5] = [42, 1, 2, 3, 4];
const MIXTURES: [&str; 2] = ["mix_test_scan_dos", "mix_test_intrusion"];
/// Floods and scans with a capture of their own.
const CAPTURES: [&str; 16] = [
    "cicddos2019_synflood",
    "ddos_amp_isakmp",
    "ddos_reflection_synack",
    "ddos_synflood_spoofed",
    "esnet_masscan_tcp",
    "esnet_nmap_all",
    "ipv6_dos_exthdr5",
    "ndsec1_synflood",
    "nmap_connect",
    "nmap_syn",
    "nmap_udp",
    "nmap_xmas",
    "pcaphunt_icmp_sweep",
    "pcaphunt_udp_scan",
    "slowloris",
    "zeek_dhcp_flood",
];

#[test]
fn floods_and_scans_stand_out_packet_by_packet() -> Outcome<()> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(());
    };
    let train = Packets::read(&corpus.join("mixed/mix_train_benign.pcap"), |_, _| {
        "benign".into()
    })?;
    let models = Models::fit(&train.rows)?;
    println!("Learned from {} packets.", train.labels.len());

    println!("| packets | attack | benign | AUC | … of prepared rows | histogram |");
    println!("|---|---|---|---|---|---|");
    let mut benign = vec![Vec::new(); 2 * SEEDS.len() + 1];
    let mut floods = BTreeMap::new();
    for name in MIXTURES {
        let labels = labels_of_mixture(&corpus, name)?;
        let label = |index, _: &PacketMeta| labels.get(index).cloned().unwrap_or_default();
        let packets = Packets::read(&corpus.join(format!("mixed/{name}.pcap")), label)?;
        let scores = models.score(&packets.rows)?;
        let usual = packets.of(&scores, |label| label == "benign");
        let is_attack = |label: &str| label != "benign" && label != "unknown";
        row(name, &packets.of(&scores, is_attack), &usual)?;
        let classes: BTreeSet<_> = packets.labels.iter().collect();
        for class in classes.into_iter().filter(|label| is_attack(label)) {
            row(
                &format!("… {class}"),
                &packets.of(&scores, |label| label == class),
                &usual,
            )?;
        }
        for (all, more) in benign.iter_mut().zip(usual) {
            all.extend(more);
        }
    }
    for name in CAPTURES {
        let rules = File::open(corpus.join(format!("attack/labels/{name}.csv")))?;
        let rules = LabelRules::parse(rules)?;
        let path = corpus.join(format!("attack/{name}.pcap"));
        let packets = Packets::read(&path, |_, packet| label(&rules, packet))?;
        let attack = packets.of(&models.score(&packets.rows)?, |label| label == "attack");
        floods.insert(name, row(name, &attack, &benign)?);
    }
    for name in ["cicddos2019_synflood", "nmap_syn", "nmap_xmas"] {
        assert!(floods[name] > 0.9, "{name}: {}", floods[name]);
    }
    Ok(())
}

/// Models of the same training packets: an ensemble for each seed, of rows as they are and of
/// prepared ones, and the trivial model of these.
struct Models {
    plain: Vec<Kitnet>,
    preprocessor: Preprocessor,
    prepared: Vec<Kitnet>,
    histogram: Histogram,
}

impl Models {
    fn fit(train: &FeatureMatrix) -> Outcome<Self> {
        let preprocessor = Preprocessor::params().fit(train)?;
        let rows = preprocessor.apply(train)?;
        let histogram = Histogram::params().fit(&rows)?;
        let ensembles = |rows: &PreparedMatrix| -> Outcome<Vec<Kitnet>> {
            let fit = |seed| Ok(Kitnet::params().seed(seed).fit(rows)?);
            SEEDS.into_iter().map(fit).collect()
        };
        Ok(Self {
            plain: ensembles(&plain(train)?)?,
            prepared: ensembles(&rows)?,
            preprocessor,
            histogram,
        })
    }
}

fn plain(rows: &FeatureMatrix) -> Outcome<PreparedMatrix> {
    Ok(PreparedMatrix::new(rows.view().mapv(|value| value as f32))?)
}

/// Scores by model.
type Scores = Vec<Vec<f32>>;

impl Models {
    fn score(&self, rows: &FeatureMatrix) -> Outcome<Scores> {
        let mut scores = Vec::new();
        let (plain, prepared) = (plain(rows)?, self.preprocessor.apply(rows)?);
        for (models, rows) in [(&self.plain, &plain), (&self.prepared, &prepared)] {
            for model in models {
                scores.push(model.score(rows.view())?.to_vec());
            }
        }
        scores.push(self.histogram.score(prepared.view())?.to_vec());
        Ok(scores)
    }
}

/// Prints a row of the table, and gives the mean of the ensembles' areas.
fn row(name: &str, attack: &Scores, benign: &Scores) -> Outcome<f64> {
    let areas = attack.iter().zip(benign).map(|(attack, benign)| {
        let scores = [attack.as_slice(), benign].concat();
        let truth: Vec<bool> = (0..scores.len()).map(|at| at < attack.len()).collect();
        let area = RocCurve::new(&scores, &truth)?.area();
        area.ok_or_else(|| format!("{name} without packets").into())
    });
    let areas = areas.collect::<Outcome<Vec<f64>>>()?;
    print!("| {name} | {} | {} |", attack[0].len(), benign[0].len());
    let (ensembles, histogram) = areas.split_at(2 * SEEDS.len());
    let mut means = Vec::new();
    for of_seeds in ensembles.chunks(SEEDS.len()) {
        let spread = Spread::of(of_seeds).ok_or("no seeds")?;
        let Spread { mean, min, max, .. } = spread;
        print!(" {mean:.3} ({min:.3}–{max:.3}) |");
        means.push(mean);
    }
    println!(" {:.3} |", histogram[0]);
    Ok(means[0])
}

/// The packets of a capture as rows of features, and their labels.
struct Packets {
    rows: FeatureMatrix,
    labels: Vec<String>,
}

impl Packets {
    fn read(path: &Path, label: impl Fn(usize, &PacketMeta) -> String) -> Outcome<Self> {
        let mut source = open(path)?;
        let mut decoder = Decoder::new(DecodeConfig::default());
        let mut features = PacketFeatures::new(PacketFeatureConfig::default());
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        let mut index = 0;
        while let Some(packet) = source.next_packet()? {
            if let Ok(packet) = decoder.decode(&packet) {
                features.push(&packet, &mut rows);
                labels.push(label(index, &packet));
            }
            index += 1;
        }
        let rows = FeatureMatrix::from_rows(features.schema(), rows)?;
        Ok(Self { rows, labels })
    }

    /// Scores of the packets with a label that is wanted.
    fn of(&self, scores: &Scores, wanted: impl Fn(&str) -> bool) -> Scores {
        let of_model = |scores: &Vec<f32>| {
            let labelled = scores.iter().zip(&self.labels);
            let wanted = labelled.filter(|(_, label)| wanted(label));
            wanted.map(|(score, _)| *score).collect()
        };
        scores.iter().map(of_model).collect()
    }
}

/// By the index of a packet in its file, from 0.
fn labels_of_mixture(corpus: &Path, name: &str) -> Outcome<Vec<String>> {
    let file = fs::read(corpus.join(format!("mixed/{name}.packets.csv.gz")))?;
    let lines = BufReader::new(GzDecoder::new(file.as_slice()))
        .lines()
        .skip(1);
    let label = |line: String| line.split(',').nth(1).unwrap_or_default().to_owned();
    lines.map(|line| Ok(label(line?))).collect()
}

fn label(rules: &LabelRules, packet: &PacketMeta) -> String {
    let (a_port, b_port) = packet.ports().unwrap_or_default();
    let conversation = Conversation {
        first_ns: packet.timestamp.as_nanos(),
        last_ns: packet.timestamp.as_nanos(),
        a: packet.source,
        a_port,
        b: packet.destination,
        b_port,
        proto: packet.protocol.0,
    };
    match rules.truth(&conversation, Unmatched::Unknown) {
        Truth::Attack(_) => "attack".to_owned(),
        _ => "other".to_owned(),
    }
}
