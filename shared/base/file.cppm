module;
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// Whole files: read at once, and replaced so that a crash leaves either the old one or the new one.
export module rnn.base.file;

import rnn.base.error;

export namespace rnn {

/// The bytes of a file. Throws FileError when it cannot be read, is a directory, or holds more than `largest` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t largest = std::size_t(1) << 30);

/// The same, where its first bytes (65536, or all of a smaller file) tell how many there may be: what is something else,
/// or never ends, is not read to find that out. What `largest` throws passes through.
std::string read_file(const std::filesystem::path& path, const std::function<std::size_t(std::string_view)>& largest);

/// Makes `bytes` the content of the file. They are written to PATH.partial beside it, synced, and given its name: at
/// any moment the file is the old one or the new one. What is no ordinary file (a pipe, a terminal) is written to as it
/// is. Throws FileError when that fails; the old file is then as it was, and PATH.partial is gone.
void replace_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace rnn
