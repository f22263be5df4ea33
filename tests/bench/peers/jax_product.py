# SPDX-License-Identifier: GPL-3.0-or-later
"""Hessian products by JAX: the gradient, linearised once and compiled. The threads are those of the
processors that this process may use."""
import sys

import jax
import jax.numpy as jnp

from served import RIDGE, Case, serve

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)
case = Case(sys.argv[1:])
rows = jnp.arange(case.samples)


def loss(theta):
    *weights, signal = theta
    for weight in weights:
        signal = signal @ weight
    fit = jax.nn.logsumexp(signal, axis=1) - signal[rows, case.labels]
    return fit.mean() + RIDGE / 2 * sum((part * part).sum() for part in theta)


theta = [jnp.asarray(part) for part in case.theta]
direction = [jnp.asarray(part) for part in case.direction]
linear = jax.jit(jax.linearize(jax.grad(loss), theta)[1])


def product():
    return jax.block_until_ready(linear(direction))


serve(product, f"JAX {jax.__version__}")
