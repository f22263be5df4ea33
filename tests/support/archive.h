/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zip archives built by hand, so that they can lie. */
#ifndef TEST_ARCHIVE_H
#define TEST_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The data are taken as they are, whatever the method says. */
typedef struct archive_member {
    const char *name;
    const void *data;
    uint32_t bytes;
    uint32_t claimed, claimed_compressed; /* sizes in both headers, 0: the true ones */
    uint16_t method, flags;
    bool wrong_checksum;
    bool shares_data; /* its data are those of the first member */
} archive_member;

/* Write at most 8 members, 64 KiB in all, into the scratch folder; returns scratch_path. */
const char *archive_write(const char *name, size_t count, const archive_member *members);

#endif
