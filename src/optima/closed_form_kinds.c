/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of closed forms: names, arguments, and the parts they stand for. */
#include "base/alloc_private.h"
#include "optima/closed_form_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tw_status add_part(tw_closed_form *form, size_t size, size_t count, size_t rank) {
    size_t filled = form->part_count;
    tw_closed_part *last = filled ? &form->parts[filled - 1] : NULL, *moved;
    if (last && last->size == size) {
        last->count += count;
    } else {
        moved = tw_resize(form->parts, filled + 1, sizeof *moved);
        if (moved == NULL) return TW_ERR_MEMORY;
        moved[filled] = (tw_closed_part){.size = size, .count = count, .rank = rank};
        form->parts = moved;
        form->part_count++;
    }
    form->rank += count * rank;
    return TW_OK;
}

static tw_status arrange_zero(const char *argument, tw_closed_form *form) {
    (void)argument;
    (void)form;
    return TW_OK;
}

static tw_status arrange_collapse(const char *argument, tw_closed_form *form) {
    size_t K = form->given.classes;
    (void)argument;
    return add_part(form, K, 1, tw_closed_is_ce(&form->given) ? K - 1 : K);
}

static tw_status arrange_pairs(const char *argument, tw_closed_form *form) {
    size_t K = form->given.classes;
    (void)argument;
    if (K % 2 != 0)
        return tw_fail(TW_ERR_ARGUMENT, "a cross-polytope needs an even number of classes, not %zu",
                       K);
    return add_part(form, 2, K / 2, 1);
}

/* A whole number at *text, which moves past it; unlike strtoul alone, no sign and no blanks. */
static tw_status read_number(const char *name, const char **text, size_t *number) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(*text, &end, 10);
    if (**text < '0' || **text > '9' || errno != 0 || value > SIZE_MAX)
        return tw_fail(TW_ERR_ARGUMENT, "%s: no whole number at \"%s\"", name, *text);
    *text = end;
    *number = (size_t)value;
    return TW_OK;
}

static tw_status add_block(tw_closed_form *form, size_t size, size_t *left) {
    if (size < 2)
        return tw_fail(TW_ERR_ARGUMENT, "blocks: a block has 2 classes at least, not %zu", size);
    if (size > *left)
        return tw_fail(TW_ERR_ARGUMENT, "blocks: the sizes sum to more than the %zu classes",
                       form->given.classes);
    *left -= size;
    return add_part(form, size, 1, size - 1);
}

static tw_status arrange_blocks(const char *argument, tw_closed_form *form) {
    tw_status status = TW_OK;
    size_t left = form->given.classes, size = 0;
    for (;; argument++) {
        TW_TRY(read_number("blocks", &argument, &size));
        TW_TRY(add_block(form, size, &left));
        if (*argument != ',') break;
    }
    if (*argument != '\0') return tw_fail(TW_ERR_ARGUMENT, "blocks: no comma at \"%s\"", argument);
    if (left > 0)
        return tw_fail(TW_ERR_ARGUMENT, "blocks: the sizes sum to %zu, not to the %zu classes",
                       form->given.classes - left, form->given.classes);
cleanup:
    return status;
}

static tw_status arrange_projector(const char *argument, tw_closed_form *form) {
    size_t K = form->given.classes, rank = 0;
    tw_status status = read_number("projector", &argument, &rank);
    if (status != TW_OK) return status;
    if (*argument != '\0')
        return tw_fail(TW_ERR_ARGUMENT, "projector: nothing may follow the rank: \"%s\"", argument);
    if (rank < 1 || rank > K)
        return tw_fail(TW_ERR_ARGUMENT, "projector: rank %zu is outside 1 .. %zu", rank, K);
    return add_part(form, K, 1, rank);
}

static const tw_closed_row rows[] = {
    {{"zero", NULL, "Z = 0", {"ce", "mse"}}, "", 1.0, arrange_zero},
    {{"dnc", NULL, "deep neural collapse: Z = a (I - 11^T/K) for ce, q I for mse", {"ce", "mse"}},
     "a",
     1.0,
     arrange_collapse},
    {{"cross-polytope",
      NULL,
      "classes in opposite pairs, rank K/2: Z = b (e_1 - e_2)(e_1 - e_2)^T "
      "and so on, K even",
      {"ce"}},
     "b",
     2.0,
     arrange_pairs},
    {{"blocks",
      "K1,K2,...",
      "collapse within blocks of K1, K2, ... classes (2 at least, K in all)",
      {"ce"}},
     "a_j",
     1.0,
     arrange_blocks},
    {{"projector", "R", "Z = q times an orthogonal projector of rank R", {"mse"}},
     "q",
     1.0,
     arrange_projector},
};
#define ROWS (sizeof rows / sizeof *rows)

const tw_closed_kind *tw_closed_kind_at(size_t index) {
    return index < ROWS ? &rows[index].kind : NULL;
}

static const tw_closed_row *find_row(const char *name, size_t bytes) {
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(rows[i].kind.name) == bytes && memcmp(rows[i].kind.name, name, bytes) == 0)
            return &rows[i];
    return NULL;
}

const tw_closed_kind *tw_closed_kind_find(const char *name) {
    const tw_closed_row *row = find_row(name, strlen(name));
    return row ? &row->kind : NULL;
}

static bool takes(const tw_closed_kind *kind, const tw_loss *loss) {
    for (size_t i = 0; i < 3 && kind->losses[i]; i++)
        if (strcmp(kind->losses[i], loss->name) == 0) return true;
    return false;
}

static tw_status fail_unknown(const char *text) {
    char names[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < ROWS && used < sizeof names; i++) {
        const tw_closed_kind *kind = &rows[i].kind;
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s%s%s", i ? ", " : "",
                                 kind->name, kind->argument ? ":" : "",
                                 kind->argument ? kind->argument : "");
    }
    return tw_fail(TW_ERR_ARGUMENT, "\"%s\" is no closed form: there are %s", text, names);
}

tw_status tw_closed_read(const char *text, const tw_loss *loss, const tw_closed_row **row,
                         const char **argument) {
    const char *colon = strchr(text, ':');
    *row = find_row(text, colon ? (size_t)(colon - text) : strlen(text));
    *argument = colon ? colon + 1 : NULL;
    if (*row == NULL) return fail_unknown(text);
    const tw_closed_kind *kind = &(*row)->kind;
    if (colon && kind->argument == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "%s takes no argument, not \"%s\"", kind->name, colon + 1);
    if (colon == NULL && kind->argument)
        return tw_fail(TW_ERR_ARGUMENT, "%s needs an argument: %s:%s", kind->name, kind->name,
                       kind->argument);
    if (!takes(kind, loss))
        return tw_fail(TW_ERR_ARGUMENT, "%s is a closed form for %s, not for the loss %s",
                       kind->name, kind->losses[0], loss->name);
    return TW_OK;
}
