# SPDX-License-Identifier: GPL-3.0-or-later
"""How the program is called: pages, completion, wrong words, records, exit codes. Subcommands and
options are taken from its own pages, so that new ones are tested from their first day."""

import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from cli import DATA, PROGRAM, REAL, ROOT, check, finish, refused, result, run

SMALL = DATA / "ce-L1-K5-nc.npz"
DEEP = DATA / "ce-L2-K4-rank2.npz"
FOLDER = Path(tempfile.mkdtemp())
# What --closed-form and new points need, and limits that are off unless given.
NO_DEFAULT = {"classes", "samples", "width", "depth", "lambda", "max-seconds", "memory-limit",
              "near-zero", "max-count", "precision", "only"}


def page(*words):
    """Lines of a page that has to be there."""
    return run(*words).stdout.splitlines()


def commands():
    """Names in the overview."""
    lines = page("help")
    start = lines.index("commands:") + 1
    return [line.split()[0] for line in lines[start:lines.index("", start)]]


def options(name):
    """{name: (letter, metavar, meaning)} from the page of a subcommand."""
    found, last = {}, None
    lines = page(name, "--help")
    for line in lines[lines.index("options:") + 1:]:
        entry = re.match(r"  (?:-(\w), )?--([\w-]+)(?: (\S+(?: \S+)*))?(?:  +(.*))?$", line)
        if entry:
            last = entry[2]
            found[last] = [entry[1], entry[3], entry[4] or ""]
        else:
            found[last][2] += " " + line.strip()
    return {key: (letter, metavar, " ".join(meaning.split()))
            for key, (letter, metavar, meaning) in found.items()}


def operands(name):
    """The words behind the name in the usage line: ["FILE"], ["IN", "OUT"], ["[COMMAND]"]."""
    usage = page(name, "--help")[0]
    words = re.fullmatch(rf"usage: thalweg {name} (.*) \[OPTIONS\]", usage)
    check(words is not None, f"{name}: usage line {usage!r}")
    return words[1].split() if words else []


# Options that a subcommand cannot do without: {"name": ["--option", "value"]}.
NEW = ["--classes", 3, "--samples", 2, "--width", 4, "--depth", 2, "--lambda", .01]
EXTRA = {"construct": [*NEW, "-o", FOLDER / "construct.h5"],
         "critical": [*NEW, "--starts", 3],
         "train": [*NEW, "-o", FOLDER / "train.h5"], "verify": ["--quick", "--only", "g"]}


def saddle():
    path = FOLDER / "saddle.h5"
    run("construct", "zero", "--classes=3", "--samples=2", "--width=4", "--depth=1",
        "--lambda=.01", "-o", path)
    return path


def example(name):
    """A call of a subcommand that works, or None when its operands are none of the usual ones."""
    usual = {"FILE": SMALL, "[FILE]": SMALL, "[FILE2]": SMALL, "FILE...": DEEP, "[FILE...]": DEEP,
             "IN": SMALL, "NAME": "dnc",
             "OUT": FOLDER / f"{name}.h5"}
    words = operands(name)
    known = set(words) <= set(usual)
    if name == "certify":  # a point without a certificate is exit code 1
        usual["FILE"] = saddle()
    return [name, *(usual[w] for w in words), *EXTRA.get(name, [])] if known else None


# ---- Pages ----

def check_pages(name):
    lines = page(name, "--help")
    for words in ([name, "-h"], ["help", name]):
        check(page(*words) == lines, f"{words}: another page than {name} --help")
    for line in lines:
        check(len(line) <= 100, f"{name} --help: {len(line)} columns: {line}")
    manual = run("help", "--man", name).stdout
    plain = manual.replace("\\-", "-")
    check(manual.startswith(".TH ") and ".SH DESCRIPTION" in manual, f"{name}: no roff page")
    for key, (_, metavar, meaning) in options(name).items():
        check(f"--{key}" in plain, f"{name} --{key} is not in the manual page")
        limited = re.search(r"\((?:between \S+ and|\S+ to|\S+ or more)", meaning)
        check(meaning, f"{name} --{key} has no meaning")
        told = "[default " in meaning or "without it: " in meaning
        check(not limited or told or key in NO_DEFAULT,
              f"{name} --{key} has no default: {meaning}")
        check(not limited or metavar, f"{name} --{key} has no name for its value")
    check({"json", "threads", "seed", "help"} <= options(name).keys(), f"{name}: common options")


def check_roff(name):
    groff = shutil.which("groff")
    manual = run("help", "--man", name).stdout
    if groff is None:
        return
    done = subprocess.run([groff, "-man", "-Tutf8", "-ww"], input=manual, capture_output=True,
                          text=True, check=False)
    check(done.returncode == 0 and done.stderr == "", f"groff on {name}: {done.stderr[:200]}")
    check(name in done.stdout, f"groff on {name}: {done.stdout[:80]!r}")


def check_overview():
    overview = page("help")
    for words in ([], ["--help"], ["-h"]):
        check(page(*words) == overview, f"thalweg {words}: not the overview")
    check(all(len(line) <= 100 for line in overview), "overview: a line is too long")
    for name in NAMES:
        escaped = re.escape(name.replace("-", "\\-"))  # a minus that can be copied, no hyphen
        check(re.search(rf"^\.B {escaped}$", run("help", "--man", "thalweg").stdout, re.M),
              f"{name} is not in thalweg(1)")
    manual = (ROOT / "docs" / "manual" / "help.md").read_text()
    shown = re.search(r"    \$ build/thalweg help\n(.*?)\n    \$ ", manual, re.S)[1]
    check([line[4:] for line in shown.splitlines()] == overview,
          "docs/manual/help.md shows another overview")
    version = run("--version").stdout
    check(re.fullmatch(r"thalweg \d+\.\d+\.\d+\n.+, threads: \d+\nkernel: .+\n", version), f"version {version!r}")


# ---- Completion ----

def complete(script, *words):
    """What _thalweg offers for the last word."""
    bash = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _thalweg;'
            ' printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", bash, "-", script, "thalweg", *words], text=True,
                          capture_output=True, check=False)
    check(done.returncode == 0 and done.stderr == "", f"completing {words}: {done.stderr[:200]}")
    return sorted(done.stdout.split())


def check_completion():
    script = FOLDER / "completion"
    script.write_text(run("help", "--completion", "bash").stdout)
    syntax = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    check(syntax.returncode == 0 and syntax.stderr == "", f"bash -n: {syntax.stderr}")
    check(complete(script, "") == sorted(NAMES), "completion: subcommands")
    first = NAMES[0][:2]
    check(complete(script, first) == sorted(n for n in NAMES if n.startswith(first)),
          f"completion of {first}")
    check(complete(script, "info", "") == [], "completion: files are left to bash")
    for name in NAMES:
        ours = options(name)
        check(complete(script, name, "--") == sorted("--" + key for key in ours),
              f"completion of {name} --")
        for key, (_, _, meaning) in ours.items():
            choices = re.search(r" \((\w[\w|-]*\|[\w|-]+)\)", meaning)
            if choices:
                check(complete(script, name, f"--{key}", "") == sorted(choices[1].split("|")),
                      f"completion of {name} --{key}")


# ---- Wrong words ----

def wrong_values(meaning):
    """Values that the meaning of an option forbids."""
    count = re.search(r"\((\d+)(?: to (\d+)| or more)\)", meaning)
    number = re.search(r"\(between (\S+) and ([^\s)]+)\)", meaning)
    choice = re.search(r" \((\w[\w|-]*\|[\w|-]+)\)", meaning)
    if count:
        past = [str(int(count[2]) + 1)] if count[2] else []
        return NOT_NUMBERS + past + [str(int(count[1]) - 1), "1.5", "1e300"]
    if "N1,..,NK" in meaning or "D0,..,DL-1" in meaning:
        return ["", " ", "0", "-1", "1.5", "nan", "x", "1x", ",", "1,", ",1", "1,,2", "1 ,2",
                "1e3", "1000000001", "2,0", "99999999999999999999"]
    if number:
        return NOT_NUMBERS + [number[1], number[2], "-1e-300"]
    if choice:
        return ["", "no-such", choice[1], choice[1].split("|")[0].upper(),
                choice[1].split("|")[0][:-1]]
    return ["", "nan", "-1", "1e999", "x"] if "number >= 0" in meaning else []


SEEN = set()  # options whose values were tried, with whatever subcommand
NOT_NUMBERS = ["", " ", "nan", "inf", "-1", "1e999", "x", "1x", "--", "1,5"]


def check_wrong_words(name):
    words = operands(name)
    known = options(name)
    call = example(name) or [name]
    refused(*call, "--no-such-option", part="--no-such-option")
    refused(*call, "--", *["x"] * 65)
    refused(*call, "-Q", part="-Q")
    refused(*call, "-hx", part="-hx")
    refused(*call, "--help=yes", part="--help")
    if not all(word.startswith("[") for word in words):
        refused(name, part=words[0])
    if not any("..." in word for word in words):
        refused(name, *["x"] * (len(words) + 1), part="too many")
    for key, (letter, metavar, meaning) in known.items():
        if metavar:
            refused(*call, f"--{key}", part=metavar)
            if letter:
                refused(*call, f"-{letter}", part=metavar)
        if (key, meaning) in SEEN:
            continue
        SEEN.add((key, meaning))
        for text in wrong_values(meaning):
            refused(*call, f"--{key}={text}", part=f"--{key}")
            refused(*call, f"--{key}", text, part=f"--{key}")


def check_unknown_names():
    refused("no-such", part="'no-such'")
    refused("", part="''")
    refused("inf", part="'inf'")
    refused("--no-such", part="--no-such")
    refused("help", "no-such", part="'no-such'")
    refused("help", "--man", "no-such", part="'no-such'")


def check_names_like_options():
    """`--json -extra` is a slip; a file of that name is asked for with =."""
    refused("info", SMALL, "--json", "-extra", part="--json=-extra")
    refused("info", SMALL, "--json", "--threads", part="--threads")
    kept = SMALL.read_bytes()
    refused("info", SMALL, "--json", SMALL, part="overwritten")
    refused("certify", SMALL, "-o", SMALL, part="overwritten")
    check(SMALL.read_bytes() == kept, f"{SMALL} was overwritten")
    refused("spectrum", "--closed-form", "--classes", 4, part="--closed-form")
    done = subprocess.run([Path(PROGRAM).resolve(), "info", str(SMALL), "--json=-extra"],
                          cwd=FOLDER, capture_output=True, check=False)
    check(done.returncode == 0 and (FOLDER / "-extra").exists(), "--json=-extra wrote nothing")


def check_selftest():
    """No two rows have one name."""
    rows = [re.split(r"  +", line.strip())[0] for line in run("selftest").stdout.splitlines()
            if line.endswith("  yes")]
    check(len(rows) > 50 and len(set(rows)) == len(rows),
          f"selftest repeats {[r for r in rows if rows.count(r) > 1]}")


# ---- Records ----

DESCRIPTION = ("loss", "fit", "penalty", "gradient_norm", "parameters", "logit_rank",
               "logit_singular_values", "balance_defect", "collapse", "kinks")
MODES = ("loss", "gradient_norm", "logit_rank", "negative_modes", "zero_modes", "smallest_nonzero",
         "largest", "verdict")
KEYS = {"info": DESCRIPTION, "polish": DESCRIPTION,
        "construct": DESCRIPTION + ("construction", "exists", "scales", "file", "fold_lambda"),
        "degeneracy": MODES,
        "certify": MODES + ("index", "rayleigh", "decrease", "step", "proved", "null_space",
                            "global"),
        "verify": ("claims", "unexpected"), "spectrum": ("eigenvalues", "parameters", "method"), "compare": ("points",)}


def has(name, value, keys):
    for key in keys:
        check(key in value, f"{name}: no {key} among {list(value)}")


def timeless(text):
    """A record without what the clock says."""
    record = json.loads(text)
    record["result"].pop("seconds", None)
    return record


def check_envelope(name, text, words):
    record = timeless(text)
    check(list(record) == ["schema", "thalweg", "provenance", "input", "result"],
          f"{name}: members {list(record)}")
    check(re.fullmatch(rf"{name}/\d+", record["schema"]), f"{name}: schema {record['schema']}")
    provenance = record["provenance"]
    has(name, provenance, ("version", "command_line", "seed", "threads", "libraries"))
    check(record["thalweg"] == provenance["version"] == run("--version").stdout.split()[1],
          f"{name}: version")
    check(provenance["command_line"][1:] == list(map(str, words)), f"{name}: command line")
    check(provenance["libraries"]["blas"]["threads"] == 1, f"{name}: {provenance['libraries']}")
    check(provenance["seed"] == 7 and provenance["threads"] == 1, f"{name}: seed and threads")
    has(name, record["result"], KEYS.get(name, ()))
    return record["result"]


def check_records(name):
    call = example(name)
    if call is None:
        print(f"{name}: its operands are unknown here, no record looked at")
        return
    target = FOLDER / "record.json"
    call += ["--seed", 7, "--threads=1", "--json"]
    table = run(*call, target)
    check(table.stdout.strip() != "", f"{name}: no table beside the file")
    in_file = check_envelope(name, target.read_text(), [*call, target])
    printed = run(*call, "-")
    check(printed.stderr == "", f"{name}: {printed.stderr}")
    on_stdout = check_envelope(name, printed.stdout, [*call, "-"])
    check(in_file == on_stdout, f"{name}: file and standard output differ")
    again = timeless(run(*call, "-").stdout)
    check(again == timeless(printed.stdout), f"{name}: the same call, another record")
    for place in (FOLDER / "missing" / "a.json", FOLDER, Path("/dev/null/a.json")):
        done = run(*call, place, expect=3)
        check(re.fullmatch(r"thalweg: [^\n]*\n", done.stderr) and str(place) in done.stderr,
              f"{name} --json {place}: {done.stderr!r}")
    check([p.name for p in FOLDER.glob("*record*")] == ["record.json"], f"{name}: files left")


def check_result_members():
    """What the records hold, one level deeper."""
    info = json.loads(run("info", SMALL, "--json=-").stdout)["result"]
    has("info collapse", info["collapse"], ("nc1", "nc2", "nc3"))
    check(len(info["logit_singular_values"]) == 5, "info: logit singular values")
    modes = json.loads(run("compare", SMALL, DEEP, "--json=-").stdout)["result"]["points"]
    check(len(modes) == 2, "compare: one entry a file")
    for point in modes:
        has("compare", point, DESCRIPTION + MODES)
        has("compare zero modes", point["zero_modes"], ("found", "symmetry", "unexplained"))
    spectrum = json.loads(run("spectrum", DEEP, "--json=-").stdout)["result"]
    values = [entry["value"] for entry in spectrum["eigenvalues"]]
    check(values == sorted(values), "spectrum: not ascending")
    for entry in spectrum["eigenvalues"]:
        has("spectrum", entry, ("value", "multiplicity", "residual"))
    check(sum(entry["multiplicity"] for entry in spectrum["eigenvalues"]) ==
          spectrum["parameters"], "spectrum: multiplicities do not add up")


def check_repeatable():
    """Counts hang on neither seed nor threads; the same call gives the same digits."""
    point = REAL / "torch-linear-K4-rank2.safetensors"
    for extra in (["--dense-limit", 1], ["--dense-limit", 6000]):
        calls = [["--seed", 1], ["--seed", 9000000000000000], ["--seed", 0], ["--threads", 1],
                 ["--threads", 2]]
        results = []
        for words in calls:
            call = ["degeneracy", point, *extra, *words, "--json=-"]
            text = run(*call).stdout
            check(text == run(*call).stdout, f"{words}: the same call, other digits")
            result = json.loads(text)["result"]
            zero = result["zero_modes"]
            results.append([result[key] for key in ("negative_modes", "positive_modes", "verdict",
                                                    "logit_rank")] +
                           [zero[key] for key in ("found", "symmetry", "unexplained")])
        check(all(one == results[0] for one in results), f"counts hang on the seed: {results}")
    ends = ["--method", "lanczos", "--smallest", 3, "--largest", 3, "--json=-"]
    seen = [[(e["multiplicity"], round(e["value"], 10)) for e in json.loads(
        run("spectrum", DEEP, *ends, *words).stdout)["result"]["eigenvalues"]]
            for words in (["--seed=1"], ["--seed=2"], ["--threads=1"], ["--threads=2"])]
    check(all(one == seen[0] for one in seen), f"spectrum hangs on the seed: {seen}")


# ---- Defaults ----

def small_logit():
    """A point whose logits have singular values 1 and 1e-4."""
    head, body = {"__metadata__": {"loss": "ce", "activation": "linear", "lambda_W": "0.01",
                                   "lambda_H": "0.01"}}, b""
    for name, kind, code, numbers in [("W1", "F64", "d", [1, 0, 0, .01]),
                                      ("H", "F64", "d", [1, 0, 0, .01]),
                                      ("labels", "I64", "q", [0, 1])]:
        bits = struct.pack(f"<{len(numbers)}{code}", *numbers)
        head[name] = {"dtype": kind, "shape": [2, 2][:len(numbers) // 2],
                      "data_offsets": [len(body), len(body) + len(bits)]}
        body += bits
    text = json.dumps(head).encode()
    path = FOLDER / "small.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


def check_shared_defaults():
    """Two subcommands may have an option of one name with different defaults: each has its own."""
    path = small_logit()
    check("[default 1e-3]" in run("info", "--help").stdout.split("--rank-tolerance")[1][:300],
          "info: the documented default of --rank-tolerance")
    check(result("info", path)["logit_rank"] == 1, "info: rank at the default tolerance")
    check(result("info", path, "--rank-tolerance", 1e-6)["logit_rank"] == 2, "info: rank at 1e-6")
    middle = FOLDER / "middle.h5"  # more parameters than the limit of slice, fewer than all others
    run("construct", "zero", "--classes", 4, "--samples", 25, "--width", 12, "--depth", 2,
        "--lambda", .01, "-o", middle)
    check(result("degeneracy", middle)["method"] == "dense", "degeneracy: the route at 1392")


# ---- A standard output that takes nothing ----

def check_lost_output():
    calls = [["--version"], ["help"], ["info", "--help"], ["help", "--completion", "bash"],
             ["info", SMALL], ["info", SMALL, "--json", "-"], ["spectrum", SMALL],
             ["degeneracy", SMALL], ["convert", SMALL, FOLDER / "lost.h5"]]
    for words in calls:
        for stream in ("/dev/full", "closed"):
            command = '"$@" >&-' if stream == "closed" else '"$@" >/dev/full'
            done = subprocess.run(["bash", "-c", command, "-", PROGRAM, *map(str, words)],
                                  capture_output=True, text=True, check=False)
            name = f"{' '.join(map(str, words))} on {stream}"
            check(done.returncode in (3, 4), f"{name}: exit {done.returncode}")
            check(re.fullmatch(r"thalweg: [^\n]*\n", done.stderr), f"{name}: {done.stderr!r}")


NAMES = commands()
check({"info", "polish", "spectrum", "degeneracy", "compare", "convert", "help"} <= set(NAMES),
      f"subcommands: {NAMES}")
os.environ["TMPDIR"] = str(FOLDER)
try:
    check_overview()
    check_completion()
    check_unknown_names()
    check_names_like_options()
    check_selftest()
    check_shared_defaults()
    for command in NAMES:
        check_pages(command)
        check_wrong_words(command)
        if command != "help":
            check_records(command)
    for command in ["thalweg", *NAMES]:
        check_roff(command)
    check_result_members()
    check_repeatable()
    check_lost_output()
finally:
    shutil.rmtree(FOLDER)
finish()
