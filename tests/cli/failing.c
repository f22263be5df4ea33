/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program in the dock: its own objects and the static library, with every allocation of theirs,
 * of jansson and of SQLite through oom.c.
 *
 *     failing OUT ERR WORD...
 *
 * reads numbers, one a line, and runs `thalweg WORD...` for each in a process of its own, where the
 * allocation of that number fails. Its standard output and error go to the two files. Answers with
 * one line: exit code or minus the signal, whether the allocation was reached, how many succeeded,
 * and how many blocks were left at the end. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/oom.h"
#include "support/oom_sqlite.h"

/* The program's main, and what stands for it: the linker wraps the name. */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

typedef struct outcome {
    size_t hit, made, left;
} outcome;

static void redirect(const char *path, int flags, int to) {
    int file = open(path, flags, 0666);
    if (file < 0 || dup2(file, to) < 0) _exit(120);
    close(file);
}

static void run(size_t n, int argc, char **argv, outcome *found) {
    const int fresh = O_WRONLY | O_CREAT | O_TRUNC;
    redirect(argv[1], fresh, STDOUT_FILENO);
    redirect(argv[2], fresh, STDERR_FILENO);
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    oom_mark();
    oom_arm(n);
    argv[2] = argv[0];
    int code = __real_main(argc - 2, argv + 2);
    *found = (outcome){oom_hit(), oom_since_mark(), oom_live_blocks()};
    oom_arm((size_t)-1);
    exit(code);
}

int __wrap_main(int argc, char **argv) {
    size_t n;
    outcome *found =
        mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (argc < 4 || found == MAP_FAILED || !oom_hook_sqlite()) return 99;
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    while (scanf("%zu", &n) == 1) {
        int status = 0;
        *found = (outcome){0};
        pid_t child = fork();
        if (child == 0) run(n, argc, argv, found);
        if (child < 0 || waitpid(child, &status, 0) != child) return 99;
        printf("%d %zu %zu %zu\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
               found->hit, found->made, found->left);
        fflush(stdout);
    }
    return 0;
}
