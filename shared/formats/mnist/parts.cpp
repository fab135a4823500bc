module;
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

module rnn.formats.mnist;

import rnn.base.error;
import rnn.base.text;
import rnn.formats.idx;

namespace rnn::mnist {

namespace {

using std::filesystem::path;

// A network has weights for each column, and a time step for each row: a file of three numbers must not be able to ask
// for more memory than there is.
constexpr Index longest_side = 4096;

/// MNIST's own unpacked files, in the order of Role: how many images or labels there are, and zlib's CRC-32. It only
/// tells them from other files. Whether someone has tampered with them is for data/fetch_mnist to say, which knows
/// their SHA-256.
struct Published {
  Index count;
  std::uint32_t crc;
};
constexpr std::array<Published, 4> published = {
    {{60000, 0xe9f4d8b3}, {60000, 0xe0cb4ad2}, {10000, 0x91373bdf}, {10000, 0x4ab9eff9}}};

/// Whether an IDX file with this header and these bytes is MNIST's own.
bool is_published(Role role, Index count, std::initializer_list<Index> header, std::span<const std::uint8_t> bytes) {
  if (count != published[role].count) return false;
  uLong crc = crc32(0, nullptr, 0);
  for (const Index number : header) {
    for (const int shift : {24, 16, 8, 0}) {
      const Bytef byte = static_cast<Bytef>(number >> shift);
      crc = crc32(crc, &byte, 1);
    }
  }
  return crc32_z(crc, bytes.data(), bytes.size()) == published[role].crc;
}

bool is_published(Role role, const Images& images) {
  return is_published(role, images.count, {0x803, images.count, images.rows, images.columns}, images.pixels);
}
bool is_published(Role role, const std::vector<std::uint8_t>& labels) {
  return is_published(role, labels.size(), {0x801, labels.size()}, labels);
}

/// One of the candidate files, after reading it.
template <class Content>
struct Candidate {
  path file;
  Content content;
  bool published;
};

/// What became of the candidates: the one that is taken, and why the others are not.
struct Choice {
  std::vector<path> files;
  std::vector<std::string> problems;  // of those that cannot be read, each beginning with the file's name

  /// Reads a file. An error in it is only noted: there may be other candidates.
  template <class Read>
  auto read(const path& file, Read read) -> std::optional<decltype(read(file))> {
    try {
      return read(file);
    } catch (const FileError& error) {
      problems.emplace_back(error.what());
      return std::nullopt;
    }
  }

  void note(const path& taken, bool is_published, std::vector<std::string>& notes) const {
    if (files.size() == 1) return;
    std::vector<std::string> others = problems;
    for (const path& file : files) {
      const bool is_noted =
          std::ranges::any_of(problems, [&](const std::string& text) { return text.starts_with(shown(file) + ": "); });
      if (file != taken && !is_noted) others.push_back(shown(file));
    }
    notes.push_back(fmt::format("{} is read{}; passed over: {}", shown(taken),
                                is_published ? ", with MNIST's checksum" : "", fmt::join(others, "; ")));
  }
};

std::vector<Candidate<std::vector<std::uint8_t>>> read_labels(Choice& choice, Role role) {
  std::vector<Candidate<std::vector<std::uint8_t>>> all;
  for (const path& file : choice.files) {
    auto labels = choice.read(file, [](const path& name) { return read_idx_labels(name); });
    if (!labels) continue;
    const bool own = choice.files.size() > 1 && is_published(role, *labels);
    all.push_back({file, std::move(*labels), own});
  }
  if (all.empty()) read_idx_labels(choice.files[0]);  // throws the error of the likeliest again
  return all;
}

/// The images with MNIST's checksum, else the first for which `fits` holds, else the first.
template <class Fits>
Candidate<Images> read_images(Choice& choice, Role role, Fits fits) {
  std::optional<Candidate<Images>> best;
  for (const path& file : choice.files) {
    auto images = choice.read(file, [](const path& name) { return read_idx_images(name); });
    if (!images) continue;
    const bool own = choice.files.size() > 1 && is_published(role, *images);
    if (best && !own && (fits(best->content) || !fits(*images))) continue;
    best = {file, std::move(*images), own};
    if (own) break;
  }
  if (!best) read_idx_images(choice.files[0]);  // throws the error of the likeliest again
  return std::move(*best);
}

/// Swaps rows and columns.
Images transposed(const Images& images) {
  Images result{images.count, images.columns, images.rows, {}};
  result.pixels.reserve(images.pixels.size());
  for (Index k = 0; k < images.count; ++k) {
    const Index first = k * images.rows * images.columns;
    for (Index j = 0; j < images.columns; ++j) {
      for (Index i = 0; i < images.rows; ++i) {
        result.pixels.push_back(images.pixels[first + i * images.columns + j]);
      }
    }
  }
  return result;
}

void check(const Candidate<Images>& images, const Candidate<std::vector<std::uint8_t>>& labels) {
  const auto& [count, rows, columns, pixels] = images.content;
  if (count == 0) throw FileError(images.file, "byte 4: expected at least one image, found none");
  if (rows > longest_side || columns > longest_side)
    throw FileError(images.file, fmt::format("byte 8: expected images of at most {} pixels, found {}",
                                             shape(longest_side, longest_side), shape(rows, columns)));
  if (labels.content.size() != count)
    throw FileError(labels.file, fmt::format("byte 4: expected {} labels, as many as images in {}, found {}", count,
                                             shown(images.file), labels.content.size()));
}

}  // namespace

Part load_part(const Found& found, Role images_role, Role labels_role, std::vector<std::string>& notes) {
  Choice of_images{found.files[images_role], {}}, of_labels{found.files[labels_role], {}};
  auto all_labels = read_labels(of_labels, labels_role);
  const auto has_as_many = [](const Images& images) {
    return [&](const auto& labels) { return labels.content.size() == images.count; };
  };
  Candidate<Images> images = read_images(of_images, images_role, [&](const Images& candidate) {
    return std::ranges::any_of(all_labels, has_as_many(candidate));
  });
  const auto fits = has_as_many(images.content);
  auto labels =
      std::ranges::find_if(all_labels, [&](const auto& candidate) { return candidate.published && fits(candidate); });
  if (labels == all_labels.end()) labels = std::ranges::find_if(all_labels, fits);
  if (labels == all_labels.end()) labels = all_labels.begin();
  check(images, *labels);
  of_images.note(images.file, images.published, notes);
  of_labels.note(labels->file, labels->published, notes);
  if (found.collection->transposed) images.content = transposed(images.content);
  return {{std::move(images.content), std::move(labels->content)}, images.file};
}

}  // namespace rnn::mnist
