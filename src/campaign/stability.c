/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A curve is found by its key: the text of a setting without its radius. */
#include <thalweg/campaign/stability.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"

/* One setting that has a place on a curve. */
typedef struct place {
    char *key, *optimum, *direction, *method;
    size_t setting, returned, done;
    double radius;
    size_t curve;
} place;

static void place_clear(place *p) {
    free(p->key);
    free(p->optimum);
    free(p->direction);
    free(p->method);
}

/* ---- Settings ---- */

static tw_status copy_member(const tw_json *json, const char *name, const char *fallback,
                             char **text) {
    const char *value = tw_json_as_string(tw_json_get(json, name));
    *text = tw_copy_string(value ? value : fallback);
    return *text ? TW_OK : TW_ERR_MEMORY;
}

/* The same members but the radius, as text. */
static tw_status make_key(const tw_json *json, char **key) {
    tw_status status = TW_OK;
    const char *name = NULL;
    const tw_json *member;
    tw_json *rest = tw_json_object();
    TW_TRY(rest ? TW_OK : TW_ERR_MEMORY);
    while ((member = tw_json_next(json, &name)) != NULL) {
        char *text;
        if (strcmp(name, "radius") == 0) continue;
        TW_TRY((text = tw_json_text(member, 0)) ? TW_OK : TW_ERR_MEMORY);
        status = tw_json_set(rest, name, tw_json_string(text));
        free(text);
        TW_TRY(status);
    }
    *key = tw_json_text(rest, 0);
    if (*key == NULL) status = TW_ERR_MEMORY;
cleanup:
    tw_json_destroy(rest);
    return status;
}

static size_t count_returned(const tw_campaign_table *table) {
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->classes[i].name, "origin") == 0) return table->classes[i].count;
    return 0;
}

/* *found: the setting lies on a curve. */
static tw_status read_place(const tw_campaign_table *table, place *p, bool *found) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    *found = false;
    if (table->done == 0) return TW_OK;
    TW_TRY(tw_json_parse(table->setting, strlen(table->setting), &json));
    if (tw_json_as_string(tw_json_get(json, "around")) == NULL) goto cleanup;
    if (!tw_json_read_number(tw_json_get(json, "radius"), &p->radius)) goto cleanup;
    p->returned = count_returned(table);
    p->done = table->done;
    TW_TRY(make_key(json, &p->key));
    TW_TRY(copy_member(json, "around", "", &p->optimum));
    TW_TRY(copy_member(json, "direction", "whole", &p->direction));
    TW_TRY(copy_member(json, "method", "lbfgs", &p->method));
    *found = true;
cleanup:
    tw_json_destroy(json);
    return status;
}

/* Numbers the curves in the order of their first settings; returns how many there are. */
static size_t number_curves(size_t count, place *places) {
    size_t curves = 0;
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < i && strcmp(places[j].key, places[i].key) != 0) j++;
        places[i].curve = j < i ? places[j].curve : curves++;
    }
    return curves;
}

static int by_curve_and_radius(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->curve != y->curve) return x->curve < y->curve ? -1 : 1;
    return (x->radius > y->radius) - (x->radius < y->radius);
}

/* ---- Curves ---- */

void tw_return_curve_clear(tw_return_curve *curve) {
    if (curve == NULL) return;
    free(curve->optimum);
    free(curve->direction);
    free(curve->method);
    free(curve->setting);
    free(curve->radius);
    free(curve->returned);
    free(curve->done);
    free(curve->fraction);
    *curve = (tw_return_curve){0};
}

/* The curve of `count` places, which give up their texts to it. */
static tw_status make_curve(size_t count, place *p, tw_return_curve *c) {
    tw_status status = TW_OK;
    c->count = count;
    TW_TRY(TW_NEW(c->setting, count));
    TW_TRY(TW_NEW(c->radius, count));
    TW_TRY(TW_NEW(c->returned, count));
    TW_TRY(TW_NEW(c->done, count));
    TW_TRY(TW_NEW(c->fraction, count));
    for (size_t i = 0; i < count; i++) {
        c->setting[i] = p[i].setting;
        c->radius[i] = p[i].radius;
        c->returned[i] = p[i].returned;
        c->done[i] = p[i].done;
        c->fraction[i] = tw_fraction(p[i].returned, p[i].done, 0.95);
    }
    TW_TRY(tw_half_radius(count, c->radius, c->returned, c->done, 0.95, &c->half));
    c->optimum = p->optimum;
    c->direction = p->direction;
    c->method = p->method;
    p->optimum = p->direction = p->method = NULL;
cleanup:
    return status;
}

static tw_status make_curves(size_t count, place *places, tw_return_curve *curves) {
    tw_status status = TW_OK;
    qsort(places, count, sizeof *places, by_curve_and_radius);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && places[end].curve == places[first].curve;) end++;
        TW_TRY(make_curve(end - first, &places[first], &curves[places[first].curve]));
    }
cleanup:
    return status;
}

tw_status tw_return_curves(size_t tables, const tw_campaign_table *table, tw_return_curve **curves,
                           size_t *count) {
    tw_status status = TW_OK;
    place *places = NULL;
    tw_return_curve *made = NULL;
    size_t placed = 0, curve_count = 0;
    TW_TRY(TW_NEW(places, tables));
    for (size_t i = 0; i < tables; i++) {
        bool found;
        places[placed].setting = i;
        status = read_place(&table[i], &places[placed], &found);
        placed += found || status != TW_OK; /* what failed half-way is released like the rest */
        TW_TRY(status);
    }
    curve_count = number_curves(placed, places);
    TW_TRY(TW_NEW(made, curve_count));
    TW_TRY(make_curves(placed, places, made));
    *curves = made;
    *count = curve_count;
    made = NULL;
cleanup:
    for (size_t i = 0; places && i < placed; i++) place_clear(&places[i]);
    for (size_t i = 0; made && i < curve_count; i++) tw_return_curve_clear(&made[i]);
    free(places);
    free(made);
    return status;
}
