module;
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <boost/nowide/utf/utf.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

module rnn.base.json;

import rnn.base.text;

namespace rnn {

namespace {

using boost::json::error_code;
using boost::json::string_view;

// The handler of Boost.JSON's parser. Boost's own document type keeps the last of two equal keys and rounds some
// numbers twice; this one refuses equal keys and reads numbers from their text.
class Builder {
 public:
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_string_size = -1;
  static constexpr std::size_t max_key_size = -1;

  Json result;
  std::string problem;
  std::function<void(JsonMember)> visit;  // if set, gets the members of the outermost object
  std::size_t most_values = std::numeric_limits<std::size_t>::max();

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code& ec) { return open(Json{JsonList{}}, ec); }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_object_begin(error_code& ec) { return open(Json{JsonObject{}}, ec); }
  bool on_object_end(std::size_t, error_code& ec) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : std::get<JsonObject>(open_.back()->value)) names.push_back(name);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end())
      return fail(ec, fmt::format("the key {} twice in one object", quote(twice->substr(0, 40))));
    return close();
  }
  bool on_string_part(string_view s, std::size_t, error_code&) { return gather(s); }
  bool on_string(string_view s, std::size_t, error_code& ec) {
    return gather(s) && add(Json{std::exchange(text_, {})}, ec);
  }
  bool on_key_part(string_view s, std::size_t, error_code&) { return gather(s); }
  bool on_key(string_view s, std::size_t, error_code&) {
    gather(s);
    key_ = std::exchange(text_, {});
    return true;
  }
  bool on_number_part(string_view s, error_code&) { return gather(s); }
  bool on_int64(std::int64_t i, string_view s, error_code& ec) { return number(double(i), s, ec); }
  bool on_uint64(std::uint64_t u, string_view s, error_code& ec) { return number(double(u), s, ec); }
  bool on_double(double d, string_view s, error_code& ec) { return number(d, s, ec); }
  bool on_bool(bool b, error_code& ec) { return add(Json{b}, ec); }
  bool on_null(error_code& ec) { return add(Json{}, ec); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool gather(string_view s) {
    text_.append(s.data(), s.size());
    return true;
  }

  // parse_number rounds to the nearest double. For numbers that are too large or too small, Boost's estimate is used,
  // which is infinite or close to zero.
  bool number(double estimate, string_view s, error_code& ec) {
    gather(s);
    const std::string text = std::exchange(text_, {});
    const double value = parse_number<double>(text).value_or(estimate);
    if (!std::isfinite(value)) return fail(ec, fmt::format("the number {:.40}, which is too large", text));
    return add(Json{JsonNumber{value, parse_number<std::uint64_t>(text)}}, ec);
  }

  /// Whether the value that comes next, or has just ended, is a member that goes to `visit`.
  bool is_member() const {
    return visit && open_.size() == 1 && std::holds_alternative<JsonObject>(open_.front()->value);
  }
  bool count(error_code& ec) {
    if (is_member()) values_ = 0;
    return ++values_ <= most_values || fail(ec, fmt::format("more than {} values in one member", most_values));
  }
  Json* place(Json value) {
    if (open_.empty()) return &(result = std::move(value));
    if (auto* list = std::get_if<JsonList>(&open_.back()->value)) return &list->emplace_back(std::move(value));
    auto& object = std::get<JsonObject>(open_.back()->value);
    object.push_back({std::exchange(key_, {}), std::move(value)});
    return &object.back().value;
  }
  bool add(Json value, error_code& ec) {
    if (!count(ec)) return false;
    place(std::move(value));
    return hand_over();
  }
  // A pointer into a list stays valid while the list is open: nothing is added to its parents until it is closed.
  bool open(Json value, error_code& ec) {
    if (!count(ec)) return false;
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return hand_over();
  }
  /// A value is complete.
  bool hand_over() {
    if (!is_member()) return true;
    auto& members = std::get<JsonObject>(open_.front()->value);
    visit(std::move(members.back()));
    members.pop_back();
    return true;
  }
  bool fail(error_code& ec, std::string why) {
    problem = std::move(why);
    ec = boost::json::error::syntax;
    return false;
  }

  std::vector<Json*> open_;
  std::size_t values_ = 0;
  std::string key_;
  std::string text_;
};

std::string line_and_column(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last_break = before.rfind('\n');
  const auto column = last_break == std::string_view::npos ? position + 1 : position - last_break;
  return fmt::format("line {} column {}", line, column);
}

std::string in_words(const error_code& ec, std::string_view found) {
  if (ec == boost::json::error::incomplete) return "the end of the text in the middle of a value";
  if (ec == boost::json::error::extra_data) return "text after the end of the value";
  if (ec == boost::json::error::too_deep) return "more than 32 levels of nesting";
  if (ec == boost::json::error::exponent_overflow) return "a number that is too large";
  if (ec == boost::json::error::syntax) return quote(found);
  return quote(found) + " (" + ec.message() + ")";
}

using Parser = boost::json::basic_parser<Builder>;

void parse(Parser& parser, std::string_view text, const std::filesystem::path& path) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw FileError(path, "expected JSON, found an empty file");
  }
  error_code ec;
  std::size_t position = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && position < text.size()) ec = boost::json::error::extra_data;
  if (ec) {
    std::string problem = parser.handler().problem;
    if (problem.empty()) problem = in_words(ec, text.substr(position, 12));
    throw FileError(path, fmt::format("{}: expected JSON, found {}", line_and_column(text, position), problem));
  }
}

}  // namespace

Json parse_json(std::string_view text, const std::filesystem::path& path) {
  Parser parser(boost::json::parse_options{});
  parse(parser, text, path);
  return std::move(parser.handler().result);
}

void parse_json_members(std::string_view text, const std::filesystem::path& path, std::size_t most_values,
                        const std::function<void(JsonMember)>& visit) {
  Parser parser(boost::json::parse_options{});
  parser.handler().visit = visit;
  parser.handler().most_values = most_values;
  parse(parser, text, path);
  if (const Json& json = parser.handler().result; !json.object()) {
    throw FileError(path, "expected a JSON object, found " + describe(json));
  }
}

const double* Json::number() const {
  const auto* number = std::get_if<JsonNumber>(&value);
  return number ? &number->value : nullptr;
}
const std::uint64_t* Json::whole() const {
  const auto* number = std::get_if<JsonNumber>(&value);
  return number && number->whole ? &*number->whole : nullptr;
}
const std::string* Json::text() const { return std::get_if<std::string>(&value); }
const JsonList* Json::list() const { return std::get_if<JsonList>(&value); }
const JsonObject* Json::object() const { return std::get_if<JsonObject>(&value); }

const Json* Json::find(std::string_view name) const {
  if (!object()) return nullptr;
  for (const auto& [key, member] : *object()) {
    if (key == name) return &member;
  }
  return nullptr;
}

/// Each byte that is not part of a character becomes U+FFFD: a name may hold any bytes, and a message may cut a
/// character.
static std::string with_valid_utf8(std::string_view text) {
  using Traits = boost::nowide::utf::utf_traits<char>;
  std::string valid;
  for (auto next = text.begin(); next != text.end();) {
    const auto start = next;
    const auto point = Traits::decode(next, text.end());
    if (point == boost::nowide::utf::illegal || point == boost::nowide::utf::incomplete) {
      valid += "\ufffd";
      next = start + 1;
    } else {
      valid.append(start, next);
    }
  }
  return valid;
}

std::string describe(const Json& json) {
  if (json.whole()) return fmt::format("the number {}", *json.whole());  // its double may differ
  if (json.number()) return fmt::format("the number {}", *json.number());
  if (json.text()) return fmt::format("the text {}", quote(json.text()->substr(0, 40)));
  if (json.list()) return fmt::format("a list of {}", json.list()->size());
  if (json.object()) return "an object";
  if (const bool* b = std::get_if<bool>(&json.value)) return *b ? "true" : "false";
  return "null";
}

std::string quote(std::string_view text) {
  const std::string valid = with_valid_utf8(text);
  return boost::json::serialize(boost::json::string_view(valid.data(), valid.size()));
}

}  // namespace rnn
