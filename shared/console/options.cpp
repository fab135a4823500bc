module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The kinds of options, and which values each accepts.
module rnn.console.options;

import rnn.base.text;

namespace rnn {

namespace {

template <class T>
bool within(T value, const Range<T>& range) {
  return value <= range.most && (range.above_least ? value > range.least : value >= range.least);
}

/// False when the text is no number of this range.
template <class T>
bool read_number(const std::string& text, const Range<T>& range, T& value) {
  const std::optional<T> number = parse_number<T>(text);
  if (!number || !within(*number, range)) return false;  // NaN is never within
  value = *number;
  return true;
}

template <class T>
std::string in_words(const char* kind, const Range<T>& range) {
  if (range.above_least) return fmt::format("{} above {} and at most {}", kind, range.least, range.most);
  return fmt::format("{} from {} to {}", kind, range.least, range.most);
}

std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(std::size_t value) { return fmt::format("{}", value); }
std::string to_text(double value) { return fmt::format("{}", value); }  // as few digits as read back the same
std::string to_text(const std::string& value) { return value; }
std::string to_text(const std::filesystem::path& value) { return value.string(); }

/// False when a number becomes 0 or infinite as a float, which is what the programs compute with.
bool survives_rounding(double value) {
  const double rounded = static_cast<float>(value);
  return value == 0 || (std::isfinite(rounded) && std::abs(rounded) >= std::numeric_limits<float>::min());
}

}  // namespace

Options::Options(std::string program, std::string shows) : program_(std::move(program)), shows_(std::move(shows)) {}

void Options::group(std::string heading) { heading_ = std::move(heading); }

template <class T>
Option<T> Options::declare(Entry entry, T otherwise, std::function<bool(const std::string&, T&)> read) {
  if (find(entry.name)) throw std::logic_error("Options: --" + entry.name + " is declared twice");
  Option<T> option(std::move(otherwise));
  entry.heading = heading_;
  entry.set = [state = option.state_, read = std::move(read)](const std::string& text, bool typed) {
    state->given = state->given || typed;
    return read(text, state->value);
  };
  entry.text = [state = option.state_] { return to_text(state->value); };
  entries_.push_back(std::move(entry));
  return option;
}

template Option<std::filesystem::path> Options::declare(
    Entry, std::filesystem::path, std::function<bool(const std::string&, std::filesystem::path&)>);

Option<std::size_t> Options::integer(const std::string& name, std::size_t otherwise, Range<std::size_t> range,
                                     const std::string& help, const std::string& value_name) {
  Entry entry{name, value_name, fmt::format("{} [default {}]", help, otherwise), "", in_words("a whole number", range)};
  return declare<std::size_t>(entry, otherwise, [range](const std::string& text, std::size_t& value) {
    return read_number(text, range, value);
  });
}

Option<double> Options::real(const std::string& name, double otherwise, Range<double> range, const std::string& help,
                             const std::string& value_name) {
  Entry entry{name, value_name, fmt::format("{} [default {}]", help, otherwise), "", in_words("a number", range)};
  return declare<double>(entry, otherwise, [range](const std::string& text, double& value) {
    if (!read_number(text, range, value)) return false;
    if (survives_rounding(value)) return true;
    throw std::invalid_argument(fmt::format("expected {}, got \"{:.60}\", which is too {} for a float",
                                            in_words("a number", range), text,
                                            std::abs(value) < 1 ? "small" : "large"));
  });
}

Option<bool> Options::flag(const std::string& name, const std::string& help) {
  return declare<bool>({name, "", help}, false,
                       [](const std::string& text, bool& value) { return (value = text != "false"), true; });
}

Option<std::string> Options::text(const std::string& name, const std::string& otherwise, const std::string& help,
                                  const std::string& value_name) {
  const std::string shown = otherwise.empty() ? help : fmt::format("{} [default {}]", help, otherwise);
  return declare<std::string>({name, value_name, shown, "", "a text"}, otherwise,
                              [](const std::string& text, std::string& value) { return !(value = text).empty(); });
}

Option<std::string> Options::choice(const std::string& name, const std::string& otherwise,
                                    const std::vector<std::string>& choices, const std::string& help) {
  Entry entry{name, fmt::format("{}", fmt::join(choices, "|")), fmt::format("{} [default {}]", help, otherwise), "",
              fmt::format("{}", fmt::join(choices, " or "))};
  return declare<std::string>(entry, otherwise, [choices](const std::string& text, std::string& value) {
    value = text;
    return std::ranges::count(choices, text) == 1;
  });
}

Option<std::vector<std::string>> Options::arguments(const std::string& value_name, const std::string& help) {
  argument_name_ = value_name;
  argument_help_ = help;
  return unnamed_;
}

Option<std::vector<std::string>> Options::argument(const std::string& value_name, const std::string& help) {
  one_argument_ = true;
  return arguments(value_name, help);
}

ReplayOptions Options::replay() {
  const ReplayOptions options{input_file("replay", "CASE.json", "compute a recorded case and compare with it"),
                              flag("json", "print what was computed from the case as JSON")};
  needs("json", "replay");
  return options;
}

void Options::needs(const std::string& name, const std::string& other) { needs(name, std::vector{other}); }
void Options::needs(const std::string& name, const std::vector<std::string>& any) { needs_.emplace_back(name, any); }
void Options::required(const std::string& name) { required_.push_back(name); }
void Options::excludes(const std::string& name, const std::string& other) { excludes_.emplace_back(name, other); }
void Options::example(const std::string& arguments, const std::string& what) {
  examples_.emplace_back(arguments, what);
}

}  // namespace rnn
