"""In: a text whose lines end at a margin. Out: the place on the page at each symbol, and the text on other pages.

Read `line_layout.py` first; `symbol_widths.py` finds how wide each symbol is, `rewrapper.py` moves line ends.
"""
