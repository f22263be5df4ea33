/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The free energy of tiny models by direct sampling of the whole space.
 *
 * exp(-F) is the integral of exp(-beta f) over all parameters. Importance sampling: the proposal is
 * a mixture of one Gaussian turned by many elements g of the symmetry group,
 *     q(x) = mean over g of N(g^-1 x; theta, Sigma),
 * with Sigma from the Hessian beside the orbit and a width that spans the distance of neighbours
 * along it. Its density is a sum that can be written down, whatever the elements are, so the
 * estimate is unbiased and knows nothing of orbit volumes, Gram matrices or Stiefel manifolds. */
#include <thalweg/examination/free_energy.h>
#include <thalweg/symmetry/symmetry.h>

#include "support/built.h"

enum { MOST = 20, WIDTH = 3, SPACES = 2, SAMPLES = 2500 };

/* One orthogonal matrix a hidden space. */
typedef struct element {
    double turn[SPACES][WIDTH * WIDTH];
} element;

typedef struct sampling {
    built b;
    size_t P, d, L;
    double beta;
    double precision[MOST * MOST]; /* of the Gaussian, then its Cholesky factor R^T R */
    double log_norm;               /* log of the density at the middle */
    tw_block factors[SPACES + 1];
    element *elements, *inverses;
    size_t count;
} sampling;

/* ---- The group ---- */

/* F <- G F or F G^T, in place. */
static void turn(double *F, size_t rows, size_t cols, const double *G, bool left) {
    double old[MOST], sum;
    size_t lines = left ? cols : rows, length = left ? rows : cols;
    for (size_t line = 0; line < lines; line++) {
        double *at = left ? F + rows * line : F + line;
        size_t stride = left ? 1 : rows;
        for (size_t i = 0; i < length; i++) old[i] = at[i * stride];
        for (size_t i = 0; i < length; i++) {
            sum = 0.0;
            for (size_t j = 0; j < length; j++) sum += G[i + length * j] * old[j];
            at[i * stride] = sum;
        }
    }
}

static void act(const sampling *s, const element *g, double *x) {
    for (size_t l = 0; l < s->L; l++) {
        const tw_block *below = &s->factors[l], *above = below + 1;
        turn(x + below->offset, below->rows, below->cols, g->turn[l], true);
        turn(x + above->offset, above->rows, above->cols, g->turn[l], false);
    }
}

/* By the angle number i of m, and a reflection for odd i. */
static void plane_turn(size_t i, size_t m, double *G) {
    double angle = 2.0 * acos(-1.0) * (double)(i / 2) / (double)(m / 2);
    double sign = i % 2 ? -1.0 : 1.0;
    G[0] = cos(angle);
    G[1] = sin(angle);
    G[2] = -sign * sin(angle);
    G[3] = sign * cos(angle);
}

/* Gram-Schmidt on normal columns: uniform on O(3). */
static void space_turn(tw_random *stream, double *G) {
    tw_random_fill_normal(stream, 9, G);
    for (size_t j = 0; j < 3; j++) {
        for (size_t i = 0; i < j; i++) {
            double dot = 0.0;
            for (size_t k = 0; k < 3; k++) dot += G[k + 3 * i] * G[k + 3 * j];
            for (size_t k = 0; k < 3; k++) G[k + 3 * j] -= dot * G[k + 3 * i];
        }
        double norm = 0.0;
        for (size_t k = 0; k < 3; k++) norm = hypot(norm, G[k + 3 * j]);
        for (size_t k = 0; k < 3; k++) G[k + 3 * j] /= norm;
    }
}

/* `side` elements a space of width 2, a grid over the spaces; side^2 random ones in width 3. */
static void spread_elements(sampling *s, size_t side) {
    tw_random stream;
    s->count = s->d == 3 ? side * side : s->L == 1 ? side : side * side;
    s->elements = calloc(s->count, sizeof *s->elements);
    s->inverses = calloc(s->count, sizeof *s->inverses);
    tw_random_init(&stream, 7, TW_PURPOSE_TEST, 1);
    for (size_t i = 0; i < s->count; i++)
        for (size_t l = 0; l < s->L; l++) {
            if (s->d == 3)
                space_turn(&stream, s->elements[i].turn[l]);
            else
                plane_turn(l == 0 ? i % side : i / side, side, s->elements[i].turn[l]);
            for (size_t k = 0; k < s->d * s->d; k++)
                s->inverses[i].turn[l][k] = s->elements[i].turn[l][k / s->d + s->d * (k % s->d)];
        }
}

/* ---- The Gaussian ---- */

/* precision = beta H/1.3 + (1/reach^2) times the projector on the tangent: a little wider than the
 * weight itself. */
static void set_precision(sampling *s, double reach) {
    tw_objective f = tw_evaluator_objective(s->b.evaluator);
    tw_symmetry *symmetry = NULL;
    double value, g[MOST], v[MOST] = {0}, Hv[MOST], Cv[MOST];
    assert_ok(tw_symmetry_create(&s->b.point.model, s->b.point.theta, 1e-3, NULL, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    assert_ok(f.eval(f.self, s->b.point.theta, &value, g));
    for (size_t j = 0; j < s->P; j++) {
        v[j] = 1.0;
        assert_ok(f.hessian(f.self, s->b.point.theta, 1, v, s->P, Hv, s->P));
        assert_ok(tw_linop_apply(&tangent.complement, 1, v, s->P, Cv, s->P));
        for (size_t i = 0; i < s->P; i++)
            s->precision[i + s->P * j] = s->beta * Hv[i] / 1.3 + (v[i] - Cv[i]) / (reach * reach);
        v[j] = 0.0;
    }
    tw_symmetry_destroy(symmetry);
}

static void factorise(sampling *s) {
    size_t P = s->P;
    double *A = s->precision;
    s->log_norm = -0.5 * (double)P * log(2.0 * acos(-1.0));
    for (size_t j = 0; j < P; j++) {
        for (size_t k = 0; k < j; k++) A[j + P * j] -= A[k + P * j] * A[k + P * j];
        assert_true(A[j + P * j] > 0.0);
        A[j + P * j] = sqrt(A[j + P * j]);
        s->log_norm += log(A[j + P * j]);
        for (size_t i = j + 1; i < P; i++) {
            for (size_t k = 0; k < j; k++) A[j + P * i] -= A[k + P * j] * A[k + P * i];
            A[j + P * i] /= A[j + P * j];
        }
    }
}

/* x = theta + R^-1 z, turned by one element. */
static void draw(const sampling *s, tw_random *stream, double *x) {
    size_t P = s->P, pick = (size_t)(tw_random_uniform(stream) * (double)s->count);
    tw_random_fill_normal(stream, P, x);
    for (size_t i = P; i-- > 0;) {
        for (size_t j = i + 1; j < P; j++) x[i] -= s->precision[i + P * j] * x[j];
        x[i] /= s->precision[i + P * i];
    }
    for (size_t i = 0; i < P; i++) x[i] += s->b.point.theta[i];
    act(s, &s->elements[pick], x);
}

/* log q(x). */
static double log_density(const sampling *s, const double *x) {
    size_t P = s->P;
    double sum = 0.0;
    for (size_t e = 0; e < s->count; e++) {
        double y[MOST], form = 0.0;
        memcpy(y, x, P * sizeof *y);
        act(s, &s->inverses[e], y);
        for (size_t i = 0; i < P; i++) y[i] -= s->b.point.theta[i];
        for (size_t i = 0; i < P && form < 80.0; i++) {
            double line = 0.0;
            for (size_t j = i; j < P; j++) line += s->precision[i + P * j] * y[j];
            form += line * line;
        }
        if (form < 80.0) sum += exp(-0.5 * form);
    }
    return s->log_norm + log(sum / (double)s->count);
}

/* -log of the mean weight, and its standard error. */
static void sample(sampling *s, double *F, double *error) {
    tw_objective f = tw_evaluator_objective(s->b.evaluator);
    double *log_weight = calloc(SAMPLES, sizeof *log_weight), top = -INFINITY, sum = 0.0,
           square = 0.0;
    tw_random stream;
    tw_random_init(&stream, 3, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < SAMPLES; i++) {
        double x[MOST], value;
        draw(s, &stream, x);
        assert_ok(f.eval(f.self, x, &value, NULL));
        log_weight[i] = -s->beta * value - log_density(s, x);
        top = fmax(top, log_weight[i]);
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        double weight = exp(log_weight[i] - top);
        sum += weight / SAMPLES;
        square += weight * weight / SAMPLES;
    }
    *F = -(top + log(sum));
    *error = sqrt((square / (sum * sum) - 1.0) / SAMPLES);
    free(log_weight);
}

/* ---- The comparison ---- */

typedef struct tiny {
    const char *name;
    test_case model;
    double beta, reach;
    size_t side;
} tiny;

static const tiny tinies[] = {
    {"ce, d = 2: a circle", {"ce", "linear", 2, 1, 2, 1, 0.05}, 2e5, 0.05, 400},
    {"mse, d = 2: O(2), two circles", {"mse", "linear", 2, 1, 2, 1, 0.05}, 2e5, 0.05, 400},
    {"ce, d = 3: a sphere", {"ce", "linear", 2, 1, 3, 1, 0.05}, 1e4, 0.2, 36},
    {"ce, L = 2: a torus", {"ce", "linear", 2, 1, 2, 2, 0.05}, 1e4, 0.2, 60},
};

static tw_laplace laplace_of(const test_case *c) {
    tw_closed_case given = {c->classes, c->samples, c->width,
                            c->layers,  c->lambda,  tw_loss_find(c->loss)};
    tw_closed_form form = {0};
    tw_laplace laplace;
    assert_ok(tw_closed_form_solve(&given, "dnc", &form));
    assert_ok(tw_free_energy_of_form(&form, &laplace));
    assert_true(laplace.defined);
    tw_closed_form_clear(&form);
    return laplace;
}

/* Three standard errors; what the expansion leaves out is of order 1/(beta lambda), below a tenth
 * of the error here. */
static void sampling_agrees(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof tinies / sizeof *tinies; i++) {
        const tiny *t = &tinies[i];
        tw_laplace laplace = laplace_of(&t->model);
        sampling s = {.b = build(&t->model, "dnc", 5),
                      .d = t->model.width,
                      .L = t->model.layers,
                      .beta = t->beta};
        double F = 0.0, error = 0.0, want = tw_laplace_free_energy(&laplace, t->beta);
        s.P = tw_dufm_parameters(&s.b.point.model);
        assert_true(s.P <= MOST);
        for (size_t l = 0; l <= s.L; l++) s.factors[l] = tw_dufm_factor(&s.b.point.model, l);
        spread_elements(&s, t->side);
        set_precision(&s, t->reach);
        factorise(&s);
        sample(&s, &F, &error);
        print_message("%s: F = %.5f +- %.5f by sampling, %.5f by expansion: %+.2f errors\n",
                      t->name, F, error, want, (F - want) / error);
        assert_true(error < 0.03);
        assert_near(F, want, 3.0 * error);
        free(s.elements);
        free(s.inverses);
        built_clear(&s.b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sampling_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
