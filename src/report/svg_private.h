/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot's SVG made part of a page. */
#ifndef TW_SVG_PRIVATE_H
#define TW_SVG_PRIVATE_H

#include "report/writer_private.h"

/* The drawing with identifiers that begin with `prefix`, colours that follow the page's (custom
 * properties --c1 .. --c8, --grid, --on), hypertexts as titles that show when a pointer rests on a
 * mark, no outer references and no scripts. False when it is no SVG of gnuplot's. */
bool tw_svg_embed(const char *svg, const char *prefix, const char *title, tw_writer *page);

/* The same drawing for a file of its own: hypertexts become titles, what draws nothing goes. */
bool tw_svg_clean(const char *svg, tw_writer *out);

#endif
