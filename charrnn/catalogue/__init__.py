"""Public-domain works → verified files: from the cache, a folder of one's own, or the network."""

from charrnn.catalogue.entries import Entry, catalogue, is_catalogue_name, select

__all__ = ["Entry", "catalogue", "is_catalogue_name", "select"]
