/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/energy_record.h>

#include <math.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

static tw_json *log_det_error(const void *record) {
    const tw_laplace *x = record;
    return tw_json_number(x->log_det.exact ? x->log_det_rounding : x->log_det.error);
}

static bool is_counted(const void *record) {
    const tw_zero_rule *zero = &((const tw_laplace *)record)->zero;
    return zero->negative + zero->zero + zero->positive > 0;
}

static tw_json *zero_of_laplace(const void *record) {
    return tw_zero_json(&((const tw_laplace *)record)->zero, is_counted(record));
}

static const tw_field laplace_rows[] = {
    TW_NUMBER(tw_laplace, loss, "loss", .title = "loss", .digits = 12, .meaning = "f"),
    TW_COUNT(tw_laplace, parameters, "parameters", .title = "parameters", .meaning = "P"),
    TW_COUNT(tw_laplace, zero_modes, "zero_modes", .title = "zero modes", .known = is_counted,
             .meaning = "m; `null` where none were counted"),
    TW_NUMBER(tw_laplace, log_orbit_volume, "log_orbit_volume", .title = "log volume of the orbit",
              .digits = 12, .meaning = "(7.4)"),
    TW_NUMBER(tw_laplace, log_stiefel, "log_stiefel_volume", .meaning = "its second sum"),
    TW_NUMBER(tw_laplace, log_copies, "log_copies", .title = "log copies by classes", .digits = 12,
              .meaning = "log of the number of copies by exchange of classes"),
    TW_NUMBER(tw_laplace, log_unit_copies, "log_unit_copies", .title = "log copies by hidden units",
              .digits = 12, .meaning = "of hidden units"),
    TW_NUMBER(tw_laplace, log_det.value, "log_det_nonzero", .title = "log |det|, non-zero modes",
              .digits = 12, .meaning = "over non-zero modes"),
    TW_MADE("log_det_error", log_det_error, .title = "  error", .digits = 2,
            .meaning = "its standard error, or a bound for the rounding of an exact one"),
    TW_BOOLEAN(tw_laplace, log_det.exact, "log_det_exact", .meaning = "which of both"),
    TW_MADE("zero_rule", zero_of_laplace, .of = &tw_zero_fields,
            .meaning = "what counts as zero, as in `degeneracy`, with the counts of the point"),
    TW_NUMBER(tw_laplace, smallest, "smallest_nonzero", .title = "smallest non-zero |t|",
              .digits = 12, .meaning = "smallest \\|t\\| that is not zero"),
    TW_BOOLEAN(tw_laplace, defined, "defined", .meaning = "whether F is"),
    TW_CHARS(tw_laplace, refusal, "refusal", .title = "F is not defined", .quiet = true,
             .meaning = "why not, else empty"),
};
static TW_TABLE(laplace_fields, "parts of a free energy", tw_laplace, laplace_rows);

static const tw_field optimum_rows[] = {
    TW_TEXT(tw_weighed, name, "file", .title = "", .cell = tw_file_cell,
            .meaning = "path, or name of the closed form"),
    TW_MEMBERS(tw_weighed, laplace, laplace_fields),
};
static TW_TABLE(optimum_fields, "an optimum", tw_weighed, optimum_rows);

static const tw_field crossing_rows[] = {
    TW_NUMBER(tw_crossing, beta, "beta_star", .title = "beta* of the first two", .digits = 12,
              .quiet = true, .meaning = "where the two weigh the same; `null`: nowhere"),
    TW_NUMBER(tw_crossing, error, "beta_star_error", .title = "  error", .digits = 2, .quiet = true,
              .meaning = "its standard error"),
    TW_NUMBER(tw_crossing, lower, "beta_lower", .title = "  smaller root", .digits = 6,
              .quiet = true, .meaning = "the smaller root of (7.6); `null`: none"),
};
static TW_TABLE(crossing_fields, "a crossing", tw_crossing, crossing_rows);

static bool are_two(const void *record) {
    return ((const tw_weight_scale *)record)->count > 1;
}

static bool are_counted(const void *record) {
    const tw_weighed *optima = ((const tw_weight_scale *)record)->optima;
    return are_two(record) && is_counted(&optima[0].laplace) && is_counted(&optima[1].laplace);
}

static tw_json *apart(const void *record) {
    const tw_weighed *optima = ((const tw_weight_scale *)record)->optima;
    return tw_json_integer((long long)optima[0].laplace.zero_modes -
                           (long long)optima[1].laplace.zero_modes);
}

static tw_json *expansion(const void *record) {
    const tw_weight_scale *s = record;
    double smallest = fmin(s->optima[0].laplace.smallest, s->optima[1].laplace.smallest);
    return tw_json_number(s->crossing.beta * smallest);
}

static const tw_field scale_rows[] = {
    TW_OBJECTS(tw_weight_scale, optima, count, "points", optimum_fields, .title = "optima",
               .across = true, .pointed = true,
               .meaning = "one object an optimum, in the order of the files or names"),
    TW_MADE("zero_modes_apart", apart, .title = "zero modes apart", .known = are_counted,
            .optional = true, .meaning = "how many more the first has than the second"),
    TW_MEMBERS(tw_weight_scale, crossing, crossing_fields,
               .meaning = "where the first two weigh the same, see below"),
    TW_MADE("expansion", expansion, .title = "beta* smallest |t|", .digits = 4, .quiet = true,
            .known = are_two, .optional = true,
            .meaning = "`beta_star` times the smaller of both `smallest_nonzero`: the expansion "
                       "asks for a large one"),
};
static TW_TABLE(scale_fields, "weights at one width", tw_weight_scale, scale_rows);

static const tw_field pair_rows[] = {
    TW_SIZE(tw_weight_pair, first, "first", .meaning = "index of an optimum, from 0"),
    TW_SIZE(tw_weight_pair, second, "second", .meaning = "likewise"),
    TW_MEMBERS(tw_weight_pair, crossing, crossing_fields,
               .meaning = "where these two weigh the same"),
};
static TW_TABLE(pair_fields, "a pair of optima", tw_weight_pair, pair_rows);

static const tw_field curve_rows[] = {
    TW_NUMBERS(tw_weights, betas, listed, "beta", .meaning = "as asked for"),
    TW_MATRIX(tw_weights, energy, count, listed, "free_energy",
              .meaning = "one list an optimum; `null` where F is not defined"),
};
static TW_TABLE(curve_fields, "curve of the free energy", tw_weights, curve_rows);

static const tw_field width_rows[] = {
    TW_SIZE(tw_weight_scale, width, "width", .title = "width", .meaning = "d"),
    TW_OWN_MEMBERS(scale_fields, .meaning = "and these at that width"),
};
static TW_TABLE(width_fields, "one width of a sweep", tw_weight_scale, width_rows);

static tw_json *width_item(const void *record, size_t index) {
    return tw_fields_json(&width_fields, &((const tw_weights *)record)->scales[index]);
}

static tw_json *sweep(const void *record) {
    const tw_weights *w = record;
    return tw_list_json(w->scale_count, width_item, w);
}

static const tw_field rows[] = {
    TW_MEMBERS(tw_weights, scales, scale_fields, .pointed = true,
               .meaning = "those of the first width, see below"),
    TW_OBJECTS(tw_weights, pairs, pair_count, "crossings", pair_fields, .pointed = true,
               .meaning = "for all pairs"),
    TW_SELF("curve", curve_fields, .meaning = "F by beta, see below"),
};
TW_TABLE(tw_weights_fields, "free-energy", tw_weights, rows);

static const tw_field sweep_rows[] = {
    TW_OWN_MEMBERS(tw_weights_fields, .meaning = "the keys above"),
    TW_MADE("sweep", sweep, .title = "by width", .of = &width_fields, .spread = true,
            .meaning = "one object a width"),
};
TW_TABLE(tw_sweep_fields, "free-energy of closed forms", tw_weights, sweep_rows);
