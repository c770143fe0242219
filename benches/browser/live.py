#!/usr/bin/env python3
"""Opens the live page of a sensor in a headless Chromium and says what is wrong with it.

    benches/browser/live.py             starts the example with made-up traffic and checks its page
    benches/browser/live.py --look DIR  writes screenshots (light, dark, wide, narrow) there, too
    benches/browser/live.py URL         checks a dashboard that runs, but does not restart it

Checked: charts move, an alert appears with its reason, filters filter, reasons fold out, an alert says why it is urgent, a marking
needs a reason, reaches the sensor and can be taken back, what is allowed is listed, a problem shows on the page and in /health, the page waits while it is paused and finds back after a restart; nothing in the console, no request to anybody else,
no hostile name becomes an element, nothing is wider than the screen down to a phone; what comes from a foreign host or origin
is refused. Exit codes: 0 all is well, or there is no Chromium (it says so; with --require that is a failure); 1 something is wrong.
"""

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from check import CHROMIUM, Browser

ADDRESS = "127.0.0.1:18800"
WIDTHS = (360, 700, 1000, 1400, 2200)
ROWS = 'document.querySelectorAll("#alert-table tbody tr:not(.unfolded)").length'
FILLED = f"""{ROWS} > 0 || !["", "Connecting to the sensor."].includes(document.getElementById("alert-empty").textContent)"""
# What is drawn, as a number that changes with it.
INK = """
(() => {
  const drawn = document.querySelector("#%s canvas").toDataURL();
  let sum = 0;
  for (let at = 0; at < drawn.length; at += 1) sum = (sum * 31 + drawn.charCodeAt(at)) %% 1000000007;
  return [drawn.length, sum];
})()
"""


class Example:
    """The example with made-up traffic."""

    def __init__(self, *arguments):
        root = Path(__file__).resolve().parents[2]
        build = ["cargo", "build", "--quiet", "--release", "-p", "nettraffic-viz", "--features", "dashboard",
                 "--example", "live", "--message-format=json"]
        built = subprocess.run(build, check=True, cwd=root, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        self.program = next(filter(None, (json.loads(line).get("executable") for line in built)))
        self.arguments, self.process = arguments, None
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, ADDRESS, *self.arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def stop(self):
        """Ends it; the rest of what it said."""
        return self.process.communicate(timeout=10)[0]


class Live(Browser):
    """A browser that looks at a page that never ends to load."""

    def visit(self, url, width=1400, scheme="light"):
        if self.session:
            self.call("Page.close")  # it would go on listening
        self.page()
        self.width(width)
        self.scheme(scheme)
        self.call("Page.navigate", url=url)
        self.until(FILLED, "the page to be filled", 15)

    def until(self, script, what, seconds=8):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.evaluate(script):
                    return True
            except RuntimeError:
                pass  # between two documents
            time.sleep(0.1)
        raise AssertionError(f"waited {seconds} s for {what}")


def complaints(browser, url, example):
    """What is wrong."""
    browser.visit(url)
    yield from moving(browser)
    yield from filtering(browser)
    yield from unfolding(browser)
    if browser.evaluate('document.querySelectorAll("main img, main script, main b b, h1 *").length'):
        yield "a name became an element"
    yield from pausing(browser)
    if example:
        yield from allowing(browser)
        yield from failing(browser, url)
    for width in WIDTHS:
        browser.width(width)
        time.sleep(0.2)
        overflow = browser.evaluate("document.documentElement.scrollWidth")
        if overflow > width:
            yield f"is {overflow} wide on a screen of {width}"
        wide = browser.evaluate('[...document.querySelectorAll(".chart canvas")].filter((canvas) => canvas.getBoundingClientRect().right > innerWidth).length')
        if wide:
            yield f"has a chart that is wider than a screen of {width}"
    browser.width(1400)
    nameless = browser.evaluate('[...document.querySelectorAll("button, input, select")].filter((one) => !one.hidden && !(one.textContent.trim() || one.ariaLabel || one.closest("label"))).length')
    if nameless:
        yield f"has {nameless} controls without a name"
    yield from said(browser, url)
    yield from carding(browser, url)
    if example:
        yield from restarting(browser, example)


def moving(browser):
    before = {name: browser.evaluate(INK % name) for name in ("traffic-chart", "scores-chart")}
    for name, (seen, _) in before.items():
        if seen < 5_000:
            yield f"{name} is empty"
    figures = browser.evaluate('document.getElementById("figures").textContent')
    time.sleep(2.5)
    for name, ink in before.items():
        if browser.evaluate(INK % name) == ink:
            yield f"{name} does not move"
    if browser.evaluate('document.getElementById("figures").textContent') == figures:
        yield "the figures do not move"
    newest = 'document.querySelector("#alert-table tbody tr")?.dataset.id'
    first = browser.evaluate(newest)
    try:
        browser.until(f"{newest} !== {json.dumps(first)}", "a new alert", 60)
        if not browser.evaluate('document.querySelector("#alert-table tbody tr .reasons li .reason").textContent.includes("usual")'):
            yield "an alert has no reason"
    except AssertionError as late:
        yield str(late)


def type_into(browser, name, value):
    browser.evaluate(f'(() => {{ const one = document.getElementById("{name}"); one[one.type === "checkbox" ? "checked" : "value"] = {json.dumps(value)}; one.dispatchEvent(new Event("input")); }})()')


def filtering(browser):
    count = 'document.getElementById("alert-count").textContent'
    for name, value, holds in (("filter-text", "brute force", "ssh/22"), ("filter-host", "192.0.2.7", "192.0.2.7"),
                               ("filter-severity", "critical", "critical"), ("filter-class", "tunnel", "tunnel"),
                               ("filter-suppressed", True, None)):
        before = browser.evaluate(count)
        type_into(browser, name, value)
        if browser.evaluate(count) == before:
            yield f"{name} does nothing"
        if holds and not browser.evaluate(f'[...document.querySelectorAll("#alert-table tbody tr")].every((row) => row.textContent.includes({json.dumps(holds)}))'):
            yield f"{name} lets through what does not fit"
        if name == "filter-suppressed" and not browser.evaluate('document.querySelector("#alert-table .held")?.textContent.includes("allow-list")'):
            yield "a suppressed alert does not say why"
        browser.evaluate('document.getElementById("filter-clear").click()')
    type_into(browser, "filter-text", "no such thing anywhere")
    if browser.evaluate(ROWS) or browser.evaluate('document.getElementById("alert-empty").textContent') != "No alert fits the filters.":
        yield "an empty list does not say why"
    browser.evaluate('document.getElementById("filter-clear").click()')


def unfolding(browser):
    browser.evaluate('document.querySelector("#alert-table .fold").click()')
    if browser.evaluate('document.querySelectorAll("#alert-table .unfolded .reasons li").length') != 4:
        yield "the reasons do not fold out"
    if not browser.evaluate('document.querySelector("#alert-table .unfolded")?.textContent.includes("1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=")'):
        yield "the join keys are not shown"
    why = browser.evaluate('document.querySelector("#alert-table .unfolded .columns").textContent')
    if "usual flows is as strange" not in why or "a score above the threshold" not in why:
        yield "an alert does not say why it is as urgent as it is"
    if not browser.evaluate('document.querySelector("#alert-table .severity").title.includes("rare")'):
        yield "a severity does not say why when it is pointed at"
    yield from marking(browser)
    if not browser.evaluate('document.querySelectorAll("#alert-table .unfolded").length'):
        yield "what was folded out closes by itself"


def marking(browser):
    form = 'document.querySelector("#alert-table .unfolded .marking")'
    held = '[...document.querySelectorAll("#alert-table .held")].some((one) => one.textContent.includes("Marked as false"))'
    press = f'{form}.querySelector("button").click()'
    if "for 30 days" not in browser.evaluate(f'{form}.querySelector(".scope").textContent'):
        yield "a mark does not say what it covers"
    if not browser.evaluate(f'{form}.querySelector("button").disabled'):
        yield "a marking needs no reason"
    browser.evaluate(f'(() => {{ const note = {form}.querySelector("input"); note.value = "our own scanner"; note.dispatchEvent(new Event("input")); }})()')
    try:
        browser.evaluate(press)
        browser.until(held, "the marking to come back")
        browser.evaluate(press)
        browser.until(f"!{held}", "the mark to be gone")
    except AssertionError as late:
        yield str(late)


def allowing(browser):
    """The list of what is allowed, in which a mark of an earlier run can be taken back."""
    told = browser.evaluate('document.getElementById("allowed").textContent')
    for words in ("backups", "source 10.0.0.23, destination 198.51.100.4", "expired, 3 alerts since", "never", "the new scanner"):
        if words not in told:
            yield f"what is allowed does not tell of {words!r}"
    browser.evaluate('document.querySelector("#allowed button").click()')
    try:
        browser.until('document.querySelector("#allowed output").textContent === "The sensor has been told."', "the entry to be taken back")
    except AssertionError as late:
        yield str(late)


def failing(browser, url):
    """A problem of the sensor's is on the page, and in what probes are told."""
    problem = 'document.querySelector("#health .warning")?.textContent ?? ""'
    try:
        browser.until(f'({problem}).includes("eth2 is down")', "a problem", 90)
        if not browser.evaluate('document.getElementById("phase").textContent.includes("with problems")'):
            yield "the head of the page does not tell of a problem"
        for headers, words in (({}, '"reasons":["eth2 is down'), ({"Host": "probe.example"}, '{"status":"degraded"}')):
            status, answer = asked(url, "/health", headers)
            if status != 503 or words not in answer:
                yield f"/health with {headers} answers {status} {answer}"
        if asked(url, "/live", {})[0] != 200:
            yield "/live fails where starting anew would not help"
        browser.until(f'!({problem}).includes("eth2 is down")', "the problem to be over", 90)
    except AssertionError as late:
        yield str(late)


def pausing(browser):
    browser.evaluate('document.getElementById("pause").click()')
    time.sleep(0.3)
    before = browser.evaluate(INK % "traffic-chart")
    time.sleep(2.2)
    if browser.evaluate(INK % "traffic-chart") != before:
        yield "the page moves while it is paused"
    browser.evaluate('document.getElementById("pause").click()')
    time.sleep(0.5)
    if browser.evaluate(INK % "traffic-chart") == before:
        yield "the page does not go on"


def carding(browser, url):
    """The detector's card opens, and may do nothing but be read."""
    if not browser.evaluate("document.querySelectorAll('a[href=\"/card\"]').length"):
        return
    browser.call("Page.navigate", url=f"{url}card")
    try:
        browser.until('document.title.endsWith("· nettraffic") && document.querySelectorAll("h1").length', "the card")
        if browser.evaluate("origin") != "null":
            yield "the card is no stranger to the dashboard"
    except AssertionError as late:
        yield str(late)
    yield from said(browser, url)
    browser.call("Page.navigate", url=url)
    browser.until(FILLED, "the page to be filled", 15)


def said(browser, url):
    """What stands in the console, and whom the page asked."""
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            yield f"console: {json.dumps(params)[:300]}"
        if method == "Network.requestWillBeSent" and not params["request"]["url"].startswith((url, "about:")):
            yield f"asks for {params['request']['url'][:200]}"
    browser.events.clear()


def restarting(browser, example):
    words = example.stop()
    for said in ('Some(AllowList), "our own scanner"', 'None, ""', 'alert 00000000000000aa: None'):
        if said not in words:
            yield f"a marking did not reach the sensor: {said}"
    try:
        browser.until('!document.getElementById("banner").hidden', "the banner")
        time.sleep(1.5)
        example.start()
        browser.until('document.getElementById("banner").hidden', "the page to find back", 20)
        before = browser.evaluate(INK % "traffic-chart")
        time.sleep(2.5)
        if browser.evaluate(INK % "traffic-chart") == before:
            yield "the chart does not move after a restart"
    except AssertionError as late:
        yield str(late)
    # While nobody listens, the browser itself says so; nothing else may be said.
    for event in browser.events:
        text = json.dumps(event.get("params", {}))
        if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded") and "net::ERR_" not in text:
            yield f"console: {text[:300]}"
    browser.events.clear()


def refusals(url):
    """Requests that must not be answered."""
    for headers, expected in (({}, 200), ({"Host": "evil.example"}, 421), ({"Host": f"evil.example:{urlsplit(url).port}"}, 421),
                              ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                              ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403)):
        for path in ("/", "/api/state", "/metrics", "/parts/main.js"):
            status, _ = asked(url, path, headers)
            if status != expected:
                yield f"{path} with {headers} is answered with {status}, not {expected}"


def asked(url, path, headers):
    """Status and answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def look(browser, url, folder):
    """Writes screenshots."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, scheme, width in (("light", "light", 1400), ("dark", "dark", 1400), ("narrow", "light", 360), ("narrow-dark", "dark", 360), ("wide", "light", 2200)):
        browser.visit(url, width, scheme)
        browser.evaluate('document.querySelectorAll("#alert-table .fold")[1]?.click()')
        time.sleep(1)
        browser.screenshot(folder / f"live-{name}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("url", nargs="?", help="a dashboard that runs")
    parser.add_argument("--look", type=Path, metavar="DIR", help="write screenshots there")
    parser.add_argument("--require", action="store_true", help="fail where there is no Chromium")
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        print("no Chromium (looked for " + ", ".join(CHROMIUM) + "): the live page is NOT checked in a browser")
        return int(arguments.require)
    example = None if arguments.url else Example()
    url = (arguments.url or f"http://{ADDRESS}").rstrip("/") + "/"
    browser = Live(program)
    try:
        if arguments.look:
            look(browser, url, arguments.look)
        found = [*complaints(browser, url, example), *refusals(url)]
    finally:
        browser.close()
        if example and example.process.poll() is None:
            example.stop()
    print(f"{'WRONG' if found else 'well'}  {url}")
    for complaint in found:
        print(f"       {complaint}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
