#!/usr/bin/env python3
"""How many packets a second a live sensor takes in without losing one, and whether it counts what it loses beyond.

    benches/sensor/rate.py CAPTURE                       60 s at each of a few rates
    benches/sensor/rate.py CAPTURE --rates 200000        at this one
    benches/sensor/rate.py CAPTURE --overload            as fast as can be sent, and a sensor held up on purpose
"""

import argparse
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from place import AHEAD, HERE, Place, check, done


def try_rate(place, model, capture, seconds, pace, hold_up=None):
    name = place.folder / f"out-{time.monotonic_ns()}"
    name.mkdir()
    place.give_away(name)
    sensor = place.sensor("--interface", HERE, "--model", model, "--eve", name / "eve.json", "--quiet", before=AHEAD)
    sensor.wait_for("watching")
    time.sleep(0.5)
    before = place.counted(place.here, HERE)["rx"]
    over = threading.Event()
    holder = threading.Thread(target=hold_up, args=(sensor.pid, over)) if hold_up else None
    if holder:
        holder.start()
    used, begin = sensor.seconds(), time.time()
    sent, _ = place.send(capture, "-K", "--loop", "1000000", "--duration", seconds, *pace)
    took = time.time() - begin
    over.set()
    if holder:
        holder.join()
    time.sleep(1.5)
    used, memory = sensor.seconds() - used, sensor.memory()
    rx = place.counted(place.here, HERE)["rx"]
    taken_in = rx["packets"] - before["packets"]
    unheard = rx["dropped"] + rx["over_errors"] - before["dropped"] - before["over_errors"]
    code, ended, account = sensor.stop()
    received, dropped, shed = account["received"], account["dropped"], account["shed"]
    lost = dropped + shed
    print(f"{sent / took:,.0f} packets/s for {took:.0f} s: {sent:,} sent, {lost:,} lost ({dropped:,} by kernel and interface, {shed:,} at the "
          f"queue); {1e6 * used / max(received, 1):.2f} us of processor time a packet, {memory:.0f} MiB; ended in {ended:.1f} s")
    check("the interface took in what was sent, or counted it as dropped", taken_in + unheard == sent, f"{taken_in:,} + {unheard:,}")
    check("every packet sent was processed, shed or counted as dropped", received + dropped == sent and account["processed"] + shed == received, str(account))
    check("it ended as it should, in time", code == 0 and ended < 5)
    return lost


def hold_up(pid, over):
    """Stops the sensor for a second in three, and gives its detection only what processors have to spare."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().startswith("nettraffic-dete"):
            subprocess.run(["chrt", "--idle", "-p", "0", task.name], check=True)
    while not over.wait(2):
        os.kill(pid, signal.SIGSTOP)
        over.wait(1)
        os.kill(pid, signal.SIGCONT)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("capture", type=Path)
parser.add_argument("--rates", type=int, nargs="+", default=[100_000, 200_000, 300_000])
parser.add_argument("--seconds", type=int, default=60)
parser.add_argument("--overload", action="store_true")
arguments = parser.parse_args()
with Place() as place:
    print(place.load)
    capture = arguments.capture.resolve()
    model = place.detector(capture, "0.001")
    if arguments.overload:
        lost = try_rate(place, model, capture, min(arguments.seconds, 20), ("--topspeed",), hold_up)
        check("it was overloaded", lost > 0)
    else:
        for rate in arguments.rates:
            check(f"nothing was lost at {rate:,} packets/s", try_rate(place, model, capture, arguments.seconds, ("--pps", rate)) == 0)
done()
