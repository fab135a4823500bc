"""What people expect of a repository: the files that they look for, one story in all of them, and tidy text."""

import ast
import json
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACES = ("course", ".ci/*", "data/*", "docs/tools/*", "tests/*/*")
SCRIPTS = [path for place in PLACES for path in sorted(ROOT.glob(place))
           if path.is_file() and re.match(rb"#!.*bash|# shellcheck shell=bash", path.read_bytes())]
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

    def test_every_function_that_knows_its_caller_is_called_wrongly_by_a_test(self):
        tried = set(re.findall(r"WRONG\((?:tape\.|rnn::)?(\w+)\(", read("tests/network/caller_test.cpp")))
        for room in ("linalg", "autodiff", "network"):
            for path in (ROOT / "shared" / room).rglob("*.cppm"):
                text = re.sub(r"//.*", "", path.read_text())
                declared = re.findall(r"\b(\w+)\([^;]*?Caller caller = Caller::current\(\)\)", text)
                self.assertEqual(sorted(set(declared) - tried), [], f"{path.relative_to(ROOT)}: not in caller_test.cpp")

    def test_a_wrong_call_of_linear_algebra_or_autodiff_always_names_its_line(self):
        for path in [*(ROOT / "shared/linalg").glob("*.cpp"), *(ROOT / "shared/autodiff").glob("*.cpp")]:
            # That of require_shape without a caller, for the rooms above.
            expected = 1 if path.name == "matrix.cpp" else 0
            self.assertEqual(path.read_text().count("throw std::invalid_argument"), expected, path.relative_to(ROOT))

    def test_the_workflow_runs_what_ci_runs_and_nothing_else(self):
        commands = re.findall(r"run: (.*)", read(".github/workflows/ci.yml"))
        self.assertEqual([command for command in commands if "apt-get" not in command], ["bash .ci/run"])
        self.assertIn("\n./course test || status=1\n./course test --rest || status=1\n", read(".ci/run"))

    def test_workflows_may_only_read_and_take_nothing_that_can_change_under_its_name(self):
        workflows = list((ROOT / ".github/workflows").glob("*.y*ml"))
        self.assertTrue(workflows)
        for workflow in workflows:
            text = workflow.read_text()
            self.assertRegex(text, r"(?m)^permissions:\n  contents: read\n(?!  )")
            self.assertEqual(re.findall(r"permissions:", text), ["permissions:"])
            for action in re.findall(r"uses: *(.*)", text):
                self.assertRegex(action, r"^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
            for image in re.findall(r"(?:container|image): *(\S.*)", text):
                self.assertRegex(image, r"^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$")

    def test_packages_of_the_site_are_known_by_their_content_and_run_nothing_when_they_are_installed(self):
        packages = {name: package for name, package in json.loads(read("docs/package-lock.json"))["packages"].items()
                    if name}
        self.assertGreater(len(packages), 50)
        self.assertEqual([name for name, package in packages.items() if not package.get("integrity", "")
                          .startswith("sha512-")], [])
        self.assertIn("ignore-scripts=true", read("docs/.npmrc").splitlines())
        self.assertIn('"ci", "--ignore-scripts"', read("tests/tools/documents.py"))
        # Each of those that would like to is named, with the reason why it need not.
        for name, package in packages.items():
            if package.get("hasInstallScript"):
                self.assertRegex(read("docs/.npmrc"), rf"(?m)^# {name.split('node_modules/')[-1]}: \S")

    def test_ci_looks_with_sanitizers_clang_tidy_clang_format_and_a_browser(self):
        def body(name):
            return re.search(rf"(?m)^def {name}\([^)]*\):\n(.*?)^def ", read("tests/tools/testing.py"), flags=re.M | re.S)[1]

        for call in ('run_sanitized(tests, "address"', "try_site(tests)", "checking.tidy(", "checking.check_format("):
            self.assertIn(f"tests.attempt(lambda: {call}", body("everything"))
        for call in ("documents.widgets()", "documents.build_site()", "look_at_site(tests)", "use_widgets(tests)"):
            self.assertIn(f"    {call}\n", body("try_site"))

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

    @unittest.skipUnless((ROOT / ".git").exists() and shutil.which("git"), "this is no clone, or there is no Git")
    def test_git_ignores_what_the_commands_on_the_pages_write(self):
        written = set()
        for page in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]:
            written |= set(re.findall(r" --(?:save|checkpoint|graph|plot|csv|norms|midi|wav|abc)[ =]([\w.-]+\.\w+)",
                                      page.read_text()))
        self.assertIn("weights.safetensors", written)
        for name in [*written, "my/01.1.cpp", "my/01.1-before-1.cpp", "build/x", "build-sanitize/x", "data/mnist/x",
                     "docs/.vitepress/dist/x", "docs/node_modules/x", "compile_commands.json"]:
            run = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT)
            self.assertEqual(run.returncode, 0, f"Git does not ignore {name}")

    def test_tools_run_with_python_3_9(self):
        for path in [*(ROOT / "tests/tools").glob("*.py"), *(ROOT / "docs/tools").glob("*.py")]:
            ast.parse(path.read_text(), str(path), feature_version=(3, 9))

    def test_scripts_that_change_their_folder_do_not_ask_cdpath(self):
        for script in SCRIPTS:
            if re.search(r"(?m)(^|[;&(|] *)cd ", script.read_text()):
                self.assertIn("\nunset CDPATH\n", script.read_text(), script)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not here")
    def test_scripts_pass_shellcheck(self):
        run = subprocess.run(["shellcheck", "--external-sources", *SCRIPTS], capture_output=True, text=True)
        self.assertEqual(run.stdout + run.stderr, "")


if __name__ == "__main__":
    unittest.main()
