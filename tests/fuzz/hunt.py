"""One target under atheris, a coverage-guided fuzzer: `python -m tests.fuzz.hunt TARGET [libFuzzer's arguments]`. Ends by itself.

A process of its own, because libFuzzer never returns. An input that breaks a promise ends it; libFuzzer writes it to the file
that its arguments name.
"""

import random
import sys

import atheris

with atheris.instrument_imports(include=["grid_config", "processing_units", "infra", "web"]):
    from tests.fuzz.catalogue import TARGETS
    from tests.fuzz.mutation import mutated


def main() -> None:
    target = TARGETS[sys.argv[1]]
    corpus = target.corpus()

    def changed(data: bytes, most: int, seed: int) -> bytes:
        """Every other time as libFuzzer does it, who knows what was compared with what; else as a parser's friend would."""
        dice = random.Random(seed)
        return bytes(atheris.Mutate(data, most)) if dice.random() < 0.5 else mutated(data, corpus, dice)[:most]

    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.check, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
