module;
#include <boost/crc.hpp>
#include <cstdint>
#include <string_view>

module rnn.base.crc32c;

namespace rnn {

using Castagnoli = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

void Crc32c::add(std::string_view bytes) {
  Castagnoli crc(remainder_);
  crc.process_bytes(bytes.data(), bytes.size());
  remainder_ = crc.get_interim_remainder();
}

std::uint32_t Crc32c::value() const { return Castagnoli(remainder_).checksum(); }

}  // namespace rnn
