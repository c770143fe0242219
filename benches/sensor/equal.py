#!/usr/bin/env python3
"""Whether a live sensor says what is said offline of the packets that it received, and how soon it says it.

    NETTRAFFIC_CORPUS=folder benches/sensor/equal.py
"""

import csv
import json
import os
import time
from pathlib import Path

from place import HERE, Place, check, done

ATTACKS = ("syn-scan", "udp-flood", "ssh-bruteforce", "mixed")


def lines(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()] if Path(path).exists() else []


def try_capture(place, model, name, capture, pace):
    folder = place.folder / name
    folder.mkdir()
    place.give_away(folder)
    settings = folder / "settings.toml"
    settings.write_text(f"""
[input]
interfaces = ["{HERE}"]
snaplen = 65535
record = "{folder}/record.pcapng"
[detector]
model = "{model}"
[alerts]
repeat = "1ns"
per_source = {{ burst = 1000000, per_minute = 1000000 }}
overall = {{ burst = 1000000, per_minute = 1000000 }}
[[sink]]
type = "eve"
path = "{folder}/eve.json"
[[sink]]
type = "flows"
path = "{folder}/flows.json"
format = "ndjson"
""")
    sensor = place.sensor("--config", settings, "--quiet")
    sensor.wait_for("watching")
    time.sleep(0.3)
    begin = time.time()
    sent, _ = place.send(capture, *pace)
    took = time.time() - begin
    # Time passes live, and flows are reported or end by it; offline only packets tell of it. So one more comes at the end.
    time.sleep(3)
    sent += place.send(capture, "--limit", "1")[0]
    time.sleep(0.1)
    code, ended, account = sensor.stop()

    scores = folder / "scores.csv"
    offline = place.tool("detect", "--model", model, folder / "record.pcapng", "--json", "--scores", scores)
    offline = [(a["id"], a["uid"], a["score"]) for a in map(json.loads, offline.splitlines())]
    events = [e for e in lines(folder / "eve.json") if e["event_type"] == "alert"]
    alerts = [(e["nettraffic"]["id"], e["nettraffic"]["uid"], e["nettraffic"]["score"]) for e in events]
    flows = [(f["uid"], f["score"], f["orig_pkts"], f["resp_pkts"]) for f in lines(folder / "flows.json")]
    with open(scores, newline="") as file:
        judged = list(csv.DictReader(file))
    # The flow log has no early reports: the final record of such a flow follows.
    same = [(f["uid"], float(f["score"]), int(f["orig_pkts"]), int(f["resp_pkts"])) for f in judged if f["end"] != "early"]
    print(f"{name}: {sent:,} packets in {took:.1f} s, {len(same):,} flows, {len(offline):,} alerts; ended in {ended:.1f} s")
    check("every packet sent was processed", code == 0 and account.get("processed") == sent, str(account))
    check("alerts are those of offline, in their order", alerts == offline and len(alerts) > 0, f"{len(alerts):,} and {len(offline):,}")
    check("flows are those of offline, in their order", flows == same and len(flows) > 0, f"{len(flows):,} and {len(same):,}")
    check("it ended in time", ended < 5, f"{ended:.1f} s")


with Place() as place:
    print(place.load)
    model = place.detector()
    jobs = []
    for attack in ATTACKS:
        capture = place.folder / f"{attack}.pcap"
        place.tool("synth", attack, "--seed", "5", "-o", capture)
        jobs.append((attack, capture, ("--pps", "10000")))
    corpus = os.environ.get("NETTRAFFIC_CORPUS")
    if corpus:
        jobs.append(("mix_test_intrusion", Path(corpus) / "mixed/mix_test_intrusion.pcap", ("--pps", "3000")))
    for job in jobs:
        try_capture(place, model, *job)
done()
