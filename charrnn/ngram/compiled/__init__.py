"""The compiled loops of the n-gram model. They are imported where they are called.

`context_loops.py`, `page_loops.py`, `list_loops.py`, `counting_loops.py`, `document_loops.py`, `expert_loops.py` and
`mixing_loops.py` hold the loops over the values that `contexts.py`, `layout.py`, … of `ngram` define.
"""
