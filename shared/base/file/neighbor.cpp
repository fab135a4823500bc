module;
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>

module rnn.base.file;

import rnn.base.descriptor;

namespace rnn {

namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

std::string random_letters(std::size_t count) {
  constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  static std::random_device device;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += letters[device() % (sizeof letters - 1)];
  return text;
}

std::string neighbors_name(const std::string& target) {
  constexpr std::size_t letters = 10, shortest = 32;
  const std::size_t longest = std::max(target.size(), shortest) - letters - 2;
  std::size_t kept = std::min(target.size(), longest);
  while (kept > 0 && is_continuation(target[kept])) --kept;
  return "." + target.substr(0, kept) + "." + random_letters(letters);
}

Neighbor make_neighbor(int folder, const std::string& target) {
  for (int attempts = 0; attempts < 100; ++attempts) {
    std::string name = neighbors_name(target);
    Descriptor file = open_file(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (file) return {std::move(file), std::move(name)};
    if (errno != EEXIST) return {};
  }
  return {};
}

}  // namespace rnn
