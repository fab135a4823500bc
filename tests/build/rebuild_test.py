"""A change rebuilds what depends on it, in one pass, and nothing else."""

import sys
import tempfile
import unittest

from recipe import Project


class Rebuild(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.project = Project(cls.folder.name, COMPILER)
        status, said = cls.project.setup()
        assert status == 0, said
        cls.project.make()
        assert cls.project.run() == "122 1122\n", cls.project.run()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def assert_nothing_to_do(self):
        self.assertIn("no work to do", self.project.ninja("-n"))

    def test_a_second_build_does_nothing(self):
        self.assert_nothing_to_do()

    def test_a_changed_interface_rebuilds_everything_that_imports_it_in_one_pass(self):
        self.project.replace("shared/layer/first.cppm", "return 10", "return 20")
        rebuilt = self.project.make()
        self.assertLessEqual({"rnn.layer.first.pcm", "rnn.layer.second.pcm", "rnn.layer.third.pcm"}, rebuilt)
        self.assertLessEqual({"layer_second.cpp.o", "main.cpp.o"}, rebuilt)
        self.assertEqual(self.project.run(), "142 1142\n")
        self.assert_nothing_to_do()
        self.project.replace("shared/layer/first.cppm", "return 20", "return 10")
        self.project.make()
        self.assertEqual(self.project.run(), "122 1122\n")

    def test_a_changed_header_rebuilds_the_interface_that_includes_it_and_its_importers(self):
        self.project.replace("shared/layer/number.hpp", "NUMBER 1", "NUMBER 2")
        rebuilt = self.project.make()
        self.assertLessEqual({"rnn.layer.first.pcm", "rnn.layer.second.pcm", "rnn.layer.third.pcm", "main.cpp.o"}, rebuilt)
        self.assertEqual(self.project.run(), "124 1124\n")
        self.assert_nothing_to_do()
        self.project.replace("shared/layer/number.hpp", "NUMBER 2", "NUMBER 1")
        self.project.make()

    def test_what_only_a_body_imports_does_not_concern_its_importers(self):
        self.project.replace("shared/layer/aside.cppm", "return 100", "return 300")
        rebuilt = self.project.make()
        self.assertIn("layer_second.cpp.o", rebuilt)
        self.assertEqual({"rnn.layer.second.pcm", "rnn.layer.third.pcm", "main.cpp.o"} & rebuilt, set())
        self.assertEqual(self.project.run(), "322 1322\n")
        self.project.replace("shared/layer/aside.cppm", "return 300", "return 100")
        self.project.make()

    def test_a_changed_body_rebuilds_no_importer(self):
        self.project.replace("shared/layer/second.cpp", "+ aside()", "+ 2 * aside()")
        rebuilt = self.project.make()
        self.assertEqual(rebuilt, {"layer_second.cpp.o", "librnn.layer.second.a", "main"})
        self.assertEqual(self.project.run(), "222 1222\n")
        self.assert_nothing_to_do()
        self.project.replace("shared/layer/second.cpp", "+ 2 * aside()", "+ aside()")
        self.project.make()

    def test_a_changed_interface_of_a_chapter_rebuilds_its_importers_and_nothing_else(self):
        self.project.replace("chapters/part.cppm", "+ 1000", "+ 2000")
        rebuilt = self.project.make()
        self.assertEqual(rebuilt, {
            "chapter.part.pcm", "chapter.part.o", "libchapter.part.a",
            "chapter.whole.pcm", "chapter.whole.o", ".._chapters_whole.cpp.o", "libchapter.whole.a",
            "main.cpp.o", "main"})
        self.assertEqual(self.project.run(), "122 2122\n")
        self.assert_nothing_to_do()
        self.project.replace("chapters/part.cppm", "+ 2000", "+ 1000")
        self.project.make()

    def test_another_precompiled_header_rebuilds_the_bodies_in_one_pass_and_no_interface(self):
        (self.project.build / "shared/headers.pch").unlink()
        rebuilt = self.project.make()
        self.assertEqual(rebuilt, {"headers.pch", "layer_second.cpp.o", "librnn.layer.second.a",
                                   ".._chapters_whole.cpp.o", "libchapter.whole.a", "main"})
        self.assert_nothing_to_do()


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
