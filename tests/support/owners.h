/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A communicator of threads: P owners, each with a contiguous slice of every vector, run one job at
 * the same time and meet at every sum. What would hang is found out at once: an owner that waits
 * for one that has left, or meets one with another number of sums, is stuck, and its thread ends
 * there. */
#ifndef TEST_OWNERS_H
#define TEST_OWNERS_H

#include "support/test.h"

#include <pthread.h>
#include <stdbool.h>
#include <thalweg/dense/space.h>

enum { OWNERS_MOST = 5, OWNERS_ROOM = 4096, OWNERS_NUMBERS = 80 };

typedef struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    size_t owners, arrived, left, round;
    bool stuck;
    size_t count; /* of the sums of this round */
    double partial[OWNERS_MOST][OWNERS_ROOM], total[OWNERS_ROOM];
} meeting;

/* What a job tells: numbers that have to be alike at all owners, to the last bit. */
typedef struct told {
    size_t count;
    double numbers[OWNERS_NUMBERS];
} told;

typedef struct owner owner;
typedef tw_status (*owner_job)(owner *self, told *out);

struct owner {
    size_t n, offset, whole, rank;
    const tw_space *space; /* NULL: one owner */
    const void *problem;   /* what the job works on, read by all */
    double *gathered;      /* whole x columns, each owner writes its rows */
    owner_job job;
    meeting *meeting;
    tw_space spread;
    tw_status status;
    bool finished;
    told out;
};

static inline void owner_tell(told *out, double value) {
    assert_true(out->count < OWNERS_NUMBERS);
    out->numbers[out->count++] = value;
}

/* Rows of this owner of `columns` vectors. */
static inline void owner_gather(const owner *self, size_t columns, const double *X) {
    for (size_t j = 0; j < columns; j++)
        if (self->n > 0)
            memcpy(self->gathered + j * self->whole + self->offset, X + j * self->n,
                   self->n * sizeof *X);
}

static inline void owners_sum(void *self, size_t count, double *partial) {
    owner *o = self;
    meeting *m = o->meeting;
    pthread_mutex_lock(&m->lock);
    if (m->arrived == 0) m->count = count;
    if (count != m->count || count > OWNERS_ROOM || m->left > 0) m->stuck = true;
    size_t round = m->round;
    if (!m->stuck) {
        memcpy(m->partial[o->rank], partial, count * sizeof *partial);
        if (++m->arrived == m->owners) {
            for (size_t i = 0; i < count; i++) {
                m->total[i] = 0.0;
                for (size_t p = 0; p < m->owners; p++) m->total[i] += m->partial[p][i];
            }
            m->arrived = 0;
            m->round++;
        }
    }
    pthread_cond_broadcast(&m->moved);
    while (m->round == round && !m->stuck) pthread_cond_wait(&m->moved, &m->lock);
    bool through = m->round != round;
    if (through) memcpy(partial, m->total, count * sizeof *partial);
    pthread_mutex_unlock(&m->lock);
    if (!through) pthread_exit(NULL);
}

static inline void *owner_run(void *self) {
    owner *o = self;
    o->status = o->job(o, &o->out);
    o->finished = true;
    pthread_mutex_lock(&o->meeting->lock);
    o->meeting->left++;
    if (o->meeting->arrived > 0) o->meeting->stuck = true;
    pthread_cond_broadcast(&o->meeting->moved);
    pthread_mutex_unlock(&o->meeting->lock);
    return NULL;
}

/* How a vector is cut: owner p holds the entries from cut[p] n to cut[p+1] n. */
typedef struct owners_cut {
    size_t owners;
    double cut[OWNERS_MOST + 1];
} owners_cut;

static const owners_cut owners_cuts[] = {
    {2, {0.0, 0.3, 1.0}}, {3, {0.0, 0.0, 0.55, 1.0}}, {5, {0.0, 0.15, 0.18, 0.18, 0.7, 1.0}}};

enum { OWNERS_CUTS = sizeof owners_cuts / sizeof owners_cuts[0] };

/* By one owner; out and the status as the job gave them. */
static inline tw_status owners_alone(owner_job job, const void *problem, size_t n, double *gathered,
                                     told *out) {
    owner one = {.n = n, .whole = n, .problem = problem, .gathered = gathered};
    *out = (told){0};
    return job(&one, out);
}

/* By the owners of a cut; fails the test unless all end with one status and the same numbers. */
static inline tw_status owners_together(owner_job job, const void *problem, size_t n,
                                        const owners_cut *cut, double *gathered, told *out) {
    static meeting m;
    owner owners[OWNERS_MOST];
    pthread_t threads[OWNERS_MOST];
    memset(&m, 0, sizeof m);
    pthread_mutex_init(&m.lock, NULL);
    pthread_cond_init(&m.moved, NULL);
    m.owners = cut->owners;
    for (size_t p = 0; p < m.owners; p++) {
        size_t first = (size_t)(cut->cut[p] * (double)n);
        size_t end = (size_t)(cut->cut[p + 1] * (double)n);
        owners[p] = (owner){.n = end - first,
                            .offset = first,
                            .whole = n,
                            .rank = p,
                            .problem = problem,
                            .gathered = gathered,
                            .job = job,
                            .meeting = &m};
        owners[p].spread = (tw_space){owners_sum, &owners[p], n, first};
        owners[p].space = &owners[p].spread;
    }
    for (size_t p = 0; p < m.owners; p++)
        assert_int_equal(pthread_create(&threads[p], NULL, owner_run, &owners[p]), 0);
    for (size_t p = 0; p < m.owners; p++) pthread_join(threads[p], NULL);
    for (size_t p = 0; p < m.owners; p++) {
        if (!owners[p].finished) fail_msg("owner %zu of %zu would wait for ever", p, m.owners);
        assert_int_equal(owners[p].status, owners[0].status);
        assert_int_equal(owners[p].out.count, owners[0].out.count);
        assert_memory_equal(owners[p].out.numbers, owners[0].out.numbers,
                            owners[0].out.count * sizeof(double));
    }
    *out = owners[0].out;
    return owners[0].status;
}

#endif
