#!/usr/bin/env python3
"""Whether a sensor goes on when its interface, its disk or its receivers fail, and tells of it. It runs as nobody, without capabilities.

    benches/sensor/faults.py
"""

import json
import re
import subprocess
import threading
import time

from place import HERE, THERE, Place, check, done

SHORT = 2.0


def steadily(place, over, frame):
    """Sends a packet every 20 ms for as long as there is an interface to send from."""
    program = f"""
import socket, time, sys
while True:
    try:
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        wire.bind(("{THERE}", 0))
        while True:
            wire.send(bytes.fromhex("{frame.hex()}"))
            time.sleep(0.02)
    except OSError:
        time.sleep(0.02)
"""
    sender = subprocess.Popen(["ip", "netns", "exec", place.there, "python3", "-c", program])
    over.wait()
    sender.kill()
    sender.wait()


def frame():
    """An Ethernet frame with a UDP packet."""
    head = bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0])
    ip = bytes([0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2])
    return head + ip + bytes([15, 160, 0, 53, 0, 16, 0, 0]) + bytes(8)


def received(place, address):
    """Packets that the sensor says it received, as its metrics tell."""
    page = subprocess.run(["ip", "netns", "exec", place.here, "python3", "-c",
                           f"import urllib.request as u; print(u.urlopen('http://{address}/metrics').read().decode())"],
                          capture_output=True, text=True, check=True).stdout
    return float(re.search(r"^nettraffic_packets_received_total (\S+)", page, re.M)[1])


def until_more(place, address):
    """Seconds until packets come in again."""
    begin, count = time.time(), received(place, address)
    while received(place, address) <= count:
        if time.time() - begin > 15:
            return 15.0
        time.sleep(0.05)
    return time.time() - begin


def try_interface(place, model):
    address = "127.0.0.1:8801"
    sensor = place.sensor("--interface", HERE, "--model", model, "--dashboard", address, "--quiet")
    sensor.wait_for("watching")
    over = threading.Event()
    sender = threading.Thread(target=steadily, args=(place, over, frame()))
    sender.start()
    try:
        time.sleep(2)
        cases = (
            ("down and up", ("link", "set", HERE, "down"), lambda: place.ip("link", "set", HERE, "up"), "down"),
            ("removed and made anew", ("link", "del", HERE), place.join, "gone"),
            ("renamed", None, lambda: (place.ip("link", "set", HERE, "down"), place.ip("link", "set", HERE, "name", "mirror0"),
                                       place.ip("link", "set", "mirror0", "up")), "renamed"),
        )
        for name, lose, mend, cause in cases:
            told, used = time.time(), sensor.seconds()
            if lose:
                place.ip(*lose)
                time.sleep(3)
                idle = (sensor.seconds() - used) / 3
                check(f"{name}: it waits without spinning", idle < 0.1, f"{100 * idle:.1f} % of a processor")
            mend()
            took = until_more(place, address)
            check(f"{name}: it goes on within {SHORT:.0f} s", took < SHORT, f"{took:.2f} s, what the page lags behind included")
            check(f"{name}: the gap is told", sensor.wait_for(f"gap: {HERE}", seconds=5, since=told) > told, next(line for line in reversed(sensor.said) if line.startswith("gap")))
            time.sleep(1)
    finally:
        over.set()
        sender.join()
    time.sleep(1)
    code, ended, account = sensor.stop()
    check("it ends as it should", code == 0 and ended < 5, f"{ended:.1f} s, {account}")
    place.ip("link", "set", "mirror0", "down")
    place.ip("link", "set", "mirror0", "name", HERE)
    place.ip("link", "set", HERE, "up")


def try_sinks(place, model, capture):
    disk = place.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,uid=nobody,mode=700", "tmpfs", disk], check=True)
    out = place.folder / "sinks"
    out.mkdir()
    place.give_away(out)
    settings = place.folder / "sinks.toml"
    settings.write_text(f"""
[input]
interfaces = ["{HERE}"]
[detector]
model = "{model}"
[alerts]
repeat = "1ns"
per_source = {{ burst = 1000000, per_minute = 1000000 }}
overall = {{ burst = 1000000, per_minute = 1000000 }}
[dashboard]
listen = "127.0.0.1:8801"
[[sink]]
type = "eve"
path = "{out}/eve.json"
[[sink]]
type = "eve"
path = "/dev/full"
[[sink]]
type = "eve"
path = "{disk}/eve.json"
[[sink]]
type = "webhook"
url = "http://127.0.0.1:9/"
[[sink]]
type = "syslog"
to = "tcp://127.0.0.1:9"
[[sink]]
type = "syslog"
to = "unix://{out}/nobody-listens"
""")
    try:
        sensor = place.sensor("--config", settings, "--quiet")
        sensor.wait_for("watching")
        time.sleep(0.5)
        sent, _ = place.send(capture, "--pps", "5000")
        time.sleep(3)
        health = subprocess.run(["ip", "netns", "exec", place.here, "python3", "-c",
                                 "import urllib.request as u, urllib.error as e\ntry: print(u.urlopen('http://127.0.0.1:8801/health').read().decode())\n"
                                 "except e.HTTPError as x: print(x.code, x.read().decode())"], capture_output=True, text=True, check=True).stdout
        code, ended, account = sensor.stop()
        check("detection went on", account.get("processed") == sent, str(account))
        raised = next(line for line in sensor.said if "alerts raised" in line)
        written = int(re.search(r"([\d,]+) written", raised)[1].replace(",", ""))
        whole = (out / "eve.json").read_text()
        check("the sound sink has every alert", whole.count("\n") == written > 100, raised)
        torn = [line for line in (disk / "eve.json").read_text().split("\n")[:-1] if not json.loads(line)]
        check("the full disk holds whole lines", not torn)
        for name in ("/dev/full", f"{disk}/eve.json", "webhook", "syslog tcp", f"syslog {out}/nobody-listens"):
            told = [line for line in sensor.said if line.startswith(("eve", "webhook", "syslog")) and all(word in line for word in name.split())]
            numbers = [int(number.replace(",", "")) for line in told for number in re.findall(r"([\d,]+) (?:written|LOST)", line)]
            check(f"{name}: what could not be written is counted", any("LOST" in line for line in told) and sum(numbers) == written, "; ".join(told))
            check(f"{name}: health tells of it", name.split()[-1] in health)
        check("it ended in time", ended < 5, f"{ended:.1f} s, exit code {code}")
        print(health[:1500])
    finally:
        subprocess.run(["umount", disk], check=False)


with Place() as place:
    model = place.detector()
    capture = place.folder / "scan.pcap"
    place.tool("synth", "syn-scan", "--seed", "5", "-o", capture)
    print("the interface")
    try_interface(place, model)
    print("the sinks")
    try_sinks(place, model, capture)
done()
