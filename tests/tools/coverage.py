"""Says which lines of shared/ the tests run: coverage.py BUILD PROFDATA COV LEAST PROGRAM…

BUILD is a folder configured with -Dline_coverage=true whose tests have been run with LLVM_PROFILE_FILE naming files in
BUILD/profiles/; PROFDATA and COV are the compiler's llvm-profdata and llvm-cov. Prints a row for each folder and, for
each file of which a line is not run by any test, the share that is, and these lines. The status is 1 when less than
LEAST percent of shared/ is run.
"""

import collections
import json
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
build, profdata, cov, least = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3], float(sys.argv[4])
programs = [build / name for name in sys.argv[5:]]

merged = build / "tests.profdata"
names = build / "profiles.txt"
names.write_text("".join(f"{path}\n" for path in (build / "profiles").glob("*.profraw") if path.stat().st_size))
subprocess.run([profdata, "merge", "-sparse", f"--input-files={names}", "-o", merged], check=True)


def executed_lines(program):
    """{file: {line: how often it ran}} of one program, for the files of shared/."""
    run = subprocess.run(
        [cov, "export", "-format=lcov", "-skip-functions", f"-instr-profile={merged}", program, "-sources",
         root / "shared"], capture_output=True, text=True)
    counts, file = collections.defaultdict(dict), None
    for line in run.stdout.splitlines():
        if line.startswith("SF:"):
            path = (build / line[3:]).resolve()
            file = path.relative_to(root) if path.is_relative_to(root / "shared") else None
        elif line.startswith("DA:") and file:
            number, count = line[3:].split(",")[:2]
            counts[file][int(number)] = int(count)
    return counts


# Each program is asked alone: float and double builds of one function differ, and would be taken for damaged.
lines = collections.defaultdict(lambda: collections.defaultdict(int))
for program in programs:
    for file, counts in executed_lines(program).items():
        for line, count in counts.items():
            lines[file][line] += count


def ranges(numbers):
    """"3-5 9" for 3, 4, 5, 9."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in parts)


def row(name, counts):
    run = sum(count > 0 for count in counts)
    print(f"{name:<24}{len(counts):>7}{run:>7}{100 * run / max(1, len(counts)):>8.1f}%")


folders = collections.defaultdict(list)
for file, counts in lines.items():
    folders[str(file.parent)] += counts.values()
everything = [count for counts in folders.values() for count in counts]
print(f"{'':<24}{'lines':>7}{'run':>7}")
for folder in sorted(folders):
    row(folder, folders[folder])
row("shared", everything)

print("\nNot run by any test; of every file that is not named, all lines are run:")
for file in sorted(lines):
    missed = [line for line, count in lines[file].items() if count == 0]
    if missed:
        print(f"  {file}, {100 - 100 * len(missed) / len(lines[file]):.1f}% run: {ranges(missed)}")
        source = (root / file).read_text().splitlines()
        for line in sorted(missed)[:8]:
            print(f"      {line}: {source[line - 1].strip()}")
share = 100 * sum(count > 0 for count in everything) / max(1, len(everything))
sys.exit(0 if share >= least else 1)
