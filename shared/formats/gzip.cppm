module;
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <span>
#include <string>

/// gzip, unpacked while it is read.
/// Source: RFC 1952; zlib does the work.
export module rnn.formats.gzip;

export namespace rnn {

/// The bytes of a stream, unpacked where they come packed. Its first byte tells: gzip begins with 1f 8b.
///
/// As gunzip does, it reads one packed part after the other, and zeros after the last one, as tapes and some downloads
/// have them. Anything else that follows is an error. A small file can unpack to a thousand times its size; one that
/// unpacks to more than 100 times its size and 64 MiB is refused.
class Unpacker {
 public:
  /// Both must outlive this; `name` stands for the file in messages. Throws FileError when the stream cannot be read.
  Unpacker(std::istream& in, const std::filesystem::path& name);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// Whether the stream is gzip.
  bool packed() const;

  /// As many of the next bytes as there are, at most to.size(), and their number. Throws FileError when the stream
  /// cannot be read or is not proper gzip, with the place in the packed bytes, and which it is: something else than
  /// gzip, cut off, damaged, or of another checksum or length than its end says.
  std::size_t read(std::span<std::uint8_t> to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rnn
