/// Named arrays in a file that every framework reads: 8 bytes with the length of a header, the header as JSON, and then
/// the numbers, one array after another, all little-endian. What the project's own reader (in Rust) refuses is refused
/// here too: names that occur twice, shapes that are not written in digits alone, bytes that belong to no array or to
/// two.
/// Source: the format's description in the safetensors project (huggingface/safetensors, README).
export module rnn.formats.safetensors;

import rnn.base.error;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// One array: what its numbers are, its shape (no axes for a single number), and its bytes, last axis fastest.
struct Tensor {
  std::string name;
  std::string dtype;  ///< any that the format knows: "F32", "BF16", "I64", "BOOL", …
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

/// The content of one file. It alone decides the file's bytes.
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

/// The array `name` of the file read from `path`. Throws FileError when there is none, or when its numbers are not of a
/// kind that copy reads: F16, BF16, F32 or F64. Its shape can be trusted: that many numbers are there, so anything
/// allocated by it is no larger than the file.
const Tensor& numbers(const TensorFile& file, const std::filesystem::path& path, std::string_view name);
/// Throws FileError unless `name` is such an array of rows × columns: a check to make before anything of this size is
/// allocated. An array of one axis counts as one row.
void require_numbers(const TensorFile& file, const std::filesystem::path& path, std::string_view name,
                     std::uint64_t rows, std::uint64_t columns);

/// Copies the array `name` of the file read from `path` into `to`, converting its numbers to Real. Throws FileError as
/// require_numbers does, and for a number that Real cannot hold. Infinities and NaN are copied.
void copy(const TensorFile& file, const std::filesystem::path& path, std::string_view name, View to);
/// The counters written by to_tensor. Throws FileError when there is no such array, or it is of another kind.
std::vector<std::uint64_t> counters(const TensorFile& file, const std::filesystem::path& path, std::string_view name);

/// Whether a file carries a checksum of its content, as eight hexadecimal digits in its metadata under
/// "unrolled.crc32c". A program that changes the content must remove the key or correct the checksum.
///
/// It is the CRC-32C of, in this order: the number of pairs of metadata (without this one), each key and value in the
/// order of the keys' bytes, the number of arrays, and each array in the order of their names' bytes: name, dtype,
/// number of axes, axes, bytes. A number is 8 bytes, little-endian; a text is its length as a number, then its bytes.
enum class Checksum { no, yes };

/// Writes the file so that a crash leaves the old one or the new one. Throws FileError when that fails (a full disk, a
/// missing folder, no permission), and leaves nothing behind; std::invalid_argument for a name that occurs twice, a
/// tensor whose bytes do not match its shape, or metadata with the checksum's key.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file, Checksum checksum = Checksum::no);

/// Reads a file. Throws FileError, one line, unless the file is complete and valid: every byte belongs to the header or
/// to exactly one array, and the checksum, if there is one, is right. The metadata of the result do not include the
/// checksum. Errors are found as early as possible: after 8 bytes, or after the header. Never holds much more than the
/// size of the file; refuses more than 1 GiB of data.
TensorFile read_safetensors(const std::filesystem::path& path);

/// The same from bytes; `path` stands for the file in messages.
TensorFile parse_safetensors(std::string_view bytes, const std::filesystem::path& path);

/// The bytes that write_safetensors writes.
std::string format_safetensors(const TensorFile& file, Checksum checksum = Checksum::no);

}  // namespace rnn

// What the implementation units share. It is not exported, so no importer sees it.
namespace rnn::safetensors {

constexpr std::string_view metadata_key = "__metadata__";
constexpr std::string_view checksum_key = "unrolled.crc32c";

/// A part of the data that follow the header.
struct Part {
  std::uint64_t begin = 0, end = 0;
};

/// What the header says: arrays without their bytes so far, the part of each, and the checksum that they should have.
struct Header {
  TensorFile file;
  std::vector<Part> parts;
  std::uint64_t data_size = 0;  ///< the parts together: each byte belongs to one of them
  std::optional<std::string> checksum;
};

/// The kinds of numbers that the format knows: dtypes.cpp.
bool is_dtype(std::string_view name);
std::string all_dtypes();

/// The size of an array in bytes. Nothing when the format does not know the dtype, or when the size is not a whole
/// number of bytes that fits in 64 bits.
std::optional<std::uint64_t> size_of(std::string_view dtype, std::span<const std::uint64_t> shape);

/// A name, or a dtype and a shape, for messages: shortened, since in a file they may be millions of letters long.
std::string in_words(std::string_view name);
std::string in_words(std::string_view dtype, std::span<const std::uint64_t> shape);

/// The header's length, from the file's first bytes: header.cpp. Throws FileError when there are not 8 of them, or when
/// it is more than `following`, the number of bytes after them, if that is known.
std::uint64_t header_length(std::string_view first_bytes, std::optional<std::uint64_t> following,
                            const std::filesystem::path& path);

/// Throws FileError unless the header begins as an object does.
void check_beginning(std::string_view header, const std::filesystem::path& path);

/// Reads and checks the header, and that its arrays fill `data_size` bytes, if that number is known.
Header parse_header(std::string_view text, std::optional<std::uint64_t> data_size, const std::filesystem::path& path);

/// The checksum of the content: checksum.cpp.
std::string checksum_of(const TensorFile& file);
/// Throws FileError unless the arrays, now with their bytes, have the checksum that the header promises, if it does.
void verify(const Header& header, const std::filesystem::path& path);

}  // namespace rnn::safetensors
