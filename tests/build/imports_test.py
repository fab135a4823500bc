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
    found = set(re.findall(r"^\s*(?:export\s+)?import\s+([\w.]+)\s*;", text, flags=re.M))
    for name in re.findall(r'^\s*#include\s+"([^"]+)"', text, flags=re.M):
        header = path.parent / name
        if header.is_file() and header not in seen:
            found |= imports(header, seen)
    return found


# The rooms of shared/, from the bottom up: a module imports from its own room and from those before it.
ROOMS = ["base", "linalg", "data", "autodiff", "network", "formats", "training", "cases", "console"]


class Row:
    """A row of the table in shared/meson.build: a module of a room, or one of a chapter's own."""

    def __init__(self, text):
        self.name = re.search(r"'name':\s*'([\w.]+)'", text)[1]
        default = self.name.removeprefix("rnn.").replace(".", "/")
        path = re.search(r"'path':\s*'([\w./]+)'", text)
        self.path = path[1] if path else default
        self.of_a_chapter = path is not None
        self.room = "" if self.of_a_chapter else self.path.split("/")[0]
        self.of_interface = self.list_of("imports", text, [])
        self.of_bodies = self.list_of("body_imports", text, [])
        self.units = self.list_of("units", text, [self.path + ".cpp"])

    @staticmethod
    def list_of(key, text, default):
        found = re.search(rf"'{key}':\s*{LIST}", text)
        return strings(found[1]) if found else default


def module_table():
    text = without_comments(ROOT / "shared/meson.build")
    table = text[text.index("modules = ["):text.index("\n]")]
    return [Row(row) for row in re.findall(r"\{(.*?)\}", table, flags=re.S)]


def module_files_of_chapters():
    """Interfaces and implementation units of the chapters' own modules."""
    return [path for path in (ROOT / "chapters").glob("*/*.cpp*")
            if re.search(r"(?m)^(?:export )?module [\w.]+;", path.read_text())]


def test_table():
    """(folder, name, declared imports) of each row in tests/meson.build."""
    text = without_comments(ROOT / "tests/meson.build")
    row = rf"\[\s*'([\w/]+)',\s*'(\w+)',\s*{LIST},\s*{LIST}"
    return [(folder, name, strings(declared)) for folder, name, declared, _ in re.findall(row, text)]


class Imports(unittest.TestCase):
    def assert_agree(self, where, declared, written):
        self.assertEqual(sorted(declared), sorted(set(declared)), f"{where}: declared twice")
        self.assertEqual(sorted(set(written) - set(declared)), [], f"{where}: imported, but not declared")
        self.assertEqual(sorted(set(declared) - set(written)), [], f"{where}: declared, but not imported")

    def test_modules_import_what_their_row_declares(self):
        for row in module_table():
            interface = ROOT / "shared" / (row.path + ".cppm")
            self.assertRegex(interface.read_text(), rf"(?m)^export module {re.escape(row.name)};")
            written = imports(interface)
            self.assert_agree(f"shared/meson.build, interface of {row.name}", row.of_interface, written)
            written_by_bodies = set()
            for unit in row.units:
                path = ROOT / "shared" / unit
                self.assertRegex(path.read_text(), rf"(?m)^module {re.escape(row.name)};")
                folder = str(pathlib.Path(row.path).parent) if row.of_a_chapter else row.room
                self.assertTrue(unit.startswith(folder + "/"), f"{unit} belongs to {row.name}")
                written_by_bodies |= imports(path)
            self.assert_agree(f"shared/meson.build, bodies of {row.name}", row.of_bodies, written_by_bodies - written)

    def test_modules_import_only_what_stands_above_them(self):
        above = set()
        for row in module_table():
            below = set(row.of_interface + row.of_bodies) - above
            self.assertEqual(sorted(below), [], f"shared/meson.build, {row.name}: stands above what it imports")
            above.add(row.name)

    def test_a_room_imports_only_from_itself_and_from_the_rooms_below_it(self):
        there = sorted(path.name for path in (ROOT / "shared").iterdir() if path.is_dir())
        self.assertEqual(there, sorted(ROOMS))
        for source in (ROOT / "shared").rglob("*.cpp*"):
            room = source.relative_to(ROOT / "shared").parts[0]
            for name in imports(source):
                self.assertTrue(name.startswith("rnn."), f"{source.relative_to(ROOT)}: {name} is a chapter's own")
                self.assertLessEqual(ROOMS.index(name.split(".")[1]), ROOMS.index(room),
                                     f"{source.relative_to(ROOT)}: {name} is in a room above {room}")

    def test_every_source_file_of_the_modules_is_in_the_table(self):
        named = set()
        for row in module_table():
            named.update([row.path + ".cppm", *row.units])
        there = {str(path.relative_to(ROOT / "shared")) for path in (ROOT / "shared").rglob("*.cpp*")}
        there |= {"../" + str(path.relative_to(ROOT)) for path in module_files_of_chapters()}
        self.assertEqual(named, there)

    def test_only_a_chapter_imports_its_own_modules(self):
        own = {row.name: row.path.split("/")[2] for row in module_table() if row.of_a_chapter}
        for source in [*(ROOT / "shared").rglob("*.cpp*"), *(ROOT / "chapters").glob("*/*.cpp*"),
                       *(ROOT / "tests").rglob("*.?pp")]:
            for name in imports(source) & set(own):
                self.assertEqual(source.parent.name, own[name], f"{source.relative_to(ROOT)} imports {name}")

    def test_there_are_no_headers_outside_of_exercises(self):
        headers = [*(ROOT / "shared").rglob("*.hpp"), *(ROOT / "chapters").glob("*/*.hpp")]
        self.assertEqual(headers, [])

    def test_the_code_map_names_every_module(self):
        text = (ROOT / "docs/architecture.md").read_text()
        mentioned = set(re.findall(r"`(rnn\.[\w.]+)`", text))
        there = {row.name for row in module_table() if not row.of_a_chapter}
        self.assertEqual(sorted(there - mentioned), [], "not in docs/architecture.md")
        self.assertEqual(sorted(mentioned - there), [], "no module of that name")

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
            declared = set(re.findall(r"\brnn(?:_double)?\['([\w.]+)'\]", without_comments(build_file)))
            written = set()
            for source in set(build_file.parent.glob("*.cpp")) - set(module_files_of_chapters()):
                written |= imports(source)
            self.assert_agree(str(build_file.relative_to(ROOT)), declared, written)


if __name__ == "__main__":
    unittest.main()
