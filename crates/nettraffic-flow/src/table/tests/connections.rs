//! TCP connections that close, break, and begin again.

use std::time::Duration;

use nettraffic_capture::PacketMeta;

use super::packets::{ACK, FIN, RST, SYN, acknowledging, answer, ask, connection, handshake, udp};
use super::{check, check_with, records};
use crate::FlowConfig;

#[test]
fn a_connection_closed_by_both_lingers_and_ends_by_fin() {
    let mut packets = connection(0.0);
    packets.push(udp(5.5, (3, 1), (4, 2)));
    check(
        &packets,
        &[
            "1:40000 > 2:80 4/2 fin@5 SF",
            "3:1 > 4:2 1/0 end_of_input S0",
        ],
    );
}

#[test]
fn straggler_joins_the_closed_flow() {
    let mut packets = connection(0.0);
    packets.extend([
        answer(4.0, FIN | ACK, 501),
        ask(9.0, ACK, 102),
        // More than the linger time later nothing is left to join.
        ask(14.5, ACK, 102),
    ]);
    check(
        &packets,
        &[
            "1:40000 > 2:80 5/3 fin@14 SF",
            "1:40000 > 2:80 1/0 end_of_input OTH",
        ],
    );
}

#[test]
fn a_rst_after_the_close_leaves_it_a_normal_one() {
    let mut packets = connection(0.0);
    packets.push(ask(0.5, RST, 102));
    check(&packets, &["1:40000 > 2:80 5/2 fin@5.5 SF"]);
}

#[test]
fn half_closed_is_not_closed() {
    let mut packets = handshake(0.0);
    packets.push(ask(0.0, FIN | ACK, 101));
    packets.push(answer(60.0, ACK, 501));
    check(&packets, &["1:40000 > 2:80 3/2 end_of_input S2"]);
}

#[test]
fn syn_after_close_opens_a_new_flow() {
    let mut packets = connection(0.0);
    packets.extend(connection(1.0));
    check(
        &packets,
        &["1:40000 > 2:80 4/2 fin@1 SF", "1:40000 > 2:80 4/2 fin@6 SF"],
    );
}

#[test]
fn each_refused_attempt_is_a_flow() {
    check(
        &[
            ask(0.0, SYN, 100),
            acknowledging(answer(0.0, RST | ACK, 0), 101),
            ask(0.5, SYN, 100),
            acknowledging(answer(0.5, RST | ACK, 0), 101),
        ],
        &[
            "1:40000 > 2:80 1/1 rst@0.5 REJ",
            "1:40000 > 2:80 1/1 rst@5.5 REJ",
        ],
    );
}

#[test]
fn another_initial_sequence_number_replaces_an_established_connection() {
    let mut packets = handshake(0.0);
    packets.push(ask(10.0, SYN, 9000));
    check(
        &packets,
        &[
            "1:40000 > 2:80 2/1 replaced@10 S1",
            "1:40000 > 2:80 1/0 end_of_input S0",
        ],
    );
}

#[test]
fn the_client_of_a_midstream_flow_may_connect_anew() {
    check(
        &[
            answer(0.0, ACK, 700),
            ask(1.0, ACK, 300),
            ask(2.0, SYN, 9000),
        ],
        &[
            "1:40000 > 2:80 1/1 replaced@2 OTH",
            "1:40000 > 2:80 1/0 end_of_input S0",
        ],
    );
}

#[test]
fn a_repeated_or_overtaken_syn_stays_in_its_flow() {
    let mut repeated = handshake(0.0);
    repeated.push(ask(1.0, SYN, 100));
    check(&repeated, &["1:40000 > 2:80 3/1 end_of_input S1"]);
    check(
        &[
            acknowledging(answer(0.0, SYN | ACK, 500), 101),
            ask(0.0, SYN, 100),
            ask(0.0, ACK, 101),
        ],
        &["1:40000 > 2:80 2/1 end_of_input S1"],
    );
    check(
        &[ask(0.0, ACK, 101), ask(0.0, SYN, 100)],
        &["1:40000 > 2:80 2/0 end_of_input S0"],
    );
}

#[test]
fn attempts_that_nobody_answers_are_one_flow() {
    check(
        &[ask(0.0, SYN, 100), ask(1.0, SYN, 100), ask(3.0, SYN, 777)],
        &["1:40000 > 2:80 3/0 end_of_input S0"],
    );
}

#[test]
fn states_are_those_of_zeek() {
    let established = [
        ask(0.0, SYN, 100),
        acknowledging(answer(0.0, SYN | ACK, 500), 101),
    ];
    let after = |rest: &[PacketMeta]| [&established[..], rest].concat();
    let cases: [(Vec<PacketMeta>, &str); 14] = [
        (vec![ask(0.0, SYN, 1)], "S0"),
        (after(&[]), "S1"),
        (connection(0.0), "SF"),
        (
            vec![
                ask(0.0, SYN, 1),
                acknowledging(answer(0.0, RST | ACK, 0), 2),
            ],
            "REJ",
        ),
        (after(&[ask(0.0, FIN, 101)]), "S2"),
        (after(&[answer(0.0, FIN, 501)]), "S3"),
        (after(&[ask(0.0, RST, 101)]), "RSTO"),
        (after(&[answer(0.0, RST, 501)]), "RSTR"),
        (vec![ask(0.0, SYN, 1), ask(0.0, RST, 2)], "RSTOS0"),
        (
            vec![answer(0.0, SYN | ACK, 1), answer(0.0, RST, 2)],
            "RSTRH",
        ),
        (vec![ask(0.0, SYN, 1), ask(0.0, FIN, 2)], "SH"),
        (vec![answer(0.0, SYN | ACK, 1), answer(0.0, FIN, 2)], "SHR"),
        (vec![ask(0.0, ACK, 1), answer(0.0, ACK, 2)], "OTH"),
        (vec![ask(0.0, RST, 1)], "OTH"),
    ];
    for (packets, expected) in cases {
        let flow = records(&FlowConfig::default(), &packets).remove(0);
        assert_eq!(flow.conn_state().name(), expected);
    }
}

#[test]
fn a_closed_connection_does_not_go_on_after_the_active_timeout() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(7));
    let mut packets = connection(0.0);
    packets.extend([ask(4.0, ACK, 102), ask(8.0, ACK, 102)]);
    check_with(
        &config,
        &packets,
        &[
            "1:40000 > 2:80 5/2 fin@7 SF",
            "1:40000 > 2:80 1/0 end_of_input OTH",
        ],
    );
}
