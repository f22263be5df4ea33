/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages.h"

#include <stdio.h>
#include <string.h>
#include <thalweg/files/bundle.h>
#include <thalweg/record/record.h>
#include <thalweg/version.h>

#define HELP_COLUMN 26 /* where the meaning of an option starts */
#define PAGE_WIDTH 96

/* Words of `text` folded at PAGE_WIDTH; the first line starts at column `at`, the rest at
 * `indent`. */
static void print_folded(const char *text, int at, int indent) {
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at + length > PAGE_WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
        }
        printf("%.*s", length, text);
        text += length;
        at += length;
        if (*text == ' ') {
            text++;
            if (at < PAGE_WIDTH) putchar(' ');
            at++;
        }
    }
    putchar('\n');
}

/* "--largest K" */
static void option_synopsis(const cli_option *option, char *text, size_t room) {
    char letter[8] = "";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(text, room, "%s--%s%s%s", letter, option->name, option->metavar ? " " : "",
             option->metavar ? option->metavar : "");
}

/* Meaning, choices, range and default in one sentence. */
static void option_meaning(const cli_option *option, char *text, size_t room) {
    char range[OPTION_CHOICES + 4] = "", fallback[64] = "", choices[OPTION_CHOICES];
    option_choices(option, '|', choices, sizeof choices);
    if (choices[0]) snprintf(range, sizeof range, " (%s)", choices);
    if (option->kind == OPTION_COUNT) {
        if (option->high < 9e15)
            snprintf(range, sizeof range, " (%.0f to %.0f)", option->low, option->high);
        else
            snprintf(range, sizeof range, " (%.0f or more)", option->low);
    }
    if (option->kind == OPTION_NUMBER && option->high < 1e300)
        snprintf(range, sizeof range, " (between %g and %g)", option->low, option->high);
    if (option->fallback) snprintf(fallback, sizeof fallback, " [default %s]", option->fallback);
    snprintf(text, room, "%s%s%s", option->help, range, fallback);
}

static void print_options(const cli_command *command) {
    const cli_option *option;
    for (size_t i = 0; (option = command_option(command, i, NULL)); i++) {
        char synopsis[64], meaning[400];
        option_synopsis(option, synopsis, sizeof synopsis);
        option_meaning(option, meaning, sizeof meaning);
        printf("  %-*s", HELP_COLUMN - 2, synopsis);
        if (strlen(synopsis) >= HELP_COLUMN - 2) printf("\n%*s", HELP_COLUMN, "");
        print_folded(meaning, HELP_COLUMN, HELP_COLUMN);
    }
}

void print_command_help(const cli_command *command) {
    printf("usage: thalweg %s %s [OPTIONS]\n\n", command->name, command->operands);
    print_folded(command->description, 0, 0);
    printf("\noptions:\n");
    print_options(command);
}

void print_overview(void) {
    printf("thalweg %s: the loss landscape of deep unconstrained feature models\n\n", tw_version());
    printf("usage: thalweg COMMAND FILE... [OPTIONS]\n\ncommands:\n");
    for (size_t i = 0; command_at(i); i++)
        printf("  %-*s%s\n", HELP_COLUMN - 12, command_at(i)->name, command_at(i)->summary);
    printf("\nfiles, by extension:\n");
    for (size_t i = 0; tw_format_at(i); i++)
        printf("  %-*s%s\n", HELP_COLUMN - 12, tw_format_at(i)->extension,
               tw_format_at(i)->summary);
    printf(
        "\nexit codes:\n"
        "  0  done\n"
        "  1  the check that was asked for came out negative\n"
        "  2  wrong usage\n"
        "  3  unreadable or inconsistent input\n"
        "  4  not converged within the budget (partial results are still written)\n\n"
        "'thalweg COMMAND --help' shows a subcommand's options with units, ranges and defaults.\n");
}

/* Text with what roff would take for its own escaped. */
static void print_roff(const char *text) {
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void print_roff_item(const char *head, const char *meaning) {
    printf(".TP\n.B ");
    print_roff(head);
    putchar('\n');
    print_roff(meaning);
    putchar('\n');
}

static void print_roff_options(const cli_command *command) {
    const cli_option *option;
    for (size_t i = 0; (option = command_option(command, i, NULL)); i++) {
        char synopsis[64], meaning[400];
        option_synopsis(option, synopsis, sizeof synopsis);
        option_meaning(option, meaning, sizeof meaning);
        print_roff_item(synopsis, meaning);
    }
}

void print_man_page(const cli_command *command) {
    const char *name = command ? command->name : NULL;
    printf(".TH THALWEG%s%s 1 \"\" \"thalweg %s\"\n.SH NAME\nthalweg%s%s \\- ", name ? "\\-" : "",
           name ? name : "", tw_version(), name ? "\\-" : "", name ? name : "");
    print_roff(command ? command->summary
                       : "the loss landscape of deep unconstrained feature models");
    printf("\n.SH SYNOPSIS\n.B thalweg %s\n", name ? name : "COMMAND");
    print_roff(command ? command->operands : "FILE...");
    printf(" [OPTIONS]\n.SH DESCRIPTION\n");
    if (command) {
        print_roff(command->description);
        printf("\n.SH OPTIONS\n");
        print_roff_options(command);
    }
    for (size_t i = 0; !command && command_at(i); i++)
        print_roff_item(command_at(i)->name, command_at(i)->summary);
    printf(
        ".SH EXIT STATUS\n0 done; 1 the check came out negative; 2 wrong usage; 3 unreadable or "
        "inconsistent input; 4 not converged within the budget.\n");
}

/* The same option may have other choices with another subcommand. */
static void print_bash_choices(const cli_command *command) {
    const cli_option *option;
    for (size_t i = 0; (option = command_option(command, i, NULL)); i++) {
        char choices[OPTION_CHOICES];
        option_choices(option, ' ', choices, sizeof choices);
        if (choices[0] == '\0') continue;
        printf("    '%s --%s') COMPREPLY=($(compgen -W '%s' -- \"${current}\")); return ;;\n",
               command->name, option->name, choices);
    }
}

void print_bash_completion(void) {
    printf(
        "# bash completion for thalweg\n_thalweg() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local options=\n    case \"${COMP_WORDS[1]} ${previous}\" in\n");
    for (size_t i = 0; command_at(i); i++) print_bash_choices(command_at(i));
    printf("    esac\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; command_at(i); i++) {
        printf("    %s) options='", command_at(i)->name);
        const cli_option *option;
        for (size_t j = 0; (option = command_option(command_at(i), j, NULL)); j++)
            printf("--%s ", option->name);
        printf("' ;;\n");
    }
    printf("    esac\n    if ((COMP_CWORD == 1)); then\n        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; command_at(i); i++) printf("%s ", command_at(i)->name);
    printf(
        "' -- \"${current}\"))\n    elif [[ ${current} == -* ]]; then\n"
        "        COMPREPLY=($(compgen -W \"${options}\" -- \"${current}\"))\n    fi\n}\n"
        "complete -o default -F _thalweg thalweg\n");
}
