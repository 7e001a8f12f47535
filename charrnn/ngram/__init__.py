"""In: symbols of a text. Out: log-probabilities of the next one, by context mixing (the PAQ family).

    symbols ─ ContextHasher ─ Contexts ─ Tables ─ ContextMixer ─▶ log-probabilities
              (state:         (keys)     (what     (experts, weights;
               ContextState)              followed) DocumentCounts)

Read `model.py` first, then `contexts.py`. Compiled loops are in `contexts`, `counting`, `document_counts`,
`lists` and `mixing`; `prediction.py` alone loads no numba.
"""
