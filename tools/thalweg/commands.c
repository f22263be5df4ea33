/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of subcommands. It feeds the dispatch, --help, the manual pages, the completion and the
 * tests. */
#include <string.h>

#include "command.h"

static const cli_command commands[] = {
    {"info", "FILE", "describe a point as the file has it",
     "Prints the loss with its two parts, the gradient norm, the rank and singular values of the "
     "logits, the neural-collapse measures of every hidden space, the balance defect, and how many "
     "pre-activations sit on a kink.",
     1, 1, GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_SECONDS, run_info},
    {"polish", "FILE", "move a trained point to the critical point beside it",
     "Trust-region Newton with conjugate gradients on exact Hessian products, down to rounding. "
     "Says "
     "how far the point moved, and why it stopped. Points with pre-activations on kinks are not "
     "moved. Exit code 4 when the gradient did not get down to the tolerance; the point reached is "
     "written all the same.",
     1, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_POLISH | GROUP_BUDGET | GROUP_PLAN |
         GROUP_OUTPUT,
     run_polish},
    {"spectrum", "[FILE]", "eigenvalues of the Hessian with residuals and multiplicities",
     "Without --largest and --smallest: the whole spectrum by the dense route. With either: that "
     "many eigenvalues at that end. Every pair is verified by a fresh Hessian product; the "
     "residual "
     "||H v - t v||/||H|| stands beside its value. The point is taken as the file has it: polish "
     "it "
     "first where zero modes matter.",
     0, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_METHOD | GROUP_DENSE | GROUP_COUNTS |
         GROUP_BUDGET | GROUP_PLAN | GROUP_PARTS | GROUP_CLOSED | GROUP_INTERIOR,
     run_spectrum},
    {"degeneracy", "FILE", "count negative, zero and positive modes, and explain the zero ones",
     "Polishes the point, counts the modes of its Hessian, and matches zero modes to the symmetry "
     "orbit's tangent space: found, by symmetry, unexplained, with the gap that justifies the "
     "threshold. Verdicts: minimum (modulo symmetry), strict saddle, degenerate (zero modes that "
     "no "
     "symmetry explains), not stationary, ambiguous. Exit code 4 for the last two.",
     1, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_POLISH | GROUP_BUDGET | GROUP_PLAN |
         GROUP_SKIP_POLISH | GROUP_DENSE,
     run_degeneracy},
    {"density", "FILE", "the distribution of all eigenvalues of the Hessian",
     "Lists the values that many eigenvalues share with the fraction of the spectrum they hold, "
     "and "
     "draws the rest as a curve. Up to --dense-limit from all eigenvalues; above it from sectors "
     "where "
     "they apply, exactly, and else by stochastic Lanczos quadrature, each mass with its standard "
     "error. Zero modes of the symmetry orbit are "
     "counted exactly where the point is stationary. The point is taken as the file has it.",
     1, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_DENSE | GROUP_BUDGET | GROUP_PLAN |
         GROUP_PROBES,
     run_density},
    {"trace", "FILE", "trace, Frobenius norm and log-determinant of the Hessian",
     "The log-determinant is over the modes that are not zero. Up to --dense-limit exact, from all "
     "eigenvalues; above it from sectors where they apply, exactly, and else by Hutch++ and "
     "stochastic Lanczos quadrature, with standard errors and 95 % intervals. Zero modes of the "
     "symmetry orbit are left out where the point is stationary. "
     "The point is taken as the file has it.",
     1, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_DENSE | GROUP_BUDGET | GROUP_PLAN |
         GROUP_PROBES,
     run_trace},
    {"flatness", "FILE", "how flat a point is, and what that means",
     "Largest and smallest non-zero eigenvalue, condition, trace, Frobenius norm and "
     "log-determinant of the Hessian; the worst rise of the loss in a ball, sought by ascents, so "
     "a lower bound of it; the mean rise under Gaussian noise with a 95 % interval. Each for the "
     "whole space, off the symmetry orbit, and block by block, with what it is invariant to. The "
     "point is taken as the file has it.",
     1, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_DENSE | GROUP_BUDGET | GROUP_PLAN |
         GROUP_PROBES | GROUP_FLATNESS,
     run_flatness},
    {"free-energy", "[FILE...]", "when a degenerate optimum outweighs a better one",
     "The Laplace weight exp(-F) of each optimum at inverse temperature beta: loss, volume of the "
     "symmetry orbit, copies under exchange of classes, log-determinant over the modes that are "
     "not zero; F at some beta, and beta* where two optima weigh the same, with its error. Points "
     "are polished first. With --closed-form no file is needed, and every width costs the same. "
     "Exit code 1 when an optimum is none that F is defined for.",
     0, 64,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_POLISH | GROUP_BUDGET | GROUP_SKIP_POLISH |
         GROUP_DENSE | GROUP_FREE_ENERGY,
     run_free_energy},
    {"certify", "FILE", "prove a strict saddle, or give the verdict with its evidence",
     "Polishes the point, counts its modes, and tries to prove a strict saddle in ball arithmetic: "
     "a direction with negative curvature and a step that falls by more than the gradient could "
     "give. -o writes the proof, which --check proves anew from the file alone. Also: the null "
     "space held against the symmetry, and at L = 1 the test of global optimality. Exit code 0 "
     "when proved or verified, 1 when not; 4 when the verdict is 'not stationary' or 'ambiguous' "
     "and there is no proof.",
     1, 1,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_POLISH | GROUP_BUDGET | GROUP_SKIP_POLISH |
         GROUP_DENSE | GROUP_OUTPUT | GROUP_CERTIFY,
     run_certify},
    {"compare", "FILE...", "polish several optima and set them side by side",
     "Everything that info and degeneracy say, for each file, in one table. Exit code 4 when a "
     "verdict is 'not stationary' or 'ambiguous'.",
     1, 64,
     GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_POLISH | GROUP_BUDGET | GROUP_PLAN |
         GROUP_SKIP_POLISH | GROUP_DENSE,
     run_compare},
    {"train", "", "descend from a random start, or go on with a run",
     "Draws a start by a law that is kept in the file, descends by the method asked for, and "
     "writes "
     "the point reached with its model. The flow follows the gradient exactly (CVODE, implicit, "
     "with exact Hessian products), which defines the basin a start belongs to; the other methods "
     "hop between basins. While it runs, the file holds a point and what --resume needs; the same "
     "options give the same bits, interrupted or not. Exit code 4 when the gradient did not get "
     "down to the tolerance, or the start is a saddle already.",
     0, 0, GROUP_COMMON | GROUP_RESULT | GROUP_NEW | GROUP_OUTPUT | GROUP_DESCENT | GROUP_TRAIN,
     run_train},
    {"basins", "[PLAN|VERB] [FILE.db]", "where descent ends, from many random starts",
     "Runs every restart of a plan (a JSON file with a grid of settings, or one setting from the "
     "options) into the file that --output names, and tells how often each optimum was reached, "
     "with 95 % intervals. End points are one class when loss, logit singular values and class "
     "logits agree up to a permutation of the classes. The same command, or resume, goes on with "
     "what is there; several processes may share a campaign. Verbs for a campaign's file: status "
     "shows "
     "how far it is, resume goes on, export "
     "writes tables (--json, --csv). Exit code 4 when it was ended before its restarts were done.",
     0, 2, GROUP_COMMON | GROUP_RESULT | GROUP_NEW | GROUP_OUTPUT | GROUP_DESCENT | GROUP_BASINS,
     run_basins},
    {"critical", "", "critical points of any index, from many starts",
     "Searches with Newton's method on the gradient and along the Hessian's eigenvectors, from "
     "random, narrow and perturbed starts; merges what is equal up to symmetry; counts modes; and "
     "proves each negative one with a certificate in ball arithmetic. Lists every point with its "
     "index, its rank, and how many starts found it. With --output everything is kept in an SQLite "
     "file, and the same command goes on with it. Exit code 4 when it was ended before its starts "
     "were done.",
     0, 0, GROUP_COMMON | GROUP_RESULT | GROUP_NEW | GROUP_OUTPUT | GROUP_CRITICAL, run_critical},
    {"slice", "FILE [FILE2]", "values of the loss on a line or a plane through a point",
     "Along random directions that are normalised by filters, eigenvectors of the Hessian, "
     "tangents "
     "of the symmetry orbit, or the line to a second point, which is aligned first over the "
     "rotations of the hidden spaces. Values are exact. The curvature that the slice shows stands "
     "beside v'Hv: one says nothing about the other directions. Between two points the height of "
     "the barrier is given. With --output the point, the grid, the values and the directions are "
     "written as arrays.",
     1, 2, GROUP_COMMON | GROUP_RESULT | GROUP_MODEL | GROUP_OUTPUT | GROUP_SLICE, run_slice},
    {"report", "RESULT...", "one page with figures from results of other subcommands",
     "Reads records that --json wrote and makes one HTML page of them that needs no network, no "
     "other file and no script. Points of all records stand side by side; parts without data are "
     "left out. Numbers have the records' digits. Figures are drawn by gnuplot; without it the "
     "page "
     "says that they are missing.",
     1, 64, GROUP_COMMON | GROUP_PAGE, run_report},
    {"convert", "IN OUT", "rewrite a point in another format",
     "The formats follow the extensions: .safetensors, .npz (with its metadata in a .json file "
     "beside it), .h5. The input is checked as a model first; nothing is written when it does not "
     "hold together. Arrays keep their element type, unknown metadata is carried along.",
     2, 2, GROUP_COMMON | GROUP_MODEL, run_convert},
    {"construct", "NAME", "make a point that is known without training",
     "NAME is zero, dnc, cross-polytope, blocks:K1,K2,.. or projector:R (critical points of the "
     "linear model in closed form), srg:R (relu, classes as edges of the complete graph on R "
     "vertices), padded:FILE (a narrower point with zeros) or random[:LAW] (entries by a law of "
     "'train --init'; without one normal-fanin:1). Every hidden space is turned at random. The "
     "record describes the point that was written. Exit code 1, and no file, when there is no "
     "such point at that lambda.",
     1, 1, GROUP_COMMON | GROUP_NEW | GROUP_GAUGE | GROUP_OUTPUT | GROUP_SECONDS, run_construct},
    {"selftest", "", "check this installation against exact results",
     "Closed-form optima by formula, sectors, dense matrix, both Krylov engines and deflated "
     "counts; "
     "planted spectra that make eigensolvers drop copies. Each line is a figure and its bound. "
     "Exit "
     "code 1 when one does not hold.",
     0, 0, GROUP_COMMON, run_selftest},
    {"verify", "", "put published claims to the test",
     "Each claim is computed anew: source, statement, what was computed, the figures, and whether "
     "it holds, fails, or cannot be decided. Answers are answers: exit code 1 only when one is not "
     "what the table of this version expects, 4 when it was ended before it knew. A claim with "
     "another constant (--constant) is "
     "another claim.",
     0, 0, GROUP_COMMON | GROUP_REPORT | GROUP_VERIFY, run_verify},
    {"help", "[COMMAND]", "show the page of a subcommand", "Without a name: this overview.", 0, 1,
     GROUP_COMMON | GROUP_HELP, run_help},
};

const cli_command *command_at(size_t index) {
    return index < sizeof commands / sizeof commands[0] ? &commands[index] : NULL;
}

const cli_command *command_find(const char *name) {
    for (size_t i = 0; command_at(i); i++)
        if (strcmp(command_at(i)->name, name) == 0) return command_at(i);
    return NULL;
}
