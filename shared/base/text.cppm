/// Text from outside: made safe for a line on a terminal, since a file's name may hold any bytes and have any length;
/// and numbers in it.
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

/// Takes the number that a text begins with, whatever the locale. Nothing is taken when there is none, or when it is
/// too large for the type: one of those that std::from_chars reads.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// The number that is all of the text, in the same way; nothing when the text is something else.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  const std::optional<Number> number = take_number<Number>(text);
  return text.empty() ? number : std::optional<Number>();
}

}  // namespace rnn
