/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program, started once: its own objects and the static library. To load the libraries takes
 * ten times as long as most of the calls that tests make, and sanitizers double it.
 *
 * Reads calls from standard input: the number of bytes that follow, a line, then as many words that
 * end with a zero byte each: the folder of the call, the files for its standard output and error,
 * the program's name, its arguments. Every call runs in a process of its own, forked before
 * anything of the program has run. Answers with one line: its exit code, or minus the signal. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FOLDER, OUTPUT, COMPLAINTS, NAME };

/* The program's main, and what stands for it: the linker wraps the name. */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static void redirect(const char *path, int flags, int to) {
    int file = open(path, flags, 0666);
    if (file < 0 || dup2(file, to) < 0) _exit(120);
    close(file);
}

static void run(int count, char **words) {
    const int fresh = O_WRONLY | O_CREAT | O_TRUNC;
    if (chdir(words[FOLDER]) != 0) _exit(120);
    redirect(words[OUTPUT], fresh, STDOUT_FILENO);
    redirect(words[COMPLAINTS], fresh, STDERR_FILENO);
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    exit(__real_main(count - NAME, words + NAME));
}

/* Forks, waits and answers; false: it could not. */
static int serve(char *text, size_t size) {
    size_t most = 0, count = 0;
    for (size_t i = 0; i < size; i++) most += text[i] == '\0';
    char **words = calloc(most + 1, sizeof *words);
    if (words == NULL || most <= NAME || text[size - 1] != '\0') return 0;
    for (char *word = text; word < text + size; word += strlen(word) + 1) words[count++] = word;
    int status = 0;
    pid_t child = fork();
    if (child == 0) run((int)count, words);
    free(words);
    if (child < 0 || waitpid(child, &status, 0) != child) return 0;
    printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return fflush(stdout) == 0;
}

/* By read alone: a stream would share its place in the pipe with the children. */
static int read_all(char *text, size_t size) {
    for (size_t have = 0; have < size;) {
        ssize_t got = read(STDIN_FILENO, text + have, size - have);
        if (got <= 0) return 0;
        have += (size_t)got;
    }
    return 1;
}

static size_t read_size(void) {
    char digits[24] = "";
    for (size_t i = 0; i + 1 < sizeof digits && read_all(digits + i, 1); i++)
        if (digits[i] == '\n') return (size_t)strtoul(digits, NULL, 10);
    return 0;
}

int __wrap_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    for (size_t size; (size = read_size()) > 0;) {
        char *text = malloc(size);
        int good = text && read_all(text, size) && serve(text, size);
        free(text);
        if (!good) return 99;
    }
    return 0;
}
