//! Writes pages to look at, and to check in a browser, into a folder:
//! `cargo run -p nettraffic-viz --example pages -- FOLDER`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use nettraffic_viz::{Figure, Report};

mod compared;
mod detector;
mod hostile;
#[path = "../sample.rs"]
#[expect(dead_code, reason = "its main is for people")]
mod sample;

/// Alerts of the page that must open quickly.
const MANY: usize = 20_000;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("usage: pages FOLDER"))?;
    fs::create_dir_all(&folder)?;
    let pages = [
        ("detection", sample::report().to_html()),
        ("many", many().to_html()),
        ("hostile", hostile::report().to_html()),
        ("nothing", Report::new("nothing").to_html()),
        ("comparison", compared::comparison().to_html()),
        ("hostile-comparison", hostile::comparison().to_html()),
        ("card", detector::card().to_html()),
        ("hostile-card", hostile::card().to_html()),
    ];
    for (name, page) in pages {
        fs::write(folder.join(name).with_extension("html"), page)?;
    }
    write("detection", &folder, sample::report().figures())?;
    write("comparison", &folder, compared::comparison().figures())
}

fn write(page: &str, folder: &Path, figures: Vec<Figure>) -> io::Result<()> {
    for figure in figures {
        fs::write(
            folder.join(format!("{page}-{}.svg", figure.name)),
            figure.svg,
        )?;
    }
    Ok(())
}

/// The sample with its alerts repeated at later times and other addresses.
fn many() -> Report {
    let mut report = sample::report();
    let alerts = report.alerts.clone();
    report.alerts = (alerts.iter().cycle().take(MANY).enumerate())
        .map(|(number, alert)| {
            let mut alert = alert.clone();
            alert.id = format!("{number:016x}");
            alert.source = format!(
                "10.{}.{}.7:4{:04}",
                number / 250 % 250,
                number % 250,
                number % 9999
            );
            alert.first_ns += number as i64 * 10_000_000;
            alert.last_ns += number as i64 * 10_000_000;
            alert.score += number as f64 / 1e4;
            alert
        })
        .collect();
    report
}
