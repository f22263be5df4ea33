# SPDX-License-Identifier: GPL-3.0-or-later
"""The largest eigenvalue of the Hessian by curvlinops and SciPy's Lanczos iteration. The features
are parameters of a module whose input says the samples; all ridges are one, and so shift the
spectrum."""
import sys
from importlib.metadata import version

import torch
from curvlinops import HessianLinearOperator
from scipy.sparse.linalg import eigsh

from served import RIDGE, Case, serve

case = Case(sys.argv[1:])
torch.set_num_threads(case.threads)
torch.set_num_interop_threads(1)


class Features(torch.nn.Module):
    def __init__(self, theta):
        super().__init__()
        self.parts = torch.nn.ParameterList([torch.tensor(part) for part in theta])

    def forward(self, samples):
        *weights, signal = self.parts
        signal = signal[samples]
        for weight in weights:
            signal = signal @ weight
        return signal


model = Features(case.theta)
data = [(torch.arange(case.samples), torch.tensor(case.labels))]
operator = HessianLinearOperator(model, torch.nn.CrossEntropyLoss(), list(model.parameters()),
                                 data, check_deterministic=False).to_scipy()


def largest():
    value = eigsh(operator, k=1, which="LA", tol=1e-11, return_eigenvectors=False)
    return [value + RIDGE]


serve(largest, f"curvlinops {version('curvlinops-for-pytorch')}")
