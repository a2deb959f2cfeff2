"""The long version."""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from time import monotonic

import rich

from tests.durability.checker.rounds import run
from tests.durability.proxy import Proxy, rough
from tests.servers import Server


def main() -> None:
    """Plays the rounds and says what was there."""
    parser = argparse.ArgumentParser(description="Kills a server while people talk, and checks what is left.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument(
        "--bad-network", action="store_true", help="through a proxy that cuts, resets, swallows"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    rich.print(f"seed {options.seed}")
    started = monotonic()

    def through(server: Server) -> tuple[str, int]:
        return "127.0.0.1", Proxy(server.port, rough, options.seed).port

    with tempfile.TemporaryDirectory() as folder:
        counts = run(
            Path(folder) / "data",
            options.rounds,
            seed=options.seed,
            report=rich.print,
            through=through if options.bad_network else None,
        )
    for what, count in sorted(counts.items()):
        rich.print(f"{count:9,} {what}")
    rich.print(f"{options.rounds} rounds, nothing lost or doubled, {monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
