/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where text of any origin becomes HTML. */
#ifndef TW_HTML_PRIVATE_H
#define TW_HTML_PRIVATE_H

#include "report/writer_private.h"

/* Markup of our own, as it stands. */
void tw_html_markup(tw_writer *page, const char *markup);

/* Text between tags or within quotes of an attribute: whatever it holds, it shows as text. Control
 * characters become U+FFFD. */
void tw_html_text(tw_writer *page, const char *text);

/* Bytes as the base64 part of a data: address. */
void tw_html_base64(tw_writer *page, const char *bytes, size_t count);

#endif
