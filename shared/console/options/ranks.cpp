module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <functional>
#include <iostream>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

// A program that mpirun has started several times over.
module rnn.console.options;

import rnn.base.ranks;
import rnn.linalg.kernel.cpu;

namespace rnn {

namespace {

/// Takes everything, and does nothing with it.
class Nowhere final : public std::streambuf {
 protected:
  int_type overflow(int_type character) override { return traits_type::not_eof(character); }
  std::streamsize xsputn(const char*, std::streamsize count) override { return count; }
};

/// While it lives, what is printed goes nowhere.
class Silence {
 public:
  Silence() : out_(std::cout.rdbuf(&nowhere_)), err_(std::cerr.rdbuf(&nowhere_)) {}
  ~Silence() {
    std::cout.rdbuf(out_);
    std::cerr.rdbuf(err_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  Nowhere nowhere_;
  std::streambuf *out_, *err_;
};

/// A list of texts as one text, since this is what processes tell one another.
std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += fmt::format("{} {}", text.size(), text);
  return all;
}
std::vector<std::string> split(const std::string& all) {
  std::vector<std::string> texts;
  std::istringstream in(all);
  for (std::size_t size; in >> size;) {
    std::string& text = texts.emplace_back(size, '\0');
    in.ignore();  // the space
    in.read(text.data(), std::streamsize(size));
  }
  return texts;
}

}  // namespace

void Options::works_on_many_machines() { shares_work_ = true; }

// The same bits come from the same program, given the same options, on processors that round alike.
void Options::require_same_programs(const std::vector<std::string>& arguments) {
  require_same("version", program_ + " " RNN_VERSION);
  require_same("options", fmt::format("\"{}\"", fmt::join(arguments, " ")));
  require_same("kind of kernel", kind_of_kernel());
}

// What rank 0 knows of the options, the others are told: files may be there on its machine alone, so only rank 0 has
// any.
void Options::tell_others(Launch& launch, bool works) {
  bool together = works && shares_work_ && !(find("replay") && given("replay"));
  share(together);
  std::vector<std::string> values;
  for (const Entry& entry : entries_) {
    if (entry.file != Entry::File::none || !(entry.given || entry.adopted)) continue;
    values.insert(values.end(), {entry.name, entry.given ? "given" : "", entry.text()});
  }
  std::string text = join(values);
  share(text);
  launch.work_together(together);
}

int Options::follow(const std::function<int()>& chapter) {
  const Silence silence;
  bool together = false;
  std::string text;
  share(together);
  share(text);
  if (!together) return 0;  // rank 0 does it alone
  const std::vector<std::string> values = split(text);
  for (std::size_t i = 0; i < values.size(); i += 3) {
    Entry* entry = find(values[i]);
    entry->given = !values[i + 1].empty();
    entry->set(values[i + 2], entry->given);
  }
  return chapter();
}

}  // namespace rnn
