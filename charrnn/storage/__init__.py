"""In: a model. Out: a directory that holds all of it, and the way back.

Read `checkpoint.py` first; `registry.py` finds models by name without loading torch.
"""
