module;
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.crc32c;
import rnn.base.json;

namespace rnn::safetensors {

namespace {

/// The checksum of numbers and texts, as the interface describes it.
class Sum {
 public:
  void add(std::uint64_t number) { crc_.add({reinterpret_cast<const char*>(&number), sizeof number}); }
  void add(std::string_view text) {
    add(text.size());
    crc_.add(text);
  }
  std::string digits() const { return fmt::format("{:08x}", crc_.value()); }

 private:
  Crc32c crc_;
};

}  // namespace

std::string checksum_of(const TensorFile& file) {
  Sum sum;
  sum.add(file.metadata.size());
  for (const auto& [key, value] : file.metadata) {
    sum.add(key);
    sum.add(value);
  }
  std::vector<const Tensor*> sorted;
  for (const Tensor& tensor : file.tensors) sorted.push_back(&tensor);
  std::ranges::sort(sorted, {}, [](const Tensor* tensor) { return std::string_view(tensor->name); });
  sum.add(sorted.size());
  for (const Tensor* tensor : sorted) {
    sum.add(tensor->name);
    sum.add(tensor->dtype);
    sum.add(tensor->shape.size());
    for (const std::uint64_t n : tensor->shape) sum.add(n);
    sum.add(tensor->bytes);
  }
  return sum.digits();
}

void verify(const Header& header, const std::filesystem::path& path) {
  if (!header.checksum) return;
  const std::string found = checksum_of(header.file);
  if (*header.checksum == found) return;
  throw FileError(path,
                  fmt::format("expected content with the checksum {} (its {}), found content with {}: the file is "
                              "damaged, or was changed",
                              in_words(*header.checksum), checksum_key, quote(found)));
}

}  // namespace rnn::safetensors
