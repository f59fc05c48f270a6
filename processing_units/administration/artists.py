"""Artists: making and editing them."""

from typing import Any

from grid_config.documents import Documents, Kind, encode_body
from grid_config.identifiers import new_number, number_text
from processing_units.administration.bodies import Artist, ArtistChange
from processing_units.administration.shelf import Shelf
from processing_units.administration.versions import Versioned, checked
from processing_units.catalogue.keys import key_of


class Artists:
    """The calls about artists. All raise GridUnavailable; changes raise Stale."""

    def __init__(self, documents: Documents, shelf: Shelf) -> None:
        self._documents = documents
        self._shelf = shelf

    async def create(self, artist: Artist) -> Versioned:
        number = new_number()
        fields = {"artist_id": number_text(number), **artist.model_dump(mode="json")}
        return await self._put(number, 0, fields)

    async def get(self, artist: int) -> Versioned | None:
        """None when there is no such artist."""
        document = await self._documents.get(key_of(Kind.ARTIST, artist))
        return None if document is None else Versioned(artist, document.version, document.fields)

    async def change(self, artist: int, version: int, change: ArtistChange) -> Versioned | None:
        """The artist after the change; None when there is none. Stale when it is not at `version`."""
        found = await self.get(artist)
        if found is None:
            return None
        checked(found, version)
        return await self._put(artist, version, {**found.fields, **change.model_dump(mode="json", exclude_unset=True)})

    async def _put(self, artist: int, expected: int, fields: dict[str, Any]) -> Versioned:
        document = await self._shelf.put(Kind.ARTIST, artist, encode_body(fields), expected)
        return Versioned(artist, document.version, fields)
