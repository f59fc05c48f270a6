"""What administrators can do, put together."""

from grid_config.documents import Documents
from infra.settings import Settings
from processing_units.administration.artists import Artists
from processing_units.administration.events import Events
from processing_units.administration.halls import HallImports
from processing_units.administration.shelf import Shelf
from processing_units.catalogue.catalogue import Catalogue
from processing_units.sales.batcher import Batchers


class Administration:
    """The three kinds of documents that administrators make; lists come from the unit's `catalogue`."""

    def __init__(self, settings: Settings, documents: Documents, catalogue: Catalogue, batchers: Batchers) -> None:
        shelf = Shelf(documents)
        self.catalogue = catalogue
        self.artists = Artists(documents, shelf)
        self.halls = HallImports(documents, shelf)
        self.events = Events(documents, shelf, catalogue, batchers, settings.hold_seconds)
