/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/estimate_record.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"
#include "spectrum/estimate_private.h"

static const tw_field estimate_rows[] = {
    TW_NUMBER(tw_estimate, value, "value", .meaning = "`null`: not known"),
    TW_NUMBER(tw_estimate, error, "error", .meaning = "standard error; 0 when exact"),
    TW_NUMBER(tw_estimate, low, "low", .meaning = "lower end of the 95 % interval"),
    TW_NUMBER(tw_estimate, high, "high", .meaning = "upper end"),
    TW_BOOLEAN(tw_estimate, exact, "exact", .meaning = "right to rounding"),
};
static void estimate_cell(const tw_json *object, char *text, size_t room) {
    bool exact = false;
    double value = tw_cell_number(object, "value");
    tw_json_as_boolean(tw_json_get(object, "exact"), &exact);
    if (isnan(value))
        snprintf(text, room, "-");
    else if (exact)
        snprintf(text, room, "%.12g", value);
    else
        snprintf(text, room, "%.8g +- %.2g", value, tw_cell_number(object, "error"));
}

TW_CELL_TABLE(tw_estimate_fields, "an estimate", tw_estimate, estimate_rows, estimate_cell, NULL);

/* The same with the interval, where there is room for it. */
static void interval_cell(const tw_json *object, char *text, size_t room) {
    double low = tw_cell_number(object, "low"), high = tw_cell_number(object, "high");
    estimate_cell(object, text, room);
    size_t used = strlen(text);
    if (low < high) snprintf(text + used, room - used, " [%.6g, %.6g]", low, high);
}

#define INTERVAL_CELL(name, key)                                                                   \
    static void name(const tw_json *object, char *text, size_t room) {                             \
        interval_cell(tw_json_get(object, key), text, room);                                       \
    }
INTERVAL_CELL(copies_cell, "eigenvalues")
INTERVAL_CELL(continuous_cell, "continuous")
INTERVAL_CELL(trace_cell, "trace")
INTERVAL_CELL(frobenius_cell, "frobenius")
INTERVAL_CELL(log_det_cell, "log_det_nonzero")
INTERVAL_CELL(zero_modes_cell, "further_zero_modes")

/* ---- What all have ---- */

static const tw_field standing_rows[] = {
    TW_MEMBERS(tw_standing, kinks, tw_kinked_fields, .pointed = true),
    TW_TEXT(tw_standing, doubt, "doubt", .title = "counts do not stand", .quiet = true,
            .meaning = "why the counts do not stand, else empty"),
};
TW_TABLE(tw_standing_fields, "whether counts stand", tw_standing, standing_rows);

static void deflated_cell(const tw_json *object, char *text, size_t room) {
    bool deflated = false, flat = false;
    tw_json_as_boolean(tw_json_get(object, "deflated"), &deflated);
    tw_json_as_boolean(tw_json_get(object, "stationary"), &flat);
    snprintf(text, room, "%s",
             deflated ? "yes"
             : flat   ? "no"
                      : "no: the point is not stationary enough, polish it first");
}

static bool has_dimension(const void *record) {
    const tw_orbit_record *orbit = record;
    return orbit->stationary || !isnan(orbit->residual);
}

static const tw_field orbit_rows[] = {
    TW_SIZE(tw_orbit_record, dimension, "dimension", .title = "dimension", .known = has_dimension,
            .meaning =
                "of the symmetry orbit; `null`: not asked for, since the gradient tells that "
                "the point is not stationary"),
    TW_BOOLEAN(tw_orbit_record, deflated, "deflated", .title = "deflated", .cell = deflated_cell,
               .meaning = "whether it was projected out"),
    TW_BOOLEAN(tw_orbit_record, stationary, "stationary",
               .meaning = "whether the point is near enough to a critical one for the orbit to be "
                          "flat"),
    TW_NUMBER(tw_orbit_record, residual, "tangent_residual",
              .title = "||H v||/||H|| on its tangent", .digits = 2,
              .meaning = "largest \\|\\|H v\\|\\|/\\|\\|H\\|\\| over random unit tangent vectors; "
                         "where they are null the orbit is deflated"),
};
TW_TABLE(tw_orbit_fields, "symmetry", tw_orbit_record, orbit_rows);

static tw_json *is_complete(const void *record) {
    return tw_json_boolean(((const tw_estimation_record *)record)->reason == TW_ESTIMATE_COMPLETE);
}

TW_NAMES(reasons, tw_estimate_reason, tw_estimate_reason_name, TW_ESTIMATE_CANCELLED);

static const tw_field common_rows[] = {
    TW_SIZE(tw_estimation_record, parameters, "parameters", .meaning = "P"),
    TW_TEXT(tw_estimation_record, method, "method", .title = "route",
            .meaning = "`dense`, `sectors`, or the names of the random methods"),
    TW_NUMBER(tw_estimation_record, norm, "hessian_norm", .title = "norm of the Hessian",
              .meaning = "\\|\\|H\\|\\|_2; by random probes from below"),
    TW_NUMBER(tw_estimation_record, gradient_norm, "gradient_norm", .title = "gradient norm",
              .digits = 3, .meaning = "\\|\\|g\\|\\|_2 at the point"),
    TW_MEMBERS(tw_estimation_record, standing, tw_standing_fields),
    TW_SIZE(tw_estimation_record, products, "products", .title = "Hessian products",
            .meaning = "Hessian products in all"),
    TW_MADE("converged", is_complete,
            .meaning = "whether every probe that was asked for was finished"),
    TW_NAME(tw_estimation_record, reason, "reason", reasons, .title = "outcome",
            .meaning = "`complete`, `products` (budget used up), `cancelled`"),
    TW_OBJECT(tw_estimation_record, orbit, "symmetry", tw_orbit_fields, .title = "symmetry orbit",
              .pointed = true, .optional = true,
              .meaning =
                  "unless by sectors alone, and always of `flatness`: the symmetry orbit, as in "
                  "`spectrum`"),
};
static TW_TABLE(common_fields, "an estimation", tw_estimation_record, common_rows);

/* ---- Densities ---- */

/* An atom of a spectrum of known order. */
typedef struct counted_atom {
    tw_atom atom;
    tw_estimate copies;
} counted_atom;

static const tw_field atom_rows[] = {
    TW_NUMBER(counted_atom, atom.value, "value", .title = "value", .digits = 12,
              .meaning = "the eigenvalue"),
    TW_NUMBER(counted_atom, atom.mass.value, "mass", .title = "mass", .digits = 8,
              .meaning = "a fraction of all P eigenvalues"),
    TW_NUMBER(counted_atom, atom.mass.error, "error", .title = "error", .digits = 2,
              .meaning = "its standard error"),
    TW_NUMBER(counted_atom, atom.mass.low, "low", .meaning = "lower end of its 95 % interval"),
    TW_NUMBER(counted_atom, atom.mass.high, "high", .meaning = "upper end"),
    TW_BOOLEAN(counted_atom, atom.mass.exact, "exact",
               .meaning = "whether the mass is right to rounding"),
    TW_OBJECT(counted_atom, copies, "eigenvalues", tw_estimate_fields,
              .title = "eigenvalues [95 %]", .cell = copies_cell,
              .meaning = "how many these are: P times the mass, an estimate"),
    TW_NUMBER(counted_atom, atom.residual, "residual", .title = "residual/||H||", .digits = 2,
              .meaning = "of one vector by a fresh product, relative to \\|\\|H\\|\\|; `null` by "
                         "sectors and when no product was left"),
};
static TW_TABLE(atom_fields, "an atom", counted_atom, atom_rows);

static tw_json *atom_item(const void *record, size_t index) {
    const tw_density_record *r = record;
    counted_atom made = {.atom = r->result->atoms[index]};
    made.copies = tw_estimate_affine(0.0, (double)r->common.parameters, made.atom.mass);
    if (made.copies.exact) made.copies = tw_estimate_exact(round(made.copies.value));
    if (r->result->norm > 0.0) made.atom.residual /= r->result->norm;
    return tw_fields_json(&atom_fields, &made);
}

static tw_json *atoms(const void *record) {
    return tw_list_json(((const tw_density_record *)record)->result->atom_count, atom_item, record);
}

static const tw_field curve_rows[] = {
    TW_NUMBER(tw_curve, width, "width",
              .meaning = "standard deviation of the Gaussian that every value is widened to"),
    TW_NUMBERS(tw_curve, grid, count, "grid",
               .meaning = "ascending; this and the other lists are empty when all mass is in "
                          "atoms"),
    TW_NUMBERS(tw_curve, density, count, "density", .meaning = "of the mass outside the atoms"),
    TW_NUMBERS(tw_curve, density_error, count, "error", .meaning = "standard error of `density`"),
    TW_NUMBERS(tw_curve, cumulative, count, "cumulative", .meaning = "mass below a grid point"),
    TW_NUMBERS(tw_curve, cumulative_error, count, "cumulative_error",
               .meaning = "its standard error"),
};
static TW_TABLE(curve_fields, "curve", tw_curve, curve_rows);

static tw_json *zero_of_density(const void *record) {
    const tw_density_result *r = record;
    return tw_zero_json(&r->zero, r->zero.negative + r->zero.zero + r->zero.positive > 0);
}

static const tw_field sample_rows[] = {
    TW_MADE("zero_rule", zero_of_density, .of = &tw_zero_fields,
            .meaning = "what counts as zero, as in `degeneracy`; counts of exact routes alone"),
    TW_SIZE(tw_density_result, probes, "probes", .title = "probes",
            .meaning = "random vectors finished; 0 by the dense route, by sectors and where "
                       "nothing was left to chance"),
    TW_SIZE(tw_density_result, steps, "steps", .title = "  most steps",
            .meaning = "most Lanczos steps a probe made"),
    TW_SIZE(tw_density_result, closed, "exact_probes", .title = "  exact quadratures",
            .meaning = "probes all of whose nodes have converged: their quadrature has no error of "
                       "its own"),
};
static TW_TABLE(sample_fields, "samples of a density", tw_density_result, sample_rows);

static const tw_field rest_rows[] = {
    TW_OBJECT(tw_density_result, continuous, "continuous", tw_estimate_fields,
              .title = "mass of the curve", .cell = continuous_cell,
              .meaning = "estimate: mass that is in no atom. All masses sum to 1"),
    TW_OBJECT(tw_density_result, curve, "curve", curve_fields, .meaning = "see below"),
};
static TW_TABLE(rest_fields, "the rest of a density", tw_density_result, rest_rows);

static const tw_field density_rows[] = {
    TW_MEMBERS(tw_density_record, common, common_fields, .meaning = "what all estimations have"),
    TW_MEMBERS(tw_density_record, result, sample_fields, .pointed = true),
    TW_MADE("atoms", atoms, .title = "atoms", .of = &atom_fields,
            .meaning = "ascending list, see below"),
    TW_MEMBERS(tw_density_record, result, rest_fields, .pointed = true),
};
TW_TABLE(tw_density_fields, "density", tw_density_record, density_rows);

/* ---- Traces ---- */

static tw_json *zero_of_trace(const void *record) {
    const tw_trace_result *r = record;
    return tw_zero_json(&r->zero, r->zero.negative + r->zero.zero + r->zero.positive > 0);
}

static const tw_field trace_result_rows[] = {
    TW_MADE("zero_rule", zero_of_trace, .title = "", .of = &tw_zero_fields,
            .meaning = "what counts as zero, as in `degeneracy`; counts of exact routes alone"),
    TW_SIZE(tw_trace_result, sketch, "sketch",
            .meaning = "vectors whose part of the trace is summed"),
    TW_SIZE(tw_trace_result, probes, "probes",
            .meaning = "random vectors finished for trace and Frobenius norm; 0 when exact"),
    TW_SIZE(tw_trace_result, log_det_probes, "log_det_probes",
            .meaning = "random vectors finished for `log_det_nonzero`"),
    TW_SIZE(tw_trace_result, closed, "exact_probes",
            .meaning = "of these, those all of whose nodes have converged: their quadrature has no "
                       "error of its own"),
    TW_OBJECT(tw_trace_result, trace, "trace", tw_estimate_fields, .title = "trace",
              .cell = trace_cell, .meaning = "estimate"),
    TW_OBJECT(tw_trace_result, frobenius, "frobenius", tw_estimate_fields,
              .title = "Frobenius norm", .cell = frobenius_cell, .meaning = "estimate"),
    TW_OBJECT(tw_trace_result, log_det, "log_det_nonzero", tw_estimate_fields,
              .title = "log |det|, non-zero modes", .cell = log_det_cell,
              .meaning = "estimate: sum of log \\|t\\| over the eigenvalues that do not count as "
                         "zero"),
    TW_NUMBER(tw_trace_result, few_steps, "few_steps", .title = "  change by half of the steps",
              .digits = 3,
              .meaning = "change of `log_det_nonzero` when half of the Lanczos steps is left out; "
                         "its interval is wider by that"),
    TW_OBJECT(tw_trace_result, zero_modes, "further_zero_modes", tw_estimate_fields,
              .title = "further zero modes", .cell = zero_modes_cell,
              .meaning = "estimate: eigenvalues that count as zero and were not deflated"),
    TW_NUMBER(tw_trace_result, smallest_nonzero, "smallest_nonzero",
              .title = "smallest non-zero |t| met",
              .meaning = "smallest \\|t\\| met that does not count as zero"),
    TW_NUMBER(tw_trace_result, largest_zero, "largest_zero", .title = "largest |t| counted as zero",
              .digits = 2, .meaning = "largest \\|t\\| met that does"),
};
static TW_TABLE(trace_result_fields, "figures of a trace", tw_trace_result, trace_result_rows);

static const tw_field trace_rows[] = {
    TW_MEMBERS(tw_trace_record, common, common_fields, .meaning = "what all estimations have"),
    TW_MEMBERS(tw_trace_record, result, trace_result_fields, .pointed = true),
};
TW_TABLE(tw_trace_fields, "trace", tw_trace_record, trace_rows);

/* ---- Flatness ---- */

static tw_json *unknown(const void *record) {
    (void)record;
    return tw_json_null();
}

static tw_json *never(const void *record) {
    (void)record;
    return tw_json_boolean(false);
}

static const tw_field sharpness_rows[] = {
    TW_NUMBER(tw_sharpness, epsilon, "epsilon", .meaning = "radius of the ball"),
    TW_NUMBER(
        tw_sharpness, rise, "value",
        .meaning = "the worst rise that was reached, in the whole at least that of every part"),
    TW_NUMBER(tw_sharpness, rise, "low", .meaning = "the same: a lower bound of the worst case"),
    TW_MADE("high", unknown, .meaning = "`null`: not known"),
    TW_MADE("exact", never, .meaning = "`false`"),
    TW_NUMBER(tw_sharpness, quadratic, "quadratic", .meaning = "what second order says"),
    TW_BOOLEAN(tw_sharpness, converged, "stationary",
               .meaning = "whether the ascent ended at a stationary point of the ball"),
    TW_SIZE(tw_sharpness, ascents, "ascents", .meaning = "finished"),
    TW_SIZE(tw_sharpness, evaluations, "evaluations", .meaning = "of value and gradient"),
};
/* What was reached, and what second order says. */
static void sharpness_cell(const tw_json *object, char *text, size_t room) {
    double rise = tw_cell_number(object, "value");
    snprintf(text, room, isnan(rise) ? "-" : "%.6g (%.4g)", rise,
             tw_cell_number(object, "quadratic"));
}

static TW_CELL_TABLE(sharpness_fields, "sharpness", tw_sharpness, sharpness_rows, sharpness_cell,
                     "epsilon");

static const tw_field rise_rows[] = {
    TW_MEMBERS(tw_rise, rise, tw_estimate_fields, .meaning = "the keys of an estimate"),
    TW_NUMBER(tw_rise, sigma, "sigma", .meaning = "deviation of the noise"),
    TW_NUMBER(tw_rise, quadratic, "quadratic",
              .meaning = "(sigma^2/2) trace, `null` when the trace is not exact"),
    TW_SIZE(tw_rise, pairs, "pairs", .meaning = "finished"),
};
static TW_CELL_TABLE(rise_fields, "mean_rise", tw_rise, rise_rows, estimate_cell, "sigma");

/* Exact routes see every eigenvalue of the part, and the zeros of the orbit beside it. */
static tw_json *zero_of_part(const void *record) {
    const tw_flat_part *part = record;
    const tw_zero_rule *zero = &part->zero;
    return tw_zero_json(zero, zero->negative + zero->zero + zero->positive > 0);
}

static const tw_field part_rows[] = {
    TW_TEXT(tw_flat_part, name, "name", .title = "",
            .meaning = "`whole`, `off orbit` (`projected` where the point is not stationary "
                       "enough for the orbit to be flat), or that of a block"),
    TW_SIZE(tw_flat_part, dimension, "dimension", .title = "dimension", .meaning = "of the part"),
    TW_TEXT(tw_flat_part, method, "method", .title = "route",
            .meaning = "how its eigenvalues were found"),
    TW_MADE("zero_rule", zero_of_part, .of = &tw_zero_fields,
            .meaning = "what counts as zero, as in `degeneracy`; counts of exact routes alone, and "
                       "off the orbit with its own zeros"),
    TW_OBJECT(tw_flat_part, largest, "largest", tw_estimate_fields, .title = "largest eigenvalue",
              .meaning = "largest eigenvalue. Of this and the next two by products the error is "
                         "the residual, which bounds it; `null`: not found"),
    TW_OBJECT(tw_flat_part, smallest, "smallest_nonzero", tw_estimate_fields,
              .title = "smallest non-zero |t|", .meaning = "smallest \\|t\\| that is not zero"),
    TW_OBJECT(tw_flat_part, condition, "condition", tw_estimate_fields, .title = "condition",
              .meaning = "largest \\|t\\| over it"),
    TW_OBJECT(tw_flat_part, trace, "trace", tw_estimate_fields, .title = "trace",
              .meaning = "as in `trace`"),
    TW_OBJECT(tw_flat_part, frobenius, "frobenius", tw_estimate_fields, .title = "Frobenius norm",
              .meaning = "as in `trace`"),
    TW_OBJECT(tw_flat_part, log_det, "log_det_nonzero", tw_estimate_fields,
              .title = "log |det|, non-zero modes", .meaning = "as in `trace`"),
    TW_OBJECT(tw_flat_part, zero_modes, "zero_modes", tw_estimate_fields, .title = "zero modes",
              .meaning = "as in `trace`, those of the orbit included"),
    TW_OBJECTS(tw_flat_part, sharpness, radius_count, "sharpness", sharpness_fields,
               .title = "worst rise found, radius", .pointed = true,
               .meaning = "one object a radius"),
    TW_OBJECTS(tw_flat_part, rises, deviation_count, "mean_rise", rise_fields,
               .title = "mean rise, deviation", .pointed = true,
               .meaning = "one estimate a deviation"),
};
static TW_TABLE(part_fields, "figures of a part", tw_flat_part, part_rows);

static tw_json *invariances(const void *record) {
    (void)record;
    const tw_flat_figure *figure;
    tw_json *object = tw_json_object();
    tw_status status = tw_json_set(object, "all", tw_json_string(tw_flat_common_invariance()));
    for (size_t k = 0; status == TW_OK && (figure = tw_flat_figure_at(k)); k++)
        status = tw_json_set(object, figure->key, tw_json_string(figure->invariance));
    if (status == TW_OK) return object;
    tw_json_destroy(object);
    return NULL;
}

static const tw_field measured_rows[] = {
    TW_NUMBER(tw_flatness, value, "loss", .meaning = "at the point"),
    TW_NUMBER(tw_flatness, whole.zero_modes.value, "zero_modes", .meaning = "of the whole space"),
    TW_OBJECT(tw_flatness, whole, "whole", part_fields, .title = "parts", .across = true,
              .meaning = "figures of the Hessian"),
    TW_OBJECT(tw_flatness, off_orbit, "off_orbit", part_fields, .title = "", .across = true,
              .meaning = "figures of P H P, P the projector beside the tangent of the symmetry "
                         "orbit: where it is flat, those of the Hessian without its zeros"),
    TW_OBJECTS(tw_flatness, blocks, block_count, "layers", part_fields, .title = "", .across = true,
               .pointed = true,
               .meaning = "list of the same figures, one object a block: `W1`, .., `H`, `b`"),
    TW_MADE("invariances", invariances,
            .meaning = "by name of a figure: what it is invariant to; `all`: what all of them are"),
};
static TW_TABLE(measured_fields, "measured flatness", tw_flatness, measured_rows);

static const tw_field flatness_rows[] = {
    TW_TEXT(tw_flatness_record, file, "file", .meaning = "as given"),
    TW_MEMBERS(tw_flatness_record, common, common_fields, .meaning = "what all estimations have"),
    TW_MEMBERS(tw_flatness_record, result, measured_fields, .pointed = true),
};
TW_TABLE(tw_flatness_fields, "flatness", tw_flatness_record, flatness_rows);
