module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

module rnn.cases.recorded_case;

namespace rnn {

namespace {

/// The keys of a case that decide who can run it.
std::vector<std::string> keys_of(const Case& recorded) {
  std::vector<std::string> keys;
  if (recorded.inputs) keys.push_back("inputs");
  if (recorded.initial_state) keys.push_back("initial_state");
  if (recorded.lengths) keys.push_back("lengths");
  if (recorded.labels) keys.push_back("labels");
  if (recorded.learning_rate) keys.push_back("learning_rate");
  if (!recorded.batches.empty()) keys.push_back("batches");
  const auto has_lengths = [](const Case::Batch& batch) { return batch.lengths.has_value(); };
  if (std::ranges::any_of(recorded.batches, has_lengths)) keys.push_back("batches.lengths");
  if (recorded.weights.has("w_out")) keys.push_back("weights.w_out");
  return keys;
}

}  // namespace

void require_kind(const Case& recorded, const CaseKind& kind) {
  const std::vector<std::string> present = keys_of(recorded);
  const auto fail = [&](const std::string& place, const std::string& expected, const std::string& found) {
    throw FileError(recorded.path, fmt::format("{}: expected {}, found {}", place, expected, found));
  };
  if (!kind.cells.empty() && !std::ranges::count(kind.cells, recorded.cell)) {
    fail("cell", fmt::format("{}, the only kind the chapter computes", fmt::join(kind.cells, " or ")), recorded.cell);
  }
  for (const std::string& key : kind.needs) {
    if (!std::ranges::count(present, key)) fail(key, "this key, which the chapter needs", "none");
  }
  for (const std::string& key : present) {
    if (std::ranges::count(kind.needs, key) || std::ranges::count(kind.accepts, key)) continue;
    fail(key, "none: the chapter cannot run such a case", "this key");
  }
  for (const auto& [key, values] : recorded.expected) {
    const std::string group = key.substr(0, key.find('.')) + ".*";
    if (std::ranges::count(kind.computes, key) || std::ranges::count(kind.computes, group)) continue;
    fail("expected." + key, fmt::format("only what the chapter computes ({})", fmt::join(kind.computes, ", ")),
         "this key");
  }
  if (kind.steps && recorded.inputs && recorded.inputs->steps() != *kind.steps) {
    fail("inputs", fmt::format("{} time steps", *kind.steps), fmt::format("{}", recorded.inputs->steps()));
  }
}

}  // namespace rnn
