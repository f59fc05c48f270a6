"""Which payment systems a process uses is said by name."""

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from infra.payment import plugins
from infra.payment.sandbox import Sandbox
from infra.settings import Settings
from tests.fixtures.payments import FakeProvider


def other(settings: Settings) -> FakeProvider:
    return FakeProvider("other")


def second(settings: Settings) -> FakeProvider:
    return FakeProvider("not-second")


INSTALLED = [
    EntryPoint("other", "tests.unit.test_payment_plugins:other", plugins.GROUP),
    EntryPoint("second", "tests.unit.test_payment_plugins:second", plugins.GROUP),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    secret = tmp_path / "provider"
    secret.write_bytes(b"s" * 32)
    secret.chmod(0o600)
    return Settings(run_dir=tmp_path, provider_secret_file=secret)


async def test_the_sandbox_is_installed_and_chosen_by_default(settings):
    providers = plugins.load(settings)
    assert [provider.name for provider in providers] == ["sandbox"]
    assert isinstance(providers.get("sandbox"), Sandbox)
    assert providers.get("sandbo") is None
    await providers.close()


def test_providers_come_from_entry_points_in_the_order_of_the_names(settings):
    assert [one.name for one in plugins.load(replace(settings, payment_providers=("other", "other")), INSTALLED)] == ["other"]


def test_an_unknown_name_is_refused_and_the_known_ones_are_told(settings):
    with pytest.raises(LookupError, match=r"'yoo'.*other, second"):
        plugins.load(replace(settings, payment_providers=("yoo",)), INSTALLED)


def test_a_provider_must_call_itself_what_it_is_called(settings):
    with pytest.raises(ValueError, match="not-second"):
        plugins.load(replace(settings, payment_providers=("second",)), INSTALLED)


def test_a_secret_that_others_may_read_is_refused(settings):
    settings.provider_secret_file.chmod(0o644)
    with pytest.raises(PermissionError):
        plugins.load(settings)
