"""A log of each kind, open in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.log import Log
from tests.durability.engines import ENGINES, Engine


@pytest.fixture(params=ENGINES)
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(ENGINES[request.param], tmp_path / "data")
    yield engine
    engine.log.close()


@pytest.fixture
def log(engines: Engine) -> Log:
    return engines.log
