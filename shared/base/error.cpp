module;
#include <filesystem>
#include <stdexcept>
#include <string>

module rnn.base.error;

import rnn.base.text;

namespace rnn {

FileError::FileError(const std::filesystem::path& path, const std::string& problem)
    : std::runtime_error(shown(path) + ": " + problem) {}

}  // namespace rnn
