"""The check of the pages: each kind of rot is seen to fail, each with one line that says where and what."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "docs" / "tools" / "pages.py"

SOURCE = """// A file.
int unused() { return 0; }

/// Twice.
int twice(int x) {
  // [body]
  const int y = 2 * x;
  return y;
  // [end]
}

int main() { return twice(0); }
"""

PROGRAM = """#!/bin/sh
[ "$1" = cuont ] && { echo "01_one: unknown word" >&2; exit 2; }
[ "$1" = count ] && { shift; [ "$1" = --help ] && echo "  --from N   a number" && exit 0; }
[ "$1" = --help ] && { echo "  --seed N   a number"; exit 0; }
[ "$1" = --seed ] && [ "$2" = bad ] && { echo "01_one: no number" >&2; exit 2; }
echo "steps 2"
echo "y = 0.5000001"
echo "seconds: $(date +%N)"
"""

LISTING = '<!-- listing chapters/01_one/main.cpp {} -->\n```cpp\n{}\n```\n<!-- end -->\n'
RUN = '<!-- run {} -->\n```\n$ {}\n{}\n```\n<!-- end -->\n'
TIMES = 'variable="seconds: \\d+"'
GOOD = "steps 2\ny = 0.5\nseconds: 1"


class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        chapter, built = self.root / "chapters/01_one", self.root / "build/chapters/01_one"
        for path in (chapter, built, chapter / "exercises/1_step", self.root / "docs", self.root / "tests/tools"):
            path.mkdir(parents=True)
        (chapter / "main.cpp").write_text(SOURCE)
        (built / "01_one").write_text(PROGRAM)
        (built / "01_one").chmod(0o755)
        (self.root / "tests/tools/help.txt").write_text("  run NN\n\n  test [--all]\n\n  exercise [NN.k]\n")
        (self.root / "clang.ini").write_text("")
        (self.root / "docs/other.md").write_text("# A title, with `code`\n\n## Twice\n\n## Twice\n")
        self.page = self.root / "docs/page.md"

    def check(self, text, *options, digits="close"):
        self.page.write_text("# Page\n\n" + text)
        run = subprocess.run([sys.executable, TOOL, "--root", self.root, "--digits", digits, *options],
                             capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def passes(self, text):
        status, output = self.check(text)
        self.assertEqual((status, output.count("\n")), (0, 1), output)

    def fails(self, text, line, *words):
        status, output = self.check(text)
        self.assertEqual((status, output.count("\n")), (1, 1), output)
        self.assertTrue(output.startswith(f"docs/page.md:{line}: "), output)
        for word in ("expected", "found", *words):
            self.assertIn(word, output)

    # ---- listings ----

    def test_listings_that_are_the_source_pass(self):
        body = "const int y = 2 * x;\nreturn y;"
        self.passes(LISTING.format("region body", body))
        self.passes(LISTING.format('from "const int" to "return"', body))
        self.passes(LISTING.format("function twice", "\n".join(SOURCE.splitlines()[3:10])))
        self.passes(LISTING.format("function main", "int main() { return twice(0); }"))
        self.passes(LISTING.format("", SOURCE.strip()))

    def test_a_listing_that_differs_from_the_source_fails_at_its_line(self):
        self.fails(LISTING.format("region body", "const int y = 2 * x;\nreturn x;"), 6, "return y;", "return x;")
        self.fails(LISTING.format("region body", "const int y = 2 * x;"), 6, "return y;", "nothing more")
        self.fails(LISTING.format("region body", "const int y = 2 * x;\nreturn y;\n// more"), 7, "nothing more")

    def test_a_listing_of_nothing_that_there_is_fails(self):
        self.fails(LISTING.format("region bodies", ""), 3, "region [bodies]")
        self.fails(LISTING.format("function thrice", ""), 3, "definition of thrice")
        self.fails(LISTING.format('from "int" to "return"', ""), 3, "one line with 'int'")
        self.fails(LISTING.format('from "const" to "there is no"', ""), 3, "there is no")
        self.fails(LISTING.format("of something", ""), 3, "of something")
        self.fails(LISTING.replace("01_one", "02_two").format("", ""), 3, "chapters/02_two/main.cpp")

    def test_a_mark_without_a_block_or_an_end_fails(self):
        self.fails("<!-- listing chapters/01_one/main.cpp -->\ntext\n", 3, "fenced block")
        self.fails("<!-- run -->\n```\n$ true\n```\n", 3, "<!-- end -->")

    def test_a_mark_inside_of_a_fence_is_an_example_of_one(self):
        self.passes("````\n" + LISTING.format("region none", "") + "````\n")

    # ---- transcripts ----

    def test_transcripts_that_are_the_output_pass(self):
        self.passes(RUN.format(TIMES, "./course run 01", GOOD))
        self.passes(RUN.format(TIMES, "./course run 1 \\\n    --seed 7", GOOD))
        self.passes(RUN.format(TIMES, "build/chapters/01_one/01_one", GOOD))
        self.passes(RUN.format('from="y =" to="y ="', "./course run 01", "…\ny =  0.5\n…"))
        self.passes(RUN.format("status=2", "./course run 01 --seed bad", "01_one: no number"))
        self.passes(RUN.format("", "echo written > file", "") .replace("\n\n", "\n") + RUN.format("", "cat file", "written"))

    def test_a_number_beyond_the_tolerance_fails(self):
        self.fails(RUN.format(TIMES + " tolerance=1e-8", "./course run 01", GOOD), 7, "y = 0.5000001", "y = 0.5")
        self.fails(RUN.format(TIMES, "./course run 01", GOOD.replace("0.5", "0.6")), 7, "0.6")

    def test_every_digit_counts_where_the_machine_has_fused_multiply_add(self):
        status, output = self.check(RUN.format(TIMES, "./course run 01", GOOD), digits="exact")
        self.assertEqual(status, 1)
        self.assertIn('expected "y = 0.5000001", found "y = 0.5"', output)
        exact = RUN.format(TIMES, "./course run 01", GOOD.replace("0.5", " 0.5000001"))
        self.assertEqual(self.check(exact, digits="exact")[0], 0)

    def test_small_numbers_with_an_exponent_are_compared_by_their_own_size(self):
        self.fails(RUN.format("tolerance=0.01", "echo 1.5e-9", "1.6e-9"), 6, "1.6e-9")
        self.passes(RUN.format("tolerance=0.1", "echo 1.5e-9", "1.6e-9"))

    def test_other_words_whole_numbers_lines_and_times_that_are_not_variable_fail(self):
        self.fails(RUN.format(TIMES, "./course run 01", GOOD.replace("steps 2", "steps 3")), 6, "steps 2", "steps 3")
        self.fails(RUN.format(TIMES, "./course run 01", GOOD.replace("y =", "z =")), 7, "z =")
        self.fails(RUN.format(TIMES, "./course run 01", GOOD + "\nmore"), 9, "nothing more")
        self.fails(RUN.format(TIMES, "./course run 01", "steps 2\ny = 0.5"), 8, "nothing more")
        self.fails(RUN.format("", "./course run 01", GOOD), 8, "seconds")

    def test_another_status_fails(self):
        self.fails(RUN.format("", "./course run 01 --seed bad", "01_one: no number"), 3, "status 0", "found 2")
        self.fails(RUN.format(TIMES + " status=1", "./course run 01", GOOD), 3, "status 1", "found 0")

    def test_options_that_there_are_not_and_texts_that_are_not_printed_fail(self):
        self.fails(RUN.format("tolerence=1", "./course run 01", GOOD), 3, "tolerence")
        self.fails(RUN.format('from="there is no"', "./course run 01", ""), 3, "there is no")

    def test_transcripts_leave_nothing_in_the_repository(self):
        before = set(self.root.rglob("*"))
        self.passes(RUN.format("", "echo written > file", "").replace("\n\n", "\n"))
        self.assertEqual(set(self.root.rglob("*")) - {self.page}, before - {self.page})

    # ---- numbers ----

    def test_numbers_of_a_transcript_or_a_listing_of_the_page_pass(self):
        run = RUN.format("", "echo 0.7616 101.5 12544", "0.7616 101.5 12544")
        self.passes(run + "It is 0.7616, or about 0.76, with a norm of 102, and 12,544 bytes, 76 % of it.\n")

    def test_counts_chapters_years_code_and_literature_need_no_source(self):
        self.passes("In 2 steps, t = 12, chapter 05, exercise 05.2, 1990, `0.37`, $x = 37$, a 28x28 and C++20.\n\n"
                    "Where to read on:\n\n- *Somebody*, Journal 78(10), pages 300 to 312.\n")

    def test_a_number_that_nothing_guards_fails(self):
        run = RUN.format("", "echo 0.7616 28.3", "0.7616 28.3")
        for number in ("0.77", "0.7617", "28", "13,910", "5%", "10⁻⁶¹", "93.5%"):
            self.fails(run + f"text\n\nIt is {number} here.\n", 11, f"number {number}", "source")
        self.fails("A formula comes to $0.9^3 = 0.729$.\n", 3, "number 0.729")
        self.fails("| a | 0.31 |\n|---|---|\n", 3, "number 0.31")
        self.fails("<details><summary>Answer</summary>\n\nIt is 0.31.\n\n</details>\n", 5, "number 0.31")

    def test_a_number_that_is_no_longer_printed_fails(self):
        page = RUN.format("", "cat number", "0.5") + "It is 0.5.\n"
        (self.root / "number").write_text("0.5\n")
        self.passes(page)
        (self.root / "number").write_text("0.6\n")
        status, output = self.check(page, "--update")
        self.assertEqual(status, 1, output)
        self.assertIn("number 0.5: expected", self.check(self.page.read_text().removeprefix("# Page\n\n"))[1])

    def test_sources_that_have_the_numbers_pass(self):
        (self.root / "docs/table.csv").write_text("0.7386,1200\n")
        self.passes("<!-- source 13,910: = 28*100 + 100*100 + 100 + 100*10 + 10 --> <!-- source 2.303: = log(10) -->\n"
                    "There are 13,910 weights, and the loss starts at 2.303.\n\n"
                    "<!-- source: docs/table.csv -->\n| 0.739 | 1,200 |\n|---|---|\n\n"
                    "<!-- source 0.31: $ echo 0.312 --> \nIt is 0.31.\n\n"
                    "There are 500 of them. <!-- source 500: somebody has counted them -->\n")

    def test_sources_that_do_not_have_the_numbers_fail(self):
        (self.root / "docs/table.csv").write_text("0.7386\n")
        for source, line, word in (("0.74: docs/table.csv", 3, None), ("0.75: docs/table.csv", 3, "0.75"),
                                   ("0.75: = 3 / 5", 3, "0.75"), ("0.75: = three / 4", 3, "calculation"),
                                   ("0.75: = __import__('os')", 3, "calculation"),
                                   ("0.75: $ echo 0.31", 3, "0.75"), ("0.75: $ false", 3, "status"),
                                   ("0.75: docs/none.csv", 3, "none.csv"), ("0.75: trust", 3, "trust")):
            number = source.split(":")[0]
            if word is None:
                self.passes(f"<!-- source {source} -->\nIt is {number}.\n")
                continue
            status, output = self.check(f"<!-- source {source} -->\nIt is {number}.\n")
            self.assertEqual(status, 1, output)
            self.assertTrue(output.startswith(f"docs/page.md:{line}: source: expected"), output)
            self.assertIn(word, output)
        self.fails("<!-- source 0.75: somebody said so -->\nIt is there.\n", 3, "0.75", "paragraph")

    # ---- links ----

    def test_links_to_what_there_is_pass(self):
        self.passes("[a](other.md) [b](other.md#a-title-with-code) [c](other.md#twice-1) [d](#page) <a id=\"x\"></a>\n"
                    "[e](#x) [f](https://example.org/none) ![g](../clang.ini) `[h](none)` [![i](other.md)](other.md)\n")

    def test_missing_files_images_and_anchors_fail(self):
        self.fails("text\n[a](none.md)\n", 4, "none.md")
        self.fails("![a](figures/none.svg)\n", 3, "figures/none.svg")
        self.fails('<img src="none.svg" alt="">\n', 3, "none.svg")
        self.fails("![](other.md)\n", 3, "other.md", "words")
        self.fails("[a](other.md#none)\n", 3, "#none")
        self.fails("[a](#none)\n", 3, "#none", "this page")

    def test_a_diagram_of_characters_fails_and_output_that_has_such_lines_passes(self):
        self.fails("```\n x ──► y\n```\n", 4, "figure")
        self.passes(RUN.format("", "echo '──►'", "──►"))

    # ---- commands ----

    def test_commands_that_there_are_pass(self):
        self.passes("`./course run 01 --seed 3`, `./course run 01 count --from 3`, `./course test --all`, `./course run NN`, `./course exercise 01.1 hint`\n\n```\n./course run 1_one\n"
                    "./course run 01_one --seed 7 | head\nmeson setup build --native-file clang.ini\n"
                    "build/chapters/01_one/01_one --seed 1\n```\n".replace("1_one\n./", "01_one\n./", 1))

    def test_commands_chapters_targets_and_options_that_there_are_not_fail(self):
        for command, word in (("./course fly", "fly"), ("./course run 02", "02"), ("./course run 01 --sede 7", "--sede"),
                              ("./course run 01 --from 7", "--from"), ("./course run 01 count --seed 7", "--seed"),
                              ("./course run 01 cuont", "cuont"), ("./course test --most", "--most"), ("./course exercise 01.2", "01.2"), ("meson build", "build"),
                              ("meson setup build --native-file gcc.ini", "gcc.ini"),
                              ("meson setup build --cross-file arm.ini", "arm.ini"),
                              ("build/chapters/02_two/02_two", "02_two"),
                              ("build/chapters/01_one/01_one --sede", "--sede"),
                              ("true && ./course fly", "fly")):
            if command.startswith(("./", "meson", "build")):
                self.fails(f"Say `{command}`.\n", 3, word)
            self.fails(f"```\n$ ./course run 01 && {command}\n```\n", 4, word)

    # ---- update ----

    def test_update_writes_listings_and_transcripts_and_then_the_check_passes(self):
        page = LISTING.format("region body", "old") + RUN.format(TIMES, "./course run 01", "old") + "[a](other.md)\n"
        status, output = self.check(page, "--update")
        self.assertEqual(status, 0, output)
        self.assertIn("docs/page.md: rewritten", output)
        text = self.page.read_text()
        self.assertIn("const int y = 2 * x;\nreturn y;\n```", text)
        self.assertIn("$ ./course run 01\nsteps 2\ny = 0.5000001\n", text)
        self.assertNotIn("old", text)
        self.passes(text.removeprefix("# Page\n\n"))

    def test_update_leaves_what_is_within_the_tolerance(self):
        page = RUN.format(TIMES, "./course run 01", GOOD)
        self.assertEqual(self.check(page, "--update")[0], 0)
        self.assertEqual(self.page.read_text(), "# Page\n\n" + page)

    def test_update_tells_what_it_cannot_mend(self):
        status, output = self.check("[a](none.md)\n", "--update")
        self.assertEqual(status, 1)
        self.assertIn("docs/page.md:3: link none.md", output)


if __name__ == "__main__":
    unittest.main()
