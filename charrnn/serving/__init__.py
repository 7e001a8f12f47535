"""Answering requests: what a server accepts and from whom, the models that it holds, and the standard endpoint.

In: requests. Out: answers, or a refusal in one line. Read `api.py` first, the routes of `charrnn serve`; the page has
them, too, and shares `guard.py`, `caps.py` and `loaded_models.py`. Importing this room loads neither torch nor gradio.
"""
