"""In: symbols of a text. Out: log-probabilities of the next symbol, by context mixing (the PAQ family).

    symbols ─ ContextHasher ─ Contexts ─ Tables ─ ContextMixer ─▶ log-probabilities
              (state:         (keys)     (lists of (experts, weights;
               ContextState)              counts)   DocumentCounts)

Read `model.py` first, then `contexts.py` and `context_mixer.py`. Only the loops in `compiled/` load numba, and only
`page_fit.py` loads torch; both are imported where they are called. `plain.py` predicts without the loops.
"""
