module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.cases.recorded_case;

import rnn.base.file;
import rnn.base.json;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.parameters;

namespace rnn {

namespace {

// A case holds a few thousand numbers; anything larger than this is not a case. A parsed number takes up to forty times
// the memory of its two characters.
constexpr std::size_t largest_file = 4 << 20;

using Names = std::vector<std::string_view>;

/// Walks through the parsed file; every function knows its place in it, such as "weights.w_x[2]".
class CaseReader {
 public:
  explicit CaseReader(Case& result) : case_(result) {}

  void read(const Json& file) {
    check_object(file, "",
                 {"inputs", "cell", "weights", "source", "initial_state", "initial_cell_state", "lengths", "labels",
                  "learning_rate", "batches", "tolerance", "expected"});
    const Json* source = file.find("source");
    if (source && !source->text()) fail("source", "a text", *source);
    if (source) case_.source = *source->text();
    if (const Json* json = file.find("tolerance")) {
      case_.tolerance = number(*json, "tolerance");
      if (case_.tolerance < 0) fail("tolerance", "0 or more", *json);
    }
    if (const Json* json = file.find("learning_rate")) {
      case_.learning_rate = number(*json, "learning_rate");
      if (*case_.learning_rate <= 0) fail("learning_rate", "a number above 0", *json);
    }
    if (const Json* json = file.find("cell")) read_cell(*json);
    read_weights(required(file, "weights", ""));
    read_examples(file);
    if (const Json* json = file.find("batches")) read_batches(*json);
    if (!case_.inputs && case_.batches.empty()) fail("inputs", "inputs or batches", "neither");
    if (const Json* json = file.find("expected")) read_expected(*json);
  }

 private:
  [[noreturn]] void fail(const std::string& place, std::string_view expected, std::string_view found) const {
    const std::string where = place.empty() ? "" : place + ": ";
    throw FileError(case_.path, fmt::format("{}expected {}, found {}", where, expected, found));
  }
  [[noreturn]] void fail(const std::string& place, std::string_view expected, const Json& found) const {
    fail(place, expected, describe(found));
  }

  void check_object(const Json& json, const std::string& place, const Names& known) const {
    if (!json.object()) fail(place, "an object", json);
    for (const auto& [name, member] : *json.object()) {
      if (std::ranges::count(known, name)) continue;
      fail(place, fmt::format("only the keys {}", fmt::join(known, ", ")), "the key " + quote(name.substr(0, 40)));
    }
  }
  const Json& required(const Json& object, const std::string& name, const std::string& place) const {
    if (const Json* member = object.find(name)) return *member;
    fail(place + name, "this key", "none");
  }
  const JsonList& list(const Json& json, const std::string& place) const {
    if (!json.list()) fail(place, "a list", json);
    return *json.list();
  }
  Real number(const Json& json, const std::string& place) const {
    if (!json.number()) fail(place, "a number", json);
    const Real value = static_cast<Real>(*json.number());
    if (!std::isfinite(value)) fail(place, fmt::format("at most {}", std::numeric_limits<Real>::max()), json);
    return value;
  }
  Index whole(const Json& json, const std::string& place, Index largest) const {
    const double value = json.number() ? *json.number() : -1;
    if (value < 0 || value > double(largest) || value != std::floor(value)) {
      fail(place, fmt::format("a whole number from 0 to {}", largest), json);
    }
    return static_cast<Index>(value);
  }
  std::vector<Index> wholes(const Json& json, const std::string& place, Index count, Index largest) const {
    const JsonList& items = list(json, place);
    if (items.size() != count) fail(place, fmt::format("a list of {}", count), json);
    std::vector<Index> values;
    for (Index i = 0; i < count; ++i) values.push_back(whole(items[i], fmt::format("{}[{}]", place, i), largest));
    return values;
  }

  /// Appends the numbers of an array of exactly this shape; `axis` is the one that this call reads.
  void gather(const Json& json, const std::string& place, const std::vector<Index>& shape, Index axis,
              std::vector<Real>& numbers) const {
    if (axis == shape.size()) return numbers.push_back(number(json, place));
    if (list(json, place).size() != shape[axis]) fail(place, fmt::format("a list of {}", shape[axis]), json);
    for (Index i = 0; i < shape[axis]; ++i) {
      gather((*json.list())[i], fmt::format("{}[{}]", place, i), shape, axis + 1, numbers);
    }
  }
  Values values(const Json& json, const std::string& place, std::vector<Index> shape) const {
    Values result{std::move(shape), {}};
    gather(json, place, result.shape, 0, result.numbers);
    return result;
  }
  Matrix matrix(const Json& json, const std::string& place, std::vector<Index> shape) const {
    const Values read = values(json, place, shape);
    Matrix result(shape.size() == 1 ? 1 : shape[0], shape.back());
    std::ranges::copy(read.numbers, result.data().begin());
    return result;
  }

  /// How long the list within the list is; 0 when there is none.
  Index inner_size(const Json& json, const std::string& place) const {
    const JsonList& outer = list(json, place);
    return outer.empty() ? 0 : list(outer[0], place + "[0]").size();
  }

  void read_cell(const Json& json) {
    std::vector<const char*> names;
    for (const CellKind& kind : cell_kinds()) {
      names.push_back(kind.name);
      if (json.text() && *json.text() == kind.name) kind_ = &kind;
    }
    if (!json.text() || *json.text() != kind_->name) fail("cell", fmt::format("{}", fmt::join(names, " or ")), json);
    case_.cell = kind_->name;
  }

  /// The features are the rows of w_x, n its columns divided by the gates; everything else follows from the kind of
  /// cell.
  void read_weights(const Json& json) {
    std::vector<std::string> names;
    for (const CellParameter& parameter : kind_->parameters(1, 1)) names.push_back(parameter.name);
    names.insert(names.end(), {"w_out", "b_out"});
    check_object(json, "weights", Names(names.begin(), names.end()));
    const Json& w_x = required(json, "w_x", "weights.");
    const Index columns_of_w_x = inner_size(w_x, "weights.w_x"), gates = kind_->parameters(1, 1)[0].columns;
    features_ = list(w_x, "weights.w_x").size();
    neurons_ = columns_of_w_x / gates;
    if (columns_of_w_x == 0) fail("weights.w_x", "at least one row and one column", w_x);
    if (columns_of_w_x % gates != 0) {
      fail("weights.w_x[0]", fmt::format("a list of {} numbers for each neuron", gates),
           fmt::format("a list of {}", columns_of_w_x));
    }
    for (const auto& [name, rows, columns] : kind_->parameters(features_, neurons_)) {
      add_weight(required(json, name, "weights."), {name, rows, columns});
    }
    if (!json.find("w_out") && !json.find("b_out")) return;

    const Json& w_out = required(json, "w_out", "weights.");
    classes_ = inner_size(w_out, "weights.w_out");
    if (classes_ == 0) fail("weights.w_out", "at least one column", w_out);
    add_weight(w_out, {"w_out", neurons_, classes_});
    add_weight(required(json, "b_out", "weights."), {"b_out", 1, classes_});
  }
  void add_weight(const Json& json, const CellParameter& parameter) {
    case_.weights.all.emplace_back(parameter.name, matrix(json, "weights." + parameter.name, axes(parameter)));
  }

  /// A bias is a flat list in the file.
  static std::vector<Index> axes(const CellParameter& parameter) {
    if (is_bias(parameter.name)) return {parameter.columns};
    return {parameter.rows, parameter.columns};
  }

  Sequence sequence(const Json& json, const std::string& place) const {
    const Index batch = list(json, place).size();
    const Index steps = inner_size(json, place);
    const Values read = values(json, place, {batch, steps, features_});
    Sequence result(steps, batch, features_);
    for (Index i = 0, next = 0; i < batch; ++i) {
      for (Index t = 0; t < steps; ++t) {
        for (Index j = 0; j < features_; ++j) result(t, i, j) = read.numbers[next++];
      }
    }
    return result;
  }
  std::vector<Index> labels(const Json& json, const std::string& place, Index batch) const {
    if (classes_ == 0) fail(place, "weights.w_out, which the labels need", "none");
    return wholes(json, place, batch, classes_ - 1);
  }

  void read_examples(const Json& file) {
    const Json* inputs = file.find("inputs");
    if (!inputs) {
      for (const char* name : {"initial_state", "initial_cell_state", "lengths", "labels"}) {
        if (file.find(name)) fail("inputs", fmt::format("this key beside {}", name), "none");
      }
      return;
    }
    case_.inputs = sequence(*inputs, "inputs");
    const Index batch = case_.inputs->batch();
    read_initial_state(file, batch);
    if (const Json* json = file.find("lengths")) {
      case_.lengths = wholes(*json, "lengths", batch, case_.inputs->steps());
    }
    if (const Json* json = file.find("labels")) case_.labels = labels(*json, "labels", batch);
  }

  /// The carry: the state, followed by the cell state if the cell has one.
  void read_initial_state(const Json& file, Index batch) {
    const Index carry = kind_->carry(neurons_);
    const Json *state = file.find("initial_state"), *cell_state = file.find("initial_cell_state");
    if (cell_state && carry == neurons_) {
      fail("initial_cell_state", fmt::format("none: the {} has no cell state", kind_->name), "this key");
    }
    if (!state && !cell_state) return;
    Matrix both(batch, carry, Real(0));
    if (state) copy(matrix(*state, "initial_state", {batch, neurons_}), View(both).columns_from(0, neurons_));
    if (cell_state) {
      const Matrix c = matrix(*cell_state, "initial_cell_state", {batch, carry - neurons_});
      copy(c, View(both).columns_from(neurons_, carry - neurons_));
    }
    case_.initial_state = both;
  }

  void read_batches(const Json& json) {
    if (case_.inputs) fail("batches", "either inputs or batches", "both");
    if (list(json, "batches").empty()) fail("batches", "at least one", json);
    for (const Json& item : *json.list()) {
      const std::string place = fmt::format("batches[{}]", case_.batches.size());
      check_object(item, place, {"inputs", "labels", "lengths"});
      Case::Batch batch;
      batch.inputs = sequence(required(item, "inputs", place + "."), place + ".inputs");
      batch.labels = labels(required(item, "labels", place + "."), place + ".labels", batch.inputs.batch());
      if (const Json* lengths = item.find("lengths")) {
        batch.lengths = wholes(*lengths, place + ".lengths", batch.inputs.batch(), batch.inputs.steps());
      }
      case_.batches.push_back(std::move(batch));
    }
  }

  void expect(const Json& json, const std::string& key, std::vector<Index> shape) {
    const std::string place = "expected." + key;
    case_.expected.emplace_back(key, values(json, place, std::move(shape)));
  }
  void expect_weights(const Json& json, const std::string& key) {
    std::vector<CellParameter> parameters = kind_->parameters(features_, neurons_);
    parameters.insert(parameters.end(), {{"w_out", neurons_, classes_}, {"b_out", 1, classes_}});
    Names names;
    for (const CellParameter& parameter : parameters) names.push_back(parameter.name);
    check_object(json, "expected." + key, names);
    for (const auto& [name, member] : *json.object()) {
      const CellParameter& parameter = *std::ranges::find(parameters, name, &CellParameter::name);
      if (parameter.columns == 0) fail(fmt::format("expected.{}.{}", key, name), "weights.w_out beside it", "none");
      expect(member, key + "." + name, axes(parameter));
    }
  }
  void read_expected(const Json& json) {
    check_object(json, "expected",
                 {"outputs", "state", "cell_state", "logits", "loss", "gradients", "losses", "weights"});
    const Index batch = case_.inputs ? case_.inputs->batch() : 0;
    const Index steps = case_.inputs ? case_.inputs->steps() : 0;
    for (const auto& [key, member] : *json.object()) {
      if (key == "losses" ? case_.batches.empty() : key != "weights" && !case_.inputs) {
        fail("expected." + key, key == "losses" ? "batches beside it" : "inputs beside it", "none");
      }
      if (key == "logits" && classes_ == 0) fail("expected.logits", "weights.w_out beside it", "none");
      if (key == "cell_state") {
        const Index size = kind_->carry(neurons_) - neurons_;
        if (size == 0)
          fail("expected.cell_state", fmt::format("none: the {} has no cell state", kind_->name), "this key");
        expect(member, key, {batch, size});
      }
      if (key == "outputs") expect(member, key, {batch, steps, neurons_});
      if (key == "state") expect(member, key, {batch, neurons_});
      if (key == "logits") expect(member, key, {batch, classes_});
      if (key == "loss") expect(member, key, {});
      if (key == "losses") expect(member, key, {case_.batches.size()});
      if (key == "gradients" || key == "weights") expect_weights(member, key);
    }
  }

  Case& case_;
  const CellKind* kind_ = &cell_kinds()[0];
  Index features_ = 0;
  Index neurons_ = 0;
  Index classes_ = 0;  // 0 if there is no head
};

}  // namespace

const Matrix& NamedMatrices::operator[](std::string_view name) const {
  for (const auto& [other, matrix] : all) {
    if (other == name) return matrix;
  }
  throw std::invalid_argument("NamedMatrices: there is none called " + std::string(name));
}

bool NamedMatrices::has(std::string_view name) const {
  return std::ranges::any_of(all, [&](const auto& weight) { return weight.first == name; });
}

Case parse_case(std::string_view text, const std::filesystem::path& path) {
  Case result;
  result.path = path;
  CaseReader(result).read(parse_json(text, path));
  return result;
}

Case read_case(const std::filesystem::path& path) { return parse_case(read_file(path, largest_file), path); }

}  // namespace rnn
