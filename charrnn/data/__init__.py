"""In: clean text. Out: windows of token ids, lane by lane.

Read `tokenizer.py` first, then `stream.py`; `dataset.py` keeps the training and the held-out part on disk.
"""
