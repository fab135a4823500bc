"""The pages: their check, their figures, and the site that is made of them."""

import os
import re
import sys

import building
import data
import processes
from speaking import ROOT, Failure, say

DOCS = ROOT / "docs"


def run_tool(name, *words):
    return processes.run([sys.executable, "-X", "utf8", DOCS / "tools" / name, *words])


def check(words):
    """./course docs [--update]"""
    building.configure()
    building.compile_chapters()
    return run_tool("pages.py", *words)


def draw(words):
    """./course figures [--training]"""
    building.configure()
    building.compile_chapters()
    if words and not os.environ.get("MNIST_DIR"):
        if not data.is_there():
            data.fetch()
        data.use()
    return run_tool("figures.py", *words)


def npm(*words):
    status, said = processes.output_of(["npm", "--prefix", DOCS, *words])
    return status, "\n".join(said.splitlines()[-20:])


def widgets():
    """./course wasm: what the widgets of the pages compute with."""
    folder = ROOT / "build-wasm"
    building.configure_wasm(folder)
    building.compile("the widgets", build=folder)
    say("the widgets are in build-wasm/docs/widgets/, and in the site from the next ./course site on")


def build_site():
    version = processes.output_of(["node", "--version"])[1].strip().lstrip("v")
    number = re.match(r"\d+", version)
    if not number or int(number[0]) < 18:
        raise Failure(f"the site needs Node 18 or newer, found {version}")
    installed, wanted = DOCS / "node_modules/.package-lock.json", DOCS / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime <= wanted.stat().st_mtime:
        say("installing VitePress in docs/node_modules/")
        # No package runs anything of its own while it is installed: docs/.npmrc says why none has to.
        status, said = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if status:
            raise Failure(f"VitePress could not be installed:\n{said}")
        os.utime(installed)
    status, said = npm("--silent", "run", "build")
    if status:
        raise Failure(f"the site could not be built:\n{said}")


def site(words):
    """./course site [--serve]"""
    if not list(ROOT.glob("build-wasm/docs/widgets/*.wasm")):
        say("the pages will show pictures instead of widgets, which ./course wasm compiles")
    build_site()
    say("the site is in docs/.vitepress/dist/")
    return processes.run(["npm", "--prefix", DOCS, "--silent", "run", "preview"]) if words else 0
