#!/usr/bin/env python3
"""Opens the reports in headless Chromium and says what is wrong with them.

    benches/browser/check.py            makes pages of made-up values and checks them
    benches/browser/check.py --look DIR writes screenshots (light, dark, narrow) and a printout there, too
    benches/browser/check.py FILE.html  checks reports that are there

Checked of every page: nothing in the console, no request but for the file itself, charts drawn, nothing wider
than the screen down to a phone, tables sort, a row made by the script is the row that the page came with. A page with
20,000 alerts must open within 2 seconds, and no hostile name may become an element.
Exit codes: 0 all is well, or there is no Chromium (it says so; with --require that is a failure); 1 something is wrong.
"""

import argparse
import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
LONGEST_LOAD = 2.0
WIDE, NARROW = 1400, 400

SORTS = """
(() => {
  const wrong = [];
  for (const button of document.querySelectorAll("th .sort")) {
    const head = button.closest("th"), table = head.closest("table");
    const column = head.cellIndex;
    const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
    for (const turn of [0, 1]) {
      button.click();
      const rows = [...table.tBodies[0].rows].map(key);
      if (!head.getAttribute("aria-sort")) wrong.push(`${head.textContent} is not marked`);
      if (!head.dataset.key && rows.every((text) => text !== "" && isFinite(text))) {
        const sign = head.getAttribute("aria-sort") === "ascending" ? 1 : -1;
        const numbers = rows.map(Number);
        if (numbers.some((n, at) => at && sign * (n - numbers[at - 1]) < 0)) wrong.push(`${head.textContent} is not sorted`);
      }
    }
  }
  return { heads: document.querySelectorAll("th .sort").length, wrong };
})()
"""

ROWS = """
(() => {
  const table = document.getElementById("alert-table");
  if (!table) return [];
  const plain = (row) => row.outerHTML.replace(/ style="([^"]*)"/g, (all, style) => " style=" + style.replace(/[ ;]/g, "")).replaceAll(' class=""', "");
  const before = [...table.tBodies[0].rows].map(plain);
  document.getElementById("filter").dispatchEvent(new Event("input"));
  const after = [...table.tBodies[0].rows].map(plain);
  return before.flatMap((row, at) => row === after[at] ? [] : [row + "\\n  became\\n" + after[at]]).slice(0, 1);
})()
"""

FILTERS = """
(() => {
  const input = document.getElementById("filter");
  if (!input) return null;
  const rows = () => document.getElementById("alert-table").tBodies[0].rows.length;
  const all = rows();
  input.value = "no such thing anywhere";
  input.dispatchEvent(new Event("input"));
  const none = rows();
  input.value = "";
  input.dispatchEvent(new Event("input"));
  return none === 0 && rows() === all;
})()
"""


class Browser:
    """Chromium, spoken to over a pipe (Chrome DevTools Protocol)."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="nettraffic-browser-")
        (read_end, self.commands), (self.answers, write_end) = os.pipe(), os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4.
        script = f"exec 3<&{read_end} 4>&{write_end}; exec \"$@\""
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", program, *arguments, "--remote-debugging-pipe",
             f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(read_end, write_end), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_end)
        os.close(write_end)
        self.buffer, self.events, self.last, self.session = b"", [], 0, None

    def page(self):
        """A fresh page in place of the one before."""
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(60)
            if answer is None:
                raise RuntimeError(f"Chromium does not answer {method}")
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self, seconds):
        while b"\0" not in self.buffer:
            if not select.select([self.answers], [], [], seconds)[0]:
                return None
            read = os.read(self.answers, 1 << 20)
            if not read:
                return None
            self.buffer += read
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"].get("exception", {}).get("description")))
        return result["result"].get("value")

    def open(self, file):
        """Seconds until the page's load event is over."""
        begin = time.monotonic()
        self.call("Page.navigate", url=file.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            event = self.receive(60)
            if event is None:
                raise RuntimeError("the page does not load")
            self.events.append(event)
        return time.monotonic() - begin

    def width(self, width, height=1000):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, file):
        height = self.evaluate("document.documentElement.scrollHeight")
        width = self.evaluate("innerWidth")
        self.width(width, min(height, 9000))
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
        shutil.rmtree(self.profile, ignore_errors=True)


def complaints(browser, file):
    """What is wrong with a page, and how long it took to open."""
    browser.page()
    browser.width(WIDE)
    seconds = browser.open(file)
    found = []
    if seconds > LONGEST_LOAD:
        found.append(f"took {seconds:.1f} s to open")
    if browser.evaluate('document.querySelectorAll(".plot svg").length'):
        if not browser.evaluate('[...document.querySelectorAll(".plot svg")].every((svg) => svg.getBoundingClientRect().height > 40 && svg.querySelectorAll("path").length > 1)'):
            found.append("a chart is empty")
    # Text that became an element would be one that reports have none of.
    found += [f"has an element <{name}>" for name in ("img", "iframe", "object", "embed", "link", "base", "form")
              if browser.evaluate(f'document.getElementsByTagName("{name}").length')]
    if browser.evaluate("document.scripts.length") != 2:
        found.append("has a script that is not ours")
    found += [f"a row is not as it was: {row}" for row in browser.evaluate(ROWS)]
    sorts = browser.evaluate(SORTS)
    found += sorts["wrong"]
    if browser.evaluate(FILTERS) is False:
        found.append("the filter does not filter")
    for width in (NARROW, 1000, 1200, WIDE):
        browser.width(width)
        if not browser.evaluate('[...document.querySelectorAll("table.cards")].every((table) => table.scrollWidth <= table.parentElement.clientWidth)'):
            found.append(f"has a table that is wider than a screen of {width}")
        overflow = browser.evaluate("document.documentElement.scrollWidth")
        if overflow > width:
            found.append(f"is {overflow} wide on a screen of {width}")
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            found.append(f"console: {json.dumps(params)[:300]}")
        if method == "Network.requestWillBeSent" and params["request"]["url"] != file.resolve().as_uri():
            found.append(f"asks for {params['request']['url'][:200]}")
    return found, seconds, sorts["heads"]


def look(browser, file, folder):
    """Writes screenshots and a printout."""
    for name, scheme, width in (("light", "light", WIDE), ("dark", "dark", WIDE), ("narrow", "light", NARROW)):
        browser.page()
        browser.width(width)
        browser.scheme(scheme)
        browser.open(file)
        browser.screenshot(folder / f"{file.stem}-{name}.png")
    (folder / f"{file.stem}.pdf").write_bytes(base64.b64decode(browser.call("Page.printToPDF")["data"]))


def made_up(folder):
    """Pages of made-up values."""
    root = Path(__file__).resolve().parents[2]
    subprocess.run(["cargo", "run", "--quiet", "--release", "-p", "nettraffic-viz", "--example", "pages", "--", folder],
                   check=True, cwd=root)
    return sorted(Path(folder).glob("*.html"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--look", type=Path, metavar="DIR", help="write screenshots and printouts there")
    parser.add_argument("--require", action="store_true", help="fail where there is no Chromium")
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        print("no Chromium (looked for " + ", ".join(CHROMIUM) + "): the reports are NOT checked in a browser")
        return int(arguments.require)
    with tempfile.TemporaryDirectory() as folder:
        files = arguments.files or made_up(folder)
        browser, wrong = Browser(program), 0
        try:
            for file in files:
                found, seconds, heads = complaints(browser, file)
                wrong += bool(found)
                print(f"{'WRONG' if found else 'well'}  {file.name}: {file.stat().st_size:,} bytes, open in {seconds:.2f} s, {heads} columns sort")
                for complaint in found:
                    print(f"       {complaint}")
                if arguments.look:
                    arguments.look.mkdir(parents=True, exist_ok=True)
                    look(browser, file, arguments.look)
        finally:
            browser.close()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
