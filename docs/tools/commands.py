"""Commands that pages name: do they exist, do they have these options?"""

import json
import re
import shlex
import subprocess

from marks import split

MESON = ("setup", "compile", "test", "configure", "install", "introspect")
# Options of Meson's own that the pages use; those of a project are read from the build directory.
MESON_OPTIONS = ("-C", "-D", "-n", "--native-file", "--cross-file", "--buildtype", "--wipe", "--suite", "--reconfigure")


class Commands:
    def __init__(self, root, build):
        self.root, self.build, self.helps = root, build, {}
        self.front_door = set(re.findall(r"(?m)^  ([a-z]+)\b", (root / "tests/tools/help.txt").read_text()))
        self.targets, self.meson_options = self.introspect()
        tools = [path for folder in ("docs/tools", "tests/tools") for path in (root / folder).glob("*") if path.is_file()]
        self.words = "\n".join(path.read_text(errors="replace") for path in tools)

    def introspect(self):
        information = self.build / "meson-info"
        if not (information / "intro-targets.json").exists():
            return None, None
        targets = {t["name"] for t in json.loads((information / "intro-targets.json").read_text())}
        options = {o["name"] for o in json.loads((information / "intro-buildoptions.json").read_text())}
        return targets, options

    def chapter(self, word):
        """The directory's name, for "1", "01" or "01_two_steps"."""
        number = word.zfill(2)
        for path in sorted((self.root / "chapters").glob("[0-9]*/")):
            if path.name == word or path.name.split("_")[0] == number:
                return path.name
        return None

    def check_options(self, chapter, words):
        """Every --option of a chapter's program is one that its --help shows, or that of the word before it."""
        program = self.build / "chapters" / chapter / chapter
        if not program.exists():
            return f"expected the program of chapter {chapter}, found none; build it first"
        name = words[0] if words and re.fullmatch(r"[a-z]+", words[0]) else ""
        if (chapter, name) not in self.helps:
            run = subprocess.run([program, *name.split(), "--help"], capture_output=True, text=True)
            self.helps[chapter, name] = set(re.findall(r"--[a-z][a-z-]*", run.stdout)) if run.returncode == 0 else None
        known = self.helps[chapter, name]
        if known is None:
            return f"expected a word of {chapter}, found {name}"
        for word in words:
            option = re.match(r"--[a-z][a-z-]*", word)
            if option and option[0] not in known:
                return f"expected an option of {' '.join([chapter, name]).strip()}, found {option[0]}"
        return None

    def check_course(self, words):
        words = words[1:] if words[:1] == ["--yes"] else words
        if not words or not re.fullmatch(r"[a-z]+", words[0]):
            return None
        if words[0] not in self.front_door:
            return f"expected a command of ./course, found {words[0]}"
        if words[0] in ("mnist", "melody"):
            return self.check_options(self.chapter("06" if words[0] == "mnist" else "08"), words[1:])
        if words[0] in ("run", "test") and len(words) > 1 and re.match(r"\d", words[1]):
            chapter = self.chapter(words[1])
            if chapter is None:
                return f"expected a chapter, found {words[1]}"
            return self.check_options(chapter, words[2:]) if words[0] == "run" else None
        if words[0] == "exercise" and len(words) > 1 and (match := re.fullmatch(r"(\d+)\.(\d+)", words[1])):
            if not list(self.root.glob(f"chapters/{match[1]}_*/exercises/{match[2]}_*")):
                return f"expected an exercise, found {words[1]}"
        for word in words[1:]:
            if word.startswith("--") and word.split("=")[0] not in self.words:
                return f"expected an option of ./course {words[0]}, found {word}"
        return None

    def check_meson(self, words):
        if not words or words[0] not in MESON:
            return f"expected a command of meson, found {' '.join(words[:1]) or 'none'}"
        for i, word in enumerate(words[1:], 1):
            if word.startswith("-D"):
                name = word[2:].split("=")[0]
                if self.meson_options is not None and name not in self.meson_options:
                    return f"expected an option of the build, found {word}"
            elif word.startswith("-") and word.split("=")[0] not in MESON_OPTIONS:
                return f"expected an option of meson, found {word}"
            elif words[i - 1] in ("--native-file", "--cross-file") and not (self.root / word).exists():
                return f"expected the file {word}, found none"
            elif words[0] == "compile" and words[i - 1] != "-C" and not word.startswith("-"):
                if self.targets is not None and word not in self.targets:
                    return f"expected a target, found {word}"
        return None

    def check(self, command):
        """What is wrong with one command line, or None."""
        for part in re.split(r"&&|\|\||[|;]", command):
            try:
                words = [w for w in shlex.split(part, comments=True) if w not in ("…", "...")]
            except ValueError:
                continue
            while words and re.fullmatch(r"[A-Z_]+=.*|time|sudo|nice", words[0]):
                words.pop(0)
            if not words:
                continue
            program = re.fullmatch(r"(?:\./)?build(?:-\w+)?/chapters/([^/]+)/([^/]+)", words[0])
            if words[0] == "./course":
                wrong = self.check_course(words[1:])
            elif words[0] == "meson":
                wrong = self.check_meson(words[1:])
            elif program:
                known = self.chapter(program[1]) == program[1] == program[2]
                wrong = self.check_options(program[1], words[1:]) if known else f"expected a program, found {words[0]}"
            else:
                wrong = None
            if wrong:
                return wrong
        return None


def commands_of(lines):
    """Yields (line number, command): lines of code blocks and code between backquotes that begin like one."""
    begins = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\./course\b|meson |(?:\./)?build(?:-\w+)?/chapters/)")
    for number, line, language in split(lines):
        if language is not None:
            text = line.strip().removeprefix("$ ")
            if begins.match(text) and language in ("", "sh", "bash", "console", "text", "shell"):
                yield number, text
        else:
            for code in re.findall(r"`([^`]+)`", line):
                if begins.match(code) and not re.search(r"\bNN\b|[<>]", code):
                    yield number, code
