/// Strict JSON, for files from anywhere: no equal keys, no numbers that are not finite, no text after the end. Source:
/// RFC 8259.
export module rnn.base.json;

import rnn.base.error;
import rnn.base.std;

export namespace rnn {

struct Json;
struct JsonMember;
using JsonList = std::vector<Json>;
/// In the file's order; no name occurs twice.
using JsonObject = std::vector<JsonMember>;

struct JsonNumber {
  double value = 0;                    ///< rounded once
  std::optional<std::uint64_t> whole;  ///< exact, where the text has digits and nothing else: 28, not 28.0, 2.8e1, -0
};

/// One value of a JSON text; null is std::monostate.
struct Json {
  std::variant<std::monostate, bool, JsonNumber, std::string, JsonList, JsonObject> value;

  // Each is nullptr when the value is of another kind.
  const double* number() const;
  /// The number when it is written as a whole number from 0 to 2^64 − 1.
  const std::uint64_t* whole() const;
  const std::string* text() const;
  const JsonList* list() const;
  const JsonObject* object() const;
  /// The member of that name; nullptr when there is none, or when this is not an object.
  const Json* find(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  Json value;
};

/// The value in words, for messages: "a list of 3", "the number 2.5", "the text \"abc\"".
std::string describe(const Json& json);

/// Parses `text` as JSON; numbers are rounded once, to the nearest double. Throws FileError, about `path` with line and
/// column, for anything that is not one JSON value, for a key that occurs twice, a number beyond the range of double,
/// or more than 32 levels of nesting.
Json parse_json(std::string_view text, const std::filesystem::path& path);

/// Parses `text`, which must be one object, and passes each member to `visit` as soon as it has been read, then forgets
/// it: memory holds only the largest member, not the whole text. A member of more than `most_values` values is refused.
/// Otherwise like parse_json, except that comparing the names of these members is up to `visit`.
void parse_json_members(std::string_view text, const std::filesystem::path& path, std::size_t most_values,
                        const std::function<void(JsonMember)>& visit);

/// A text in JSON's quotes, escaped where necessary; bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);

}  // namespace rnn
