module;
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Named arrays in a file that every framework reads: 8 bytes with the length of a header, the header as JSON, and the
/// numbers one array after the other, all little-endian.
/// Source: the format's description in the safetensors project (huggingface/safetensors, README).
export module rnn.formats.safetensors;

import rnn.base.error;
import rnn.linalg.matrix;

export namespace rnn {

/// One array: what its numbers are, its shape (no axes for a single number), and its bytes, last axis fastest.
struct Tensor {
  std::string name;
  std::string dtype;  ///< "F32", "F64", "I64" or "U64"
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

/// The content of one file. Its bytes depend on this alone.
struct TensorFile {
  std::vector<Tensor> tensors;  ///< in the file's order
  std::map<std::string, std::string> metadata;

  /// The array of that name; nullptr when there is none.
  const Tensor* find(std::string_view name) const;
};

/// The dtype that Real has in a file: "F32", in the double build "F64".
std::string real_dtype();

/// A matrix as an array of (rows, columns).
Tensor to_tensor(std::string name, ConstView a);
/// Numbers as an array of any shape. Throws std::invalid_argument unless the shape has that many.
Tensor to_tensor(std::string name, std::span<const Real> numbers, std::vector<std::uint64_t> shape);
/// Counters, as an array of one axis.
Tensor to_tensor(std::string name, std::span<const std::uint64_t> numbers);

/// Copies the array `name` of the file read from `path` into `to`. Throws FileError when there is none, or when it is
/// not of real_dtype() and the shape of `to`; an array of one axis fits one row.
void copy(const TensorFile& file, const std::filesystem::path& path, std::string_view name, View to);
/// The counters written by to_tensor. Throws FileError when there is no such array, or it is something else.
std::vector<std::uint64_t> counters(const TensorFile& file, const std::filesystem::path& path, std::string_view name);

/// Writes the file so that a crash leaves the old one or the new one. Throws FileError when that fails (a full disk, no
/// folder, no permission) and nothing is left behind; std::invalid_argument for a name that stands twice or a tensor
/// whose bytes are not those of its shape.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

/// Reads a file. Throws FileError, one line, for whatever is not a whole and proper file: every byte of it belongs to
/// the header or to exactly one array.
TensorFile read_safetensors(const std::filesystem::path& path);

/// The same from bytes; `path` stands for the file in messages.
TensorFile parse_safetensors(std::string_view bytes, const std::filesystem::path& path);

/// The bytes that write_safetensors writes.
std::string format_safetensors(const TensorFile& file);

}  // namespace rnn
