#!/usr/bin/env python3
"""What a sensor may do once it watches: started as root, and by an ordinary user whose program has one capability.

    benches/sensor/rights.py
"""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from place import HERE, Place, check, done

USER = ("setpriv", "--reuid", "daemon", "--regid", "daemon", "--clear-groups")


def rights(sensor):
    """What the kernel says of the process, and of each of its threads."""
    words = {}
    for status in Path(f"/proc/{sensor.pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            name, _, value = line.partition(":")
            words.setdefault(name, set()).add(value.strip())
    return words


def check_rights(sensor, user):
    words = rights(sensor)
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        check(f"no thread has a capability ({name})", words[name] == {"0" * 16}, str(words[name]))
    check("no thread can gain one", words["NoNewPrivs"] == {"1"})
    account = subprocess.run(["id", "-u", user], capture_output=True, text=True, check=True).stdout.strip()
    check(f"every thread runs as {user}", {number for ids in words["Uid"] for number in ids.split()} == {account}, str(words["Uid"]))


with Place() as place:
    model = place.detector()
    other = place.folder / "other.ntm"
    place.tool("train", "--live", "--benign", place.folder / "usual.pcap", "--seed", "2", "--false-alarm-rate", "0.01", "-o", other)
    capture = place.folder / "scan.pcap"
    place.tool("synth", "syn-scan", "--seed", "5", "--packets", "3000", "-o", capture)

    print("started as root")
    out = place.folder / "root"
    out.mkdir()
    place.give_away(out)
    serving, allow = place.folder / "serving.ntm", place.folder / "allow.toml"
    shutil.copy(model, serving)
    allow.write_text("")
    sensor = place.sensor("--interface", HERE, "--model", serving, "--allow", allow, "--eve", out / "eve.json", "--state", out / "state", "--quiet")
    sensor.wait_for("watching")
    time.sleep(0.5)
    check_rights(sensor, "nobody")
    # Whether it could, tried by what has the same rights: a process of the same user without capabilities.
    closed = subprocess.run(["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--bounding-set=-all", "cat", "/etc/shadow"],
                            capture_output=True, check=False)
    check("the user that it runs as cannot read /etc/shadow", closed.returncode != 0)
    serves = sensor.wait_for("threshold")
    shutil.copy(other, place.folder / "new.ntm")
    (place.folder / "new.ntm").replace(serving)
    new = place.folder / "allow.new"
    new.write_text('[[allow]]\nsource = "0.0.0.0/0"\nreason = "all of it"\n')
    new.replace(allow)
    sent, _ = place.send(capture, "--pps", "3000")
    # Flows are told of two seconds after they began.
    time.sleep(2.5)
    before = (out / "eve.json").stat().st_size
    told = time.time()
    sensor.process.send_signal(signal.SIGHUP)
    check("SIGHUP reads a replaced model and allow-list", sensor.wait_for("reloaded: ", since=told) > told)
    sensor.wait_for("threshold", since=told)
    more, _ = place.send(capture, "--pps", "3000")
    time.sleep(1)
    code, ended, account = sensor.stop()
    check("nothing was lost over it", code == 0 and account["processed"] == sent + more, str(account))
    words = next(line for line in sensor.said if "alerts raised" in line)
    allowed = int(re.search(r"([\d,]+) allowed", words)[1].replace(",", ""))
    check("the replaced list allows", before > 0 and allowed > 0, words)

    print("started by an ordinary user")
    program = place.folder / "nettraffic-monitor"
    shutil.copy(place.tools / "nettraffic-monitor", program)
    out = place.folder / "user"
    out.mkdir()
    shutil.chown(out, "daemon")
    arguments = ("--interface", HERE, "--model", model, "--eve", out / "eve.json", "--quiet")
    refused = place.sensor(*arguments, before=USER, program=program)
    refused.process.wait(20)
    refused.reader.join(2)
    check("without a capability it says what to do", refused.process.returncode == 2 and "setcap cap_net_raw=eip" in "\n".join(refused.said), "\n".join(refused.said[-2:]))
    subprocess.run(["setcap", "cap_net_raw=eip", program], check=True)
    sensor = place.sensor(*arguments, before=USER, program=program)
    sensor.wait_for("watching")
    time.sleep(0.5)
    check_rights(sensor, "daemon")
    sent, _ = place.send(capture, "--pps", "3000")
    time.sleep(1)
    code, ended, account = sensor.stop()
    check("with cap_net_raw it works", code == 0 and account["processed"] == sent and (out / "eve.json").stat().st_size > 0, str(account))
done()
