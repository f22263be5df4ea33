/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Style and script of a page. Two palettes: light, and dark where the reader's system is dark;
 * paper is always light. */
#include "report/page_private.h"

const char *const tw_page_style[] = {
    ":root{--ink:#1a1a1a;--paper:#fff;--soft:#f4f4f2;--line:#c9c9c4;--grid:#d6d6d2;--accent:#"
    "0b5c8f;"
    "--c1:#0072b2;--c2:#d55e00;--c3:#009e73;--c4:#b8559a;--c5:#c98b00;--c6:#3a9ad9;--c7:#8c6d31;"
    "--c8:#666;--on:#fff}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e6e3;--paper:#161718;"
    "--soft:#222426;--line:#44474a;--grid:#3a3d40;--accent:#7cc4f2;--c1:#5ab4f0;--c2:#ff9147;"
    "--c3:#3fd1a3;--c4:#e59ccb;--c5:#f5bf45;--c6:#8fd3ff;--c7:#cdb27c;--c8:#a5a5a5;--on:#111}}\n",
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"
    "'Segoe UI',Roboto,sans-serif}\n"
    "main{max-width:1500px;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.25rem;margin:2rem "
    "0 .6rem;border-bottom:2px solid var(--line)}h3{font-size:1rem;margin:.2rem 0 .4rem}\n"
    "p,figcaption{max-width:75ch;overflow-wrap:anywhere}a{color:var(--accent)}\n"
    "nav a{display:inline-block;margin:0 .8rem .3rem 0}\n"
    ".verdict{font-size:1.15rem;padding:.8rem 1rem;background:var(--soft);"
    "border-left:.35rem solid var(--accent)}\n",
    "section{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr));"
    "gap:0 2rem;align-items:start}section>*{grid-column:1/-1;min-width:0}section>figure,"
    "section>.wide.half{grid-column:auto}\n"
    "figure{margin:1rem 0;max-width:46rem;break-inside:avoid}\n"
    ".plot{overflow:hidden}.plot svg{display:block;width:100%;height:auto}"
    ".plot svg text{white-space:pre}\n"
    "figcaption,.data{font-size:.875rem}.data{margin:.2rem 0;overflow-wrap:anywhere}\n"
    ".missing{border:1px dashed var(--line);padding:.8rem}\n"
    ".switch .logarithmic{display:none}.switch .log:checked~.logarithmic{display:block}"
    ".switch .log:checked~.linear{display:none}.switch label{margin:0 1rem 0 .3rem}\n",
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;font-weight:600;padding:.2rem 0}\n"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;"
    "vertical-align:top;max-width:28rem;overflow-wrap:break-word}\n"
    "th[scope=row]{font-weight:500;min-width:8rem}"
    "thead th{background:var(--soft);white-space:nowrap}.n{text-align:right;white-space:nowrap}\n"
    "th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}\n",
    "@page{margin:14mm}\n"
    "@media print{body{font-size:10pt}main{max-width:none;padding:0}nav,.data,.switch input,"
    ".switch label,script{display:none}section{display:block}figure{break-inside:avoid;"
    "max-width:none}.plot svg{max-height:225mm}.wide{overflow:visible}table{font-size:7.5pt}"
    "th,td{padding:1pt 3pt;overflow-wrap:anywhere}.n,thead th{white-space:normal}"
    "th[scope=row]{min-width:0}h2{break-after:avoid}}\n",
    NULL,
};

/* Buttons in the heads of tall tables sort their rows; a second press turns the order round. */
const char tw_page_script[] =
    "for (const table of document.querySelectorAll('table')) {\n"
    "  const body = table.tBodies[0];\n"
    "  if (!body || body.rows.length < 8 || !table.tHead.rows[0].cells[0].textContent) continue;\n"
    "  [...table.tHead.rows[0].cells].forEach((head, column) => {\n"
    "    const button = document.createElement('button');\n"
    "    let sign = 1;\n"
    "    button.textContent = head.textContent + ' \\u2195';\n"
    "    button.title = 'sort';\n"
    "    head.textContent = '';\n"
    "    head.append(button);\n"
    "    button.addEventListener('click', () => {\n"
    "      const key = row => row.cells[column].textContent;\n"
    "      const order = (a, b) => { const x = parseFloat(a), y = parseFloat(b);\n"
    "        return isNaN(x) || isNaN(y) ? a.localeCompare(b) : x - y; };\n"
    "      const rows = [...body.rows].sort((a, b) => sign * order(key(a), key(b)));\n"
    "      body.append(...rows);\n"
    "      sign = -sign;\n"
    "    });\n"
    "  });\n"
    "}\n";
