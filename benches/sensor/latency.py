#!/usr/bin/env python3
"""How long after a flow has ended its alert is written, by the clock on the wall, at 50,000 packets a second.

    benches/sensor/latency.py CAPTURE [PACKETS_PER_SECOND] [SECONDS]
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from place import AHEAD, HERE, Place, check, done

capture = Path(sys.argv[1]).resolve()
rate, seconds = (int(word) for word in (sys.argv[2:] + ["50000", "60"][len(sys.argv) - 2:]))
with Place() as place:
    print(place.load)
    # One flow in a hundred raises an alert: enough of them to measure.
    model = place.detector(capture, "0.01")
    command = ["ip", "netns", "exec", place.here, *AHEAD, place.tools / "examples/latency", HERE, model, place.folder / "eve.json", seconds]
    sensor = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    time.sleep(2)
    sent, _ = place.send(capture, "-K", "--loop", "1000000", "--duration", seconds + 5, "--pps", rate)
    said = sensor.communicate(timeout=seconds + 60)[0].strip()
    print(f"{sent:,} packets sent at {rate:,} a second\n{said}")
    check("99 of 100 alerts are written within 50 ms", float(re.search(r"p99 ([\d.]+)", said)[1]) <= 50)
done()
