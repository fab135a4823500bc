#include <algorithm>
#include <bit>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"

import rnn.base.error;
import rnn.data.images;
import rnn.formats.safetensors;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.classifier_file;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::Folder;

namespace {

constexpr Real infinity = std::numeric_limits<Real>::infinity();

const ClassifierShape small{.inputs = 2, .hidden = 3, .classes = 4, .activation = Activation::relu};

/// A network and a trainer in which every number differs from every other.
struct Training {
  Classifier network{small};
  Trainer trainer{network.parameters, {}};
  Counters counters{{"epoch", 5}, {"step", 7}};
  Series series{{"losses", {0.5, 0.25}}, {"none", {}}};

  Training() {
    Real next = 1;
    for (const View& all : {network.parameters.flat(), trainer.adam().first_moments(), trainer.adam().second_moments()})
      for (Index i = 0; i < network.parameters.entries().size(); ++i) {
        const View part = network.parameters.part(all, i);
        for (Index j = 0; j < part.size(); ++j) part.data[j] = next++;
      }
    trainer.adam().set_steps(107);
  }

  void save(const std::string& path) {
    save_checkpoint(path, network.parameters, trainer.adam(), counters, series, {{"seed", "9"}});
  }
};

bool same(ConstView a, ConstView b) { return a.size() == b.size() && std::equal(a.data, a.data + a.size(), b.data); }

/// What FileError says about the checkpoint of a Training once `damage` was done to it, without the file's name.
std::string problem(const std::function<void(TensorFile&)>& damage) {
  const Folder folder;
  const std::string path = folder / "c";
  Training saved, read;
  saved.save(path);
  TensorFile file = read_safetensors(path);
  damage(file);
  write_safetensors(path, file);
  try {
    Checkpoint(path).restore(read.network.parameters, read.trainer.adam());
  } catch (const FileError& error) {
    BOOST_TEST(std::string(error.what()).starts_with(path + ": "), error.what());
    return std::string(error.what()).substr(path.size() + 2);
  }
  return "no error";
}

/// The same of the network alone.
std::string network_problem(const std::function<void(TensorFile&)>& damage) {
  const Folder folder;
  const std::string path = folder / "w";
  save_classifier(path, Training().network);
  TensorFile file = read_safetensors(path);
  damage(file);
  write_safetensors(path, file);
  try {
    load_classifier(path);
  } catch (const FileError& error) {
    return std::string(error.what()).substr(path.size() + 2);
  }
  return "no error";
}

Tensor& tensor(TensorFile& file, const std::string& name) {
  return *std::ranges::find(file.tensors, name, &Tensor::name);
}
void take_out(TensorFile& file, const std::string& name) {
  std::erase_if(file.tensors, [&](const Tensor& each) { return each.name == name; });
}
template <class T>
void put(TensorFile& file, const std::string& name, Index at, T number) {
  std::memcpy(&tensor(file, name).bytes[at * sizeof number], &number, sizeof number);
}
void swap_axes(TensorFile& file, const std::string& name) { std::ranges::reverse(tensor(file, name).shape); }

}  // namespace

BOOST_AUTO_TEST_CASE(everything_that_training_needs_comes_back) {
  const Folder folder;
  Training saved;
  saved.save(folder / "c");
  Classifier network(small);
  Trainer trainer(network.parameters, {});
  const Checkpoint checkpoint(folder / "c");
  checkpoint.restore(network.parameters, trainer.adam());
  BOOST_TEST(checkpoint.metadata("seed") == "9");
  BOOST_TEST(checkpoint.counter("epoch") == 5u);
  BOOST_TEST(checkpoint.counter("step") == 7u);
  BOOST_TEST(!checkpoint.has_counter("loss_sum"));
  BOOST_TEST(checkpoint.series("losses") == saved.series["losses"], boost::test_tools::per_element());
  BOOST_TEST(checkpoint.series("none").empty());
  BOOST_TEST(checkpoint.series("unheard of").empty());
  BOOST_TEST(trainer.adam().steps() == 107u);
  BOOST_TEST(same(network.parameters.flat(), saved.network.parameters.flat()));
  BOOST_TEST(same(trainer.adam().first_moments(), saved.trainer.adam().first_moments()));
  BOOST_TEST(same(trainer.adam().second_moments(), saved.trainer.adam().second_moments()));
}

BOOST_AUTO_TEST_CASE(a_network_comes_back_with_its_shape_and_activation) {
  const Folder folder;
  const Training saved;
  save_classifier(folder / "w", saved.network);
  const Classifier read = load_classifier(folder / "w");
  BOOST_TEST(read.shape().inputs == 2u);
  BOOST_TEST(read.shape().hidden == 3u);
  BOOST_TEST(read.shape().classes == 4u);
  BOOST_TEST((read.shape().activation == Activation::relu));
  BOOST_TEST(same(read.parameters.flat(), saved.network.parameters.flat()));
}

BOOST_AUTO_TEST_CASE(a_network_comes_back_with_the_steps_that_it_reads) {
  const Folder folder;
  for (const ImageSteps& steps : {ImageSteps{}, {.pixels = true}, {.shrink = 7}, {.pixels = true, .shrink = 2}}) {
    save_classifier(folder / "w", Classifier({.inputs = 1, .hidden = 3, .steps = steps}));
    BOOST_TEST((load_classifier(folder / "w").shape().steps == steps));
    BOOST_TEST(read_safetensors(folder / "w").metadata.contains("pixels") == steps.pixels);
    BOOST_TEST(read_safetensors(folder / "w").metadata.contains("shrink") == (steps.shrink != 1));
  }
  const auto said = [](const char* name, const char* value) {
    return network_problem([&](TensorFile& file) { file.metadata[name] = value; });
  };
  BOOST_TEST(said("pixels", "false") == "no error");
  BOOST_TEST(said("pixels", "yes") == "pixels: expected true or false, found \"yes\"");
  BOOST_TEST(said("pixels", "true") == "pixels: expected a network of 1 input, found 2");
  for (const char* value : {"1", "2", "1000"}) BOOST_TEST(said("shrink", value) == "no error", value);
  for (const std::string value : {"", "0", "-2", "2.", " 2", "1001", "99999999999999999999"}) {
    BOOST_TEST(said("shrink", value.c_str()) ==
               "shrink: expected a whole number from 1 to 1000, found \"" + value + "\"");
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_checkpoint_is_refused) {
  const std::uint64_t one = 1;
  BOOST_TEST(problem([](TensorFile&) {}) == "no error");
  BOOST_TEST(problem([](TensorFile& file) { take_out(file, "adam_steps"); }) ==
             "expected a checkpoint, found no tensor \"adam_steps\": these are weights alone");
  BOOST_TEST(problem([](TensorFile& file) { tensor(file, "adam_steps").dtype = "F64"; }) ==
             "tensor \"adam_steps\": expected U64 with one axis, found F64 [1]");
  BOOST_TEST(problem([=](TensorFile& file) {
               const std::uint64_t two[] = {one, one};
               tensor(file, "counter.step") = to_tensor("counter.step", two);
             }) == "tensor \"counter.step\": expected U64 [1], found U64 [2]");
  BOOST_TEST(problem([](TensorFile& file) { put(file, "adam_steps", 0, ~std::uint64_t(0)); }) ==
             "expected a number of steps, found 18446744073709551615");
  const std::uint64_t least = std::uint64_t(1) << 62;  // that is no number of steps
  BOOST_TEST(problem([=](TensorFile& file) { put(file, "adam_steps", 0, least); }) ==
             "expected a number of steps, found 4611686018427387904");
  BOOST_TEST(problem([=](TensorFile& file) { put(file, "adam_steps", 0, least - 1); }) == "no error");
}

// Checkpoints that were written before counters had names.
BOOST_AUTO_TEST_CASE(a_bit_that_is_flipped_in_a_checkpoint_is_noticed) {
  const Folder folder;
  const std::string path = folder / "c";
  Training().save(path);
  std::string whole = folder.read("c");
  const auto problem_of = [&](const std::string& bytes) -> std::string {
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      const Checkpoint checkpoint(path);
    } catch (const FileError& error) {
      return error.what();
    }
    return "no error";
  };
  BOOST_TEST(problem_of(whole) == "no error");
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), sizeof header);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
    const std::string said = problem_of(damaged);
    BOOST_TEST(said.starts_with(path + ": "), "byte " << i << ": " << said);
    if (i >= sizeof header + header) BOOST_TEST(said.ends_with("the file is damaged, or was changed"), said);
  }
}

BOOST_AUTO_TEST_CASE(weights_have_no_checksum_so_that_their_bytes_stay_what_they_are) {
  const Folder folder;
  save_classifier(folder / "w", Training().network);
  BOOST_TEST(folder.read("w").find("crc32c") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_old_checkpoint_is_read) {
  const Folder folder;
  const std::string path = folder / "c";
  Training saved;
  saved.save(path);
  TensorFile file = read_safetensors(path);
  for (const char* name : {"adam_steps", "counter.epoch", "counter.step", "series.losses", "series.none"}) {
    take_out(file, name);
  }
  const std::uint64_t position[] = {5, 7, 107, std::bit_cast<std::uint64_t>(1.25)};
  file.tensors.push_back(to_tensor("position", position));
  write_safetensors(path, file);
  Training read;
  const Checkpoint checkpoint(path);
  checkpoint.restore(read.network.parameters, read.trainer.adam());
  BOOST_TEST(checkpoint.counter("epoch") == 5u);
  BOOST_TEST(checkpoint.counter("step") == 7u);
  BOOST_TEST(std::bit_cast<double>(checkpoint.counter("loss_sum")) == 1.25);
  BOOST_TEST(read.trainer.adam().steps() == 107u);
  tensor(file, "position") = {"position", "U64", {1}, "12345678"};
  write_safetensors(path, file);
  BOOST_CHECK_EXCEPTION(Checkpoint{path}, FileError, [&](const FileError& error) {
    return error.what() == path + ": tensor \"position\": expected U64 [4], found U64 [1]";
  });
}

BOOST_AUTO_TEST_CASE(moments_that_adam_cannot_have_are_refused) {
  const auto wrong = [](const std::string& name, Real number, Index place = 1) {
    return problem([&](TensorFile& file) { put(file, name, place, number); });
  };
  BOOST_TEST(wrong("first_moment.w_x", -2) == "no error");
  BOOST_TEST(wrong("second_moment.w_x", 0) == "no error");
  BOOST_TEST(wrong("first_moment.w_x", infinity) ==
             "tensor \"first_moment.w_x\": expected finite numbers, found inf at number 1");
  BOOST_TEST(wrong("second_moment.b", -2) ==
             "tensor \"second_moment.b\": expected means of squares, 0 or more, found -2 at number 1");
  BOOST_TEST(wrong("second_moment.b", -2, 0) ==
             "tensor \"second_moment.b\": expected means of squares, 0 or more, found -2 at number 0");
  BOOST_TEST(wrong("second_moment.b", infinity, 0) ==
             "tensor \"second_moment.b\": expected finite numbers, found inf at number 0");
  BOOST_TEST(problem([](TensorFile& file) { take_out(file, "second_moment.w_y"); }) ==
             "expected a tensor \"second_moment.w_y\", found none");
  BOOST_TEST(problem([](TensorFile& file) { swap_axes(file, "first_moment.w_out"); }) ==
             "tensor \"first_moment.w_out\": expected " + real_dtype() + " [3, 4], found " + real_dtype() + " [4, 3]");
}

BOOST_AUTO_TEST_CASE(weights_that_are_no_network_are_refused) {
  BOOST_TEST(network_problem([](TensorFile&) {}) == "no error");
  BOOST_TEST(network_problem([](TensorFile& file) { take_out(file, "w_y"); }) ==
             "expected a tensor \"w_y\", found none");
  BOOST_TEST(network_problem([](TensorFile& file) { take_out(file, "b"); }) == "expected a tensor \"b\", found none");
  BOOST_TEST(network_problem([](TensorFile& file) { tensor(file, "w_x").shape = {1, 2, 3}; }) ==
             "tensor \"w_x\": expected a shape of rows and columns, found [1, 2, 3]");
  const auto with_shape = [](const std::vector<std::uint64_t>& shape, std::size_t count) {
    return network_problem([&](TensorFile& file) {
      tensor(file, "w_x").shape = shape;
      tensor(file, "w_x").bytes.resize(count * sizeof(Real));
    });
  };
  BOOST_TEST(with_shape({}, 1) == "tensor \"w_x\": expected a shape of rows and columns, found []");
  BOOST_TEST(with_shape({0, 3}, 0) == "tensor \"w_x\": expected a shape of rows and columns, found [0, 3]");
  BOOST_TEST(with_shape({2, 0}, 0) == "tensor \"w_x\": expected a shape of rows and columns, found [2, 0]");
  BOOST_TEST(network_problem([](TensorFile& file) { tensor(file, "b").shape = {1, 3}; }) == "no error");
  BOOST_TEST(network_problem([](TensorFile& file) { tensor(file, "b").shape = {3, 1}; }) ==
             "tensor \"b\": expected 1 x 3 for 2 inputs, 3 neurons (rnn) and 4 classes, found 3 x 1");
  BOOST_TEST(network_problem([](TensorFile& file) { tensor(file, "w_x").shape = {6}; }) ==
             "tensor \"w_x\": expected 1 x 3 for 1 inputs, 3 neurons (rnn) and 4 classes, found 1 x 6");
  BOOST_TEST(network_problem([](TensorFile& file) { swap_axes(file, "w_out"); }) ==
             "tensor \"w_out\": expected 3 x 3 for 2 inputs, 3 neurons (rnn) and 3 classes, found 4 x 3");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata["cell"] = "gru"; }) ==
             "activation: expected tanh, found \"relu\"");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata = {{"cell", "gru"}}; }) ==
             "tensor \"w_x\": expected 2 x 9 for 2 inputs, 3 neurons (gru) and 4 classes, found 2 x 3");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata = {{"cell", "elman"}}; }) ==
             "cell: expected rnn or gru or lstm, found \"elman\"");
  BOOST_TEST(network_problem([](TensorFile& file) { put(file, "b_out", 3, -infinity); }) ==
             "tensor \"b_out\": expected finite numbers, found -inf at number 3");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata["activation"] = "sigmoid"; }) ==
             "activation: expected tanh or relu, found \"sigmoid\"");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata.clear(); }) == "no error");
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_never_reach_a_file) {
  const Folder folder;
  Training training;
  const auto refused = [&](View numbers, Index at, const std::string& what) {
    const Real before = std::exchange(numbers.data[at], -infinity);
    BOOST_CHECK_EXCEPTION(training.save(folder / "c"), ResultError, [&](const ResultError& error) {
      return error.what() == "cannot write " + what + "; the learning rate is too large";
    });
    if (what.starts_with("weights")) BOOST_CHECK_THROW(save_classifier(folder / "c", training.network), ResultError);
    numbers.data[at] = before;
  };
  for (const View moments : {training.trainer.adam().first_moments(), training.trainer.adam().second_moments()}) {
    for (const Index at : {Index(0), moments.size() - 1}) refused(moments, at, "moments that are not finite");
  }
  refused(training.network.parameters["w_x"], 0, "weights that are not finite: w_x");
  refused(training.network.parameters["b_out"], 3, "weights that are not finite: b_out");
  BOOST_TEST(!std::filesystem::exists(folder / "c"));
}

// No parameter is looked at beyond its end, where the next one may still have what it had before.
BOOST_AUTO_TEST_CASE(what_a_network_and_its_moments_held_before_does_not_matter) {
  const Folder folder;
  Parameters saved, read;
  for (Parameters* parameters : {&saved, &read}) parameters->add("w", 4, 16), parameters->add("v", 1, 32);
  Trainer saving(saved, {}), reading(read, {});
  save_checkpoint(folder / "c", saved, saving.adam(), {}, {}, {});
  for (const View numbers : {read.flat(), reading.adam().first_moments(), reading.adam().second_moments()}) {
    std::fill(numbers.data, numbers.data + numbers.size(), -infinity);
  }
  Checkpoint(folder / "c").restore(read, reading.adam());
  BOOST_TEST(same(read.flat(), saved.flat()));
  BOOST_TEST(same(reading.adam().second_moments(), saving.adam().second_moments()));
}

BOOST_AUTO_TEST_CASE(a_series_is_numbers_with_one_axis) {
  const Folder folder;
  Training().save(folder / "c");
  const auto series = [&](const std::function<void(TensorFile&)>& change) -> std::string {
    TensorFile file = read_safetensors(folder / "c");
    change(file);
    write_safetensors(folder / "changed", file);
    try {
      return std::to_string(Checkpoint(folder / "changed").series("losses").size());
    } catch (const FileError& error) {
      return std::string(error.what()).substr((folder / "changed").size() + 2);
    }
  };
  const std::string expected = "tensor \"series.losses\": expected F64 with one axis, found ";
  BOOST_TEST(series([](TensorFile&) {}) == "2");
  BOOST_TEST(series([](TensorFile& file) { tensor(file, "series.losses").dtype = "I64"; }) == expected + "I64 [2]");
  BOOST_TEST(series([](TensorFile& file) { tensor(file, "series.losses").shape = {2, 1}; }) == expected + "F64 [2, 1]");
}

BOOST_AUTO_TEST_CASE(what_is_not_in_the_checkpoint_is_named) {
  const Folder folder;
  Training().save(folder / "c");
  const auto says = [&](const std::string& problem) {
    return [=, &folder](const FileError& error) { return error.what() == (folder / "c") + ": " + problem; };
  };
  BOOST_CHECK_EXCEPTION(Checkpoint(folder / "c").metadata("batch"), FileError,
                        says("metadata: expected the key batch, found none"));
  BOOST_CHECK_EXCEPTION(Checkpoint(folder / "c").counter("loss_sum"), FileError,
                        says("expected a tensor \"counter.loss_sum\", found none"));
}

// A matrix of one row, and networks of one of everything, are not mistaken for vectors.
BOOST_AUTO_TEST_CASE(networks_of_every_cell_and_of_the_least_sizes_come_back) {
  const Folder folder;
  for (const char* cell : {"rnn", "gru", "lstm"}) {
    for (const Index inputs : {1, 2}) {
      for (const Index hidden : {1, 3}) {
        for (const Index classes : {1, 4}) {
          Classifier network({.inputs = inputs, .hidden = hidden, .classes = classes, .cell = cell});
          Engine engine(7);
          network.initialize(engine);
          Trainer trainer(network.parameters, {});
          save_classifier(folder / "w", network);
          const Classifier read = load_classifier(folder / "w");
          BOOST_TEST(read.shape().cell == cell);
          BOOST_TEST(read.shape().inputs == inputs);
          BOOST_TEST(same(read.parameters.flat(), network.parameters.flat()));
          save_checkpoint(folder / "c", network.parameters, trainer.adam(), {}, {}, metadata_of(network));
          Classifier again({.inputs = inputs, .hidden = hidden, .classes = classes, .cell = cell});
          Checkpoint(folder / "c").restore(again.parameters, trainer.adam());
          BOOST_TEST(same(again.parameters.flat(), network.parameters.flat()));
          BOOST_TEST(same(load_classifier(folder / "c").parameters.flat(), network.parameters.flat()));
        }
      }
    }
  }
}
