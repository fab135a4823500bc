module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reading the command line, and writing it out again.
module rnn.console.options;

import rnn.base.ranks;
import rnn.base.text;

namespace po = boost::program_options;

namespace rnn {

static std::invalid_argument wrong(const std::string& option, const std::string& problem) {
  return std::invalid_argument("--" + option + ": " + problem);
}

Options::Entry* Options::find(const std::string& name) {
  const auto entry = std::ranges::find(entries_, name, &Entry::name);
  return entry == entries_.end() ? nullptr : &*entry;
}

void Options::set(const std::string& name, const std::string& value) {
  Entry* entry = find(name);
  if (!entry) refuse_unknown(name);
  if (std::exchange(entry->given, true)) throw wrong(name, "given more than once");
  try {
    if (entry->set(value, true)) return;
  } catch (const std::exception& error) {  // FileError, std::invalid_argument
    throw wrong(name, error.what());
  }
  throw wrong(name, fmt::format("expected {}, got \"{:.60}\"", entry->expected, value));
}

const Options::Entry& Options::require(const std::string& name) const {
  const auto entry = std::ranges::find(entries_, name, &Entry::name);
  if (entry == entries_.end()) throw std::logic_error("Options: there is no --" + name);
  return *entry;
}

std::string Options::value(const std::string& name) const { return require(name).text(); }
bool Options::given(const std::string& name) const { return require(name).given; }

void Options::values_from(const std::string& name,
                          std::function<std::map<std::string, std::string>(const std::filesystem::path&)> read) {
  sources_.push_back({name, std::move(read)});
}

void Options::take_values_from_files() {
  for (const auto& [name, read] : sources_) {
    if (!given(name)) continue;
    const std::filesystem::path path = value(name);
    for (const auto& [option, text] : read(path)) adopt(option, text, path);
  }
}

void Options::adopt(const std::string& name, const std::string& value, const std::filesystem::path& from) {
  Entry* entry = find(name);
  if (!entry) throw std::logic_error("Options: there is no --" + name);
  const std::string typed = entry->text();
  const bool flag = entry->value_name.empty(), proper = !flag || value == "true" || value == "false";
  try {
    if (!proper || !entry->set(value, false)) {
      throw std::invalid_argument(
          fmt::format("expected {}, found \"{:.60}\"", flag ? "true or false" : entry->expected, value));
    }
  } catch (const std::exception& error) {
    throw std::invalid_argument(fmt::format("{}: {}: {}", shown(from), name, error.what()));
  }
  entry->adopted = true;
  if (!entry->given || typed == entry->text()) return;
  if (flag) throw wrong(name, "cannot be given: " + shown(from) + " was made without it");
  throw wrong(name, fmt::format("expected {}, as {} has it, got {:.60}", entry->text(), shown(from), typed));
}

// Quotes a word so that a shell reads it as one word and a terminal shows it as it is.
static std::string quoted(const std::string& word) {
  const auto harmless = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("-_=./,:+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, harmless)) return word;
  const bool plain = printable(word) == word;
  std::string result = plain ? "'" : "$'";
  for (const unsigned char c : word) {
    if (plain) {
      result += c == '\'' ? std::string("'\\''") : std::string(1, char(c));
    } else if (c == '\'' || c == '\\') {
      result += std::string("\\") + char(c);
    } else {
      result += c < ' ' || c >= 0x7f ? fmt::format("\\x{:02x}", c) : std::string(1, char(c));
    }
  }
  return result + "'";
}

std::string Options::command_line(const std::vector<std::string>& without, const std::vector<std::string>& more) const {
  const int processes = ranks().count();
  std::string line = processes > 1 ? fmt::format("mpirun -n {} ", processes) : "";
  line += quoted(called_.empty() ? program_ : called_);
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    const std::string name = arguments_[i].substr(0, arguments_[i].find('='));
    const bool left_out = std::ranges::any_of(without, [&](const std::string& w) { return name == "--" + w; });
    if (!left_out)
      line += " " + quoted(arguments_[i]);
    else if (name == arguments_[i])
      ++i;  // its value is the next word
  }
  for (const std::string& word : more) line += " " + quoted(word);
  return line;
}

void Options::parse(const std::vector<std::string>& arguments) {
  // Program_options only splits the line into names and values. Left to itself, it would take --epo for --epochs and
  // "-3" for a huge unsigned number, and would ignore stray arguments.
  if (std::ranges::count(arguments, "--")) throw std::invalid_argument("unexpected argument \"--\"");
  po::options_description known;
  for (const Entry& entry : entries_) {
    if (entry.value_name.empty()) {
      known.add_options()(entry.name.c_str(), "");
    } else {
      known.add_options()(entry.name.c_str(), po::value<std::string>(), "");
    }
  }
  using po::command_line_style::style_t;
  const int style = style_t::allow_long | style_t::long_allow_adjacent | style_t::long_allow_next;
  try {
    const auto line = po::command_line_parser(arguments).options(known).style(style).allow_unregistered().run();
    for (const auto& option : line.options) {
      if (option.string_key.empty()) {
        take(option.original_tokens.at(0));
      } else {
        set(option.string_key, option.value.empty() ? "" : option.value[0]);
      }
    }
  } catch (const po::invalid_command_line_syntax& error) {
    const std::string name = error.get_option_name().substr(error.get_option_name().find_first_not_of('-'));
    const Entry* entry = find(name);
    const bool takes_none = !entry || entry->value_name.empty();
    throw wrong(name, takes_none ? "takes no value" : fmt::format("expected {}, got nothing", entry->expected));
  }
  check_together();
  take_values_from_files();
  check_files();
}

void Options::take(const std::string& argument) {
  if (argument_name_.empty()) {
    const bool word = std::ranges::count(words_, argument, &Word::name) > 0;
    throw std::invalid_argument(
        fmt::format("unexpected argument \"{:.60}\"{}", argument, word ? ": a command comes first" : ""));
  }
  if (argument.empty()) throw std::invalid_argument("expected " + argument_name_ + ", got \"\"");
  std::vector<std::string>& values = unnamed_.state_->value;
  if (one_argument_ && !values.empty()) {
    throw std::invalid_argument(
        fmt::format("unexpected argument \"{:.60}\": expected one {}", argument, argument_name_));
  }
  values.push_back(argument);
}

void Options::check_together() {
  for (const std::string& name : required_) {
    const Entry& entry = require(name);
    if (!entry.given) throw wrong(name, fmt::format("expected {} ({}), got nothing", entry.expected, entry.help));
  }
  if (!argument_name_.empty() && unnamed_->empty()) {
    throw std::invalid_argument(
        fmt::format("expected {} {}, got none", one_argument_ ? "one" : "at least one", argument_name_));
  }
  for (const auto& [name, any] : needs_) {
    const bool met = std::ranges::any_of(any, [&](const std::string& other) { return find(other)->given; });
    if (find(name)->given && !met) throw wrong(name, fmt::format("needs --{}", fmt::join(any, " or --")));
  }
  for (const auto& [name, other] : excludes_) {
    if (find(name)->given && find(other)->given) throw wrong(name, "cannot be given together with --" + other);
  }
}

}  // namespace rnn
