#include <string>
#include <variant>

#include "target.hpp"

import rnn.base.error;
import rnn.base.json;

using namespace rnn;
using namespace rnn::testing;

namespace {

/// Every text in it, quoted, must be read as the same text again.
void check_texts(const Json& json) {
  if (const std::string* text = json.text()) {
    const Json again = parse_json(quote(*text), "F");
    require(again.text() && *again.text() == *text, "a quoted text is read as the same text", *text);
  }
  if (json.list()) {
    for (const Json& item : *json.list()) check_texts(item);
  }
  if (json.object()) {
    for (const JsonMember& member : *json.object()) {
      require(json.find(member.name) == &member.value, "no name occurs twice", member.name);
      check_texts(member.value);
    }
  }
}

}  // namespace

/// JSON of any kind.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    const Json json = parse_json(to_text(data, size), "F");
    require(is_one_line(describe(json)), "a description is one line", describe(json));
    check_texts(json);
  });
  return 0;
}
