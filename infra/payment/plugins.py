"""Payment providers are plug-ins: entry points of the group `front_row.payment_providers`, chosen by name.

An entry point is a factory `(Settings) -> PaymentProvider`; its name is the provider's. Only those named in the setting
`payment_providers` are built, in that order, so that installing a package never changes where money goes.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points

from infra.payment.port import PaymentProvider
from infra.settings import Settings, variable_of

GROUP = "front_row.payment_providers"


class Providers:
    """The payment systems in use, by name, in the order in which shoppers see them."""

    def __init__(self, providers: Iterable[PaymentProvider]) -> None:
        self._by_name = {provider.name: provider for provider in providers}

    def get(self, name: str) -> PaymentProvider | None:
        """None when no provider of this name is in use."""
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[PaymentProvider]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    async def close(self) -> None:
        for provider in self:
            await provider.close()


def load(settings: Settings, installed: Iterable[EntryPoint] | None = None) -> Providers:
    """Build the chosen providers. LookupError for a name that no package provides, ValueError for a provider with another name."""
    found = {point.name: point for point in (entry_points(group=GROUP) if installed is None else installed)}
    built: list[PaymentProvider] = []
    for name in dict.fromkeys(settings.payment_providers):
        if name not in found:
            known = ", ".join(sorted(found)) or "none"
            raise LookupError(f"{variable_of('payment_providers')}: no payment provider {name!r} is installed; there are: {known}")
        provider: PaymentProvider = found[name].load()(settings)
        if provider.name != name:
            raise ValueError(f"the payment provider of the entry point {name!r} calls itself {provider.name!r}")
        built.append(provider)
    return Providers(built)
