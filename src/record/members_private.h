/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One member of an object at a time. */
#ifndef TW_MEMBERS_PRIVATE_H
#define TW_MEMBERS_PRIVATE_H

#include <thalweg/files/json.h>

tw_status tw_set_number(tw_json *object, const char *key, double value);
tw_status tw_set_count(tw_json *object, const char *key, size_t count);
tw_status tw_set_text(tw_json *object, const char *key, const char *text);

/* A new, empty object or array as member `key`; borrowed. NULL when memory is short. */
tw_json *tw_set_object(tw_json *object, const char *key);
tw_json *tw_set_array(tw_json *object, const char *key);

#endif
