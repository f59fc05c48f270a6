"""What breaks something gives back what mends it."""

from collections.abc import Awaitable, Callable

from tests.faults.laboratory import Laboratory

Mending = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """It has mended itself."""


def starting(start: Callable[..., None], *arguments: object) -> Mending:
    async def mend() -> None:
        start(*arguments)

    return mend


def frozen(laboratory: Laboratory, name: str) -> tuple[str, Mending]:
    laboratory.freeze(name)

    async def thaw() -> None:
        laboratory.thaw(name)

    return name, thaw


def healing(laboratory: Laboratory) -> Mending:
    async def heal() -> None:
        laboratory.proxies.heal()

    return heal
