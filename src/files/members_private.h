/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of a JSON object that somebody wrote by hand: read when they are there and hold what they
 * should. What is absent leaves the value as it is; what is wrong is TW_ERR_DATA with a sentence
 * that names the member. */
#ifndef TW_MEMBERS_PRIVATE_H
#define TW_MEMBERS_PRIVATE_H

#include <thalweg/files/json.h>

tw_status tw_member_number(const tw_json *json, const char *key, double *value); /* >= 0, finite */
tw_status tw_member_count(const tw_json *json, const char *key, size_t *value);
tw_status tw_member_flag(const tw_json *json, const char *key, bool *value);

/* Borrowed from json; `fallback` when it is absent. */
tw_status tw_member_text(const tw_json *json, const char *key, const char *fallback,
                         const char **text);

/* `count` numbers >= 0, or one for all of them. */
tw_status tw_member_numbers(const tw_json *json, const char *key, size_t count, double *values);

/* The same for whole numbers from 1 to 1e9. */
tw_status tw_member_sizes(const tw_json *json, const char *key, size_t count, size_t *values);

#endif
