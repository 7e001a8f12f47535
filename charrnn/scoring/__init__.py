"""In: a model and a text. Out: bits per character.

Read `bits.py` first, then `evaluate.py`; `adaptive.py` learns from what it has predicted.
"""
