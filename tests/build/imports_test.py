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
    """A row of a table in a build file: {'key': 'text' or ['list'] or {'a': dictionary}, …}."""

    def __init__(self, text):
        self.text = text
        self.name = self.get("name")

    def get(self, key, otherwise=None):
        found = re.search(rf"'{key}':\s*(?:'([^']*)'|{LIST}|(\w+))", self.text)
        if not found:
            return otherwise
        return found[1] or found[3] or strings(found[2])


class Module(Row):
    def __init__(self, text):
        super().__init__(text)
        self.of_a_chapter = self.get("path") is not None
        self.path = self.get("path", self.name.removeprefix("rnn.").replace(".", "/"))
        self.room = "" if self.of_a_chapter else self.path.split("/")[0]
        self.of_interface = self.get("imports", [])
        self.of_bodies = self.get("body_imports", [])
        self.units = self.get("units", [self.path + ".cpp"])
        self.once = self.get("once") == "true"

    def sources(self):
        return [ROOT / "shared" / name for name in (self.path + ".cppm", *self.units)]


def table(build_file, name, kind=Row):
    """The rows of a table `name = [ {…}, … ]`."""
    text = without_comments(ROOT / build_file)
    start = re.search(rf"^{name} = \[\n", text, flags=re.M).end()
    return [kind(row) for row in re.split(r"^  (?=\{)", text[start:text.index("\n]\n", start)], flags=re.M)[1:]]


def module_table():
    return table("shared/meson.build", "modules", Module)


def module_files_of_chapters():
    """Interfaces and implementation units of the chapters' own modules."""
    return [path for path in (ROOT / "chapters").glob("*/*.cpp*")
            if re.search(r"(?m)^(?:export )?module [\w.]+;", path.read_text())]


class Imports(unittest.TestCase):
    def assert_agree(self, where, declared, written):
        self.assertEqual(sorted(declared), sorted(set(declared)), f"{where}: declared twice")
        self.assertEqual(sorted(set(written) - set(declared)), [], f"{where}: imported, but not declared")
        self.assertEqual(sorted(set(declared) - set(written)), [], f"{where}: declared, but not imported")

    def test_modules_import_what_their_row_declares(self):
        for row in module_table():
            interface = ROOT / "shared" / (row.path + ".cppm")
            self.assertRegex(interface.read_text(), rf"(?m)^export module {re.escape(row.name)};")
            written = imports(interface) - {"rnn.base.std"}  # which all may import
            self.assert_agree(f"shared/meson.build, interface of {row.name}", row.of_interface, written)
            written_by_bodies = set()
            for unit in row.units:
                path = ROOT / "shared" / unit
                self.assertRegex(path.read_text(), rf"(?m)^module {re.escape(row.name)};")
                folder = str(pathlib.Path(row.path).parent) if row.of_a_chapter else row.room
                self.assertTrue(unit.startswith(folder + "/"), f"{unit} belongs to {row.name}")
                written_by_bodies |= imports(path)
            self.assert_agree(f"shared/meson.build, bodies of {row.name}", row.of_bodies, written_by_bodies - written)

    def test_widgets_import_what_their_row_declares(self):
        for row in table("docs/widgets/meson.build", "widgets"):
            source = ROOT / "docs/widgets" / f"{row.name}.cpp"
            self.assert_agree(f"docs/widgets/meson.build, {row.name}", row.get("imports"), imports(source))

    def test_what_a_page_computes_with_needs_neither_threads_nor_files(self):
        rows = {row.name: row for row in module_table()}
        wanted, seen = [name for row in table("docs/widgets/meson.build", "widgets") for name in row.get("imports")], set()
        while wanted:
            name = wanted.pop()
            if name not in seen:
                seen.add(name)
                wanted += rows[name].of_interface + rows[name].of_bodies
        for name in seen:
            for source in rows[name].sources():
                self.assertNotRegex(source.read_text(), r"#include <(thread|mutex|fstream|condition_variable|unistd\.h)>", source)
        self.assertEqual(seen & {"rnn.base.thread_pool", "rnn.base.file"}, set())

    def test_interfaces_have_the_standard_library_from_rnn_base_std(self):
        for row in module_table():
            interface = row.sources()[0]
            headers = set(re.findall(r"(?m)^#include <([a-z_]+)>", interface.read_text()))
            # A web page has no threads to export; that memory is given to `new` is no name at all.
            if row.name != "rnn.base.std":
                self.assertEqual(headers - {"mutex", "new", "thread"}, set(), interface)

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

    def test_a_module_is_compiled_once_where_it_has_nothing_to_do_with_real_and_only_there(self):
        once = set()
        for row in module_table():
            knows_real = [path.name for path in row.sources()
                          if re.search(r"\b(?:Real|RNN_REAL)\b", without_comments(path))]
            of_real = sorted(set(row.of_interface + row.of_bodies) - once)
            self.assertEqual(row.once, not knows_real and not of_real,
                             f"shared/meson.build, {row.name}: 'once' is {row.once}, but Real is named in {knows_real} "
                             f"and known to the imports {of_real}")
            if row.once:
                once.add(row.name)
        self.assertNotIn("rnn.linalg.matrix", once)  # which Real comes from

    def test_tests_import_what_their_row_declares(self):
        rows = table("tests/meson.build", "unit_tests")
        there = [str(path.relative_to(ROOT / "tests")) for path in (ROOT / "tests").rglob("*_test.cpp")]
        self.assertEqual(sorted(f"{row.name}_test.cpp" for row in rows), sorted(there))
        for row in rows:
            written = imports(ROOT / "tests" / f"{row.name}_test.cpp")
            self.assert_agree(f"tests/meson.build, {row.name}", row.get("imports", []), written)

    def test_fuzz_targets_import_what_their_row_declares(self):
        for row in table("tests/fuzz/meson.build", "fuzz_targets"):
            written = imports(ROOT / "tests/fuzz" / f"{row.name}.cpp")
            self.assert_agree(f"tests/fuzz/meson.build, {row.name}", row.get("imports", []), written)

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
