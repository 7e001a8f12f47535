"""In: what `lens` measured of a model and a text. Out: HTML and SVG, for the report, the page and notebooks.

Read `lesson.py` first: it measures all that a report needs and puts its sections together. Then the parts,

coloured.py        a text in colours
plots.py           curves and heat-maps
figure.py          a recurrent network drawn
number_tables.py   findings, effects, weights
texts.py           every text in Portuguese and English
writing.py         numbers and characters as they are shown
notebook_views.py  the values of the package as a notebook shows them
blocks.css         the style of the parts; page.css and notebook.css: of the report and of the notebook around them

Each part is a pure function, and escapes what comes from texts and models. Colours are CSS variables, so that the parts
fit a light or a dark page.
"""
