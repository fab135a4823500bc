#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"

import rnn.base.error;
import rnn.data.as_mnist;
import rnn.data.images;
import rnn.data.picture;
import rnn.formats.picture;
import rnn.linalg.matrix;

using namespace rnn;
using namespace rnn::testing;

namespace {

/// A picture of the collection, which the fuzzer begins with too.
std::string picture(const std::string& name) { return from_environment("PICTURES") + "/" + name; }

std::string refused(const std::string& path) {
  try {
    as_mnist(read_picture(path), path);
  } catch (const FileError& error) {
    const std::string message = error.what();
    BOOST_TEST(message.starts_with(path + ": "), message);
    return message.substr(std::min(message.size(), path.size() + 2));
  }
  return "not refused";
}

/// What is said of these bytes.
std::string refused_bytes(const std::string& bytes) {
  const auto alone = std::make_unique<char[]>(bytes.size());  // the sanitizers notice who looks beyond it
  std::ranges::copy(bytes, alone.get());
  try {
    parse_picture({alone.get(), bytes.size()}, "F");
  } catch (const FileError& error) {
    return std::string(error.what()).substr(3);
  }
  return "not refused";
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Parts of a PNG.
const std::string png_magic = "\x89PNG\r\n\x1a\n";
std::string number(std::uint32_t n) { return {char(n >> 24), char(n >> 16), char(n >> 8), char(n)}; }
std::string chunk(const std::string& kind, const std::string& content) {
  std::uint32_t checksum = 0xffffffff;  // CRC-32
  for (const char byte : kind + content) {
    checksum ^= std::uint8_t(byte);
    for (int bit = 0; bit < 8; ++bit) checksum = checksum >> 1 ^ ((checksum & 1) != 0 ? 0xedb88320 : 0);
  }
  return number(std::uint32_t(content.size())) + kind + content + number(~checksum);
}

/// These bytes as Deflate has them where it packs nothing.
std::string stored(const std::string& bytes) {
  std::uint32_t a = 1, b = 0;  // Adler-32
  for (const char byte : bytes) a = (a + std::uint8_t(byte)) % 65521, b = (b + a) % 65521;
  const auto size = std::uint16_t(bytes.size()), inverse = std::uint16_t(~size);
  return std::string{0x78, 1, 1, char(size), char(size >> 8), char(inverse), char(inverse >> 8)} + bytes +
         number(b << 16 | a);
}
std::string png_header(std::uint32_t columns, std::uint32_t rows, char bits, char color) {
  return png_magic + chunk("IHDR", number(columns) + number(rows) + bits + color + std::string(3, '\0'));
}

/// The most memory that this process has held.
long most_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_of_file_gives_the_same_image) {
  const Images hook = as_mnist(read_picture(picture("pgm_plain")), "hook");
  for (const char* name : {"gray_1",
                           "gray_2",
                           "gray_4",
                           "gray_8",
                           "gray_16",
                           "white_on_black",
                           "rgb_8",
                           "rgb_16",
                           "palette_1",
                           "palette_8_transparent",
                           "gray_alpha_8_black_ink",
                           "gray_alpha_8_white_ink",
                           "gray_alpha_16",
                           "rgba_8_opaque",
                           "rgba_8_transparent_edge",
                           "rgba_16",
                           "interlaced",
                           "pgm_plain_comments",
                           "pgm_raw",
                           "pgm_raw_1",
                           "pgm_raw_16"}) {
    const Picture read = read_picture(picture(name));
    BOOST_TEST(read.rows == 10u, name);
    BOOST_TEST(read.values.size() == 80 * read.channels, name);
    BOOST_TEST(read.columns == 8u, name);
    BOOST_TEST((as_mnist(read, name).pixels == hook.pixels), name);
  }
}

BOOST_AUTO_TEST_CASE(values_in_between_keep_their_brightness) {
  const auto brightness = [](const std::string& bytes) { return parse_picture(bytes, "F").values; };
  const std::vector<std::uint8_t> wanted{0, 128, 255};
  BOOST_TEST(brightness("P2 3 1 2 0 1 2") == wanted);
  BOOST_TEST(brightness(std::string("P5 3 1 65535 \0\0\x80\x40\xff\xff", 19)) == wanted);
  BOOST_TEST(brightness("P2 3 1 1000 0 502 1000") == wanted);
  for (const char* name : {"ramp_8", "ramp_16"}) BOOST_TEST(read_picture(picture(name)).values == wanted, name);
  const Picture colors = read_picture(picture("ramp_colors"));
  BOOST_TEST(colors.channels == 3u);
  BOOST_TEST(colors.values == (std::vector<std::uint8_t>{0, 0, 0, 255, 0, 0, 255, 255, 255}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_white_space_of_c_separates_numbers) {
  for (const char space : {' ', '\t', '\n', '\v', '\f', '\r'}) {
    std::string bytes = "P2 3 1 2 0 1 2";
    std::ranges::replace(bytes, ' ', space);
    BOOST_TEST(parse_picture(bytes, "F").values == (std::vector<std::uint8_t>{0, 128, 255}), int(space));
  }
  for (const char other : {'\b', '\x0e', '!', '/', ':'}) {
    BOOST_CHECK_THROW(parse_picture(std::string("P2 3 1 2 0 1") + other + "2", "F"), FileError);
  }
}

BOOST_AUTO_TEST_CASE(a_png_that_is_too_short_for_its_pixels_is_refused_whatever_they_consist_of) {
  struct Kind {
    unsigned char bits, color;
    std::uint32_t values;  // of a pixel
  };
  for (const auto& [bits, color, values] : {Kind{8, 0, 1}, Kind{16, 0, 1}, Kind{8, 2, 3}, Kind{16, 2, 3}, Kind{8, 3, 1},
                                            Kind{8, 4, 2}, Kind{8, 6, 4}, Kind{16, 6, 4}}) {
    // 100 bytes become at most 1032 times as many; a row more is too much.
    const std::uint32_t columns = 516 / values / (bits / 8), row = columns * values * (bits / 8);
    const std::uint32_t rows = 100 * 1032 / row + 1032 / row + 1;
    const auto message = [&](std::uint32_t high, const std::string& pixels) {
      const std::string header = number(columns) + number(high) + char(bits) + char(color) + std::string(3, '\0');
      const std::string palette = color == 3 ? chunk("PLTE", "rgb") : "";
      return refused_bytes(png_magic + chunk("IHDR", header) + palette + pixels + chunk("IEND", ""));
    };
    const std::string whole = chunk("IDAT", std::string(100, 'x'));
    BOOST_TEST(message(rows, whole) == "expected a whole PNG picture, found 100 bytes of pixels, too few for " +
                                           std::to_string(rows) + "x" + std::to_string(columns));
    const std::string in_two = chunk("IDAT", std::string(99, 'x')) + chunk("IDAT", "x");
    for (const std::string& pixels : {whole, in_two}) {
      BOOST_TEST(message(rows - 2, pixels).starts_with("expected a whole PNG picture, found that it cannot be read"));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_png_says_of_its_light_counts_and_texts_do_not) {
  const std::string ramp = bytes_of(picture("ramp_8"));  // 0, 128, 255
  const auto with = [&](const std::string& more) {
    return parse_picture(ramp.substr(0, 33) + more + ramp.substr(33), "F").values;
  };
  BOOST_TEST(with(chunk("tEXt", "a")) == (std::vector<std::uint8_t>{0, 128, 255}));
  // Linear light: 0.502 is about 0.735 in sRGB.
  const std::vector<std::uint8_t> linear = with(chunk("gAMA", number(100000)));
  BOOST_TEST(with(chunk("tEXt", "a") + chunk("gAMA", number(100000)) + chunk("tEXt", "b")) == linear,
             boost::test_tools::per_element());
  BOOST_TEST((linear[0] == 0 && std::abs(linear[1] - 187) < 3 && linear[2] == 255));
  // A profile that is none would void what is said of the light.
  BOOST_TEST(
      with(chunk("iCCP", std::string("a\0\0", 3) + std::string(200, 'x')) + chunk("gAMA", number(100000))) == linear,
      boost::test_tools::per_element());
  // Where both are said, sRGB counts.
  BOOST_TEST(with(chunk("sRGB", std::string(1, '\0')) + chunk("gAMA", number(100000))) ==
             (std::vector<std::uint8_t>{0, 128, 255}));
}

BOOST_AUTO_TEST_CASE(what_is_between_two_texts_is_copied_once) {
  std::string rows;  // 16 pixels each, behind a byte for the filter
  for (int i = 0; i < 16; ++i) rows += std::string(1, '\0') + std::string(16, char(10 * i));
  const std::string text = chunk("tEXt", "a");
  const Picture read = parse_picture(
      png_header(16, 16, 8, 0) + text + text + chunk("IDAT", stored(rows)) + text + chunk("IEND", ""), "F");
  for (int i = 0; i < 16; ++i) BOOST_TEST(int(read.values[std::size_t(16 * i + 15)]) == 10 * i);
}

BOOST_AUTO_TEST_CASE(pixels_are_counted_before_memory_is_asked_for) {
  const std::string pixels = chunk("IDAT", std::string(13000, 'x')) + chunk("IEND", "");
  BOOST_TEST(refused_bytes(png_header(10001, 10000, 1, 0) + pixels) ==
             "expected a picture of 1 to 100000000 pixels, found 10000x10001");
}

BOOST_AUTO_TEST_CASE(a_part_of_a_png_that_nobody_knows_is_refused_where_it_says_that_it_must_be_known) {
  const std::string ramp = bytes_of(picture("ramp_8"));
  for (const std::string kind : {"ABCD", "ZBCD"}) {
    BOOST_TEST(refused_bytes(ramp.substr(0, 33) + chunk(kind, "") + ramp.substr(33)) != "not refused", kind);
  }
  for (const std::string kind : {"aBCD", "zBCD"}) {
    BOOST_TEST(refused_bytes(ramp.substr(0, 33) + chunk(kind, "") + ramp.substr(33)) == "not refused", kind);
  }
}

BOOST_AUTO_TEST_CASE(the_size_of_a_png_is_judged_by_its_first_26_bytes) {
  const Folder folder;
  const auto refused_header = [&](std::uint32_t columns, std::uint32_t rows) {
    folder.file("f", png_magic + number(13) + "IHDR" + number(columns) + number(rows) + "\x08" + std::string(1, '\0'));
    return refused(folder / "f");
  };
  BOOST_TEST(refused_header(16384, 16383) == "expected a picture of 1 to 100000000 pixels, found 16383x16384");
  // What libpng does not read for a start is not judged by its size.
  for (const auto& [columns, rows] : {std::pair(1u, 1u << 31), {1u << 31, 1u}}) {
    BOOST_TEST(refused_header(columns, rows).starts_with("byte 8: expected a chunk of at most "));
  }
  for (const auto& [bits, color] : {std::pair('\x11', '\0'), {'\x08', '\7'}, {'\x08', '\x7f'}}) {
    folder.file("f", png_header(16384, 16383, bits, color).substr(0, 26));
    BOOST_TEST(refused(folder / "f").starts_with("byte 8: expected a chunk of at most "));
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_picture_are_refused_too) {
  BOOST_TEST(refused_bytes("GIF89a") ==
             "byte 0: expected a PNG (89 50 4e 47) or PGM (P2, P5) picture, found 47 49 46 38 (GIF)");
}

BOOST_AUTO_TEST_CASE(a_pgm_is_judged_by_the_bytes_that_are_there) {
  BOOST_TEST(refused_bytes("P2 3 1 2 0 1") == "byte 8: expected 3 pixels, found 4 bytes, too few for them");
  for (const char* bytes : {"P5 1 1 255xa", "P5 1 1 255"}) {
    BOOST_TEST(refused_bytes(bytes) == "byte 10: expected one white space before the pixels, found none");
  }
  const std::string more = "P5 1 1 2555";  // than what is given
  BOOST_CHECK_EXCEPTION(parse_picture(std::string_view(more).substr(0, 10), "F"), FileError, [](const auto& error) {
    return std::string(error.what()) == "F: byte 10: expected one white space before the pixels, found none";
  });
  BOOST_TEST(refused_bytes("P5 1 2 65535 abc") == "byte 13: expected 4 bytes of pixels, found 3");
  BOOST_TEST(refused_bytes("P5 100000000 1 255 ") == "byte 19: expected 100000000 bytes of pixels, found 0");
  BOOST_TEST(refused_bytes("P5 1 100000000 255 ") == "byte 19: expected 100000000 bytes of pixels, found 0");
}

BOOST_AUTO_TEST_CASE(a_png_that_is_cut_off_behind_its_pixels_is_judged_by_its_pixels) {
  const std::string ramp = bytes_of(picture("ramp_8"));
  const std::string pixels = ramp.substr(0, ramp.size() - 12);
  const std::string cut = number(100) + "tEXt and no more";
  for (const std::string& end : {cut, cut.substr(0, 8), number(0) + "tEXt"}) {
    BOOST_TEST(!refused_bytes(pixels + end).starts_with("byte "), refused_bytes(pixels + end));
  }
  BOOST_TEST(refused_bytes(ramp.substr(0, 33) + cut) ==
             "byte 33: expected a chunk of at most 8 bytes, found one of 100");
}

BOOST_AUTO_TEST_CASE(a_picture_that_is_none_is_refused_in_one_line) {
  const std::string png = "expected a whole PNG picture, found that it cannot be read (";
  const std::string kind = "expected a PNG (89 50 4e 47) or PGM (P2, P5) picture, found";
  const std::string size = "expected a picture of 1 to 100000000 pixels, found ";
  const std::string ink = "expected a digit that stands out from its paper, found no ink: brightness ";
  const std::map<std::string, std::string> messages{
      {"empty", "expected a PNG or PGM picture, found an empty file"},
      {"gif", "byte 0: " + kind + " 47 49 46 38 (GIF)"},
      {"ppm", "byte 0: " + kind + " 50 36 0a 31 (PPM)"},
      {"png_wrong_magic", "byte 0: " + kind + " 89 50 4e 67"},
      {"png_cut", png + "read beyond end of data)"},
      {"png_cut_header", "byte 8: expected a chunk of at most 0 bytes, found one of 13"},
      {"png_no_pixels", png + "Invalid IHDR data)"},
      {"png_unknown_depth", png + "Invalid IHDR data)"},
      {"png_claims_2_to_62", png + "Invalid IHDR data)"},
      {"png_claims_2_to_28", size + "16384x16384"},
      {"png_wrong_checksum", png + "IDAT: incorrect data check)"},
      {"png_no_data", png + "IEND: out of place)"},
      {"png_no_palette", png + "IDAT: Missing PLTE before IDAT)"},
      {"png_too_little_data", png + "Not enough image data)"},
      {"png_claims_a_long_chunk", "byte 33: expected a chunk of at most 52 bytes, found one of 2147483647"},
      {"png_claims_2_to_26", "expected a whole PNG picture, found 11 bytes of pixels, too few for 8192x8192"},
      {"png_blank", ink + "254 to 254 of 255"},
      {"png_transparent", ink + "255 to 255 of 255"},
      {"pgm_blank", ink + "85 to 85 of 255"},
      {"pgm_cut_header", "byte 5: expected the number of rows, found the end"},
      {"pgm_comment_to_the_end", "byte 11: expected the number of columns, found the end"},
      {"pgm_long_number", "byte 13: expected the number of columns, found one of more than 10 digits"},
      {"pgm_no_pixels", size + "0x0"},
      {"pgm_claims_2_to_24", "byte 17: expected 16777216 bytes of pixels, found 4"},
      {"pgm_claims_2_to_60", size + "1073741824x1073741824"},
      {"pgm_claims_2_to_64", size + "4294967296x4294967296"},
      {"pgm_largest_0", "byte 8: expected a largest value of 1 to 65535, found 0"},
      {"pgm_largest_65536", "byte 12: expected a largest value of 1 to 65535, found 65536"},
      {"pgm_cut", "byte 12: expected 80 bytes of pixels, found 77"},
      {"pgm_longer", "byte 12: expected 80 bytes of pixels, found 81"},
      {"pgm_plain_few", "byte 11: expected 80 pixels, found 6 bytes, too few for them"},
      {"pgm_plain_cut", "byte 305: expected a pixel, found the end"},
      {"pgm_plain_longer", "byte 310: expected the end after 80 pixels, found more"},
      {"pgm_over_largest", "byte 13: expected a value of at most 9, found 10"},
      {"pgm_negative", "byte 11: expected a pixel, found no digit"},
  };
  for (const auto& [name, message] : messages) BOOST_TEST(refused(picture(name)) == message, name);
  BOOST_TEST(refused("none.png") == "cannot be opened: No such file or directory");
  BOOST_TEST(refused("/") == "cannot be read: Is a directory");
  BOOST_TEST(refused("/dev/zero") == "byte 0: " + kind + " 00 00 00 00");
}

BOOST_AUTO_TEST_CASE(every_picture_of_the_collection_may_be_cut_anywhere) {
  const long before = most_kilobytes();
  for (const auto& entry : std::filesystem::directory_iterator(from_environment("PICTURES"))) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::string name = entry.path().filename().string();
    for (Index size = 0; size < bytes.size(); ++size) {
      bool refused = false;
      try {
        parse_picture(std::string_view(bytes).substr(0, size), "F");
      } catch (const FileError&) {
        refused = true;
      }
      // In a PNG nothing is missed after the pixels' last byte: a checksum, and the mark of the end.
      const bool needed = name.starts_with("pgm_raw") || (name.starts_with("gray") && size + 16 < bytes.size());
      BOOST_TEST((refused || !needed), name << " cut to " << size << " bytes");
    }
  }
  BOOST_TEST(most_kilobytes() - before < 300'000);  // some of them claim gigabytes
}

BOOST_AUTO_TEST_CASE(what_programs_add_to_a_picture_is_passed_over) {
  std::ifstream file(picture("gray_8"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const Picture plain = parse_picture(bytes, "F");
  // After the header: a text that would unpack to gigabytes, a profile that is none, and a chunk nobody knows.
  std::string more = bytes.substr(0, 33);
  for (const std::string kind : {"zTXt", "iCCP", "prVt"}) {
    more += std::string("\0\0\1\0", 4) + kind + std::string(256, '\7') + "crc?";
  }
  more += bytes.substr(33);
  BOOST_TEST((parse_picture(more, "F").values == plain.values));
}

BOOST_AUTO_TEST_CASE(a_file_is_judged_by_its_first_bytes) {
  // An endless file that begins like a picture: no more is read than such a picture can have.
  const std::string png =
      png_magic + chunk("IHDR", number(10) + number(8) + std::string("\x08\0\0\0\0", 5)) + number(1 << 30) + "IDAT";
  for (const auto& [beginning, most] : {std::pair<std::string, int>{"P5 10 8 255\n", (1 << 20) + 2 * 80},
                                        {"P2 10 8 255\n", (1 << 20) + 8 * 80},
                                        {png, (1 << 26) + 2 * 80}}) {
    const Folder folder;
    const std::string fifo = folder / "fifo";
    BOOST_TEST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    std::thread writer([&] {
      std::ofstream file(fifo, std::ios::binary);
      file << beginning;
      const std::string zeros(1 << 16, '\0');
      for (int k = 0; k < 1 << 14 && file; ++k) file << zeros;  // a gigabyte, if anybody would take it
    });
    std::signal(SIGPIPE, SIG_IGN);
    const std::string message = refused(fifo);
    writer.join();
    BOOST_TEST(message == "expected at most " + std::to_string(most) + " bytes, found more");
  }
}
