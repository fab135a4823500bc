#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../support/packed.hpp"

import rnn.base.error;
import rnn.data.images;
import rnn.formats.idx;
import rnn.formats.mnist;
import rnn.linalg.matrix;

using namespace rnn;
namespace fs = std::filesystem;

namespace {

Images gray(Index count, std::uint8_t value, Index rows = 2, Index columns = 2) {
  return {count, rows, columns, std::vector<std::uint8_t>(count * rows * columns, value)};
}

std::vector<std::uint8_t> labels(Index count, std::uint8_t value) { return std::vector<std::uint8_t>(count, value); }

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string bytes_of(const fs::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return bytes.str();
}

void put(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A folder to lay files out in.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "mnist_layouts.XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(root); }

  template <class Content>
  void write(const fs::path& name, const Content& content) const {
    fs::create_directories((root / name).parent_path());
    write_idx(root / name, content);
  }
  void pack(const fs::path& name) const {
    put(root / (name.string() + ".gz"), rnn::testing::packed(bytes_of(root / name)));
    fs::remove(root / name);
  }
  void rename(const fs::path& from, const fs::path& to) const {
    const fs::path moved = root / "moved";
    fs::rename(root / from, moved);
    fs::create_directories((root / to).parent_path());
    fs::rename(moved, root / to);
  }

  /// Five images to learn from and three for the test, all pixels and labels of one value.
  void write_set(const fs::path& where, const std::string& prefix, const std::string& test, std::uint8_t value) const {
    write(where / (prefix + "train-images-idx3-ubyte"), gray(5, value));
    write(where / (prefix + "train-labels-idx1-ubyte"), labels(5, value));
    write(where / (prefix + test + "-images-idx3-ubyte"), gray(3, value));
    write(where / (prefix + test + "-labels-idx1-ubyte"), labels(3, value));
  }
  void write_mnist(const fs::path& where, std::uint8_t value) const { write_set(where, "", "t10k", value); }

  Splits load(const fs::path& from = "") const { return load_mnist(from.empty() ? root : root / from, 0); }
  std::string problem() const {
    try {
      load();
    } catch (const FileError& error) {
      return error.what();
    }
    return "no error";
  }

  /// That rows and columns are not swapped.
  void check_upright(const std::string& test_images) const {
    const Images images{3, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
    write(test_images, images);
    BOOST_TEST(load_mnist_test(root).test.images.pixels == images.pixels, boost::test_tools::per_element());
  }

  fs::path root;
};

/// That all of a set was found, with this value, and what was noted of it.
void check_set(const Splits& splits, int value, const std::string& source, std::size_t notes = 0) {
  BOOST_TEST(splits.train.size() == 5u);
  BOOST_TEST(splits.test.size() == 3u);
  for (const Dataset* set : {&splits.train, &splits.test}) {
    BOOST_TEST(std::ranges::all_of(set->images.pixels, [&](int pixel) { return pixel == value; }));
    BOOST_TEST(std::ranges::all_of(set->labels, [&](int label) { return label == value; }));
  }
  BOOST_TEST(splits.source == source);
  BOOST_TEST(splits.notes.size() == notes);
}

const std::vector<std::string> names = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                        "t10k-labels-idx1-ubyte"};

std::string dotted(std::string name) { return name.replace(name.find("-idx"), 1, "."); }

}  // namespace

BOOST_FIXTURE_TEST_CASE(mnists_images_are_read_as_they_are_stored, Folder) {
  write_mnist("", 4);
  check_upright(names[2]);
}

BOOST_FIXTURE_TEST_CASE(kaggle_puts_each_file_into_a_folder_of_its_name, Folder) {
  write_mnist("", 4);
  for (const std::string& name : names) rename(name, name + "/" + name);
  check_set(load(), 4, "MNIST in " + root.string());
}

BOOST_FIXTURE_TEST_CASE(a_folder_may_have_either_spelling_and_so_may_the_file_in_it, Folder) {
  write_mnist("", 4);
  rename(names[0], dotted(names[0]) + "/" + names[0]);
  rename(names[1], names[1] + "/" + dotted(names[1]));
  pack(names[2]);
  rename(names[2] + ".gz", names[2] + ".gz/" + names[2]);  // packed, though its name does not say so
  pack(names[3]);
  rename(names[3] + ".gz", names[3] + "/" + names[3] + ".gz");
  check_set(load(), 4, "MNIST in " + root.string());
}

BOOST_FIXTURE_TEST_CASE(kaggle_has_the_dotted_file_beside_the_folder_too, Folder) {
  write_mnist("", 4);
  for (const std::string& name : names) {
    rename(name, name + "/" + name);
    fs::copy_file(root / name / name, root / dotted(name));
  }
  const Splits splits = load();
  check_set(splits, 4, "MNIST in " + root.string(), 4);
  BOOST_TEST(splits.notes[0] ==
             (root / dotted(names[0])).string() + " is read; passed over: " + (root / names[0] / names[0]).string());
}

BOOST_FIXTURE_TEST_CASE(a_folder_of_the_name_with_nothing_in_it_is_no_file, Folder) {
  write_mnist("", 4);
  for (const std::string& name : names) {
    rename(name, dotted(name));
    fs::create_directories(root / name);
  }
  check_set(load(), 4, "MNIST in " + root.string());
  fs::remove(root / dotted(names[0]));
  BOOST_TEST(problem() == (root / names[0]).string() + ": expected a file, found a directory");
}

BOOST_FIXTURE_TEST_CASE(torchvisions_raw_folder_is_found_from_its_parents, Folder) {
  write_mnist("MNIST/raw", 4);
  for (const char* from : {"", "MNIST", "MNIST/raw"}) {
    check_set(load(from), 4, "MNIST in " + (root / "MNIST/raw").string());
  }
  BOOST_TEST(load_mnist_test(root).test.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(torchvision_keeps_what_it_has_unpacked_beside_it, Folder) {
  write_mnist("MNIST/raw", 4);
  for (const std::string& name : names) {
    put(root / "MNIST/raw" / (name + ".gz"), rnn::testing::packed(bytes_of(root / "MNIST/raw" / name)));
  }
  check_set(load(), 4, "MNIST in " + (root / "MNIST/raw").string(), 4);
}

BOOST_FIXTURE_TEST_CASE(emnists_digits_are_read_upright, Folder) {
  for (const std::string set : {"digits", "mnist"}) {
    const std::string prefix = "emnist-" + set + "-";
    const Images stored{2, 2, 3, {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16}};
    for (const char* part : {"train", "test"}) {
      write("gzip/" + prefix + part + "-images-idx3-ubyte", stored);
      write("gzip/" + prefix + part + "-labels-idx1-ubyte", labels(2, 7));
      pack("gzip/" + prefix + part + "-images-idx3-ubyte");
    }
    for (const char* from : {"", "gzip"}) {
      const Splits splits = load(from);
      BOOST_TEST(splits.source ==
                 "EMNIST's " + std::string(set == "mnist" ? "MNIST" : set) + " in " + (root / "gzip").string());
      for (const Images* images : {&splits.train.images, &splits.test.images}) {
        BOOST_TEST(images->rows == 3u);
        BOOST_TEST(images->columns == 2u);
        const std::vector<std::uint8_t> upright = {1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16};
        BOOST_TEST(images->pixels == upright, boost::test_tools::per_element());
      }
    }
    fs::remove_all(root / "gzip");
  }
}

BOOST_FIXTURE_TEST_CASE(emnists_letters_are_refused_by_their_names, Folder) {
  for (const std::string set : {"letters", "balanced", "byclass", "bymerge"}) {
    write_set("EMNIST/raw", "emnist-" + set + "-", "test", 4);
    BOOST_TEST(problem() == (root / "EMNIST/raw" / ("emnist-" + set + "-test-images-idx3-ubyte")).string() +
                                ": expected a set of digits, such as emnist-digits or emnist-mnist, found one with "
                                "letters");
    fs::remove_all(root / "EMNIST");
  }
}

BOOST_FIXTURE_TEST_CASE(emnists_letters_beside_its_digits_do_no_harm, Folder) {
  write_set("", "emnist-letters-", "test", 3);
  write_set("", "emnist-digits-", "test", 4);
  check_set(load(), 4, "EMNIST's digits in " + root.string());
}

BOOST_FIXTURE_TEST_CASE(letters_under_mnists_names_are_refused_by_their_labels, Folder) {
  write_mnist("", 4);
  write(names[1], labels(5, 26));
  BOOST_TEST(problem() == (root / names[1]).string() + ": byte 8: expected a label of at most 9, found 26");
}

BOOST_FIXTURE_TEST_CASE(qmnist_has_its_labels_in_tables, Folder) {
  write_set("", "qmnist-", "test", 4);
  for (const std::string part : {"train", "test"}) {
    fs::remove(root / ("qmnist-" + part + "-labels-idx1-ubyte"));
    const int count = part == "train" ? 5 : 3;
    std::string table("\0\0\x0c\x02\0\0\0", 7);
    table += char(count);
    table += std::string("\0\0\0\x08", 4);
    for (int i = 0; i < count; ++i) table += std::string("\0\0\0\x04", 4) + std::string(28, '\x11');
    put(root / ("qmnist-" + part + "-labels-idx2-int.gz"), rnn::testing::packed(table));
  }
  check_set(load(), 4, "QMNIST in " + root.string());
  check_upright("qmnist-test-images-idx3-ubyte");
  rename("qmnist-test-labels-idx2-int.gz", "elsewhere");
  BOOST_TEST(problem().starts_with((root / "qmnist-test-labels-idx2-int.gz").string() + ": no such file, nor "));
}

BOOST_FIXTURE_TEST_CASE(of_several_sets_mnist_is_read_and_the_others_are_named, Folder) {
  write_set("", "emnist-digits-", "test", 3);
  write_set("", "emnist-mnist-", "test", 2);
  write_mnist("MNIST/raw", 4);
  const Splits splits = load();
  check_set(splits, 4, "MNIST in " + (root / "MNIST/raw").string(), 1);
  BOOST_TEST(splits.notes[0] ==
             root.string() + ": MNIST is read, though it has EMNIST's MNIST and EMNIST's digits too");
  BOOST_TEST(load_mnist_test(root).test.size() == 3u);
  BOOST_TEST(load_mnist_test(root).source == splits.source);
  BOOST_TEST(load_mnist_test(root).notes == splits.notes, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(of_two_sets_the_other_is_named, Folder) {
  write_set("", "emnist-digits-", "test", 3);
  write_mnist("", 4);
  const Splits splits = load();
  check_set(splits, 4, "MNIST in " + root.string(), 1);
  BOOST_TEST(splits.notes[0] == root.string() + ": MNIST is read, though it has EMNIST's digits too");
}

BOOST_FIXTURE_TEST_CASE(a_set_that_is_not_whole_is_not_preferred_to_one_that_is, Folder) {
  write_mnist("", 3);
  fs::remove(root / names[2]);
  write_set("gzip", "emnist-digits-", "test", 4);
  check_set(load(), 4, "EMNIST's digits in " + (root / "gzip").string());
}

BOOST_FIXTURE_TEST_CASE(of_a_set_with_one_file_missing_that_file_is_named, Folder) {
  write_set("gzip", "emnist-digits-", "test", 4);
  fs::remove(root / "gzip/emnist-digits-train-labels-idx1-ubyte");
  BOOST_TEST(problem().starts_with((root / "gzip/emnist-digits-train-labels-idx1-ubyte.gz").string() +
                                   ": no such file, nor emnist-digits-train-labels.idx1-ubyte, packed or not"));
  BOOST_TEST(load_mnist_test(root).test.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_plain_file_beside_the_right_packed_one_is_passed_over, Folder) {
  write_mnist("", 4);
  for (const std::string& name : names) {
    pack(name);
    put(root / name, "<html>Please log in</html>");
  }
  const Splits splits = load();
  check_set(splits, 4, "MNIST in " + root.string(), 4);
  BOOST_TEST(contains(splits.notes[0], names[0] + ".gz is read; passed over: " + (root / names[0]).string() +
                                           ": byte 0: expected the magic number"),
             splits.notes[0]);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_packed_file_beside_the_right_plain_one_is_passed_over_too, Folder) {
  write_mnist("", 4);
  for (const std::string& name : names) put(root / (name + ".gz"), "\x1f\x8b and then nothing that is gzip");
  check_set(load(), 4, "MNIST in " + root.string(), 4);
}

BOOST_FIXTURE_TEST_CASE(images_that_do_not_fit_their_labels_are_passed_over, Folder) {
  write_mnist("", 4);
  pack(names[0]);
  write(names[0], gray(6, 9));
  check_set(load(), 4, "MNIST in " + root.string(), 1);
  pack(names[3]);
  write(names[3], labels(2, 9));
  check_set(load(), 4, "MNIST in " + root.string(), 2);
}

BOOST_FIXTURE_TEST_CASE(the_first_images_that_fit_are_read_wherever_they_stand, Folder) {
  write_mnist("", 4);
  rename(names[0], dotted(names[0]) + ".gz");
  write(names[0], gray(6, 9));
  write(names[0] + ".gz", gray(7, 9));
  write(dotted(names[0]), gray(8, 9));
  check_set(load(), 4, "MNIST in " + root.string(), 1);
}

BOOST_FIXTURE_TEST_CASE(where_nothing_fits_the_likeliest_pair_is_named, Folder) {
  write_mnist("", 4);
  pack(names[0]);
  write(names[0], gray(6, 9));
  write(names[1], labels(7, 4));
  BOOST_TEST(problem() == (root / names[1]).string() + ": byte 4: expected 6 labels, as many as images in " +
                              (root / names[0]).string() + ", found 7");
}

BOOST_FIXTURE_TEST_CASE(where_none_of_several_files_can_be_read_the_first_problem_is_told, Folder) {
  write_mnist("", 4);
  put(root / names[0], "");
  put(root / (names[0] + ".gz"), "x");
  BOOST_TEST(problem().starts_with((root / names[0]).string() + ": byte 0: expected the magic number (4 bytes)"));
}

BOOST_FIXTURE_TEST_CASE(where_none_of_several_label_files_can_be_read_the_first_problem_is_told, Folder) {
  write_mnist("", 4);
  put(root / names[1], "");
  put(root / (names[1] + ".gz"), "x");
  BOOST_TEST(problem().starts_with((root / names[1]).string() + ": byte 0: expected the magic number (4 bytes)"));
}

BOOST_FIXTURE_TEST_CASE(a_set_that_is_whole_in_several_folders_is_read_from_wherever_it_is_right, Folder) {
  write_mnist("", 4);
  write_mnist("raw", 4);
  for (const std::string& name : names) {
    put(root / (name == names[1] || name == names[2] ? "raw/" + name : name), "not IDX");
  }
  check_set(load(), 4, "MNIST in " + root.string(), 4);
}

BOOST_FIXTURE_TEST_CASE(images_as_wide_or_high_as_the_largest_scan_are_read, Folder) {
  for (const auto& [rows, columns] : {std::pair<Index, Index>{1, 4096}, {4096, 1}}) {
    write_mnist("", 4);
    write(names[2], gray(3, 4, rows, columns));
    BOOST_TEST(load_mnist_test(root).test.images.columns == columns);
  }
}

BOOST_FIXTURE_TEST_CASE(test_images_are_as_high_and_as_wide_as_those_to_learn_from, Folder) {
  write_mnist("", 4);
  for (const auto& [rows, columns] : {std::pair<Index, Index>{2, 3}, {3, 2}}) {
    write(names[2], gray(3, 4, rows, columns));
    BOOST_TEST(contains(problem(), ": byte 8: expected images of 2x2 pixels as in the training set, found "));
  }
}

BOOST_FIXTURE_TEST_CASE(images_wider_or_higher_than_any_scan_are_refused, Folder) {
  write_mnist("", 4);
  for (const auto& [rows, columns] : {std::pair<Index, Index>{1, 4097}, {4097, 1}}) {
    write(names[0], gray(5, 4, rows, columns));
    BOOST_TEST(contains(problem(), ": byte 8: expected images of at most 4096x4096 pixels, found "));
  }
}
