"""In: symbols of a text. Out: log-probabilities of the next symbol, by context mixing (the PAQ family).

    symbols ─ ContextHasher ─ Contexts ─ Tables ─ ContextMixer ─▶ log-probabilities
              (state:         (keys)     (lists of (experts, weights;
               ContextState)              counts)   DocumentCounts)

Read `model.py` first, then `contexts.py` and `context_mixer.py`. Only `page_fit.py` loads torch; it and the
loops in `compiled/` are imported where they are called.
"""
