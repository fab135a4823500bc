module;
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

/// Texts from outside, made fit for a line on a terminal: a file's name may hold any bytes, and be of any length.
export module rnn.base.text;

export namespace rnn {

/// The text with escapes (\n, \x1b, \u202e) for what a terminal would obey instead of showing: control characters,
/// marks that turn the direction of a line around, and bytes that are not UTF-8. A text without any of them stays as it
/// is, so escaping twice is the same as once.
std::string printable(std::string_view text);

/// The text with its middle left out when it has more than `most` bytes. No character is cut in two.
std::string shortened(std::string_view text, std::size_t most);

/// A file's name as messages show it: printable, and not longer than people read.
std::string shown(const std::filesystem::path& path);

}  // namespace rnn
