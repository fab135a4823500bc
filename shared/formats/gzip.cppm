/// gzip, unpacked while it is read.
/// Source: RFC 1952; zlib does the work.
export module rnn.formats.gzip;

import rnn.base.std;

export namespace rnn {

/// The bytes of a stream, unpacked if it is gzip, which its first bytes tell: 1f 8b.
///
/// Like gunzip, it reads one packed part after another, and zeros after the last one, which tapes and some downloads
/// have. Anything else that follows is an error. A small file can unpack to a thousand times its size; one that unpacks
/// to more than 100 times its size and 64 MiB is refused.
class Unpacker {
 public:
  /// Both must outlive this; `name` stands for the file in messages. Throws FileError when the stream cannot be read.
  Unpacker(std::istream& in, const std::filesystem::path& name);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// Whether the stream is gzip.
  bool packed() const;

  /// Reads as many of the next bytes as there are, at most to.size(), and returns their number. Throws FileError when
  /// the stream cannot be read or is not valid gzip. The message names the place in the packed bytes and the problem:
  /// not gzip, cut off, damaged, or with a different checksum or length than its end says.
  std::size_t read(std::span<std::uint8_t> to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rnn
