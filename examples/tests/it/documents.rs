//! What the documents say is so.

use std::fs;
use std::path::{Path, PathBuf};

use nettraffic_capture::{CaptureCounters, DecodeCounters, Skip};
use nettraffic_features::{FeatureSet, PacketFeatures, WindowCounters};
use nettraffic_flow::{FlowCounters, FlowEnd, NotAFlow, TidyCounters};

use crate::architecture::root;

#[test]
fn every_tool_stands_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut tools = 0;
    for entry in fs::read_dir(root().join("examples/src/bin")).unwrap() {
        let path = entry.unwrap().path();
        let tool = path.file_stem().unwrap().to_string_lossy();
        assert!(readme.contains(&format!("### {tool}\n")), "{tool}");
        tools += 1;
    }
    assert!(tools >= 5);
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut links = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in link_targets(&text) {
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{}: {target}", page.display());
            links += 1;
        }
    }
    assert!(links > 10, "only {links} links were found");
}

#[test]
fn links_are_found_where_they_stand() {
    let text = "a [b](c.md) ![d](e/f.png \"title\") [g](https://h) [i](#j) [k](l.md#m)";
    assert_eq!(link_targets(text), ["c.md", "e/f.png", "l.md"]);
}

#[test]
fn every_word_of_the_account_is_explained() {
    let page = fs::read_to_string(root().join("docs/ACCOUNT.md")).unwrap();
    let reasons = Skip::ALL.map(Skip::name).into_iter();
    let words = reasons
        .chain(NotAFlow::ALL.map(NotAFlow::name))
        .chain(FlowEnd::ALL.map(FlowEnd::name))
        .chain(DecodeCounters::default().notes().map(|(name, _)| name))
        .chain(CaptureCounters::default().notes().map(|(name, _)| name))
        .chain(FlowCounters::default().notes().map(|(name, _)| name))
        .chain(TidyCounters::default().notes().map(|(name, _)| name))
        .chain(WindowCounters::default().notes().map(|(name, _)| name))
        .collect::<Vec<_>>();
    for word in words {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
}

/// `docs/FEATURES.md` and its like for packets are made from the entries that also make the rows. After a change of
/// features, run this test with `NETTRAFFIC_REFRESH=1` and read the difference.
#[test]
fn the_page_of_features_is_made_from_their_entries() {
    for (page, made) in [
        ("FEATURES.md", FeatureSet::markdown()),
        ("PACKET_FEATURES.md", PacketFeatures::markdown()),
    ] {
        let path = root().join("docs").join(page);
        if std::env::var_os("NETTRAFFIC_REFRESH").is_some() {
            fs::write(&path, &made).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "docs/{page} is out of date");
    }
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md"), root().join("benches/README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// Paths that Markdown links lead to, without those that leave the folder tree.
fn link_targets(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !Path::new(target).is_absolute())
        .collect()
}
