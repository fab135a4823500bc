module;
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// JSON as strict as files from anywhere need it: no key twice, no number that is not finite, no text after the end.
/// Source: RFC 8259.
export module rnn.base.json;

import rnn.base.error;

export namespace rnn {

struct Json;
struct JsonMember;
using JsonList = std::vector<Json>;
/// In the file's order; no name stands twice.
using JsonObject = std::vector<JsonMember>;

/// One value of a JSON text; null is std::monostate.
struct Json {
  std::variant<std::monostate, bool, double, std::string, JsonList, JsonObject> value;

  // Each is nullptr when the value is of another kind.
  const double* number() const;
  const std::string* text() const;
  const JsonList* list() const;
  const JsonObject* object() const;
  /// The member of that name; nullptr when there is none, or when this is no object.
  const Json* find(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  Json value;
};

/// The value in words, for messages: "a list of 3", "the number 2.5", "the text \"abc\"".
std::string describe(const Json& json);

/// `text` as JSON; numbers are rounded once, to the nearest double. `path` stands in the message of the FileError that
/// is thrown, with line and column, for anything that is not one JSON value, for a key that stands twice, a number
/// beyond the range of double, or more than 32 levels of nesting.
Json parse_json(std::string_view text, const std::filesystem::path& path);

/// A text in JSON's quotes, with what must be escaped escaped.
std::string quote(std::string_view text);

}  // namespace rnn
