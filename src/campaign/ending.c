/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/ending.h>

#include <string.h>

static const struct {
    const char *name;
    bool compared;
} states[] = {
#define STATE_ROW(symbol, name, compared) {name, compared},
    TW_STATE_LIST(STATE_ROW)
#undef STATE_ROW
};

static const struct {
    const char *name;
    tw_state state;
} endings[] = {
#define ENDING_ROW(symbol, name, state) {name, state},
    TW_ENDING_LIST(ENDING_ROW)
#undef ENDING_ROW
};

const char *tw_state_name(tw_state state) {
    return states[state].name;
}

bool tw_state_is_compared(tw_state state) {
    return states[state].compared;
}

const char *tw_ending_name(tw_ending ending) {
    return endings[ending].name;
}

tw_ending tw_ending_find(const char *name) {
    int i = 0;
    while (i < TW_ENDINGS && strcmp(endings[i].name, name) != 0) i++;
    return (tw_ending)i;
}

tw_state tw_ending_state(tw_ending ending) {
    return endings[ending].state;
}
