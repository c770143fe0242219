#!/usr/bin/env python3
"""Opens the live page of a sensor in a headless Chromium and says what is wrong with it.

    benches/browser/live.py             starts the example with made-up traffic and checks its page
    benches/browser/live.py --look DIR  writes screenshots (light, dark, wide, narrow) there, too
    benches/browser/live.py URL         checks a dashboard that runs, but does not restart it

Checked: charts move, an alert appears with its reason, filters filter, reasons fold out, a marking reaches the sensor,
the page waits while it is paused and finds back after a restart; nothing in the console, no request to anybody else,
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
    browser.evaluate('document.querySelector(".marking button").click()')
    try:
        browser.until('[...document.querySelectorAll("#alert-table .held")].some((one) => one.textContent.includes("Marked as false"))', "the marking to come back")
    except AssertionError as late:
        yield str(late)
    if not browser.evaluate('document.querySelectorAll("#alert-table .unfolded").length'):
        yield "what was folded out closes by itself"


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
    if "is false: AllowList" not in words:
        yield "the marking did not reach the sensor"
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
    address = urlsplit(url).netloc
    for headers, expected in (({}, 200), ({"Host": "evil.example"}, 421), ({"Host": f"evil.example:{urlsplit(url).port}"}, 421),
                              ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                              ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403)):
        for path in ("/", "/api/state", "/metrics", "/health", "/parts/main.js"):
            connection = http.client.HTTPConnection(address, timeout=10)
            connection.request("GET", path, headers=headers)
            status = connection.getresponse().status
            if status != expected:
                yield f"{path} with {headers} is answered with {status}, not {expected}"
            connection.close()


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
