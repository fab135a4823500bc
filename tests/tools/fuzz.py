"""Feeds every reader with bytes of libFuzzer's making: fuzz.py BUILD SECONDS [READER…].

BUILD is a folder configured with -Dfuzzing=true. What libFuzzer learns from run to run stays in BUILD/corpus/; bytes
that break a reader are kept in BUILD/findings/. Prints a table on standard output; the status is 1 when something was
found.
"""

import pathlib
import re
import subprocess
import sys

from speaking import shown

build, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
seeds = pathlib.Path(__file__).resolve().parents[1] / "fuzz"
programs = {path.name.removeprefix("fuzz_"): path
            for path in sorted((build / "tests" / "fuzz").glob("fuzz_*")) if path.is_file()}
readers = sys.argv[3:] or list(programs)
for reader in readers:
    if reader not in programs:
        print(f"course: there is no reader '{shown(reader)}'; there are: {' '.join(programs)}", file=sys.stderr)
        sys.exit(2)

# No input here is longer than 4 KiB. What such a file asks for is a buffer or two of a megabyte, at most a thousand
# times its size unpacked, and some milliseconds; the sanitizers make that about ten times as much. A header that claims
# 2^60 elements must not be believed: one allocation of 64 MB is a finding, and so are 10 seconds.
LIMITS = ["-max_len=4096", "-malloc_limit_mb=64", "-rss_limit_mb=768", "-timeout=10"]


def fuzz(reader):
    """Runs one target. Returns how many inputs it got, and the file with those that broke it, or None."""
    corpus, findings = build / "corpus" / reader, build / "findings"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(exist_ok=True)
    before = set(findings.iterdir())
    words = seeds / f"{reader}.dict"
    log = build / "findings" / f"{reader}.log"
    with open(log, "wb") as out:
        run = subprocess.run(
            [programs[reader], f"-max_total_time={seconds}", *LIMITS, f"-artifact_prefix={findings}/{reader}-",
             "-print_final_stats=1", *([f"-dict={words}"] if words.exists() else []), corpus, seeds / reader],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    said = log.read_text(errors="replace")
    inputs = re.search(r"stat::number_of_executed_units: *(\d+)", said)
    found = sorted(set(findings.iterdir()) - before - {log})
    if run.returncode != 0 and not found:
        found = [log]
    return int(inputs[1]) if inputs else 0, found[0] if found else None


print(f"{'reader':<14}{'inputs':>12}{'a second':>12}  finding", flush=True)
broken = False
for reader in readers:
    inputs, finding = fuzz(reader)
    broken = broken or finding is not None
    print(f"{reader:<14}{inputs:>12,}{inputs // seconds:>12,}  {finding or 'none'}", flush=True)
sys.exit(1 if broken else 0)
