"""In: a text and a budget. Out: a model directory.

Read `run.py` first: a run plans, trains by the clock, evaluates, saves and resumes; `trainer.py` is one step of TBPTT.
"""
