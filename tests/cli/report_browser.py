# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages in a browser: no complaint, no request, every figure there and inside its box on a phone, a
laptop and a large screen, light and dark, on paper; switches and sorting work; large pages open
fast. Skipped without chromium, chromedriver or gnuplot."""

import json
import pathlib
import shutil
import sys
import tempfile

from cli import DATA, REAL, check, finish, run
from webdriver import Browser, programs

WIDTHS = (360, 1024, 1920)
FAST = 2000  # milliseconds until everything is there
LARGE = 5e6  # bytes
PAPER = (688, 1017)  # A4 less its margins, in CSS pixels
FOLDER = pathlib.Path(tempfile.mkdtemp())

OTHERS = ("flatness", "density", "energy", "plane", "line", "critical")

# Every drawing that shows: is it inside its box, and its texts inside the drawing?
SURVEY = """
const found = [];
for (const svg of document.querySelectorAll('.plot svg')) {
  const r = svg.getBoundingClientRect();
  if (r.width === 0) continue;
  const figure = svg.closest('figure'), box = figure.getBoundingClientRect();
  let worst = '', most = 0;
  for (const t of svg.querySelectorAll('text')) {
    const b = t.getBoundingClientRect();
    const over = Math.max(r.left - b.left, b.right - r.right, r.top - b.top, b.bottom - r.bottom);
    if (b.width > 0 && over > most) { most = over; worst = t.textContent; }
  }
  found.push({name: figure.id, width: r.width, height: r.height, scale: r.width / 560,
              inside: r.left >= box.left - 1 && r.right <= box.right + 1 && r.top >= box.top - 1
                      && r.bottom <= box.bottom + 1 && box.right <= innerWidth + 1,
              marks: svg.querySelectorAll('path,polygon,use,rect,circle').length,
              titles: svg.querySelectorAll('title').length, worst: worst, over: most,
              avoid: getComputedStyle(figure).breakInside, box: box.height});
}
return found;
"""
WIDE = "return document.documentElement.scrollWidth - innerWidth"
LOADED = ("const t = performance.getEntriesByType('navigation')[0];"
          "return t.loadEventEnd || t.duration")


def settle(browser):
    """Forget the messages so far, which belong to the page before."""
    browser.log("browser")
    browser.log("performance")


def check_quiet(browser, name):
    for entry in browser.log("browser"):
        check(False, f"{name}: the console says {entry['message'][:200]}")
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            check(address.startswith(("file:", "data:")), f"{name}: asked for {address}")


def check_figures(browser, name, expected):
    found = browser.run(SURVEY)
    check(len(found) == expected, f"{name}: {len(found)} drawings, not {expected}")
    check(browser.run(WIDE) <= 0, f"{name}: wider than the window")
    for f in found:
        check(f["inside"], f"{name}: {f['name']} leaves its box")
        check(f["over"] <= 1.5 * max(f["scale"], 1.0),
              f"{name}: {f['name']}: '{f['worst']}' is cut by {f['over']:.1f} px")
        check(f["marks"] > 8, f"{name}: {f['name']} has {f['marks']} marks")
        check(f["height"] > 60 and f["width"] > 250, f"{name}: {f['name']} is tiny")
    return found


def check_marks(browser, name):
    """Pixels that are neither paper nor nearly so."""
    for element in browser.elements(".plot:not(.logarithmic) svg"):
        width, height, rows = browser.picture(element)
        paper = rows[0][0]
        inked = sum(max(abs(a - b) for a, b in zip(pixel, paper)) > 60
                    for row in rows for pixel in row)
        check(inked > 0.004 * width * height, f"{name}: {inked} of {width * height} pixels")


def check_scheme(browser, name, scheme):
    colours = browser.run("const s = getComputedStyle(document.body);"
                          "return [s.color, s.backgroundColor].map(c => c.match(/[0-9]+/g).map("
                          "Number).slice(0, 3).reduce((a, b) => a + b))")
    dark = colours[1] < colours[0]
    check(dark == (scheme == "dark"), f"{name}: text {colours[0]}, paper {colours[1]}")
    check(abs(colours[0] - colours[1]) > 400, f"{name}: contrast {colours}")


def check_paper(browser, name, expected):
    browser.look(*PAPER, "dark", media="print")
    check_scheme(browser, name + " on paper", "light")
    for f in browser.run(SURVEY):
        check(f["avoid"] == "avoid" and f["box"] <= PAPER[1],
              f"{name} on paper: {f['name']} of {f['box']:.0f} px may be cut")
    check_figures(browser, name + " on paper", expected)
    pdf = browser.print_pages()
    check(pdf.startswith(b"%PDF") and len(pdf) > 10000, f"{name}: {len(pdf)} bytes of PDF")


def check_page(browser, path, expected, pictures=False):
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            name = f"{path.stem} {width} {scheme}"
            browser.look(width, 900, scheme)
            settle(browser)
            browser.open(path)
            check_quiet(browser, name)
            check_figures(browser, name, expected)
            check_scheme(browser, name, scheme)
            if pictures and width == WIDTHS[0]:
                check_marks(browser, name)
    check_paper(browser, path.stem, expected)


def check_fast(browser, path):
    size = path.stat().st_size
    browser.look(1024, 900, "light")
    browser.open(path)
    took = browser.run(LOADED)
    print(f"{path.stem}: {size} bytes, open after {took:.0f} ms")
    check(size < LARGE, f"{path.stem}: {size} bytes")
    check(0 < took < FAST, f"{path.stem}: open after {took:.0f} ms")


def check_controls(browser, path):
    """Radio buttons exchange drawings; heads of tables sort."""
    browser.look(1024, 900, "light")
    browser.open(path)
    shown = "return [...document.querySelectorAll('.switch .plot')].map(p => p.clientHeight > 0)"
    before = browser.run(shown)
    browser.click(browser.elements(".switch input.log")[0])
    after = browser.run(shown)
    check(before[:2] == [True, False] and after[:2] == [False, True], f"switch {before} {after}")
    column = ("const t = [...document.querySelectorAll('table')].find(t => t.querySelector("
              "'button')); return [...t.tBodies[0].rows].map(r => parseFloat("
              "r.cells[1].textContent))")
    buttons = browser.elements("table button")
    browser.click(buttons[1])
    values = browser.run(column)
    check(values == sorted(values), f"sorted {values}")
    browser.click(buttons[1])
    check(browser.run(column) == sorted(values, reverse=True), "sorted the other way round")


def campaign(settings, classes, restarts):
    """A record of basins as large as campaigns get."""
    share = restarts // classes
    rows = []
    for i in range(settings):
        members = {"classes": 10, "width": 10 * (i % 12 + 1), "lambda": 10.0 ** -(i // 12 + 2)}
        stops = [max(1, int(restarts ** (j / 48))) for j in range(1, 49)]
        names = [f"rank {c % 9}, loss {0.08 + 1e-4 * c:.6f}" for c in range(classes)]
        rows.append({"setting": members, "asked": restarts, "restarts": restarts,
                     "classes": [{"name": n, "rank": c % 9, "loss": 0.08 + 1e-4 * c, "count": share,
                                  "first": c, "fraction": 1 / classes, "low": 0.9 / classes,
                                  "high": 1.1 / classes} for c, n in enumerate(names)],
                     "unseen_mass": {"value": 0.0, "high": 1e-3},
                     "running": {"restarts": stops,
                                 "classes": [{"name": n, "counts": [s // classes for s in stops]}
                                             for n in names[:8]]}})
    return {"schema": "basins/1", "thalweg": "0", "input": {}, "provenance": {},
            "result": {"settings": rows, "differences": [], "transitions": []}}


def main():
    if programs() is None or shutil.which("gnuplot") is None:
        print("chromium, chromedriver or gnuplot is missing")
        sys.exit(77)
    pair = [REAL / "torch-linear-K10-dnc.safetensors", REAL / "torch-linear-K10-lowrank.safetensors"]
    run("compare", *pair, "--report", FOLDER / "pair.html")
    run("compare", *[DATA / "ce-L2-K4-rank2.npz"] * 10, *[DATA / "ce-L1-K5-nc.npz"] * 10,
        "--report", FOLDER / "twenty.html")
    (FOLDER / "basins.json").write_text(json.dumps(campaign(24, 40, 100000)))
    run("report", FOLDER / "basins.json", "-o", FOLDER / "campaign.html")
    run("flatness", DATA / "ce-L2-K4-rank2.npz", "--json", FOLDER / "flatness.json")
    run("density", REAL / "torch-relu-K4.safetensors", "--json", FOLDER / "density.json")
    run("free-energy", *pair, "--json", FOLDER / "energy.json")
    run("slice", DATA / "ce-L2-K4-rank2.npz", "--along", "eigen:1,eigen:2", "--json",
        FOLDER / "plane.json")
    run("slice", DATA / "ce-L2-K4-rank2.npz", "--json", FOLDER / "line.json")
    run("critical", "--classes", "4", "--samples", "2", "--depth", "1", "--width", "5", "--lambda",
        "0.02", "--starts", "12", "--json", FOLDER / "critical.json")
    run("report", *[FOLDER / f"{name}.json" for name in OTHERS], "-o", FOLDER / "others.html")
    # The density of a kinked point hangs on rounding: with a curve beside its atoms or without.
    count = (FOLDER / "others.html").read_text(encoding="utf-8").count("<figure id=")
    check(count in (7, 8), f"others: {count} figures")
    with Browser() as browser:
        check_page(browser, FOLDER / "pair.html", 5, pictures=True)
        check_page(browser, FOLDER / "others.html", count)
        check_controls(browser, FOLDER / "pair.html")
        for name in ("twenty", "campaign"):
            check_fast(browser, FOLDER / f"{name}.html")
        check_page(browser, FOLDER / "campaign.html", 10)
    shutil.rmtree(FOLDER)
    finish()


if __name__ == "__main__":
    main()
