#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../support/program.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.cases.recorded_case;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.layers;
import rnn.network.loss;
import rnn.network.unroll;

using namespace rnn;

// The cases that the notebook's TensorFlow and PyTorch computed, by every way of unrolling.

enum class Way { static_, dynamic, final_state, square_root };

static std::vector<Real> numbers(ConstView a) {
  const Matrix copied = to_matrix(a);
  return {copied.data().begin(), copied.data().end()};
}

// The outputs as they stand in a case: [batch][time][feature].
static std::vector<Real> batch_first(const SequenceVar& y) {
  std::vector<Real> result;
  for (Index i = 0; i < y.batch; ++i) {
    for (Index t = 0; t < y.steps; ++t) {
      const std::vector<Real> row = numbers(y.value(t).rows_from(i, 1));
      result.insert(result.end(), row.begin(), row.end());
    }
  }
  return result;
}

using Computed = std::map<std::string, std::vector<Real>>;

static Computed compute(const Case& recorded, Way way) {
  Tape tape;
  std::map<std::string, Var> vars;
  std::vector<Var> of_cell;
  for (const auto& [name, matrix] : recorded.weights.all) {
    vars[name] = tape.variable(matrix);
    if (name != "w_out" && name != "b_out") of_cell.push_back(vars[name]);
  }
  Cell& cell = find_cell_kind(recorded.cell).make(of_cell, Activation::tanh);
  UnrollOptions options;
  if (recorded.lengths) options.lengths = *recorded.lengths;
  if (recorded.initial_state) options.initial_state = tape.constant(*recorded.initial_state);
  const SequenceVar x = tape.constant(*recorded.inputs);

  Computed computed;
  Var state;
  if (way == Way::static_ || way == Way::dynamic) {
    const Unrolled y = way == Way::static_ ? unroll_static(cell, x, options) : unroll_dynamic(cell, x, options);
    computed["outputs"] = batch_first(y.outputs);
    state = y.state;
    if (y.carry.columns() > state.columns()) {
      computed["cell_state"] =
          numbers(slice_columns(y.carry, state.columns(), y.carry.columns() - state.columns()).value());
    }
  } else {
    state = final_state(cell, x, options, way == Way::final_state ? Keep::every_state : Keep::square_root_states);
  }
  computed["state"] = numbers(state.value());
  if (!recorded.labels) return computed;

  const Var logits = dense(state, vars["w_out"], vars["b_out"]);
  const Var loss = softmax_cross_entropy(logits, *recorded.labels);
  tape.backward(loss);
  computed["logits"] = numbers(logits.value());
  computed["loss"] = numbers(loss.value());
  for (const auto& [name, var] : vars) computed["gradients." + name] = numbers(var.gradient());
  return computed;
}

// Runs all cases of a folder that have inputs, and compares all that is expected.
static void replay(const std::string& folder, Real tolerance, Index least_values) {
  std::map<std::string, double> worst;
  Index values = 0;
  const std::filesystem::path cases = rnn::testing::from_environment("RECORDED_CASES");
  for (const auto& entry : std::filesystem::directory_iterator(cases / folder)) {
    if (entry.path().extension() != ".json") continue;
    const Case recorded = read_case(entry.path());
    if (!recorded.inputs) continue;  // training
    for (const Way way : {Way::static_, Way::dynamic, Way::final_state, Way::square_root}) {
      const Computed computed = compute(recorded, way);
      for (const auto& [key, expected] : recorded.expected) {
        const auto found = computed.find(key);
        if (found == computed.end()) {
          BOOST_REQUIRE(((key == "outputs" || key == "cell_state") && way != Way::static_ && way != Way::dynamic));
          continue;
        }
        BOOST_REQUIRE(found->second.size() == expected.numbers.size());
        for (Index k = 0; k < expected.numbers.size(); ++k, ++values) {
          const Real want = expected.numbers[k],
                     error = std::abs(found->second[k] - want) / std::max(Real(1), std::abs(want));
          BOOST_TEST_CONTEXT(entry.path() << ", " << key << "[" << k << "], way " << int(way)) {
            BOOST_REQUIRE_LE(error, tolerance);
          }
          worst[key] = std::max(worst[key], double(error));
        }
      }
    }
  }
  for (const auto& [key, error] : worst) BOOST_TEST_MESSAGE(folder << " " << key << ": " << error);
  BOOST_TEST(values >= least_values);  // there were cases at all
}

BOOST_AUTO_TEST_CASE(the_notebooks_numbers_are_reproduced) { replay("notebook", Real(1e-6), 400); }

BOOST_AUTO_TEST_CASE(pytorchs_numbers_are_reproduced) {
  replay("pytorch", sizeof(Real) == 4 ? Real(1e-5) : Real(1e-9), 7000);
}

BOOST_AUTO_TEST_CASE(pytorchs_gated_cells_are_reproduced) {
  replay("pytorch_gated", sizeof(Real) == 4 ? Real(1e-5) : Real(1e-9), 4000);
}
