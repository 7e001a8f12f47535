"""Public-domain works → verified files: from the cache, a folder of one's own, or the network."""

from charrnn.corpus.catalogue.entries import CatalogueEntry, catalogue, is_catalogue_name, select

__all__ = ["CatalogueEntry", "catalogue", "is_catalogue_name", "select"]
