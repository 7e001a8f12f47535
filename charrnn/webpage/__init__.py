"""In: a network, its vocabulary and what its card says. Out: one HTML file that writes in any browser, offline.

Read `single_file.py` first: `page` puts the file together. `packed_weights.py` stores the weights, `page_texts.py` has
the words in two languages. `engine/` is JavaScript for the page's worker: the network, the draws and the text, as
docs/share.md specifies them; `view/` is the page itself.
"""

from charrnn.webpage.single_file import ModelFacts, page, page_of

__all__ = ["ModelFacts", "page", "page_of"]
