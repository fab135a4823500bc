/// CRC-32C, the checksum with Castagnoli's polynomial that TensorBoard's files, iSCSI and ext4 use. It always notices a
/// single changed bit, and any changes within 32 bits of one another. Source: RFC 3720, appendix B.4.
export module rnn.base.crc32c;

import rnn.base.std;

export namespace rnn {

/// The checksum of bytes that come in pieces.
class Crc32c {
 public:
  void add(std::string_view bytes);
  std::uint32_t value() const;

 private:
  std::uint32_t remainder_ = 0xffffffff;
};

}  // namespace rnn
