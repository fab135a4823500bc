/// IDX, the file format of MNIST: a big-endian header (magic number, then one size for each axis) followed by bytes.
/// The magic number is 0x00000803 for images (bytes, three axes) and 0x00000801 for labels (bytes, one axis). QMNIST
/// has 0x00000c02 instead: for each image a row of 8 numbers of 32 bits, the first of them the label. Source: the
/// description of the format on Yann LeCun's MNIST page; for the tables, QMNIST's README.
export module rnn.formats.idx;

import rnn.base.std;
import rnn.data.images;

export namespace rnn {

/// The images (count × rows × columns) of an IDX file, plain or gzip. Throws FileError when the file cannot be read, is
/// cut short, is of another kind, or holds more than its header says. Memory: at most twice the unpacked size, and
/// never more than a small multiple of what the file really holds, whatever its header says; rnn.formats.gzip limits
/// what a packed file may hold.
Images read_idx_images(const std::filesystem::path& path);

/// The same from a stream; `name` stands for the path in messages.
Images read_idx_images(std::istream& in, const std::filesystem::path& name);

/// The labels of an IDX file, plain or gzip, of one axis or of 8 columns, each in 0 … largest. Throws FileError as
/// read_idx_images does, and for a label over `largest`.
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path, std::uint8_t largest = 9);

/// The same from a stream; `name` stands for the path in messages.
std::vector<std::uint8_t> read_idx_labels(std::istream& in, const std::filesystem::path& name,
                                          std::uint8_t largest = 9);

/// Writes images or labels as a plain IDX file. Throws FileError when that fails, std::invalid_argument when the sizes
/// of `images` contradict one another or do not fit the header's 32 bits.
void write_idx(const std::filesystem::path& path, const Images& images);
void write_idx(const std::filesystem::path& path, const std::vector<std::uint8_t>& labels);

}  // namespace rnn
