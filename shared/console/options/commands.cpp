module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module rnn.console.options;

namespace rnn {

namespace {

/// How many letters must be inserted, removed or replaced to turn one word into the other (Levenshtein).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t(0));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

/// The word in `right` that `wrong` probably stands for: one that begins with it, or the most similar; empty if none
/// is.
std::string nearest(const std::string& wrong, const std::vector<std::string>& right) {
  std::string result;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& candidate : right) {
    const bool beginning = !wrong.empty() && candidate.starts_with(wrong);
    const std::size_t distance = beginning ? 0 : edit_distance(wrong, candidate);
    if (distance >= least) continue;
    least = distance;
    result = candidate;
  }
  return result;
}

template <class Entries>
std::vector<std::string> names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

}  // namespace

void Options::refuse_unknown(const std::string& name) const {
  const std::string meant = nearest(name, names_of(entries_));
  throw std::invalid_argument(fmt::format("unknown option --{:.60}: {}", name,
                                          meant.empty() ? "--help lists them all" : "did you mean --" + meant + "?"));
}

void Options::word(const std::string& name, const std::string& what, std::function<int(int, char**)> program) {
  words_.push_back({name, what, std::move(program)});
}

const Options::Word* Options::word_of(const std::vector<std::string>& arguments) const {
  if (words_.empty() || arguments.empty() || arguments[0].starts_with('-')) return nullptr;
  const auto word = std::ranges::find(words_, arguments[0], &Word::name);
  if (word != words_.end()) return &*word;
  const std::vector<std::string> names = names_of(words_);
  const std::string meant = nearest(arguments[0], names);
  throw std::invalid_argument(
      fmt::format("unknown command \"{:.60}\": {}", arguments[0],
                  meant.empty() ? fmt::format("expected {}", fmt::join(names, ", ")) : "did you mean " + meant + "?"));
}

std::string Options::usage() const {
  std::string text = "\nUsage: " + program_;
  for (const Word& word : words_) {
    if (!word.program) text += " [" + word.name + "]";
  }
  text += " [options]";
  if (!argument_name_.empty()) {
    text += fmt::format(" {}", argument_name_);
    if (!one_argument_) text += fmt::format(" [{} ...]", argument_name_);
    text += fmt::format("\n\n{}: {}", argument_name_, argument_help_);
  }
  text += '\n';
  if (words_.empty()) return text;
  text += "\nCommands, first on the line:\n";
  for (const Word& word : words_) text += fmt::format("  {:<21} {}\n", word.name, word.what);
  return text + fmt::format("{} COMMAND --help tells more about each.\n", program_);
}

}  // namespace rnn
