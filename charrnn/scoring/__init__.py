"""In: a model and a text. Out: bits per character.

Read `evaluate.py` first; `adaptive.py` learns from what it has predicted.
"""
