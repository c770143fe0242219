#!/usr/bin/env python3
"""How long after an attack begins on the wire its first alert stands in the file, by the clock on the wall. Attacks are sent at their own pace.

    benches/sensor/timely.py              every attack that there is, six minutes
    benches/sensor/timely.py syn-scan     this one
"""

import csv
import json
import struct
import subprocess
import sys
import time

from place import HERE, THERE, Place, check, done

# Within how many seconds each is to be seen. A beacon reports every 15 seconds, and is one by its third report.
SOON = {name: 5 for name in ("syn-scan", "connect-scan", "udp-scan", "syn-flood", "udp-flood", "ssh-bruteforce", "ftp-bruteforce")}
LATER = {"slowloris": 60, "dns-tunnel": 60, "exfiltration": 60, "beacon": 60}
BEFORE = 5


def cut(capture, begin, end):
    """Keeps the packets of this time (seconds) of a pcap file with nanoseconds, little endian."""
    data = capture.read_bytes()
    kept, at = [data[:24]], 24
    while at < len(data):
        seconds, nanoseconds, length, _ = struct.unpack_from("<IIII", data, at)
        if begin <= seconds + nanoseconds / 1e9 < end:
            kept.append(data[at:at + 16 + length])
        at += 16 + length
    capture.write_bytes(b"".join(kept))


def first_alert(path, labels, until):
    """When the first alert about what a label rule names was written."""
    with open(path) as lines:
        while time.time() < until:
            line = lines.readline()
            if not line:
                time.sleep(0.005)
                continue
            event = json.loads(line)
            if any(all(rule[column] in ("", str(event.get(field))) for column, field in (("src", "src_ip"), ("dst", "dest_ip"), ("dport", "dest_port")))
                   for rule in labels):
                return time.time()
    return None


def detector(place):
    """A detector that learned an hour of usual traffic, and what attacks look like from traffic of another seed."""
    usual, model = place.folder / "usual.pcap", place.folder / "named.ntm"
    place.tool("synth", "benign", "--seed", "1", "--duration", "3600", "-o", usual)
    known = []
    for seed, name in enumerate({**SOON, **LATER}, 500):
        capture, truth = place.folder / f"known-{name}.pcap", place.folder / f"known-{name}.csv"
        place.tool("synth", name, "--seed", seed, "-o", capture, "--labels", truth)
        known.append((capture, truth))
    captures, truths = zip(*known)
    place.tool("train", "--live", "--benign", usual, "--labelled", *captures, "--labels", *truths, "--false-alarm-rate", "0.005", "-o", model)
    return model


def try_attack(place, model, name, within):
    capture, truth, folder = place.folder / f"{name}.pcap", place.folder / f"{name}.csv", place.folder / name
    place.tool("synth", name, "--seed", "5", "-o", capture, "--labels", truth)
    labels = list(csv.DictReader(truth.open()))
    start = min(float(rule["start"]) for rule in labels)
    cut(capture, start - BEFORE, start + within + 1)
    folder.mkdir()
    place.give_away(folder)
    sensor = place.sensor("--interface", HERE, "--model", model, "--eve", folder / "eve.json", "--quiet")
    sensor.wait_for("watching")
    time.sleep(0.5)
    begin = time.time() + BEFORE
    sender = subprocess.Popen(["ip", "netns", "exec", place.there, "tcpreplay", "-q", "-i", THERE, str(capture)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    written = first_alert(folder / "eve.json", labels, begin + within + 2)
    sender.kill()
    sender.wait()
    code, _, account = sensor.stop()
    after = "never" if written is None else f"{written - begin:.1f} s after its start"
    check(f"{name}: an alert within {within} s", written is not None and written - begin <= within and code == 0, f"{after}, {account['processed']:,} packets")


with Place() as place:
    print(place.load)
    model = detector(place)
    attacks = {**SOON, **LATER}
    for attack in sys.argv[1:] or attacks:
        try_attack(place, model, attack, attacks[attack])
done()
