/// Text from outside, made safe for a line on a terminal: a file's name may hold any bytes and have any length.
export module rnn.base.text;

import rnn.base.std;

export namespace rnn {

/// The text with escapes (\n, \x1b, \u202e) for everything that a terminal would obey instead of showing: control
/// characters, marks that reverse the direction of a line, and bytes that are not UTF-8. All other text stays the same,
/// so escaping twice equals escaping once.
std::string printable(std::string_view text);

/// The text with its middle left out if it has more than `most` bytes. No character is cut in two.
std::string shortened(std::string_view text, std::size_t most);

/// A file's name for messages: printable, and no longer than people would read.
std::string shown(const std::filesystem::path& path);

}  // namespace rnn
