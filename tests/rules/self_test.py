# SPDX-License-Identifier: GPL-3.0-or-later
"""Each rule accepts a small good project and reports every fault planted in it."""
import subprocess
import sys
import tempfile
from pathlib import Path

from format import clang_format

RULES = Path(__file__).resolve().parent
SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
API = "__attribute__((visibility(\"default\")))"


def c(*lines):
    return SPDX + "".join(line + "\n" for line in lines)


GOOD = {
    ".clang-format": "BasedOnStyle: Google\nIncludeBlocks: Preserve\n",
    "README.md": "# Project\n\n## A part\n\nSee [notation](docs/notation.md#symbols), "
                 "[here](#a-part) and `src/base/status.c`.\n",
    "docs/notation.md": "# Symbols\n\n| symbol | name in code |\n|---|---|\n"
                        "| `lambda_H` | `lambda_H` |\n",
    "include/thalweg/base/status.h": c("/* Status. */", f"#define TW_API {API}",
                                  "TW_API int tw_status_text(int status);"),
    "include/thalweg/model/dufm.h": c("/* Model. */", "#include <thalweg/base/status.h>",
                                "TW_API double tw_dufm_ridge(double lambda_H);"),
    "include/thalweg/thalweg.h": c("/* All. */", "#include <thalweg/base/status.h>",
                                   "#include <thalweg/model/dufm.h>"),
    "src/base/status.c": c("#include <thalweg/base/status.h>", "",
                           "int tw_status_text(int status) { return status; }"),
    "src/dense/vector_private.h": c("int tw_dot(int n);"),
    "src/dense/vector.c": c('#include "dense/vector_private.h"', "", "#include <math.h>", "",
                            "int tw_dot(int n) { return n; }"),
    "src/files/bundle_private.h": c("int tw_bundle(void);"),
    "src/files/npz_private.h": c("int tw_npz(void);"),
    "src/model/dufm.c": c("#include <thalweg/model/dufm.h>", "", '#include "files/bundle_private.h"', "",
                          "double tw_dufm_ridge(double lambda_H) { return lambda_H; }"),
    "src/symmetry/symmetry_private.h": c("#include <thalweg/model/dufm.h>", "int tw_orbit(void);"),
    "src/curvature/zero_modes.c": c('#include "dense/vector_private.h"'),
    "tools/thalweg/main.c": c("#include <thalweg/thalweg.h>"),
    "tools/thalweg/cmd_first.c": c("typedef struct f {", "  int a;", "} first_settings;"),
    "examples/first.c": c("#include <thalweg/base/status.h>", "", "int main(void) { return 0; }"),
}

LONG_FUNCTION = c("void f(void) {", *["    ;"] * 60, "}")
HARD_TO_SCAN = c("#define OPEN '{'", 'extern "C" {', "struct s { int a[(1)]; };",
                 "static const int t[(2)] = {1, 2};", "#ifdef A /* { */",
                 "__attribute__((format(printf, 1, 2)))", "static char *",
                 "f(char a, int (*b)(int, int), char c[2], char d, char e,",
                 '  char g, char h, char i) { return "}\\"{"; // }', "}", "}", "#endif")
HEADED_BY = '#include "%s"'

# rule, {file: new content}, what the rule must say about the first of these files.
CASES = [
    ("floors", {"src/base/status.c": c(HEADED_BY % "dense/vector_private.h")}, ":2: dense (floor"),
    ("floors", {"include/thalweg/base/status.h": c("#include <thalweg/model/dufm.h>")}, ":2: model (floor 2)"),
    ("floors", {"include/thalweg/attic/stray.h": c("")}, ":1: belongs to no floor"),
    ("floors", {"src/attic/old.c": c("")}, ":1: belongs to no floor"),
    ("floors", {"src/dense/vector.c": c("#include <thalweg/thalweg.h>")}, ":2: the umbrella"),
    ("floors", {"src/base/status.c": c("#include <cblas.h>")}, ":2: cblas.h is for src/dense/"),
    ("floors", {"src/files/npz.c": c("#include <hdf5.h>")}, ":2: hdf5.h is for src/files/hdf5*"),
    ("floors", {"src/dense/vector.c": c("#include <gsl/gsl_rng.h>")}, ":2: gsl/gsl_rng.h is for"),
    ("floors", {"src/base/status.c": c("#include <curl/curl.h>")}, ":2: curl/curl.h is unknown"),
    ("floors", {"src/model/dufm.c": c(HEADED_BY % "files/npz_private.h")}, ":2: models know"),
    ("floors", {"src/curvature/zero_modes.c": c("#include <thalweg/model/dufm.h>")},
     ":2: curvature/zero_modes may not know a DUFM: dufm.h"),
    ("floors", {"src/curvature/zero_modes.c": c(HEADED_BY % "symmetry/symmetry_private.h")},
     ":2: curvature/zero_modes may not know a DUFM: dufm.h (through symmetry_private.h)"),
    ("floors", {"tools/thalweg/main.c": c(HEADED_BY % "dense/vector_private.h")}, ":2: vector"),
    ("floors", {"tools/thalweg/main.c": c("#include <cblas.h>")}, ":2: cblas.h is no public"),
    ("floors", {"include/thalweg/model/dufm.h": c("#include <gsl/gsl_math.h>")}, ":2: gsl/gsl_math.h is"),
    ("floors", {"include/thalweg/thalweg.h": c("#include <thalweg/model/dufm.h>")},
     ":1: does not include thalweg/base/status.h"),
    ("floors", {"examples/first.c": c(HEADED_BY % "dense/vector_private.h")}, ":2: dense/vector"),
    ("cycles", {"src/dense/b_private.h": c(HEADED_BY % "dense/a_private.h"),
                "src/dense/a_private.h": c(""),
                "src/dense/a.c": c(HEADED_BY % "dense/b_private.h")},
     ":2: include cycle: dense/a -> dense/b -> dense/a"),
    ("settings", {"tools/thalweg/other.h": c("typedef struct o {", "    int a;",
                                             "} other_settings;"),
                  "tools/thalweg/between.h": c(HEADED_BY % "other.h"),
                  "tools/thalweg/cmd_one.c": c(HEADED_BY % "between.h",
                                               "typedef struct one { int a; } one_settings;")},
     ":4: other_settings is seen by cmd_one.c"),
    ("sizes", {"tools/thalweg/cmd_first.c": c(*[""] * 399),
               **{f"tools/thalweg/p{i}.c": c(*[""] * 399) for i in range(20)}},
     ":1: the program has 8402 lines, more than"),
    ("sizes", {"src/base/status.c": c(*[""] * 400)}, ":401: 401 lines, more than 400"),
    ("sizes", {"examples/first.c": c(*[""] * 80)}, ":81: 81 lines, more than 80"),
    ("sizes", {"src/base/status.c": c("/*" + " " * 97 + "*/")}, ":2: 101 columns"),
    ("sizes", {"src/base/status.c": LONG_FUNCTION}, ":2: f has 62 lines"),
    ("sizes", {"src/base/status.c": HARD_TO_SCAN}, ":7: f has 8 parameters"),
    ("sizes", {"src/training/flow.c": c("int progress(%s) { return 0; }" % ("int, " * 7 + "int"))},
     ":2: progress has 8 parameters, more than 7"),
    ("sizes", {"src/base/status.c": c("void f(void) { if (1) {", "}")}, ":1: braces do not"),
    ("symbols", {"src/base/status.c": c("#include <thalweg/base/status.h>",
                                        "int tw_status_text(int s) { return s; }",
                                        "TW_API int open_door(void) { return 1; }")},
     ":4: open_door, global in"),
    ("symbols", {"src/dense/vector.c": c("int helper(void) { return 1; }")},
     ":2: helper, global in lib.a, does not"),
    ("symbols", {"include/thalweg/model/dufm.h": c("#include <thalweg/base/status.h>",
                                             "TW_API double tw_dufm_ridge(double);",
                                             "TW_API const char *", "tw_promise(int (*f)(int));")},
     ":4: tw_promise is declared but"),
    ("symbols", {"src/dense/vector.c": c("#include <stdio.h>",
                                         'int tw_dot(int n) { printf("%d", n); return n; }')},
     ":3: printf is used"),
    ("symbols", {"src/dense/vector.c": c(
        "#include <stdio.h>", 'int tw_dot(int n) { return fprintf(stderr, "%d", n); }')},
     ":3: stderr is used"),
    ("symbols", {"src/dense/vector.c": c("#include <stdlib.h>",
                                         "int tw_dot(int n) { if (n) exit(n); return n; }")},
     ":3: exit is used"),
    ("headers", {"include/thalweg/model/dufm.h": c("size_t tw_size(void);")}, "compile alone as C11"),
    ("headers", {"include/thalweg/model/dufm.h": c("int tw_new(int class);")}, "compile alone as C++"),
    ("headers", {"src/dense/vector_private.h": c("static inline int f(long a) { return a; }")},
     ":1: does not compile alone as C11"),
    ("format", {"src/base/status.c": c("int  f( void );")}, ":2: code should be clang-formatted"),
    ("format", {"tests/run.py": "print(1)\n"}, ":1: no SPDX"),
    ("format", {"src/report/rise.gp": "plot x\n"}, ":1: no SPDX"),
    ("format", {"tools/build": "#!/usr/bin/env bash\ntrue\n"}, ":1: no SPDX"),
    ("format", {"meson.build": "project('p')\n\tx = 1\n"}, ":2: tab"),
    ("format", {"README.md": "# Project \n"}, ":1: trailing blank"),
    ("format", {"README.md": "# Project"}, ":1: no newline at the end"),
    ("format", {"README.md": "TO" + "DO\n"}, ":1: note left behind"),
    ("format", {"README.md": "in " + "/home" + "/me\n"}, ":1: path of one machine"),
    ("notation", {"include/thalweg/model/dufm.h": c("/* Uses lambda_Q. */")}, ":2: lambda_Q is not in"),
    ("notation", {"include/thalweg/model/dufm.h": c("", "TW_API int tw_a(void);")}, ":1: no comment"),
    ("notation", {"docs/notation.md": "| `lambda_H` | `tw_gone` |\n"}, ":1: tw_gone does not"),
    ("notation", {"docs/notation.md": "# Notation\n"}, ":1: no table of symbols"),
    ("options", {"include/thalweg/model/dufm.h": c("/* Model. */", "TW_API int tw_find(int n,",
                                                   "    const tw_find_options *options);")},
     ":3: tw_find takes options and is not in"),
    ("prose", {"README.md": "\nSee [there](docs/gone.md).\n"}, ":2: link to docs/gone.md: no such"),
    ("prose", {"README.md": "[there](docs/notation.md#gone)\n"}, ":1: link to docs/notation.md#go"),
    ("prose", {"README.md": "Read `src/base/gone.c`.\n"}, ":1: src/base/gone.c: no such file"),
    ("prose", {"README.md": "Call `tw_gone(x)`.\n"}, ":1: tw_gone: no such name"),
    ("prose", {"README.md": "```\ntools/gone --fast\n```\n"}, ":2: tools/gone: no such file"),
]


def write(top, tree):
    for name, content in tree.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def build(top):
    """The shared and the static library of a tree."""
    sources = [str(path) for path in sorted((top / "src").rglob("*.c"))]
    flags = ["-fPIC", "-fvisibility=hidden", f"-I{top}/include", f"-I{top}/src"]
    subprocess.run(["cc", "-shared", *flags, "-o", "lib.so", *sources], cwd=top, check=True)
    subprocess.run(["cc", "-c", *flags, *sources], cwd=top, check=True)
    objects = [path.name for path in sorted(top.glob("*.o"))]
    subprocess.run(["ar", "rcs", "lib.a", *objects], cwd=top, check=True)
    return [str(top / "lib.so"), str(top / "lib.a")]


def run(rule, changes):
    """Exit code and output of a rule on the good tree with some files replaced."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        write(top, GOOD | changes)
        arguments = build(top) if rule == "symbols" else []
        command = [sys.executable, str(RULES / f"{rule}.py"), str(top), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def check_good(rule):
    code, output = run(rule, {})
    allowed = [0] if rule != "format" or clang_format() else [77]
    return [] if code in allowed else [f"{rule} refuses the good tree ({code}):\n{output}"]


def check_bad(rule, changes, expected):
    code, output = run(rule, changes)
    blamed = [line for line in output.splitlines() if line.startswith(next(iter(changes)))]
    if code == 1 and any(expected in line for line in blamed):
        return []
    return [f"{rule} does not say '{expected}' about {next(iter(changes))} ({code}):\n{output}"]


def main():
    faults = []
    for rule in sorted({rule for rule, _, _ in CASES}):
        faults += check_good(rule)
    planted = 0
    for rule, changes, expected in CASES:
        if "clang-formatted" in expected and not clang_format():
            continue
        planted += 1
        faults += check_bad(rule, changes, expected)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{planted} planted faults, all reported")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
