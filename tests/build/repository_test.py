"""What people expect of a repository: the files that they look for, one story in all of them, and tidy text."""

import json
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = [ROOT / name for name in ("course", ".ci/run", "data/fetch_mnist", "tests/data/fetch_test.sh")]
TEXTS = {".cpp", ".cppm", ".hpp", ".py", ".md", ".mjs", ".build", ".txt", ".yml", ".cff", ".ini", ".proto"}
FOLDERS = ("chapters", "data", "docs", "shared", "tests", ".github")


def read(name):
    return (ROOT / name).read_text()


def texts():
    """All that is written by hand, whether Git is here or not."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in TEXTS and "node_modules" not in path.parts and ".vitepress/" not in str(path):
                yield path
    yield from (path for path in ROOT.iterdir() if path.suffix in TEXTS)
    yield from SCRIPTS


class Repository(unittest.TestCase):
    def test_license_and_version_are_the_same_everywhere(self):
        version, = re.findall(r"^  version: '(.*)'", read("meson.build"), flags=re.M)
        self.assertTrue(read("LICENSE").startswith("MIT License\n\nCopyright (c) "))
        self.assertIn("  license: 'MIT',\n", read("meson.build"))
        self.assertIn("\nlicense: MIT\n", read("CITATION.cff"))
        self.assertIn(f"\nversion: {version}\n", read("CITATION.cff"))
        self.assertIn("MIT license, see [LICENSE](LICENSE)", read("README.md"))
        self.assertIn("[MIT license](LICENSE)", read("CONTRIBUTING.md"))
        self.assertRegex(read("CHANGELOG.md"), rf"(?m)^## (Unreleased|\[?{re.escape(version)}\b)")

    def test_the_workflow_runs_what_ci_runs_and_nothing_else(self):
        commands = re.findall(r"run: (.*)", read(".github/workflows/ci.yml"))
        self.assertEqual([command for command in commands if "apt-get" not in command], ["bash .ci/run"])
        self.assertIn("./course test --all", read(".ci/run"))

    def test_ci_looks_with_sanitizers_clang_tidy_and_clang_format(self):
        body = re.search(r"^cmd_test\(\) \{\n(.*?)^\}", read("course"), flags=re.M | re.S)[1]
        for call in ("run_sanitized_tests address", "cmd_tidy", "cmd_format --check"):
            self.assertRegex(body, rf"{call}[^\n]*\) \|\| failed=1|{call} \|\| failed=1")

    def test_the_dev_container_is_the_system_that_ci_has(self):
        container = json.loads(read(".devcontainer/devcontainer.json"))
        self.assertIn(f"\n    container: {container['image']}\n", read(".github/workflows/ci.yml"))
        self.assertIn("./course build", container["postCreateCommand"])

    def test_texts_are_as_editorconfig_says(self):
        rules = read(".editorconfig")
        for rule in ("charset = utf-8", "end_of_line = lf", "insert_final_newline = true",
                     "trim_trailing_whitespace = true", "indent_style = space"):
            self.assertIn(f"\n{rule}\n", rules)
        problems = []
        for path in texts():
            text = path.read_bytes().decode()
            if text and not text.endswith("\n"):
                problems.append(f"{path}: no newline at the end")
            for number, line in enumerate(text.split("\n"), 1):
                if line != line.rstrip() or "\t" in line or "\r" in line:
                    problems.append(f"{path}:{number}: a space at the end, or a tab")
        self.assertEqual(problems, [])

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not here")
    def test_scripts_pass_shellcheck(self):
        run = subprocess.run(["shellcheck", *SCRIPTS], capture_output=True, text=True)
        self.assertEqual(run.stdout + run.stderr, "")


if __name__ == "__main__":
    unittest.main()
