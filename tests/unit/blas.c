/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The check of a kernel finds wrong routines, and the choice climbs from the oldest kernel to the
 * best that the processor runs. */
#include "support/test.h"

#include <stdio.h>
#include <strings.h>
#include <thalweg/dense/blas.h>

#include "dense/blas_check_private.h"
#include "dense/factor_private.h"
#include "dense/kernels_private.h"
#include "dense/library_private.h"

/* ---- Plain routines, and one fault each ---- */

typedef enum fault { NONE, LAST_ENTRY, SMALL, NOT_A_NUMBER, LARGE_ALONE, UNTOUCHED } fault;

static fault gemm_fault, syrk_fault, trsm_fault, syevd_fault;

/* x[count - 1] of a result, with the fault in it. */
static void spoil(fault f, size_t count, double *x) {
    if (f == LAST_ENTRY && count > 100) x[count - 1] = 0.0;
    if (f == LARGE_ALONE && count > 10000) x[count / 2] += 1e-8;
    if (f == SMALL) x[count - 1] *= 1.0 + 1e-12;
    if (f == NOT_A_NUMBER && count > 100) x[count - 1] = (double)NAN;
}

static void plain_gemm(tw_blas_shape s, const double *A, const double *B, double *C) {
    if (gemm_fault == UNTOUCHED && s.ta && s.tb) return;
    for (size_t i = s.m; i-- > 0;)
        for (size_t j = s.n; j-- > 0;) {
            double sum = 0.0;
            for (size_t l = s.k; l-- > 0;)
                sum += (s.ta ? A[l + i * s.k] : A[i + l * s.m]) *
                       (s.tb ? B[j + l * s.n] : B[l + j * s.k]);
            C[i + j * s.m] = sum;
        }
    spoil(gemm_fault, s.m * s.n, C);
}

static void plain_syrk(size_t n, size_t k, const double *A, double *C) {
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double sum = 0.0;
            for (size_t l = k; l-- > 0;) sum += A[i + l * n] * A[j + l * n];
            C[i + j * n] = sum;
        }
    spoil(syrk_fault, n * n, C);
}

static void plain_trsm(size_t m, size_t n, const double *T, double *B) {
    if (trsm_fault == UNTOUCHED) return;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) {
            for (size_t l = 0; l < i; l++) B[i + j * m] -= T[i + l * m] * B[l + j * m];
            B[i + j * m] /= T[i + i * m];
        }
    spoil(trsm_fault, m * n, B);
}

static tw_status spoilt_syevd(size_t n, double *A, double *values) {
    tw_status status = tw_symmetric_eigen(n, A, values);
    if (syevd_fault == UNTOUCHED) values[0] = values[n - 1];
    spoil(syevd_fault, n * n, A);
    return status;
}

static const tw_blas_routines routines = {plain_gemm, plain_syrk, plain_trsm, spoilt_syevd};

static tw_blas_figures figures_with(fault gemm, fault syrk, fault trsm, fault syevd) {
    tw_blas_figures figures;
    gemm_fault = gemm;
    syrk_fault = syrk;
    trsm_fault = trsm;
    syevd_fault = syevd;
    assert_int_equal(tw_blas_check_routines(&routines, &figures), TW_OK);
    return figures;
}

static void right_routines_pass(void **state) {
    (void)state;
    tw_blas_figures plain = figures_with(NONE, NONE, NONE, NONE), own;
    assert_int_equal(tw_blas_check(&own), TW_OK);
    const double all[] = {plain.gemm, plain.syrk, plain.trsm, plain.syevd,
                          own.gemm,   own.syrk,   own.trsm,   own.syevd};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_true(all[i] > 0.0 && all[i] <= 1.0);
}

static void wrong_routines_fail(void **state) {
    (void)state;
    static const fault faults[] = {LAST_ENTRY, SMALL, NOT_A_NUMBER};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_true(figures_with(faults[i], NONE, NONE, NONE).gemm > 1.0);
        assert_true(figures_with(NONE, faults[i], NONE, NONE).syrk > 1.0);
        assert_true(figures_with(NONE, NONE, faults[i], NONE).trsm > 1.0);
        assert_true(figures_with(NONE, NONE, NONE, faults[i]).syevd > 1.0);
    }
    assert_true(figures_with(LARGE_ALONE, NONE, NONE, NONE).gemm > 1.0);
    assert_true(figures_with(UNTOUCHED, NONE, NONE, NONE).gemm > 1.0);
    assert_true(figures_with(NONE, NONE, UNTOUCHED, NONE).trsm > 1.0);
    assert_true(figures_with(NONE, NONE, NONE, UNTOUCHED).syevd > 1.0);
}

/* ---- Kernels ---- */

/* What needs more stands before what needs less, and levels do not rise again. */
static void the_best_kernel_comes_first(void **state) {
    (void)state;
    for (size_t i = 0; tw_kernel_at(i); i++) {
        const tw_kernel *kernel = tw_kernel_at(i), *next = tw_kernel_at(i + 1);
        assert_ptr_equal(tw_kernel_named(kernel->name), kernel);
        if (next) assert_true(next->level <= kernel->level);
    }
    assert_null(tw_kernel_named("Moonlake"));
    assert_string_equal(tw_processor_lacks(TW_CPU_AVX, TW_CPU_AVX | TW_CPU_AVX2_FMA),
                        "AVX2 and FMA");
    assert_string_equal(tw_processor_lacks(TW_CPU_AVX, TW_CPU_AVX), "");
}

static int level_in_use(void) {
    const tw_kernel *kernel = tw_kernel_named(tw_blas_describe().kernel);
    return kernel ? kernel->level : -1;
}

static void the_choice_climbs_from_the_oldest_kernel(void **state) {
    (void)state;
    tw_kernel_choice choice;
    const char *best = tw_blas_describe().best;
    if (tw_blas_linked()->take == NULL || best[0] == '\0') skip();
    unsetenv("OPENBLAS_CORETYPE");
    tw_blas_linked()->take("Prescott");
    if (strcasecmp(tw_blas_describe().kernel, "Prescott") != 0) skip(); /* one kernel alone */
    assert_int_equal(tw_blas_choose(&choice), TW_OK);
    assert_null(getenv("OPENBLAS_CORETYPE"));
    assert_string_equal(choice.before, "Prescott");
    assert_string_equal(choice.after, tw_blas_describe().kernel);
    if (choice.outcome == TW_KERNEL_REPLACED) {
        assert_true(level_in_use() > 1);
    } else {
        assert_int_equal(choice.outcome, TW_KERNEL_BELOW);
        assert_true(choice.remarks[0] != '\0');
    }
    assert_int_equal(tw_blas_choose(&choice), TW_OK); /* nothing more to gain */
    assert_int_not_equal(choice.outcome, TW_KERNEL_REPLACED);
}

static void a_kernel_that_was_asked_for_stays(void **state) {
    (void)state;
    tw_kernel_choice choice;
    char before[TW_BLAS_WORD];
    snprintf(before, sizeof before, "%s", tw_blas_describe().kernel);
    setenv("OPENBLAS_CORETYPE", "Prescott", 1);
    assert_int_equal(tw_blas_choose(&choice), TW_OK);
    assert_int_equal(choice.outcome, TW_KERNEL_ASKED);
    assert_string_equal(getenv("OPENBLAS_CORETYPE"), "Prescott");
    assert_string_equal(tw_blas_describe().kernel, before);
    unsetenv("OPENBLAS_CORETYPE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_routines_pass),
        cmocka_unit_test(wrong_routines_fail),
        cmocka_unit_test(the_best_kernel_comes_first),
        cmocka_unit_test(the_choice_climbs_from_the_oldest_kernel),
        cmocka_unit_test(a_kernel_that_was_asked_for_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
