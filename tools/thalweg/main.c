/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thalweg: parse the command line, run a subcommand. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <thalweg/dense/blas.h>
#include <thalweg/dense/threads.h>
#include <thalweg/files/bundle.h>
#include <thalweg/record/record.h>
#include <thalweg/version.h>

#include "command.h"
#include "pages.h"
#include "progress.h"
#include "subject.h"

int report_failure(tw_status status) {
    fprintf(stderr, "thalweg: %s\n", tw_last_error());
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

static const cli_option *find_option(const cli_command *command, const char *name, size_t length) {
    for (size_t i = 0; option_at(i); i++) {
        const cli_option *option = option_at(i);
        if (!(option->group & command->groups)) continue;
        if (strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return option;
    }
    return NULL;
}

static const cli_option *find_letter(const cli_command *command, char letter) {
    for (size_t i = 0; option_at(i); i++)
        if (option_at(i)->letter == letter && (option_at(i)->group & command->groups))
            return option_at(i);
    return NULL;
}

/* One option at argv[*at]; *at ends on its last word. */
static tw_status parse_option(cli_invocation *run, int *at) {
    const char *word = run->argv[*at], *equals = strchr(word, '=');
    bool is_long = word[1] == '-';
    size_t length = is_long ? (equals ? (size_t)(equals - word) : strlen(word)) - 2 : 1;
    const cli_option *option = is_long           ? find_option(run->command, word + 2, length)
                               : word[2] == '\0' ? find_letter(run->command, word[1])
                                                 : NULL;
    const char *text = is_long && equals ? equals + 1 : NULL;
    if (option == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' has no option %s; see 'thalweg %s --help'",
                       run->command->name, word, run->command->name);
    if (option->kind == OPTION_FLAG && text)
        return tw_fail(TW_ERR_ARGUMENT, "--%s takes no value", option->name);
    if (option->kind != OPTION_FLAG && text == NULL) {
        if (*at + 1 >= run->argc)
            return tw_fail(TW_ERR_ARGUMENT, "--%s needs a value (%s)", option->name,
                           option->metavar);
        text = run->argv[++*at];
        bool is_text = option->kind == OPTION_TEXT || option->kind == OPTION_WORDS ||
                       option->kind == OPTION_PHRASE;
        if (is_text && text[0] == '-' && text[1] != '\0')
            return tw_fail(TW_ERR_ARGUMENT,
                           "--%s needs a value (%s), not the option '%s'; --%s=%s takes it as one",
                           option->name, option->metavar, text, option->name, text);
    }
    tw_status status = settings_set(&run->settings, option, text);
    if (status != TW_OK || option->kind != OPTION_RANGE) return status;
    if (*at + 1 >= run->argc)
        return tw_fail(TW_ERR_ARGUMENT, "--%s needs two values (%s)", option->name,
                       option->metavar);
    return settings_set(&run->settings, option, run->argv[++*at]);
}

static tw_status add_operand(cli_invocation *run, const char *word) {
    if (run->command->max_operands == 0)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' takes no operand: one too many, '%s'",
                       run->command->name, word);
    if (run->operand_count >= run->command->max_operands)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' takes %s: one operand too many, '%s'",
                       run->command->name, run->command->operands, word);
    run->operands[run->operand_count++] = word;
    return TW_OK;
}

static tw_status parse(cli_invocation *run) {
    bool only_operands = false;
    for (int at = 2; at < run->argc; at++) {
        const char *word = run->argv[at];
        tw_status status = TW_OK;
        if (!only_operands && strcmp(word, "--") == 0)
            only_operands = true;
        else if (!only_operands && word[0] == '-' && word[1] != '\0')
            status = parse_option(run, &at);
        else
            status = add_operand(run, word);
        if (status != TW_OK) return status;
    }
    if (!run->settings.help && run->operand_count < run->command->min_operands)
        return tw_fail(TW_ERR_ARGUMENT, "'%s' needs %s; see 'thalweg %s --help'",
                       run->command->name, run->command->operands, run->command->name);
    return TW_OK;
}

/* Whether writing `a` would write `path`: they are the same, or `path` is the JSON file beside an
 * npz, which holds its metadata. */
static bool collide(const char *a, const char *path) {
    size_t stem = strlen(a) - (strlen(a) > 4 ? 4 : 0);
    if (strcmp(a, path) == 0) return strcmp(a, "-") != 0;
    return strcmp(a + stem, ".npz") == 0 && strncmp(a, path, stem) == 0 &&
           strcmp(path + stem, ".json") == 0;
}

/* Hours of work should not end at a folder that is not there, nor one result replace another. */
static tw_status check_outputs(const cli_invocation *run) {
    const cli_settings *s = &run->settings;
    const char *const paths[] = {s->json, s->report, s->markdown_file, s->latex_file, s->csv};
    const char *const others[] = {s->output, s->resume, s->trajectory, s->csv};
    tw_status status = TW_OK;
    if (s->json && s->csv && strcmp(s->json, "-") == 0 && strcmp(s->csv, "-") == 0)
        return tw_fail(TW_ERR_ARGUMENT, "--json - and --csv - are both to go to standard output");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t j = 0; j < sizeof others / sizeof *others; j++)
            if (paths[i] && others[j] && paths[i] != others[j] && collide(others[j], paths[i]))
                return tw_fail(TW_ERR_ARGUMENT, "%s is written for %s already", paths[i],
                               others[j]);
    for (size_t i = 0; status == TW_OK && i < sizeof paths / sizeof *paths; i++)
        if (paths[i] && strcmp(paths[i], "-") != 0) {
            status = check_not_input(run, paths[i]);
            if (status == TW_OK) status = tw_file_check_writable(paths[i]);
        }
    return status;
}

/* A table that did not reach its reader is no success. */
static int finish_output(int code) {
    if (code == EXIT_INPUT) return code; /* one sentence is out already */
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "thalweg: standard output cannot be written: %s\n", strerror(errno));
    return EXIT_INPUT;
}

/* Whatever it was that was told to stop, the answer is not the whole one: neither "done" nor "the
 * check came out negative". */
static int code_when_stopped(int code) {
    bool answered = code == EXIT_DONE || code == EXIT_NEGATIVE;
    return answered && progress_was_stopped() ? EXIT_NOT_CONVERGED : code;
}

static int parse_and_run(cli_invocation *run) {
    tw_status status = parse(run);
    if (status != TW_OK) return report_failure(status);
    if (run->settings.help) {
        print_command_help(run->command);
        return finish_output(EXIT_DONE);
    }
    status = check_outputs(run);
    if (status != TW_OK) return report_failure(status);
    if (run->settings.threads > 0) tw_threads_set((int)run->settings.threads);
    progress_start(run->settings.max_seconds);
    int code = run->command->run(run);
    return finish_output(code_when_stopped(code));
}

/* OpenBLAS may be older than the processor. One line says what is lost where that stays. */
static tw_status choose_kernel(void) {
    tw_kernel_choice choice;
    tw_status status = tw_blas_choose(&choice);
    if (choice.outcome == TW_KERNEL_BELOW)
        fprintf(stderr,
                "thalweg: %s computes with its kernel %s, below what this processor can do: large "
                "products take several times as long (%s); a newer %s, or "
                "OPENBLAS_CORETYPE=NAME in the environment, mends that\n",
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
    tw_status status = choose_kernel();
    if (status != TW_OK) return report_failure(status);
    cli_invocation run = {.argc = argc, .argv = argv};
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) {
        print_version();
        return finish_output(EXIT_DONE);
    }
    run.command = command_find(name);
    if (run.command == NULL) {
        fprintf(stderr, "thalweg: there is no subcommand '%s'; see 'thalweg help'\n", name);
        return EXIT_USAGE;
    }
    settings_init(&run.settings, run.command->groups);
    int code = parse_and_run(&run);
    settings_clear(&run.settings);
    return code;
}
