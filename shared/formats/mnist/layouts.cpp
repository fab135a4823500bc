module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

module rnn.formats.mnist;

import rnn.base.error;
import rnn.base.text;

namespace rnn::mnist {

namespace {

using std::filesystem::path;

constexpr std::array<Collection, 4> collections = {{
    {"MNIST", "MNIST", "", "t10k", "idx1-ubyte", false},
    {"QMNIST", "QMNIST", "qmnist-", "test", "idx2-int", false},
    {"EMNIST's MNIST", "EMNIST", "emnist-mnist-", "test", "idx1-ubyte", true},
    {"EMNIST's digits", "EMNIST", "emnist-digits-", "test", "idx1-ubyte", true},
}};

// EMNIST's other sets: their classes are letters, or digits and letters.
constexpr std::array<const char*, 4> sets_of_letters = {"letters", "balanced", "byclass", "bymerge"};

/// "train-images-idx3-ubyte", and "train-images.idx3-ubyte" as some unpack it.
std::vector<std::string> spellings(const Collection& collection, Role role) {
  const bool train = role == train_images || role == train_labels, images = role == train_images || role == test_images;
  const std::string stem =
      fmt::format("{}{}-{}", collection.prefix, train ? "train" : collection.test, images ? "images" : "labels");
  const char* format = images ? "idx3-ubyte" : collection.label_format;
  return {stem + "-" + format, stem + "." + format};
}

/// Whether it exists. If that cannot be found out, the answer is yes: reading it will say what is wrong.
bool is_there(const path& file) {
  std::error_code unknown;
  return std::filesystem::exists(file, unknown) || unknown;
}

/// All files in `folder` that may be meant. A file may be in a folder of its own name, as in Kaggle's archives.
std::vector<path> candidates(const path& folder, const Collection& collection, Role role) {
  std::vector<std::string> names;
  for (const std::string& name : spellings(collection, role)) names.insert(names.end(), {name, name + ".gz"});
  std::vector<path> files, inside, folders;
  for (const std::string& name : names) {
    const path file = folder / name;
    std::error_code unknown;
    if (!std::filesystem::is_directory(file, unknown)) {
      if (is_there(file)) files.push_back(file);
      continue;
    }
    folders.push_back(file);
    for (const std::string& inner : names) {
      if (is_there(file / inner)) inside.push_back(file / inner);
    }
  }
  files.insert(files.end(), inside.begin(), inside.end());
  return files.empty() ? folders : files;  // "found a directory" is what reading an empty folder says
}

/// The folders where a collection's files may be: torchvision's raw/, EMNIST's gzip/, and those in MNIST/ or EMNIST/.
std::vector<path> places(const path& folder, const Collection& collection) {
  std::vector<path> result;
  for (const path& parent : {folder, folder / collection.folder}) {
    for (const char* child : {"", "raw", "gzip"}) result.push_back(*child ? parent / child : parent);
  }
  return result;
}

/// A collection in one folder, and what is missing from it.
struct Place {
  Found found;
  std::vector<Role> missing;
};

Place look(const path& folder, const Collection& collection, bool with_training) {
  Place place{{&collection, folder, {}}, {}};
  for (const Role role : {train_images, train_labels, test_images, test_labels}) {
    if (!with_training && role <= train_labels) continue;
    place.found.files[role] = candidates(folder, collection, role);
    if (place.found.files[role].empty()) place.missing.push_back(role);
  }
  return place;
}

/// For a collection that is complete in several folders, the files of all of them; for one that is complete nowhere,
/// the first place where the least is missing.
Place look_everywhere(const path& folder, const Collection& collection, bool with_training) {
  Place best;
  best.missing.resize(std::tuple_size_v<decltype(Found::files)> + 1);
  for (const path& where : places(folder, collection)) {
    Place place = look(where, collection, with_training);
    if (place.missing.empty() && best.missing.empty()) {
      for (const Role role : {train_images, train_labels, test_images, test_labels}) {
        auto &all = best.found.files[role], &more = place.found.files[role];
        all.insert(all.end(), more.begin(), more.end());
      }
    } else if (place.missing.size() < best.missing.size()) {
      best = std::move(place);
    }
  }
  return best;
}

/// Throws FileError if it finds sets of letters.
void refuse_letters(const path& folder) {
  for (const char* set : sets_of_letters) {
    const std::string prefix = fmt::format("emnist-{}-", set);
    const Collection letters{"", "EMNIST", prefix.c_str(), "test", "idx1-ubyte", true};
    for (const path& where : places(folder, letters)) {
      const std::vector<path> found = candidates(where, letters, test_images);
      if (found.empty()) continue;
      throw FileError(found[0],
                      "expected a set of digits, such as emnist-digits or emnist-mnist, found one with letters");
    }
  }
}

}  // namespace

Found find_files(const path& folder, bool with_training, std::vector<std::string>& notes) {
  std::vector<Place> whole;
  Place best;
  for (const Collection& collection : collections) {
    Place place = look_everywhere(folder, collection, with_training);
    if (place.missing.empty())
      whole.push_back(std::move(place));
    else if (!best.found.collection || place.missing.size() < best.missing.size())
      best = std::move(place);
  }
  if (whole.empty()) {
    const bool nothing = best.missing.size() == (with_training ? 4 : 2);
    if (nothing) refuse_letters(folder);
    const std::vector<std::string> names = spellings(*best.found.collection, best.missing[0]);
    throw FileError(best.found.folder / (names[0] + ".gz"),
                    fmt::format("no such file, nor {}, packed or not (data/fetch_mnist fetches MNIST)", names[1]));
  }
  if (whole.size() > 1) {
    std::vector<std::string> others;
    for (std::size_t i = 1; i < whole.size(); ++i) others.push_back(whole[i].found.collection->name);
    notes.push_back(fmt::format("{}: {} is read, though it has {} too", shown(folder), whole[0].found.collection->name,
                                fmt::join(others, " and ")));
  }
  return std::move(whole[0].found);
}

}  // namespace rnn::mnist
