/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of subcommands. It feeds the dispatch, --help, the manual pages, the completion and the
 * tests. */
#include <stdio.h>
#include <string.h>

#include "command.h"

const cli_command *command_at(size_t index) {
    static const cli_command *const commands[] = {
        &info_command,      &polish_command,   &spectrum_command, &degeneracy_command,
        &density_command,   &trace_command,    &flatness_command, &free_energy_command,
        &certify_command,   &compare_command,  &train_command,    &basins_command,
        &critical_command,  &slice_command,    &report_command,   &convert_command,
        &construct_command, &selftest_command, &verify_command,   &help_command};
    return index < sizeof commands / sizeof *commands ? commands[index] : NULL;
}

tw_status command_find(const char *name, const cli_command **command) {
    for (size_t i = 0; (*command = command_at(i)); i++)
        if (strcmp((*command)->name, name) == 0) return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT, "there is no subcommand '%s'; see 'thalweg help'", name);
}

const cli_option *command_option(const cli_command *command, size_t index, size_t *offset) {
    size_t at = 0;
    const cli_option *option = option_at(command->settings.options, &index, &at);
    if (offset) *offset = at;
    return option;
}

size_t command_option_count(const cli_command *command) {
    size_t count = 0;
    while (command_option(command, count, NULL)) count++;
    return count;
}

/* ---- What was given ---- */

bool is_given(const cli_invocation *run, const char *name) {
    const cli_option *option;
    for (size_t i = 0; (option = command_option(run->command, i, NULL)); i++)
        if (run->given[i] && strcmp(option->name, name) == 0) return true;
    return false;
}

/* The first given option from number *index on whose field lies in the part; *index (in/out) moves
 * behind it. */
static const cli_option *next_given(const cli_invocation *run, const void *part, size_t size,
                                    size_t *index, const void **field) {
    const cli_option *option;
    size_t offset, first = (size_t)((const char *)part - (const char *)run->settings);
    while ((option = command_option(run->command, *index, &offset))) {
        *field = (const char *)run->settings + offset;
        if (run->given[(*index)++] && offset >= first && offset < first + size) return option;
    }
    return NULL;
}

static tw_status set_member(const cli_option *option, const void *field, bool axes, tw_json *json) {
    char key[40];
    snprintf(key, sizeof key, "%s", option->name);
    for (char *dash = key; (dash = strchr(dash, '-'));) *dash = '_';
    tw_json *value = option_json(option, field), *axis = NULL;
    if (!axes || !tw_json_is_array(value)) return tw_json_set(json, key, value);
    axis = tw_json_array();
    tw_status status = tw_json_append(axis, value);
    if (status == TW_OK) return tw_json_set(json, key, axis);
    tw_json_destroy(axis);
    return status;
}

tw_status given_members(const cli_invocation *run, const void *part, size_t size, bool axes,
                        tw_json *json) {
    tw_status status = TW_OK;
    const cli_option *option;
    const void *field;
    for (size_t i = 0; (option = next_given(run, part, size, &i, &field));)
        TW_TRY(set_member(option, field, axes, json));
cleanup:
    return status;
}

tw_status refuse_meanings(const cli_invocation *run, const cli_meaning *rows, unsigned mode,
                          const char *why) {
    for (; rows->option; rows++)
        if (!(rows->modes & mode) && is_given(run, rows->option))
            return tw_fail(TW_ERR_ARGUMENT, "--%s%s%s", rows->option, why, rows->hint);
    return TW_OK;
}

tw_status refuse_members(const cli_invocation *run, const void *part, size_t size,
                         const char *why) {
    size_t index = 0;
    const void *field;
    const cli_option *option = next_given(run, part, size, &index, &field);
    return option ? tw_fail(TW_ERR_ARGUMENT, "--%s%s", option->name, why) : TW_OK;
}

tw_status name_option(const cli_invocation *run, tw_status status) {
    const cli_option *option;
    const char *said = tw_last_error();
    size_t length = strcspn(said, ":");
    for (size_t i = 0; (option = command_option(run->command, i, NULL)); i++)
        if (run->given[i] && strlen(option->name) == length &&
            strncmp(option->name, said, length) == 0)
            return tw_fail_in(status, "--");
    return status;
}
