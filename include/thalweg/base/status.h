/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status codes, the sentence that explains the last failure, and the export mark. */
#ifndef THALWEG_STATUS_H
#define THALWEG_STATUS_H

#ifdef __cplusplus
#define TW_API extern "C" __attribute__((visibility("default")))
#define TW_API_DATA TW_API
#else
#define TW_API __attribute__((visibility("default")))
#define TW_API_DATA extern TW_API /* of constants */
#endif

/* The one list of codes: name and meaning. Not converging is never a status: it is the `reason`
 * of a result. TW_STOPPED comes from stages that have no result before their end; computations with
 * a partial result make that of it. */
#define TW_STATUS_LIST(X)                                                                          \
    X(TW_OK, "done")                                                                               \
    X(TW_ERR_ARGUMENT, "an argument is outside its range")                                         \
    X(TW_ERR_SHAPE, "shapes do not fit together")                                                  \
    X(TW_ERR_DATA, "the data contradict themselves")                                               \
    X(TW_ERR_FORMAT, "a file is malformed")                                                        \
    X(TW_ERR_IO, "a file cannot be read or written")                                               \
    X(TW_ERR_MEMORY, "out of memory")                                                              \
    X(TW_ERR_NUMERIC, "a numerical routine failed")                                                \
    X(TW_ERR_UNSUPPORTED, "this case is not supported")                                            \
    X(TW_STOPPED, "ended early, as the monitor or the deadline asked")

typedef enum tw_status {
#define TW_STATUS_ENUM(name, text) name,
    TW_STATUS_LIST(TW_STATUS_ENUM)
#undef TW_STATUS_ENUM
} tw_status;

/* Name ("TW_ERR_SHAPE") and meaning of a code; never NULL. */
TW_API const char *tw_status_name(tw_status status);
TW_API const char *tw_status_text(tw_status status);

/* Store one sentence for the calling thread (cut at 1023 bytes, control characters become '?') and
 * return `status` unchanged:
 *     return tw_fail(TW_ERR_SHAPE, "H has %zu rows, W1 has %zu columns", rows, columns); */
TW_API tw_status tw_fail(tw_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The calling thread's last sentence; "" before the first failure. Borrowed, valid until the next
 * tw_fail of the same thread. */
TW_API const char *tw_last_error(void);

/* Put a prefix ("points/a.npz: ") before the last sentence and return `status` unchanged. */
TW_API tw_status tw_fail_in(tw_status status, const char *prefix);

/* The one control-flow macro: leave through the `cleanup` label on failure. Needs a local
 * `tw_status status = TW_OK;` and the label. */
#define TW_TRY(call)                                                                               \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != TW_OK) goto cleanup;                                                         \
    } while (0)

#endif
