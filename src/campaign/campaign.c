/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers take restarts from the store and put rows into it, one at a time under one lock: a
 * restart takes milliseconds at the least, a transaction a small part of one. The caller's thread
 * waits, reports, and hears the monitor. */
#include <thalweg/campaign/campaign.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc_private.h"
#include "dense/threads_private.h"

enum { BATCH = 4, SENTENCE = 1024, WAIT_NANOSECONDS = 100000000 };

/* One setting under way. */
typedef struct crew {
    tw_store *store;
    const tw_campaign_options *options;
    size_t setting;
    char stage[64]; /* what the monitor hears */
    char *text;
    tw_matcher *matcher; /* running fractions */
    size_t total, done, asked, mine;
    size_t working; /* workers that have not ended */
    bool stop, cancelled;
    tw_status status; /* the first failure, and its sentence */
    char sentence[SENTENCE];
    pthread_mutex_t lock;
    pthread_cond_t news;
} crew;

/* ---- Plan ---- */

tw_status tw_campaign_begin(tw_store *store, const tw_plan *plan) {
    char difference[600];
    tw_status status = TW_OK;
    if (tw_store_plan(store) == NULL)
        status = tw_store_begin(store, plan->text, plan->count, (const char *const *)plan->settings,
                                plan->restarts);
    if (tw_store_plan(store) == NULL) return status;
    if (strcmp(tw_store_plan(store), plan->text) == 0) return TW_OK;
    status = tw_plan_difference(plan->text, tw_store_plan(store), difference, sizeof difference);
    if (status != TW_OK) return status;
    return tw_fail(TW_ERR_DATA,
                   "the campaign was begun with another plan (this one against it): %s",
                   difference[0] ? difference : "members in another order");
}

/* ---- Workers ---- */

/* With the lock held. */
static void fail(crew *c, tw_status status) {
    c->stop = true;
    if (c->status != TW_OK) return;
    c->status = status;
    snprintf(c->sentence, sizeof c->sentence, "%s", tw_last_error());
}

static bool should_stop(void *self, const char *stage, double done, double total) {
    crew *c = self;
    (void)stage;
    (void)done;
    (void)total;
    pthread_mutex_lock(&c->lock);
    bool stop = c->stop;
    pthread_mutex_unlock(&c->lock);
    return stop;
}

/* Is every class known well enough? */
static bool is_precise(const crew *c) {
    size_t total = 0;
    if (!(c->options->precision > 0.0)) return false;
    for (size_t i = 0; i < tw_matcher_count(c->matcher); i++)
        total += tw_matcher_class(c->matcher, i).count;
    if (total == 0) return false;
    for (size_t i = 0; i < tw_matcher_count(c->matcher); i++) {
        tw_interval f = tw_fraction(tw_matcher_class(c->matcher, i).count, total, 0.95);
        if (f.high - f.low > c->options->precision) return false;
    }
    return true;
}

/* With the lock held. */
static tw_status record(crew *c, tw_store_row *row) {
    tw_status status = TW_OK;
    tw_signature signature = tw_job_signature(row);
    size_t class;
    bool fresh;
    row->setting = c->setting;
    if (!c->options->keep_points) row->parameter_count = 0;
    TW_TRY(tw_store_finish(c->store, row, &fresh));
    c->done += fresh;
    c->mine += fresh;
    TW_TRY(tw_matcher_add(c->matcher, &signature, &class));
    if (is_precise(c)) c->stop = true;
cleanup:
    return status;
}

/* Run what was claimed. The lock is not held on entry and on return. */
static void work_off(crew *c, tw_job *job, const size_t *indices, size_t count) {
    const tw_monitor monitor = {should_stop, c};
    for (size_t i = 0; i < count; i++) {
        tw_store_row row;
        bool finished;
        tw_status status = tw_job_run(job, indices[i], &monitor, &row, &finished);
        pthread_mutex_lock(&c->lock);
        if (status == TW_OK && finished) status = record(c, &row);
        if (status != TW_OK) fail(c, status);
        bool stop = c->stop;
        pthread_cond_signal(&c->news);
        pthread_mutex_unlock(&c->lock);
        if (stop) return;
    }
}

/* *count = 0 when there is nothing more to do. */
static void claim(crew *c, size_t *indices, size_t *count) {
    pthread_mutex_lock(&c->lock);
    tw_status status = TW_OK;
    *count = 0;
    if (!c->stop) status = tw_store_claim(c->store, c->setting, BATCH, indices, count);
    if (status != TW_OK) fail(c, status);
    pthread_mutex_unlock(&c->lock);
}

static void *work(void *self) {
    crew *c = self;
    tw_job *job = NULL;
    size_t indices[BATCH], count = 0;
    tw_threads_single(true);
    tw_status status = tw_job_create(c->text, &job);
    if (status == TW_OK)
        for (claim(c, indices, &count); count > 0; claim(c, indices, &count))
            work_off(c, job, indices, count);
    tw_job_destroy(job);
    pthread_mutex_lock(&c->lock);
    if (status != TW_OK) fail(c, status);
    c->working--;
    pthread_cond_signal(&c->news);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* ---- The caller's thread ---- */

static void note(const crew *c) {
    char text[400] = "";
    size_t length = 0, total = 0, classes = tw_matcher_count(c->matcher);
    for (size_t i = 0; i < classes; i++) total += tw_matcher_class(c->matcher, i).count;
    for (size_t i = 0; i < classes && length + 1 < sizeof text; i++) {
        tw_match_class class = tw_matcher_class(c->matcher, i);
        if (class.count == 0) continue;
        tw_interval f = tw_fraction(class.count, total, 0.95);
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s %.3f [%.3f, %.3f]",
                                   length ? ", " : "", class.name, f.value, f.low, f.high);
    }
    c->options->note(c->options->self, text);
}

/* Until all workers have ended. The fractions' intervals cost as much as a small restart: a few
 * times a second. */
static void watch(crew *c) {
    double noted = -INFINITY;
    pthread_mutex_lock(&c->lock);
    while (c->working > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&c->news, &c->lock, &until);
        double now = tw_clock_seconds();
        if (c->options->note && now - noted >= 1e-9 * WAIT_NANOSECONDS) {
            note(c);
            noted = now;
        }
        if (tw_monitor_report(c->options->monitor, c->stage, (double)c->done, (double)c->asked))
            c->stop = c->cancelled = true;
    }
    pthread_mutex_unlock(&c->lock);
}

size_t tw_campaign_workers(size_t asked) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (asked > 0) return asked;
    return processors > 0 ? (size_t)processors : 1;
}

static tw_status employ(crew *c) {
    tw_status status = TW_OK;
    size_t wanted = tw_campaign_workers(c->options->workers), started = 0;
    pthread_t *threads = NULL;
    TW_TRY(TW_NEW(threads, wanted));
    c->working = wanted;
    while (started < wanted && pthread_create(&threads[started], NULL, work, c) == 0) started++;
    pthread_mutex_lock(&c->lock);
    c->working -= wanted - started;
    pthread_mutex_unlock(&c->lock);
    if (started == 0) TW_TRY(tw_fail(TW_ERR_MEMORY, "no thread could be started"));
    watch(c);
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    status = tw_store_release(c->store);
    if (c->status != TW_OK) status = tw_fail(c->status, "%s", c->sentence);
cleanup:
    free(threads);
    return status;
}

/* Rows that are there already count in the running fractions. */
static tw_status recall(void *self, const tw_store_row *row) {
    crew *c = self;
    tw_signature signature = tw_job_signature(row);
    size_t class;
    return tw_matcher_add(c->matcher, &signature, &class);
}

static tw_status open_crew(crew *c) {
    tw_status status = TW_OK;
    tw_job *job = NULL;
    tw_store_setting setting;
    size_t settings;
    TW_TRY(tw_store_setting_count(c->store, &settings));
    snprintf(c->stage, sizeof c->stage, "restarts");
    if (settings > 1)
        snprintf(c->stage, sizeof c->stage, "setting %zu of %zu, restarts", c->setting + 1,
                 settings);
    TW_TRY(tw_store_setting_read(c->store, c->setting, &setting));
    c->text = setting.text;
    c->done = setting.done;
    c->asked = setting.restarts;
    TW_TRY(tw_job_create(c->text, &job));
    TW_TRY(tw_job_matcher(job, &c->options->match, &c->matcher));
    TW_TRY(tw_store_walk(c->store, c->setting, false, recall, c));
cleanup:
    tw_job_destroy(job);
    return status;
}

static tw_status run_setting(tw_store *store, size_t index, const tw_campaign_options *options,
                             tw_campaign_result *result) {
    tw_status status = TW_OK;
    crew c = {.store = store, .options = options, .setting = index};
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.news, NULL);
    TW_TRY(open_crew(&c));
    if (c.done < c.asked && !is_precise(&c)) TW_TRY(employ(&c));
cleanup:
    result->finished += c.mine;
    result->cancelled = c.cancelled;
    tw_matcher_destroy(c.matcher);
    free(c.text);
    pthread_cond_destroy(&c.news);
    pthread_mutex_destroy(&c.lock);
    return status;
}

/* Is everything finished, or left to this call's precision? *others: restarts that other processes
 * are still at. */
static tw_status count_others(tw_store *store, size_t settings, size_t *others) {
    tw_status status = TW_OK;
    *others = 0;
    for (size_t i = 0; i < settings; i++) {
        tw_store_setting setting;
        TW_TRY(tw_store_setting_read(store, i, &setting));
        free(setting.text);
        *others += setting.claimed;
    }
cleanup:
    return status;
}

/* Wait for other processes, which may die and leave their restarts to this one. */
static tw_status outlast(tw_store *store, size_t settings, const tw_campaign_options *options,
                         tw_campaign_result *result) {
    tw_status status = TW_OK;
    const struct timespec pause = {0, WAIT_NANOSECONDS};
    size_t others;
    for (;;) {
        TW_TRY(count_others(store, settings, &others));
        if (others == 0 || result->cancelled) break;
        if (tw_monitor_report(options->monitor, "waiting for other processes", 0.0, 0.0)) {
            result->cancelled = true;
            break;
        }
        nanosleep(&pause, NULL);
        for (size_t i = 0; i < settings && !result->cancelled; i++)
            TW_TRY(run_setting(store, i, options, result));
    }
cleanup:
    return status;
}

tw_status tw_campaign_run(tw_store *store, const tw_campaign_options *options,
                          tw_campaign_result *result) {
    tw_status status = TW_OK;
    const tw_campaign_options defaults = TW_CAMPAIGN_DEFAULTS;
    if (options == NULL) options = &defaults;
    bool single = tw_threads_single(true);
    size_t count;
    *result = (tw_campaign_result){0};
    TW_TRY(tw_store_setting_count(store, &count));
    for (size_t i = 0; i < count && !result->cancelled; i++)
        TW_TRY(run_setting(store, i, options, result));
    TW_TRY(outlast(store, count, options, result));
cleanup:
    tw_threads_single(single);
    return status;
}
