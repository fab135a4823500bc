module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.json;

// From bytes to arrays and from arrays to bytes, without any file.
namespace rnn {

using safetensors::checksum_key;
using safetensors::metadata_key;

TensorFile parse_safetensors(std::string_view bytes, const std::filesystem::path& path) {
  constexpr std::size_t first = sizeof(std::uint64_t);
  const std::uint64_t following = bytes.size() - std::min(bytes.size(), first);
  const std::uint64_t length = safetensors::header_length(bytes.substr(0, first), following, path);
  const std::string_view data = bytes.substr(first + length);
  safetensors::Header header = safetensors::parse_header(bytes.substr(first, length), data.size(), path);
  for (std::size_t i = 0; i < header.parts.size(); ++i) {
    const auto [begin, end] = header.parts[i];
    header.file.tensors[i].bytes = data.substr(begin, end - begin);
  }
  safetensors::verify(header, path);
  return std::move(header.file);
}

/// The entry of an array whose bytes begin at `begin`. Throws std::invalid_argument unless they match its shape.
static std::string entry(const Tensor& tensor, std::uint64_t begin) {
  if (safetensors::size_of(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
    throw std::invalid_argument(fmt::format("write_safetensors: {} must have the bytes of {}, got {}", tensor.name,
                                            safetensors::in_words(tensor.dtype, tensor.shape), tensor.bytes.size()));
  }
  return fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", quote(tensor.name),
                     tensor.dtype, fmt::join(tensor.shape, ","), begin, begin + tensor.bytes.size());
}

std::string format_safetensors(const TensorFile& file, Checksum checksum) {
  std::map<std::string, std::string> metadata = file.metadata;
  if (metadata.contains(std::string(checksum_key))) {
    throw std::invalid_argument(fmt::format("write_safetensors: the metadata must not have the key {}", checksum_key));
  }
  if (checksum == Checksum::yes) metadata[std::string(checksum_key)] = safetensors::checksum_of(file);
  std::vector<std::string> members;
  if (!metadata.empty()) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : metadata) texts.push_back(quote(name) + ":" + quote(value));
    members.push_back(fmt::format("{}:{{{}}}", quote(metadata_key), fmt::join(texts, ",")));
  }
  std::set<std::string_view> names{metadata_key};
  std::uint64_t size = 0;
  for (const Tensor& tensor : file.tensors) {
    if (!names.insert(tensor.name).second) {
      throw std::invalid_argument("write_safetensors: the name " + quote(tensor.name) + " occurs twice");
    }
    members.push_back(entry(tensor, size));
    size += tensor.bytes.size();
  }
  std::string header = fmt::format("{{{}}}", fmt::join(members, ","));
  header.append((8 - header.size() % 8) % 8, ' ');  // the numbers begin at a multiple of 8 bytes
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes.reserve(bytes.size() + header.size() + size);
  bytes += header;
  for (const Tensor& tensor : file.tensors) bytes += tensor.bytes;
  return bytes;
}

}  // namespace rnn
