"""Tests, in folders that mirror the packages. They use the real model, FAISS, SQLite and HTTP."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the cores. Threads of BLAS and OpenMP would wait for each other actively, which
    # more than doubles the CPU time of training. To be set before numpy is imported.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
