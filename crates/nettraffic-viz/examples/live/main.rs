//! The live page with made-up traffic, to be looked at without a sensor.
//!
//!     cargo run --release -p nettraffic-viz --features dashboard --example live
//!     cargo run --release -p nettraffic-viz --features dashboard --example live -- 127.0.0.1:8800 learning
//!
//! It runs until its input ends (Ctrl-D) or it is stopped. `learning` begins with half a minute of learning,
//! `token=…` asks for that token.

mod office;

use std::error::Error;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::time::Duration;

use nettraffic_viz::live::{Board, Dashboard, DashboardOptions};
use office::Office;

/// Seconds of a past that the page opens with.
const PAST: u64 = 600;

fn main() -> Result<(), Box<dyn Error>> {
    let mut address: SocketAddr = ([127, 0, 0, 1], 8800).into();
    let mut options = DashboardOptions::new();
    let mut learning = 0;
    for argument in std::env::args().skip(1) {
        match argument.split_once('=') {
            Some(("token", token)) => options = options.with_token(token),
            _ if argument == "learning" => learning = 30,
            _ => address = argument.parse()?,
        }
    }
    let board = Board::new();
    let (markings, answering) = (board.markings(64), board.clone());
    let mut office = Office::new(board.clone(), learning);
    if learning == 0 {
        (0..PAST).for_each(|_| office.second());
    }
    let serving = Dashboard::bind(address, options)?.serve(board)?;
    println!("http://{}/", serving.address());

    std::thread::spawn(move || {
        loop {
            for marking in markings.try_iter() {
                println!(
                    "alert {}: {:?}, {:?}",
                    marking.alert, marking.becomes, marking.note
                );
                answering.answer(&marking, Ok(()));
            }
            office.second();
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    serving.stop();
    Ok(())
}
