/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By nauty (McKay, Piperno, "Practical graph isomorphism II", J. Symb. Comput. 60, 2014), which
 * knows graphs with coloured vertices. A matrix becomes one as its manual says for coloured arcs:
 * as many layers of n vertices as the group numbers of the entries have binary digits, the copies
 * of an index joined from layer to layer, and in layer b an arc from i to j where digit b of the
 * number of A(i, j) is one. Numbers of arcs begin with 1; the diagonal colours the vertices.
 *
 * nauty keeps its state in static variables, so that one search runs at a time. */
#include "symmetry/exchange_private.h"

#include <math.h>
#include <nauty.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* The values that tell entries apart. */
typedef struct palette {
    double *sorted; /* all entries, ascending; then the lowest value of each group */
    size_t groups;
    bool clear;
} palette;

/* A matrix as a graph. */
typedef struct picture {
    size_t n, layers;
    int vertices, words;
    bool directed;
    graph *arcs, *canonical;
    int *lab, *ptn, *orbits; /* lab: on return the vertices in canonical order */
    size_t *cells;           /* n: colour and diagonal group of each index, as one number */
    statsblk stats;
} picture;

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void find_groups(palette *p, size_t count, double slack) {
    double low = count ? p->sorted[0] : 0.0, before = low;
    p->clear = true;
    for (size_t i = 0; i < count; i++) {
        double value = p->sorted[i];
        if (i == 0 || value - before > slack) p->sorted[p->groups++] = low = value;
        p->clear = p->clear && value - low <= slack;
        before = value;
    }
}

static tw_status make_palette(palette *p, size_t count, const double *A, const double *B,
                              double slack) {
    tw_status status = TW_OK;
    size_t all = B ? 2 * count : count;
    TW_TRY(TW_NEW(p->sorted, all));
    memcpy(p->sorted, A, count * sizeof *A);
    if (B) memcpy(p->sorted + count, B, count * sizeof *B);
    qsort(p->sorted, all, sizeof *p->sorted, ascending);
    find_groups(p, all, slack);
cleanup:
    return status;
}

static size_t group_of(const palette *p, double value) {
    size_t low = 0, high = p->groups;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (p->sorted[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void clear_picture(picture *g) {
    free(g->arcs);
    free(g->canonical);
    free(g->lab);
    free(g->ptn);
    free(g->orbits);
    free(g->cells);
}

static tw_status allocate(picture *g, size_t groups) {
    tw_status status = TW_OK;
    size_t vertices, words;
    for (g->layers = 1; groups >> g->layers; g->layers++) continue;
    vertices = g->n * g->layers;
    if (vertices > INT32_MAX / 2)
        return tw_fail(TW_ERR_UNSUPPORTED, "exchanges of %zu classes with %zu different entries",
                       g->n, groups);
    words = (vertices + WORDSIZE - 1) / WORDSIZE;
    g->vertices = (int)vertices;
    g->words = (int)words;
    TW_TRY(TW_NEW(g->arcs, vertices * words));
    TW_TRY(TW_NEW(g->canonical, vertices * words));
    TW_TRY(TW_NEW(g->lab, vertices));
    TW_TRY(TW_NEW(g->ptn, vertices));
    TW_TRY(TW_NEW(g->orbits, vertices));
    TW_TRY(TW_NEW(g->cells, g->n));
cleanup:
    return status;
}

static void join(picture *g, size_t from, size_t to) {
    g->arcs[(size_t)g->words * from + to / WORDSIZE] |= bit[to % WORDSIZE];
}

static void draw(picture *g, const palette *p, const size_t *colours, const double *A) {
    size_t n = g->n;
    for (size_t i = 0; i < n; i++) {
        g->cells[i] = colours[i] * p->groups + group_of(p, A[i + n * i]);
        for (size_t b = 1; b < g->layers; b++) {
            join(g, i + n * (b - 1), i + n * b);
            join(g, i + n * b, i + n * (b - 1));
        }
    }
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            if (i == j) continue;
            size_t number = 1 + group_of(p, A[i + n * j]);
            g->directed = g->directed || number != 1 + group_of(p, A[j + n * i]);
            for (size_t b = 0; b < g->layers; b++)
                if (number >> b & 1) join(g, i + n * b, j + n * b);
        }
}

/* lab: the vertices layer by layer, those of one cell together, cells in the order of their
 * numbers; ptn is 0 at the end of a cell. */
static void partition(picture *g) {
    size_t n = g->n, filled = 0;
    while (filled < n) {
        size_t lowest = SIZE_MAX, before = filled ? g->cells[g->lab[filled - 1]] : 0;
        for (size_t i = 0; i < n; i++)
            if ((filled == 0 || g->cells[i] > before) && g->cells[i] < lowest) lowest = g->cells[i];
        for (size_t i = 0; i < n; i++)
            if (g->cells[i] == lowest) g->lab[filled++] = (int)i;
        for (size_t at = 0; at < filled; at++)
            g->ptn[at] = at + 1 < n && g->cells[g->lab[at]] == lowest ? 1 : g->ptn[at];
        g->ptn[filled - 1] = 0;
    }
    for (size_t at = n; at < (size_t)g->vertices; at++) {
        g->lab[at] = g->lab[at % n] + (int)(at - at % n);
        g->ptn[at] = g->ptn[at % n];
    }
}

static tw_status search(picture *g, bool canonical) {
    DEFAULTOPTIONS_GRAPH(usual);
    optionblk options = usual;
    options.digraph = g->directed;
    options.defaultptn = FALSE;
    options.getcanon = canonical;
    pthread_mutex_lock(&one_at_a_time);
    densenauty(g->arcs, g->lab, g->ptn, g->orbits, &options, &g->stats, g->words, g->vertices,
               g->canonical);
    /* Its state belongs to the thread, which may end. */
    nauty_freedyn();
    nautil_freedyn();
    naugraph_freedyn();
    pthread_mutex_unlock(&one_at_a_time);
    if (g->stats.errstatus != 0)
        return tw_fail(TW_ERR_NUMERIC, "nauty failed on %d vertices: error %d", g->vertices,
                       g->stats.errstatus);
    return TW_OK;
}

static tw_status make_picture(picture *g, const palette *p, size_t n, const size_t *colours,
                              const double *A) {
    g->n = n;
    tw_status status = allocate(g, p->groups);
    if (status != TW_OK) return status;
    draw(g, p, colours, A);
    partition(g);
    return TW_OK;
}

tw_status tw_exchange_group(size_t n, const size_t *colours, const double *A, double slack,
                            double *log_order, bool *clear) {
    tw_status status = TW_OK;
    palette p = {0};
    picture g = {0};
    TW_TRY(make_palette(&p, n * n, A, NULL, slack));
    TW_TRY(make_picture(&g, &p, n, colours, A));
    TW_TRY(search(&g, false));
    *log_order = log(g.stats.grpsize1) + g.stats.grpsize2 * log(10.0);
    *clear = p.clear;
cleanup:
    free(p.sorted);
    clear_picture(&g);
    return status;
}

/* Do the same numbers of indices have each cell? */
static bool same_cells(const picture *a, const picture *b) {
    for (size_t at = 0; at < a->n; at++)
        if (a->cells[a->lab[at]] != b->cells[b->lab[at]]) return false;
    return true;
}

/* The candidate of two canonical orders, entry by entry. */
static bool holds(const picture *a, const picture *b, const double *A, const double *B,
                  double slack) {
    size_t n = a->n;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            size_t from = (size_t)a->lab[i] + n * (size_t)a->lab[j];
            size_t to = (size_t)b->lab[i] + n * (size_t)b->lab[j];
            if (!(fabs(A[from] - B[to]) <= slack)) return false;
        }
    return true;
}

tw_status tw_exchange_exists(size_t n, const size_t *colours, const double *A, const double *B,
                             double slack, bool *exists) {
    tw_status status = TW_OK;
    palette p = {0};
    picture a = {0}, b = {0};
    *exists = false;
    TW_TRY(make_palette(&p, n * n, A, B, slack));
    TW_TRY(make_picture(&a, &p, n, colours, A));
    TW_TRY(make_picture(&b, &p, n, colours, B));
    if (a.directed != b.directed || !same_cells(&a, &b)) goto cleanup;
    TW_TRY(search(&a, true));
    TW_TRY(search(&b, true));
    size_t bytes = (size_t)a.vertices * (size_t)a.words * sizeof *a.canonical;
    *exists = memcmp(a.canonical, b.canonical, bytes) == 0 && holds(&a, &b, A, B, slack);
cleanup:
    free(p.sorted);
    clear_picture(&a);
    clear_picture(&b);
    return status;
}
