/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a campaign of restarts is kept: one SQLite file that several processes may share, and that
 * a kill at any moment leaves whole (docs/formats/campaign.md). Knows rows, not models.
 *
 * One thread at a time uses a store. Sentences begin with the path. Errors: TW_ERR_IO (cannot open
 * or write, disk full, read-only), TW_ERR_FORMAT (no SQLite file, damaged, not a campaign),
 * TW_ERR_UNSUPPORTED (written by a newer version), TW_ERR_ARGUMENT (no such setting or restart),
 * TW_ERR_MEMORY. */
#ifndef THALWEG_STORE_H
#define THALWEG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>
#include <thalweg/campaign/ending.h>

typedef struct tw_store tw_store; /* opaque: a connection */

typedef enum tw_store_mode {
    TW_STORE_READ,  /* an existing campaign, nothing is written */
    TW_STORE_WRITE, /* an existing campaign */
    TW_STORE_CREATE /* made when there is no such file */
} tw_store_mode;

TW_API tw_status tw_store_open(const char *path, tw_store_mode mode, tw_store **store);
TW_API void tw_store_close(tw_store *store); /* NULL-safe; gives up what it had claimed */

/* The plan that the campaign belongs to, a text; NULL in a fresh store. Borrowed until close. */
TW_API const char *tw_store_plan(const tw_store *store);

/* Give a fresh store its plan and its settings (texts, numbered 0, 1, ... with `restarts` restarts
 * each), all or nothing. TW_ERR_DATA when it has a plan already (another process may be first: look
 * at tw_store_plan again). */
TW_API tw_status tw_store_begin(tw_store *store, const char *plan, size_t count,
                                const char *const *settings, size_t restarts);

typedef struct tw_store_setting {
    char *text;      /* owned by the caller of tw_store_setting_read: free */
    size_t restarts; /* asked for */
    size_t done;     /* finished */
    size_t claimed;  /* being worked on by a live process, this one included */
} tw_store_setting;

TW_API tw_status tw_store_setting_count(tw_store *store, size_t *count);
TW_API tw_status tw_store_setting_read(tw_store *store, size_t setting, tw_store_setting *out);

/* Claim up to `most` restarts of a setting, the smallest indices that are neither finished nor
 * claimed by a process that still lives; indices (out, room for `most`), *count. Claims of dead
 * processes are taken over. One transaction. */
TW_API tw_status tw_store_claim(tw_store *store, size_t setting, size_t most, size_t *indices,
                                size_t *count);

/* Give up every claim of this connection that was not finished. */
TW_API tw_status tw_store_release(tw_store *store);

/* One finished restart. Blobs are doubles; borrowed on writing. */
typedef struct tw_store_row {
    size_t setting, index;
    uint64_t seed;    /* of the campaign */
    tw_ending reason; /* why the descent ended */
    double loss, gradient_norm;
    double slack; /* error bound of the invariants that follows from the gradient norm */
    size_t rank;
    long long negative; /* modes; -1: not counted, NULL in the table */
    long long zero;
    size_t steps, evaluations, products;
    double time, seconds; /* of the flow; of the clock */
    size_t singular_count;
    const double *singular_values; /* of the logits, descending */
    size_t class_count;
    const double *class_logits; /* K x K, column k: mean logits of class k */
    size_t parameter_count;
    const double *theta; /* the end point; count 0: not kept */
} tw_store_row;

/* Is a stored row the same restart, bit by bit? The end point is compared when `stored` has it; the
 * time that it took is not. */
TW_API bool tw_store_row_same(const tw_store_row *stored, const tw_store_row *row);

/* Store the row and drop its claim, in one transaction. A row that is there already stays, with
 * *fresh = false. */
TW_API tw_status tw_store_finish(tw_store *store, const tw_store_row *row, bool *fresh);

/* All finished restarts of a setting in the order of their index; everything in a row is borrowed
 * for the call. A callback's error ends the walk with it. with_points: theta too. A callback may
 * read the store, not write. */
typedef tw_status (*tw_store_visit)(void *self, const tw_store_row *row);
TW_API tw_status tw_store_walk(tw_store *store, size_t setting, bool with_points,
                               tw_store_visit visit, void *self);

/* One class of end points of a setting. */
typedef struct tw_store_class {
    const char *name; /* "dnc" */
    size_t rank;
    double loss;
    size_t count;
    size_t first; /* smallest index among its restarts */
} tw_store_class;

/* Replace the classes of a setting and the class of each of its finished restarts (member[i]: class
 * of the i-th finished restart in the order of tw_store_walk), in one transaction. TW_ERR_DATA when
 * others were finished since: walk again. */
TW_API tw_status tw_store_set_classes(tw_store *store, size_t setting, size_t count,
                                      const tw_store_class *classes, size_t members,
                                      const size_t *member);

/* "SQLite 3.40.1"; borrowed, static. */
TW_API const char *tw_store_library(void);

#endif
