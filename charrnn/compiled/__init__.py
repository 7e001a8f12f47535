"""In: Python loops over arrays. Out: machine code, kept in numba's cache.

Read `kernels.py` first; `compilation.py` tells whoever waits. The loops are in `ngram` and `sampling.compiled`.
"""
