# SPDX-License-Identifier: GPL-3.0-or-later
"""Hessian products by PyTorch: the gradient's graph is kept, and one backward pass through it is a
product."""
import sys

import torch

from served import RIDGE, Case, serve

case = Case(sys.argv[1:])
torch.set_num_threads(case.threads)
torch.set_num_interop_threads(1)
theta = [torch.tensor(part, requires_grad=True) for part in case.theta]
direction = [torch.tensor(part) for part in case.direction]
*weights, signal = theta
for weight in weights:
    signal = signal @ weight
loss = torch.nn.functional.cross_entropy(signal, torch.tensor(case.labels))
loss = loss + RIDGE / 2 * sum((part * part).sum() for part in theta)
gradient = torch.autograd.grad(loss, theta, create_graph=True)


def product():
    return torch.autograd.grad(gradient, theta, grad_outputs=direction, retain_graph=True)


serve(product, f"PyTorch {torch.__version__.split('+')[0]}")
