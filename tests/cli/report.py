# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of results: numbers are the record's, names of any kind appear as text, nothing is fetched,
and without gnuplot everything else is there."""

import csv
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from cli import DATA, PROGRAM, REAL, check, finish, refused, run

FOLDER = pathlib.Path(tempfile.mkdtemp())
PAIR = [REAL / "torch-linear-K10-dnc.safetensors", REAL / "torch-linear-K10-lowrank.safetensors"]
SMALL = DATA / "ce-L2-K4-rank2.npz"
HAS_GNUPLOT = shutil.which("gnuplot") is not None
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


class Page(html.parser.HTMLParser):
    """Tables, headings, texts and addresses of a page, and whether its tags nest."""

    VOID = {"meta", "link", "input", "br"}

    def __init__(self, path):
        super().__init__()
        self.text, self.cells, self.headings = "", [], []
        self.addresses, self.tags, self.stack, self.ids = [], [], [], []
        self.feed(pathlib.Path(path).read_text(encoding="utf-8"))
        check(self.stack == [], f"{path}: left open: {self.stack}")
        check(len(self.ids) == len(set(self.ids)), f"{path}: an id stands twice")

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for key, value in attributes:
            if key in ("href", "src", "xlink:href", "action", "data"):
                self.addresses.append(value)
            if key == "id":
                self.ids.append(value)
            check(not key.startswith("on"), f"attribute {key}")
        if tag in ("td", "th"):
            self.cells.append("")
        if tag in ("h1", "h2", "h3"):
            self.headings.append("")
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        check(bool(self.stack) and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-1:]}")
        if self.stack:
            self.stack.pop()

    def handle_data(self, data):
        if self.stack and self.stack[-1] in ("script", "style"):
            return
        self.text += data
        if "td" in self.stack or "th" in self.stack:
            self.cells[-1] += data
        if self.stack and self.stack[-1] in ("h1", "h2", "h3"):
            self.headings[-1] += data


def numbers_of(value, found):
    """Texts of all numbers of a record, as the record's own file has them."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            numbers_of(item, found)
    elif isinstance(value, str):
        found.add(value)
    return found


def read_texts(path):
    """Every number of a JSON file as the text it is written in."""
    return numbers_of(json.loads(path.read_text(), parse_float=str, parse_int=str), set())


def check_numbers(name, page, path):
    known = read_texts(path)
    shown = 0
    for cell in page.cells:
        for word in cell.split(", "):
            if NUMBER.fullmatch(word):
                shown += 1
                check(word in known, f"{name}: {word} is not in the record")
    check(shown > 50, f"{name}: {shown} numbers")


def check_alone(name, page):
    """Nothing outside the page is named."""
    for address in page.addresses:
        check(address.startswith(("#", "data:")), f"{name}: refers to {address[:60]}")
        if address.startswith("#"):
            check(address[1:] in page.ids, f"{name}: {address} leads nowhere")
    for tag in ("iframe", "img", "object", "embed", "form", "base"):
        check(tag not in page.tags, f"{name}: <{tag}>")


def without_gnuplot():
    """An environment whose PATH has a shell and nothing else."""
    folder = FOLDER / "bin"
    folder.mkdir(exist_ok=True)
    return {**os.environ, "PATH": str(folder)}


# The main page: numbers, marks, downloads.
record, first = FOLDER / "c.json", FOLDER / "c.html"
run("compare", *PAIR, "--json", record, "--report", first)
again = FOLDER / "again.html"
run("report", record, "-o", again)
check(first.read_bytes() == again.read_bytes(), "--report and report make different pages")
page = Page(first)
check_numbers("compare", page, record)
check_alone("compare", page)
points = json.loads(record.read_text())["result"]["points"]
verdict = re.search(r'class="verdict">([^<]*)<', first.read_text())[1]
for figure in (points[1]["loss"], points[0]["zero_modes"]["found"], points[1]["zero_modes"]["found"]):
    check(str(figure) in verdict, f"the verdict does not say {figure}: {verdict}")
check("B has the lowest loss" in verdict and "A, at loss" in verdict, f"verdict {verdict}")
for part in ("Loss ladder", "Zero-mode ledger", "Eigenvalues of the Hessian", "Class-mean logits",
             "Singular values of the logits", "Provenance"):
    check(part in page.headings, f"no heading {part}")
for part in ("Campaign", "Density", "Slice"):
    check(not any(part in h for h in page.headings), f"a part without data: {part}")
check(page.tags.count("svg") == (6 if HAS_GNUPLOT else 0), f"{page.tags.count('svg')} drawings")

# Figures: data equal to the record, scripts that draw again.
figures = FOLDER / "figures"
run("report", record, "--figures", figures)
with open(figures / "singular-values.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
ours = [float(row["value"]) for row in rows]
check(ours == [v for p in points for v in p["logit_singular_values"]], "singular values")
with open(figures / "spectrum.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
for i, point in enumerate(points):
    copies = sum(int(r["multiplicity"]) for r in rows if r["panel"] == str(i + 1))
    check(copies == point["parameters"], f"spectrum {i}: {copies} modes")
    zeros = [int(r["multiplicity"]) for r in rows if r["panel"] == str(i + 1) and r["zero"] == "1"]
    check(zeros == [point["zero_modes"]["found"]], f"zero bar {i}: {zeros}")
with open(figures / "class-logits.csv", newline="", encoding="utf-8") as file:
    check(len(list(file)) == 201, "class logits")
for kind in ("csv", "gp", *(("svg", "pdf", "png") if HAS_GNUPLOT else ())):
    names = sorted(path.stem for path in figures.glob("*." + kind))
    check(len(names) == 5, f"{kind}: {names}")
    check(all((figures / f"{n}.{kind}").stat().st_size > 150 for n in names), f"{kind}: empty")
for path in figures.glob("*.svg"):
    text = path.read_text(encoding="utf-8")
    check("onmouse" not in text, f"{path.name}: handlers")
check(not list(figures.glob("*.log")), "a log is left behind")

# Records of other subcommands about the same files: every figure and table has the page's letters.
def about(index, schema, result):
    """A record of another subcommand about a point of the comparison."""
    source = json.loads(record.read_text())["input"][index]
    target = FOLDER / f"{schema}-{index}.json"
    known = schema == "flatness"
    target.write_text(json.dumps({"schema": schema + "/1", "input": source if known else {},
                                  "result": result(source["file"])}))
    return target


def returns(file):
    """What a campaign around one optimum says."""
    return {"settings": [{"restarts": 4, "setting": {"radius": r}, "classes": [
                {"name": "origin", "count": n, "fraction": n / 4, "low": 0.1, "high": 1}]}
                for r, n in ((0.5, 4), (2, 1))],
            "return_curves": [{"optimum": file, "direction": "whole", "method": "flow",
                               "radius": [0.5, 2], "restarts": [4, 4], "returned": [4, 1],
                               "fraction": [1, 0.25], "low": [0.4, 0.01], "high": [1, 0.8],
                               "half_radius": {"value": 1.25, "low": 0.5, "high": 2}}]}


rise = {"whole": {"dimension": 3, "trace": {"value": 8}, "mean_rise": [
    {"sigma": s, "value": 4 * s * s, "low": 3 * s * s, "high": 5 * s * s} for s in (0.1, 0.5)]}}
run("report", record, *(about(i, "flatness", lambda file: rise) for i in (1, 0)),
    *(about(i, "basins", returns) for i in (1, 0)), "-o", FOLDER / "all.html",
    "--figures", FOLDER / "all")
page = Page(FOLDER / "all.html")
labels = {p: f"{p} torch-linear-K10-{n}" for p, n in (("A", "dnc"), ("B", "lowrank"))}
for label in labels.values():
    check(page.cells.count(label) >= 2, f"{label}: {page.cells.count(label)} rows")
    check(f"At distance 0.5 from {label}: 4 of 4 starts returned to it; at distance 2: 1 of 4. "
          "One half returns from distance 1.25." in page.text, f"no sentence about {label}")
with open(FOLDER / "all" / "return-curves.csv", newline="", encoding="utf-8") as file:
    names = [row["name"] for row in csv.DictReader(file)]
check(names == [labels[p] + ", whole, flow" for p in "BBAA"], f"curves {names}")
with open(FOLDER / "all" / "mean-rise.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
check([row["where"] for row in rows] == [labels[p] for p in "BBAA"], "rises")
check([float(row["second_order"]) for row in rows[:2]] == [0.5 * 0.1 * 0.1 * 8, 1], "trace")

# The answer of every kind of record is a sentence, and the title names its file.
for kind, result, part in (
        ("flatness", {"off_orbit": {"largest": {"value": 4}, "condition": {"value": 2}}},
         "curvatures of torch-linear-K10-dnc go up to 4, a condition number of 2."),
        ("slice", {"barrier": {"height": 2, "top": 5, "first": 3, "second": 1}}, "barrier of 2 above"),
        ("trace", {"trace": {"value": 3, "low": 2, "high": 4}}, "is 3, between 2 and 4 (95 %)."),
        ("critical", {"starts": 9, "converged": 8, "points": [
            {"verdict": "strict saddle", "certificate": {"proved": True}}, {"verdict": "minimum"}]},
         "Of 9 starts 8 converged, to 2 different critical points: 1 are strict saddles, 1 with"),
        ("verify", {"claims": [{"id": "g", "holds": False}, {"id": "h", "holds": True}]},
         "Failing: g."),
        ("free-energy", {"beta_star": 7}, "of the two optima are equal at inverse temperature")):
    alone = about(0, kind, lambda file, result=result: result)
    run("report", alone, "-o", FOLDER / "alone.html")
    check(part in Page(FOLDER / "alone.html").text, f"{kind}: {part}")
    check(kind != "flatness" or "thalweg flatness: torch-linear-K10-dnc.safetensors" in
          Page(FOLDER / "alone.html").headings, "the title names no file")

# Tables to paste.
run("report", record, "--markdown", FOLDER / "c.md", "--latex", FOLDER / "c.tex")
markdown = (FOLDER / "c.md").read_text()
check(str(points[0]["loss"]) in markdown and "| loss f |" in markdown, "Markdown")
latex = (FOLDER / "c.tex").read_text()
check(latex.count("\\begin{tabular}") == latex.count("\\end{tabular}") > 5, "LaTeX")
check(str(points[0]["loss"]) in latex and "lambda\\_W" in latex, "LaTeX: numbers, underscores")

# Without gnuplot.
bare = FOLDER / "bare.html"
done = subprocess.run([PROGRAM, "report", record, "-o", bare], capture_output=True, text=True,
                      env=without_gnuplot(), check=False)
check(done.returncode == 0 and "gnuplot" in done.stderr, f"without gnuplot: {done.stderr}")
page = Page(bare)
check(page.text.count("apt install gnuplot-nox") == 5 and "svg" not in page.tags, "no gnuplot")
check_numbers("without gnuplot", page, record)

# Hostile names.
evil = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; set output; `id` $(id)",
        "\u202eabc \u00e4\u00f6\u00fc \u4e2d\u6587 \U0001f600", "x" * 230, "&amp;&lt;", "a\\'b|c{d}^e_f", "%s 95 %d"]
words = []
for index, name in enumerate(evil):
    target = FOLDER / f"{index}" / (name.replace("/", "\u2215") + ".safetensors")
    target.parent.mkdir()
    shutil.copy(REAL / "torch-linear-K4-dnc.safetensors", target)
    words.append(target)
run("compare", *words, "--json", FOLDER / "evil.json", "--report", FOLDER / "evil.html",
    "--markdown", FOLDER / "evil.md", "--latex", FOLDER / "evil.tex", "--figures", FOLDER / "evil")
page = Page(FOLDER / "evil.html")
check_alone("hostile", page)
check(page.tags.count("script") == 1, f"{page.tags.count('script')} scripts")
for target in words:
    check(str(target) in page.cells, f"{target.name!r} is not on the page as it is")
if HAS_GNUPLOT:
    check(len(list((FOLDER / "evil").glob("*.png"))) == 5, "figures of hostile names")
changed = json.loads((FOLDER / "evil.json").read_text())
for point in changed["result"]["points"]:
    point["verdict"] = point["doubt"] = "</td><script>x</script>\u0000".replace("\0", "\x01")
    for row in point["sectors"]["eigenvalues"]:
        row["label"] = "'\n`id`<b>"
(FOLDER / "evil2.json").write_text(json.dumps(changed))
run("report", FOLDER / "evil2.json", "-o", FOLDER / "evil2.html")
check(Page(FOLDER / "evil2.html").tags.count("script") == 1, "a script came in by the record")

# Many optima: size of the page.
words = [SMALL] * 10 + [DATA / "ce-L1-K5-nc.npz"] * 10
began = time.monotonic()
run("compare", *words, "--report", FOLDER / "many.html")
size = (FOLDER / "many.html").stat().st_size
print(f"20 optima: {size} bytes, {time.monotonic() - began:.1f} s")
check(size < 5e6, f"20 optima take {size} bytes")

# What is no record, what cannot be written.
(FOLDER / "no.json").write_text("{}")
refused("report", FOLDER / "no.json", "-o", FOLDER / "no.html", part="record 1", code=3)
refused("report", FOLDER / "missing.json", "-o", FOLDER / "no.html", part="missing.json", code=3)
refused("report", record, part="--output")
refused("report", record, "-o", FOLDER / "no" / "no.html", part="no.html", code=3)
for stray in ({"schema": "compare/1", "result": None}, {"schema": "density/1", "result": {}},
              {"schema": "basins/1", "result": {"settings": 3}}, {"schema": 1, "result": []}):
    (FOLDER / "stray.json").write_text(json.dumps(stray))
    done = subprocess.run([PROGRAM, "report", FOLDER / "stray.json", "-o", FOLDER / "stray.html"],
                          capture_output=True, text=True, check=False)
    check(done.returncode in (0, 3), f"{stray}: {done.returncode} {done.stderr}")
shutil.rmtree(FOLDER)
finish()
