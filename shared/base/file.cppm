module;
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

/// Whole files: read at once, and replaced so that a crash leaves either the old one or the new one.
export module rnn.base.file;

import rnn.base.error;

export namespace rnn {

/// The bytes of a file. Throws FileError when it cannot be read, is a directory, or holds more than `largest` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t largest = std::size_t(1) << 30);

/// Makes `bytes` the content of the file. They are written to PATH.partial beside it, synced, and given its name: at
/// any moment the file is the old one or the new one. What is no ordinary file (a pipe, a terminal) is written to as it
/// is. Throws FileError when that fails; the old file is then as it was, and PATH.partial is gone.
void replace_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace rnn
