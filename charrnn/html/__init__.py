"""A report of what a model remembers of a text: one HTML file for a lesson. And its parts, for other pages.

material.py       all that is measured, by charrnn.lens
lesson.py         the sections, put together
coloured.py       a text in colours
heatmap.py        the memory as a picture
figure.py         a small network drawn, at one instant and unrolled
plots.py          curves over distances
number_tables.py  findings, effects, weights
texts.py          every text in Portuguese and English
writing.py        numbers and characters as they are shown
blocks.css        what the parts look like; page.css: the page around them

Each part is a pure function of what was measured, and gives a piece of HTML or SVG in which all that comes from texts
and models is escaped. Colours are CSS variables, so that the parts fit a light or a dark page.
"""
