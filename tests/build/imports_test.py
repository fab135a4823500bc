"""The imports that the build files declare are those that the sources write: none missing, none too many."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = r"\[([^\[\]]*)\]"


def strings(text):
    return re.findall(r"'([^']*)'", text)


def without_comments(path):
    text = path.read_text()
    return re.sub(r"#.*" if path.name == "meson.build" else r"//.*", "", text)


def imports(path, seen=None):
    """The modules that a source file imports, in headers of its own as well."""
    seen = set() if seen is None else seen
    seen.add(path)
    text = without_comments(path)
    found = set(re.findall(r"^\s*(?:export\s+)?import\s+(rnn\.[\w.]+)\s*;", text, flags=re.M))
    for name in re.findall(r'^\s*#include\s+"([^"]+)"', text, flags=re.M):
        header = path.parent / name
        if header.is_file() and header not in seen:
            found |= imports(header, seen)
    return found


def module_table():
    """(name, folder, imports of the interface, further imports of the bodies, units) of each row in shared/."""
    text = without_comments(ROOT / "shared/meson.build")
    libraries = r"\[(?:[^\[\]]|\[[^\]]*\])*\]"  # may hold boost_modules['json']
    row = rf"\[\s*'(rnn\.[\w.]+)',\s*'(\w+)',\s*{LIST},\s*{LIST},\s*{libraries},\s*{LIST},?\s*\]"
    return [(name, folder, *map(strings, lists)) for name, folder, *lists in re.findall(row, text)]


def test_table():
    """(folder, name, declared imports) of each row in tests/meson.build."""
    text = without_comments(ROOT / "tests/meson.build")
    row = rf"\[\s*'(\w+)',\s*'(\w+)',\s*{LIST},\s*{LIST}"
    return [(folder, name, strings(declared)) for folder, name, declared, _ in re.findall(row, text)]


class Imports(unittest.TestCase):
    def assert_agree(self, where, declared, written):
        self.assertEqual(sorted(declared), sorted(set(declared)), f"{where}: declared twice")
        self.assertEqual(sorted(set(written) - set(declared)), [], f"{where}: imported, but not declared")
        self.assertEqual(sorted(set(declared) - set(written)), [], f"{where}: declared, but not imported")

    def test_modules_import_what_their_row_declares(self):
        for name, folder, of_interface, of_bodies, units in module_table():
            interface = ROOT / "shared" / folder / (name.split(".")[-1] + ".cppm")
            self.assertRegex(interface.read_text(), rf"(?m)^export module {re.escape(name)};")
            written = imports(interface)
            self.assert_agree(f"shared/meson.build, interface of {name}", of_interface, written)
            written_by_bodies = set()
            for unit in units:
                path = ROOT / "shared" / folder / unit
                self.assertRegex(path.read_text(), rf"(?m)^module {re.escape(name)};")
                written_by_bodies |= imports(path)
            self.assert_agree(f"shared/meson.build, bodies of {name}", of_bodies, written_by_bodies - written)

    def test_modules_import_only_what_stands_above_them(self):
        above = set()
        for name, _, of_interface, of_bodies, _ in module_table():
            below = set(of_interface + of_bodies) - above
            self.assertEqual(sorted(below), [], f"shared/meson.build, {name}: stands above what it imports")
            above.add(name)

    def test_every_source_file_of_the_modules_is_in_the_table(self):
        named = set()
        for name, folder, _, _, units in module_table():
            named.add(f"{folder}/{name.split('.')[-1]}.cppm")
            named.update(f"{folder}/{unit}" for unit in units)
        there = {str(path.relative_to(ROOT / "shared")) for path in (ROOT / "shared").rglob("*.cpp*")}
        self.assertEqual(named, there)

    def test_tests_import_what_their_row_declares(self):
        rows = test_table()
        named = {f"{folder}/{name}_test.cpp" for folder, name, _ in rows}
        there = {str(path.relative_to(ROOT / "tests")) for path in (ROOT / "tests").rglob("*_test.cpp")}
        self.assertEqual(named, there)
        for folder, name, declared in rows:
            written = imports(ROOT / "tests" / folder / f"{name}_test.cpp")
            self.assert_agree(f"tests/meson.build, {name}", declared, written)

    def test_chapters_import_what_they_declare(self):
        for build_file in (ROOT / "chapters").rglob("meson.build"):
            if build_file.parent == ROOT / "chapters":
                continue
            declared = set(re.findall(r"\brnn(?:_double)?\['(rnn\.[\w.]+)'\]", without_comments(build_file)))
            written = set()
            for source in build_file.parent.glob("*.cpp"):
                written |= imports(source)
            self.assert_agree(str(build_file.relative_to(ROOT)), declared, written)


if __name__ == "__main__":
    unittest.main()
