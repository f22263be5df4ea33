# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, driven through chromedriver by the WebDriver protocol."""

import base64
import json
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zlib

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"]


def programs():
    """Paths of chromedriver and chromium, or None when either is missing."""
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    return (driver, browser) if driver and browser else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """One window; use in a `with` statement."""

    def __init__(self):
        driver, browser = programs()
        self.folder = tempfile.mkdtemp()
        self.base = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen([driver, "--port=" + self.base.rsplit(":", 1)[1]],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = {"binary": browser, "args": FLAGS + ["--user-data-dir=" + self.folder]}
        wishes = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}
        self.session = ""
        for attempt in range(100):
            try:
                answer = self.call("POST", "/session", {"capabilities": wishes})
                break
            except urllib.error.URLError:
                if attempt == 99:
                    raise
                time.sleep(0.1)
        self.session = "/session/" + answer["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *what):
        try:
            self.call("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, path, body=None):
        data = None if method in ("GET", "DELETE") else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + self.session + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def command(self, name, **parameters):
        """A command of the browser's own protocol."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def look(self, width, height, scheme, media=""):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)
        self.command("Emulation.setEmulatedMedia", media=media,
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path):
        self.call("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script):
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def elements(self, selector):
        found = self.call("POST", "/elements", {"using": "css selector", "value": selector})
        return [next(iter(element.values())) for element in found]

    def click(self, element):
        self.call("POST", f"/element/{element}/click")

    def picture(self, element):
        """(width, height, rows of RGB triples) of one element."""
        return decode(base64.b64decode(self.call("GET", f"/element/{element}/screenshot")))

    def print_pages(self):
        """The page as PDF."""
        return base64.b64decode(self.call("POST", "/print", {"page": {"width": 21.0, "height": 29.7},
                                                             "background": True}))


def unfilter(kind, line, before, step):
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        up = before[i]
        if kind == 1:
            add = left
        elif kind == 2:
            add = up
        elif kind == 3:
            add = (left + up) // 2
        else:
            corner = before[i - step] if i >= step else 0
            guess = left + up - corner
            near = sorted(((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                           (abs(guess - corner), 2, corner)))
            add = near[0][2]
        line[i] = (line[i] + add) & 255


def decode(png):
    """A PNG of 8 bits a channel."""
    at, packed = 8, b""
    width = height = step = 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
            step = {2: 3, 6: 4}[colour]
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    raw, rows, before = zlib.decompress(packed), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        line = bytearray(raw[start + 1:start + 1 + width * step])
        if raw[start]:
            unfilter(raw[start], line, before, step)
        rows.append([tuple(line[x:x + 3]) for x in range(0, width * step, step)])
        before = line
    return width, height, rows
