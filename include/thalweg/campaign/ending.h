/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a restart ended, and what its end point is before its identity. Files and records have the
 * names. */
#ifndef THALWEG_ENDING_H
#define THALWEG_ENDING_H

#include <stdbool.h>
#include <thalweg/base/status.h>

/* Those that are compared are told apart by where they are; others are one class each. */
#define TW_STATE_LIST(X)                                                                           \
    X(TW_STATE_MINIMUM, "", true)                                                                  \
    X(TW_STATE_SADDLE, "saddle", true)                                                             \
    X(TW_STATE_UNCONVERGED, "unconverged", false)                                                  \
    X(TW_STATE_DIVERGED, "diverged", false)                                                        \
    X(TW_STATE_KINKED, "kinked", false)

typedef enum tw_state {
#define TW_STATE_ENUM(symbol, name, compared) symbol,
    TW_STATE_LIST(TW_STATE_ENUM)
#undef TW_STATE_ENUM
} tw_state;

TW_API const char *tw_state_name(tw_state state);
TW_API bool tw_state_is_compared(tw_state state);

/* The reasons of descents first (descent.h), then what polishing and a look at the curvature made
 * of them; each with the state that it means where no negative mode was counted. */
#define TW_ENDING_LIST(X)                                                                          \
    X(TW_ENDING_CONVERGED, "converged", TW_STATE_MINIMUM)                                          \
    X(TW_ENDING_STATIONARY, "stationary start", TW_STATE_MINIMUM)                                  \
    X(TW_ENDING_STEPS, "step limit", TW_STATE_MINIMUM)                                             \
    X(TW_ENDING_TIME, "end time", TW_STATE_MINIMUM)                                                \
    X(TW_ENDING_STALLED, "stalled", TW_STATE_MINIMUM)                                              \
    X(TW_ENDING_DIVERGED, "diverged", TW_STATE_DIVERGED)                                           \
    X(TW_ENDING_CANCELLED, "cancelled", TW_STATE_UNCONVERGED)                                      \
    X(TW_ENDING_UNCONVERGED, "unconverged", TW_STATE_UNCONVERGED)                                  \
    X(TW_ENDING_KINKED, "kinked", TW_STATE_KINKED)                                                 \
    X(TW_ENDING_SADDLE, "stationary saddle", TW_STATE_SADDLE)

typedef enum tw_ending {
#define TW_ENDING_ENUM(symbol, name, state) symbol,
    TW_ENDING_LIST(TW_ENDING_ENUM)
#undef TW_ENDING_ENUM
        TW_ENDINGS /* how many there are */
} tw_ending;

TW_API const char *tw_ending_name(tw_ending ending);
TW_API tw_ending tw_ending_find(const char *name); /* TW_ENDINGS: none has that name */
TW_API tw_state tw_ending_state(tw_ending ending);

#endif
