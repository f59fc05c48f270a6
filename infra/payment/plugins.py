"""Payment providers are plug-ins: entry points of the group `front_row.payment_providers`, chosen by name.

An entry point is a factory `(Settings) -> PaymentProvider`; its name is the provider's. Only those named in
`FRONT_ROW_PAYMENT_PROVIDERS` (default `sandbox`) are built, in that order, so that installing a package never changes where money goes.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from infra.payment.port import PaymentProvider
from infra.settings import Settings

GROUP = "front_row.payment_providers"
VARIABLE = "FRONT_ROW_PAYMENT_PROVIDERS"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Providers:
    """The payment systems in use, by name, in the order in which shoppers see them."""

    def __init__(self, providers: Iterable[PaymentProvider]) -> None:
        self._by_name = {provider.name: provider for provider in providers}

    def get(self, name: str) -> PaymentProvider | None:
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[PaymentProvider]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    async def close(self) -> None:
        for provider in self:
            await provider.close()


def chosen(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The names this process is told to use."""
    return tuple(name.strip() for name in environment.get(VARIABLE, "sandbox").split(",") if name.strip())


def load(settings: Settings, names: Iterable[str] | None = None, installed: Iterable[EntryPoint] | None = None) -> Providers:
    """Build the chosen providers. LookupError for a name that no package provides, ValueError for one that cannot stand in an address."""
    found = {point.name: point for point in (entry_points(group=GROUP) if installed is None else installed)}
    built: list[PaymentProvider] = []
    for name in dict.fromkeys(chosen() if names is None else names):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{VARIABLE}: {name!r} is not the name of a provider (a-z, 0-9 and dashes)")
        if name not in found:
            raise LookupError(f"{VARIABLE}: no payment provider {name!r} is installed; there are: {', '.join(sorted(found)) or 'none'}")
        provider: PaymentProvider = found[name].load()(settings)
        if provider.name != name:
            raise ValueError(f"the payment provider of the entry point {name!r} calls itself {provider.name!r}")
        built.append(provider)
    return Providers(built)
