"""A small project built by the course's own build files: what the tests of the build work on.

The recipe is taken from meson.build and shared/meson.build as they stand; only the table of modules and the list of
precompiled headers are others, so that a build takes seconds. Every module may import rnn.base.std. Three modules stand
on one another, first <- second <- third, and only the bodies of the second import a fourth, aside. The chapter has
modules of its own: part <- whole, and apart.
"""

import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

TABLE = """modules = [
  {'name': 'rnn.base.std', 'once': true, 'units': []},
  {'name': 'rnn.layer.first', 'units': []},
  {'name': 'rnn.layer.aside', 'units': []},
  {'name': 'rnn.layer.second', 'imports': ['rnn.layer.first'], 'body_imports': ['rnn.layer.aside']},
  {'name': 'rnn.layer.third', 'imports': ['rnn.layer.second'], 'units': []},
  {'name': 'chapter.part', 'path': '../chapters/part', 'imports': ['rnn.layer.third'], 'units': []},
  {'name': 'chapter.whole', 'path': '../chapters/whole', 'imports': ['chapter.part']},
  {'name': 'chapter.apart', 'path': '../chapters/apart', 'imports': ['rnn.layer.third'], 'units': []},
]
"""

SOURCES = {
    "shared/base/std.cppm": "export module rnn.base.std;\n",
    "shared/layer/number.hpp": "#define NUMBER 1\n",
    "shared/layer/first.cppm": """module;
#include "number.hpp"
export module rnn.layer.first;
export inline int first() { return 10 + NUMBER; }
""",
    "shared/layer/second.cppm": """export module rnn.layer.second;
import rnn.layer.first;
export inline int second() { return first(); }
export int body();
""",
    "shared/layer/aside.cppm": """export module rnn.layer.aside;
export inline int aside() { return 100; }
""",
    "shared/layer/second.cpp": """module rnn.layer.second;
import rnn.layer.first;
import rnn.layer.aside;
int body() { return first() + aside(); }
""",
    "shared/layer/third.cppm": """export module rnn.layer.third;
import rnn.layer.second;
export inline int third() { return second() + body(); }
""",
    "chapters/part.cppm": """export module chapter.part;
import rnn.layer.third;
export inline int part() { return third() + 1000; }
""",
    "chapters/whole.cppm": """export module chapter.whole;
import chapter.part;
export int whole();
""",
    "chapters/whole.cpp": """module chapter.whole;
int whole() { return part(); }
""",
    "chapters/apart.cppm": """export module chapter.apart;
import rnn.layer.third;
export inline int apart() { return third(); }
""",
    "chapters/main.cpp": """#include <cstdio>
import chapter.apart;
import chapter.whole;
int main() { std::printf("%d %d\\n", apart(), whole()); }
""",
    "chapters/meson.build":
        "executable('main', 'main.cpp', dependencies: [rnn['chapter.apart'], rnn['chapter.whole']])\n",
    "tests/meson.build": "",
}


class Project:
    """The sources in `folder`/source, their build in `folder`/build."""

    def __init__(self, folder, compiler):
        self.source = pathlib.Path(folder) / "source"
        self.build = pathlib.Path(folder) / "build"
        self.environment = {**os.environ, "CXX": compiler}
        for name, text in SOURCES.items():
            self.write(name, text)
        for name in ("meson.build", "meson_options.txt"):
            self.write(name, (ROOT / name).read_text())
        recipe = (ROOT / "shared/meson.build").read_text()
        for start, instead in (("modules", TABLE), ("common_headers", "common_headers = ['cstddef']\n")):
            recipe, lists = re.subn(rf"^{start} = \[.*?\]\n(?! )", instead, recipe, flags=re.M | re.S)
            assert lists == 1, f"shared/meson.build: expected one list `{start} = [ … ]`, found {lists}"
        self.write("shared/meson.build", recipe)

    def write(self, name, text):
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name, old, new):
        text = (self.source / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def setup(self, *options, **environment):
        """Meson's exit status and what it said."""
        run = subprocess.run(
            ["meson", "setup", self.build, self.source, *options],
            env={**self.environment, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return run.returncode, run.stdout

    def configure(self, *options):
        """Other options for what has been set up."""
        subprocess.run(["meson", "configure", self.build, *options], stdout=subprocess.DEVNULL, check=True)
        self.ninja("build.ninja")

    def ninja(self, *arguments):
        return subprocess.run(
            ["ninja", "-C", self.build, *arguments], env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout

    def make(self):
        """Builds, and names the outputs that were made anew."""
        before = self.outputs()
        self.ninja()
        return {name for name, time in self.outputs().items() if before.get(name) != time}

    def outputs(self):
        found = {}
        for path in self.build.rglob("*"):
            if path.suffix in {".pch", ".pcm", ".o", ".a"} or path.name == "main":
                found[path.name] = path.stat().st_mtime_ns
        return found

    def run(self):
        return subprocess.run([self.build / "chapters/main"], stdout=subprocess.PIPE, text=True, check=True).stdout

    def commands(self):
        """The command of every compilation, by the name of the source file."""
        listing = json.loads(self.ninja("--quiet", "-t", "compdb", "cpp_COMPILER", "CUSTOM_COMMAND_DEP"))
        return {os.path.basename(entry["file"]): entry["command"].split() for entry in listing
                if ".double" not in entry["output"]}
