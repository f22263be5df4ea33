/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thalweg: parse the command line, run a subcommand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/dense/blas.h>
#include <thalweg/dense/threads.h>
#include <thalweg/version.h>

#include "command.h"
#include "outputs.h"
#include "pages.h"
#include "progress.h"

static int report_failure(tw_status status) {
    progress_warn("%s", tw_last_error());
    switch (status) {
    case TW_ERR_ARGUMENT:
        return EXIT_USAGE;
    case TW_ERR_MEMORY:
    case TW_ERR_NUMERIC:
    case TW_STOPPED:
        return EXIT_NOT_CONVERGED;
    default:
        return EXIT_INPUT;
    }
}

/* A run with what it owns. */
typedef struct parsed {
    cli_invocation run;
    char *settings;
    bool *given;
    int code;
} parsed;

/* ---- The command line ---- */

static tw_status begin(parsed *p) {
    tw_status status = TW_OK;
    const cli_command *command = p->run.command;
    const cli_option *option;
    size_t offset;
    p->settings = calloc(1, command->settings.size);
    p->given = calloc(command_option_count(command), sizeof *p->given);
    if (p->settings == NULL || p->given == NULL)
        return tw_fail(TW_ERR_MEMORY, "no memory for the settings");
    for (size_t i = 0; (option = command_option(command, i, &offset)); i++)
        TW_TRY(option_reset(option, p->settings + offset));
    p->run.settings = p->run.common = (const void *)p->settings;
    p->run.given = p->given;
    p->run.code = &p->code;
cleanup:
    return status;
}

static void end(parsed *p) {
    const cli_option *option;
    size_t offset;
    for (size_t i = 0; p->settings && (option = command_option(p->run.command, i, &offset)); i++)
        option_clear(option, p->settings + offset);
    free(p->settings);
    free(p->given);
}

/* By its name, or by its letter when the name is NULL; false: there is none. */
static bool find_option(const cli_command *command, const char *name, size_t length, char letter,
                        size_t *index) {
    const cli_option *option;
    for (*index = 0; (option = command_option(command, *index, NULL)); ++*index)
        if (name == NULL
                ? option->letter == letter
                : strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return true;
    return false;
}

/* The value of an option at argv[*at], which moves to it; text: what stood behind "=", or NULL. */
static tw_status take_value(const cli_invocation *run, const cli_option *option, int *at,
                            const char **text) {
    if (*text) return TW_OK;
    if (*at + 1 >= run->argc)
        return tw_fail(TW_ERR_ARGUMENT, "--%s needs a value (%s)", option->name, option->metavar);
    *text = run->argv[++*at];
    if (option_takes_text(option) && (*text)[0] == '-' && (*text)[1] != '\0')
        return tw_fail(TW_ERR_ARGUMENT,
                       "--%s needs a value (%s), not the option '%s'; --%s=%s takes it as one",
                       option->name, option->metavar, *text, option->name, *text);
    return TW_OK;
}

/* One option at argv[*at]; *at ends on its last word. */
static tw_status parse_option(parsed *p, int *at) {
    const cli_invocation *run = &p->run;
    const char *word = run->argv[*at], *equals = strchr(word, '=');
    bool is_long = word[1] == '-';
    size_t length = is_long ? (equals ? (size_t)(equals - word) : strlen(word)) - 2 : 1;
    const char *text = is_long && equals ? equals + 1 : NULL;
    size_t index, offset;
    if (!(is_long || word[2] == '\0') ||
        !find_option(run->command, is_long ? word + 2 : NULL, length, word[1], &index))
        return tw_fail(TW_ERR_ARGUMENT, "'%s' has no option %s; see 'thalweg %s --help'",
                       run->command->name, word, run->command->name);
    const cli_option *option = command_option(run->command, index, &offset);
    void *field = p->settings + offset;
    p->given[index] = true;
    if (option->kind == OPTION_FLAG && text)
        return tw_fail(TW_ERR_ARGUMENT, "--%s takes no value", option->name);
    tw_status status = option->kind == OPTION_FLAG ? TW_OK : take_value(run, option, at, &text);
    if (status == TW_OK) status = option_set(option, text, field);
    if (status != TW_OK || option->kind != OPTION_RANGE) return status;
    if (*at + 1 >= run->argc)
        return tw_fail(TW_ERR_ARGUMENT, "--%s needs two values (%s)", option->name,
                       option->metavar);
    return option_set(option, run->argv[++*at], field);
}

static tw_status add_operand(cli_invocation *run, const char *word) {
    if (run->command->operand_count.most == 0)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' takes no operand: one too many, '%s'",
                       run->command->name, word);
    if (run->operand_count >= run->command->operand_count.most)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' takes %s: one operand too many, '%s'",
                       run->command->name, run->command->operands, word);
    run->operands[run->operand_count++] = word;
    return TW_OK;
}

static tw_status parse(parsed *p) {
    bool only_operands = false;
    cli_invocation *run = &p->run;
    for (int at = 2; at < run->argc; at++) {
        const char *word = run->argv[at];
        tw_status status = TW_OK;
        if (!only_operands && strcmp(word, "--") == 0)
            only_operands = true;
        else if (!only_operands && word[0] == '-' && word[1] != '\0')
            status = parse_option(p, &at);
        else
            status = add_operand(run, word);
        if (status != TW_OK) return status;
    }
    if (!run->common->help && run->operand_count < run->command->operand_count.least)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' needs %s; see 'thalweg %s --help'",
                       run->command->name, run->command->operands, run->command->name);
    return TW_OK;
}

/* A table that did not reach its reader is no success. */
static tw_status finish_output(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return TW_OK;
    return tw_fail(TW_ERR_IO, "standard output cannot be written: %s", strerror(errno));
}

/* Whatever it was that was told to stop, the answer is not the whole one: neither "done" nor "the
 * check came out negative". */
static int code_when_stopped(int code) {
    bool answered = code == EXIT_DONE || code == EXIT_NEGATIVE;
    return answered && progress_was_stopped() ? EXIT_NOT_CONVERGED : code;
}

static tw_status parse_and_run(parsed *p, const char *name) {
    tw_status status = TW_OK;
    const cli_invocation *run = &p->run;
    TW_TRY(command_find(name, &p->run.command));
    TW_TRY(begin(p));
    TW_TRY(parse(p));
    if (run->common->help) {
        print_command_help(run->command);
        return TW_OK;
    }
    TW_TRY(check_outputs(run));
    if (run->common->threads > 0) tw_threads_set((int)run->common->threads);
    progress_start(run->common->max_seconds);
    TW_TRY(run->command->run(run));
cleanup:
    return status;
}

/* OpenBLAS may be older than the processor. One line says what is lost where that stays. */
static tw_status choose_kernel(void) {
    tw_kernel_choice choice;
    tw_status status = tw_blas_choose(&choice);
    if (status == TW_OK && choice.outcome == TW_KERNEL_BELOW)
        progress_warn(
            "%s computes with its kernel %s, below what this processor can do: large products take "
            "several times as long (%s); a newer %s, or OPENBLAS_CORETYPE=NAME in the environment, "
            "mends that",
            tw_blas_describe().name, choice.after, choice.remarks, tw_blas_describe().name);
    return status;
}

/* The kernel's name stands alone for scripts. */
static void print_version(void) {
    const tw_blas blas = tw_blas_describe();
    printf("thalweg %s\n%s %s, threads: %zu\nkernel: %s\n", tw_version(), blas.name, blas.version,
           blas.threads, blas.kernel[0] ? blas.kernel : "not known");
}

int main(int argc, char **argv) {
    parsed p = {.run = {.argc = argc, .argv = argv}};
    tw_status status = choose_kernel();
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (status == TW_OK && strcmp(name, "--version") == 0)
        print_version();
    else if (status == TW_OK)
        status = parse_and_run(&p, name);
    if (status == TW_OK) status = finish_output();
    end(&p);
    return status == TW_OK ? code_when_stopped(p.code) : report_failure(status);
}
