module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.cases.recorded_case;

import rnn.base.json;
import rnn.base.text;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.parameters;

namespace rnn {

namespace {

std::pair<std::string, std::string> split(const std::string& key) {
  const auto dot = key.find('.');
  if (dot == std::string::npos) return {"", key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

bool known(const std::string& key) {
  const auto [group, name] = split(key);
  const std::vector<std::string_view> single{"outputs", "state", "cell_state", "logits", "loss", "losses"};
  const std::vector<std::string_view> heads{"w_out", "b_out"};
  if (group.empty()) return std::ranges::count(single, key) > 0;
  if (group != "gradients" && group != "weights") return false;
  const auto has_parameter = [&](const CellKind& kind) {
    const std::vector<CellParameter> parameters = kind.parameters(1, 1);
    return std::ranges::count(parameters, name, &CellParameter::name) > 0;
  };
  return std::ranges::count(heads, name) > 0 || std::ranges::any_of(cell_kinds(), has_parameter);
}

bool agrees(Real got, Real want, Real tolerance) {
  return std::abs(got - want) <= tolerance * std::max(Real(1), std::abs(want));  // false for NaN
}

// The shortest digits that read back as the same number. JSON knows neither NaN nor infinity.
std::string digits(Real value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

/// The array in brackets; `next` is the first number that is still to be written.
std::string to_json(const Values& values, Index axis, Index& next) {
  if (axis == values.shape.size()) return digits(values.numbers[next++]);
  std::vector<std::string> items;
  for (Index i = 0; i < values.shape[axis]; ++i) items.push_back(to_json(values, axis + 1, next));
  return fmt::format("[{}]", fmt::join(items, ","));
}

/// "[1][0][2]" for the number at `position`; nothing for a number without axes.
std::string place(const Values& values, Index position) {
  std::string result;
  for (Index axis = values.shape.size(); axis-- > 0; position /= values.shape[axis]) {
    result = fmt::format("[{}]{}", position % values.shape[axis], result);
  }
  return result;
}

/// The position of the number that is furthest from what was recorded, relative to its tolerance; NaN is furthest.
Index furthest(const Values& got, const Values& want) {
  Index worst = 0;
  Real largest = -1;
  for (Index i = 0; i < want.numbers.size(); ++i) {
    Real difference = std::abs(got.numbers[i] - want.numbers[i]) / std::max(Real(1), std::abs(want.numbers[i]));
    if (std::isnan(difference)) difference = std::numeric_limits<Real>::infinity();
    if (difference > largest) {
      largest = difference;
      worst = i;
    }
  }
  return worst;
}

}  // namespace

Replay::Replay(const Case& recorded) : recorded_(recorded) {}

void Replay::add(const std::string& key, const Sequence& value) {
  Values values{{value.batch(), value.steps(), value.features()}, {}};
  for (Index i = 0; i < value.batch(); ++i) {
    for (Index t = 0; t < value.steps(); ++t) {
      for (Index j = 0; j < value.features(); ++j) values.numbers.push_back(value(t, i, j));
    }
  }
  add(key, std::move(values));
}

void Replay::add(const std::string& key, ConstView value) {
  const std::string name = split(key).second;
  const bool bias = is_bias(name);
  if (bias && value.rows != 1)
    throw std::invalid_argument("Replay: " + key + " must have one row, got " + shape(value));
  Values values{bias ? std::vector{value.columns} : std::vector{value.rows, value.columns}, {}};
  for (Index i = 0; i < value.rows; ++i) {
    for (Index j = 0; j < value.columns; ++j) values.numbers.push_back(value(i, j));
  }
  add(key, std::move(values));
}

void Replay::add(const std::string& key, Real value) { add(key, Values{{}, {value}}); }

void Replay::add(const std::string& key, const std::vector<Real>& value) { add(key, Values{{value.size()}, value}); }

void Replay::add(const std::string& key, Values value) {
  if (!known(key)) throw std::invalid_argument("Replay: a case has no key " + key);
  if (computed(key)) throw std::invalid_argument("Replay: " + key + " was already added");
  for (const auto& [name, want] : recorded_.expected) {
    if (name != key || want.shape == value.shape) continue;
    throw std::invalid_argument(
        fmt::format("Replay: {} must be {}, got {}", key, fmt::join(want.shape, "x"), fmt::join(value.shape, "x")));
  }
  computed_.emplace_back(key, std::move(value));
}

const Values* Replay::computed(const std::string& key) const {
  for (const auto& [name, values] : computed_) {
    if (name == key) return &values;
  }
  return nullptr;
}

int Replay::finish(std::ostream& out, bool json) const {
  bool all_agree = true;
  for (const auto& [key, want] : recorded_.expected) {
    const Values* got = computed(key);
    if (!got) throw std::invalid_argument("Replay: " + key + " is expected and was not computed");
    for (Index i = 0; i < want.numbers.size(); ++i) {
      all_agree = all_agree && agrees(got->numbers[i], want.numbers[i], recorded_.tolerance);
    }
  }
  json ? print_json(out) : print_comparison(out);
  return all_agree ? 0 : 1;
}

void Replay::print_json(std::ostream& out) const {
  const auto wanted = [&](const std::string& key) {
    const auto has_key = [&](const auto& entry) { return entry.first == key; };
    return recorded_.expected.empty() || std::ranges::any_of(recorded_.expected, has_key);
  };
  // Members of gradients and of weights are gathered into one object each.
  std::vector<std::pair<std::string, std::vector<std::string>>> members;
  for (const auto& [key, values] : computed_) {
    if (!wanted(key)) continue;
    const auto [group, name] = split(key);
    Index next = 0;
    const std::string text = to_json(values, 0, next);
    if (group.empty()) {
      members.push_back({name, {text}});
      continue;
    }
    const auto same_group = [&](const auto& member) { return member.first == group; };
    auto member = std::ranges::find_if(members, same_group);
    if (member == members.end()) member = members.insert(members.end(), {group, {}});
    member->second.push_back(quote(name) + ":" + text);
  }
  std::vector<std::string> texts;
  for (const auto& [name, parts] : members) {
    const bool group = name == "gradients" || name == "weights";
    texts.push_back(fmt::format("{}:{}{}{}", quote(name), group ? "{" : "", fmt::join(parts, ","), group ? "}" : ""));
  }
  out << fmt::format("{{{}}}\n", fmt::join(texts, ","));
}

void Replay::print_comparison(std::ostream& out) const {
  if (recorded_.expected.empty()) {
    out << shown(recorded_.path) << ": nothing is expected, so nothing is compared\n";
    return;
  }
  out << fmt::format("Compared with {}{}, tolerance {}\n", shown(recorded_.path),
                     recorded_.source.empty() ? "" : " (" + printable(recorded_.source) + ")", recorded_.tolerance);
  for (const auto& [key, want] : recorded_.expected) {
    const Values& got = *computed(key);
    if (want.numbers.empty()) {
      out << fmt::format("  {:<16} agrees  (no numbers)\n", key);
      continue;
    }
    const Index worst = furthest(got, want);
    const Real a = got.numbers[worst], b = want.numbers[worst];
    out << fmt::format("  {:<16} {}  largest difference {:.1e} at {}{}: computed {}, recorded {}\n", key,
                       agrees(a, b, recorded_.tolerance) ? "agrees " : "DIFFERS", std::abs(a - b), key,
                       place(want, worst), a, b);
  }
}

}  // namespace rnn
