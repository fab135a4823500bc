#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "../support/matrices.hpp"

import rnn.base.error;
import rnn.data.event_vocabulary;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.melody_network;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.melody_file;

using namespace rnn;

namespace {

const EventVocabulary vocabulary(std::string("-1 60 62;10080 20160;4/4+0 4/4+10080"));  // with 0: 4, 3, 3

MelodyNetwork network(const std::string& cell = "gru") {
  MelodyNetwork result({.pitches = 4, .durations = 3, .places = 3, .hidden = 5, .embedding = 6, .cell = cell});
  Engine engine(1);
  random_normal(result.parameters.flat(), engine);
  return result;
}

TensorFile file_of(const MelodyNetwork& network) {
  return parse_safetensors(format_parameters(network.parameters, metadata_of(network, vocabulary)), "m");
}

Tensor& tensor(TensorFile& file, const std::string& name) {
  return *std::ranges::find(file.tensors, name, &Tensor::name);
}

/// What is said of such a file once `damage` was done to it.
std::string problem(const std::function<void(TensorFile&)>& damage) {
  TensorFile file = file_of(network());
  damage(file);
  try {
    to_melody_network(file, "m");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_network_with_its_vocabulary_comes_back_from_its_file) {
  for (const CellKind& kind : cell_kinds()) {
    const MelodyNetwork saved = network(kind.name);
    const TensorFile file = file_of(saved);
    const auto [read_vocabulary, read] = to_melody_network(file, "m");
    BOOST_TEST((read_vocabulary == vocabulary));
    for (const Parameters::Entry& entry : saved.parameters.entries()) {
      BOOST_TEST(testing::same_bits(read.parameters[entry.name], saved.parameters[entry.name]), entry.name);
    }
    const MelodyShape& shape = melody_shape(file, "m").shape;
    BOOST_TEST(shape.cell == kind.name);
    BOOST_TEST(shape.hidden == 5u);
    BOOST_TEST(shape.embedding == 6u);
    BOOST_TEST(shape.pitches == 4u);
    BOOST_TEST(shape.durations == 3u);
    BOOST_TEST(shape.places == 3u);
  }
}

BOOST_AUTO_TEST_CASE(a_file_without_a_networks_metadata_says_which) {
  for (const char* name : {"cell", "vocabulary"}) {
    BOOST_TEST(problem([&](TensorFile& file) { file.metadata.erase(name); }) ==
               "m: metadata: expected \"" + std::string(name) +
                   "\", as networks that predict notes have it, found none");
  }
  BOOST_TEST(problem([](TensorFile& file) { file.metadata["cell"] = "rnm"; }) ==
             "m: cell: expected rnn or gru or lstm, found \"rnm\"");
  BOOST_TEST(
      problem([](TensorFile& file) { file.metadata["vocabulary"] = "?"; }).starts_with("m: metadata: vocabulary: "));
}

BOOST_AUTO_TEST_CASE(every_weight_must_be_there_with_the_shape_that_the_others_ask_for) {
  const MelodyNetwork saved = network();
  for (const Parameters::Entry& entry : saved.parameters.entries()) {
    BOOST_TEST(problem([&](TensorFile& file) {
                 std::erase_if(file.tensors, [&](const Tensor& one) { return one.name == entry.name; });
               }) == "m: expected a tensor \"" + entry.name + "\", found none");
    if (entry.name == "w_y" || entry.name == "pitch_embedding") continue;  // they say how large the others are
    const Index rows = entry.rows, columns = entry.columns;
    for (const auto& [wrong_rows, wrong_columns] : {std::pair(rows + 1, columns), std::pair(rows, columns + 1)}) {
      const std::string said = problem([&, r = wrong_rows, c = wrong_columns](TensorFile& file) {
        tensor(file, entry.name) = to_tensor(entry.name, Matrix(r, c, Real(0)));
      });
      BOOST_TEST(said == "m: tensor \"" + entry.name + "\": expected " + std::to_string(rows) + " x " +
                             std::to_string(columns) + " for 5 neurons (gru) and this vocabulary, found [" +
                             std::to_string(wrong_rows) + ", " + std::to_string(wrong_columns) + "]");
    }
  }
}

BOOST_AUTO_TEST_CASE(sizes_are_read_from_matrices_that_are_not_empty) {
  for (const char* name : {"w_y", "pitch_embedding"}) {
    const auto with_shape = [&](Index rows, Index columns) {
      return problem([&](TensorFile& file) { tensor(file, name) = to_tensor(name, Matrix(rows, columns, Real(0))); });
    };
    const std::string begin = "m: tensor \"" + std::string(name) + "\": expected a shape of rows and columns, found [";
    BOOST_TEST(with_shape(0, 5) == begin + "0, 5]");
    BOOST_TEST(with_shape(5, 0) == begin + "5, 0]");
    BOOST_TEST(problem([&](TensorFile& file) { tensor(file, name).shape = {30}; }) == begin + "30]");
  }
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_are_refused) {
  BOOST_TEST(problem([](TensorFile& file) {
               Matrix b(1, 4, Real(0));
               b(0, 2) = std::numeric_limits<Real>::infinity();
               tensor(file, "b_pitch") = to_tensor("b_pitch", {&b(0, 0), 4}, {4});
             }) == "m: tensor \"b_pitch\": expected finite numbers, found inf at number 2");
}
