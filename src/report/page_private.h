/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content written out: as one HTML page that needs nothing else, and as text to paste. */
#ifndef TW_PAGE_PRIVATE_H
#define TW_PAGE_PRIVATE_H

#include "report/content_private.h"

/* missing: why figures without a drawing have none, one sentence. */
void tw_page_write(const tw_content *content, const char *title, const char *missing,
                   tw_writer *page);
void tw_markdown_write(const tw_content *content, tw_writer *text);
void tw_latex_write(const tw_content *content, tw_writer *text);

/* Text with the characters that mean something there replaced; line ends become blanks. */
void tw_markdown_escape(tw_writer *out, const char *text);
void tw_latex_escape(tw_writer *out, const char *text);

#endif
