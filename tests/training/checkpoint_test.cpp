#include <algorithm>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <ranges>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

import rnn.base.error;
import rnn.formats.safetensors;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.checkpoint;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::Folder;

namespace {

constexpr Real infinity = std::numeric_limits<Real>::infinity();

const ClassifierShape small{.inputs = 2, .hidden = 3, .classes = 4, .activation = Activation::relu};

/// A network and a trainer in which every number differs from every other.
struct Training {
  Classifier network{small};
  Trainer trainer{network, {}};
  Position position{.epoch = 5, .step = 7, .loss_sum = 1.25};

  Training() {
    Real next = 1;
    for (const View& all : {network.parameters.flat(), trainer.adam().first_moments(), trainer.adam().second_moments()})
      for (Index i = 0; i < network.parameters.entries().size(); ++i) {
        const View part = network.parameters.part(all, i);
        for (Index j = 0; j < part.size(); ++j) part.data[j] = next++;
      }
    trainer.adam().set_steps(107);
  }
};

bool same(ConstView a, ConstView b) { return a.size() == b.size() && std::equal(a.data, a.data + a.size(), b.data); }

/// What FileError says about the checkpoint of a Training once `damage` was done to it, without the file's name.
std::string problem(const std::function<void(TensorFile&)>& damage) {
  const Folder folder;
  const std::string path = folder / "c";
  Training saved, read;
  save_checkpoint(path, saved.network, saved.trainer, saved.position, {});
  TensorFile file = read_safetensors(path);
  damage(file);
  write_safetensors(path, file);
  try {
    Checkpoint(path).restore(read.network, read.trainer);
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
  save_weights(Training().network, path);
  TensorFile file = read_safetensors(path);
  damage(file);
  write_safetensors(path, file);
  try {
    load_network(path);
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
  save_checkpoint(folder / "c", saved.network, saved.trainer, saved.position, {{"seed", "9"}});
  Classifier network(small);
  Trainer trainer(network, {});
  const Checkpoint checkpoint(folder / "c");
  const Position position = checkpoint.restore(network, trainer);
  BOOST_TEST(checkpoint.option("seed") == "9");
  BOOST_TEST(position.epoch == 5u);
  BOOST_TEST(position.step == 7u);
  BOOST_TEST(position.loss_sum == 1.25);
  BOOST_TEST(trainer.adam().steps() == 107u);
  BOOST_TEST(same(network.parameters.flat(), saved.network.parameters.flat()));
  BOOST_TEST(same(trainer.adam().first_moments(), saved.trainer.adam().first_moments()));
  BOOST_TEST(same(trainer.adam().second_moments(), saved.trainer.adam().second_moments()));
}

BOOST_AUTO_TEST_CASE(a_network_comes_back_with_its_shape_and_activation) {
  const Folder folder;
  const Training saved;
  save_weights(saved.network, folder / "w");
  const Classifier read = load_network(folder / "w");
  BOOST_TEST(read.shape().inputs == 2u);
  BOOST_TEST(read.shape().hidden == 3u);
  BOOST_TEST(read.shape().classes == 4u);
  BOOST_TEST((read.shape().activation == Activation::relu));
  BOOST_TEST(same(read.parameters.flat(), saved.network.parameters.flat()));
}

BOOST_AUTO_TEST_CASE(what_is_no_checkpoint_is_refused) {
  const std::string bounds =
      "tensor \"position\": expected an epoch, a step, a number of steps and the bits of a finite sum, found numbers "
      "out of bounds";
  const std::uint64_t large = std::uint64_t(1) << 32;
  BOOST_TEST(problem([](TensorFile&) {}) == "no error");
  BOOST_TEST(problem([](TensorFile& file) { take_out(file, "position"); }) ==
             "expected a checkpoint, found no tensor \"position\"; weights alone are for --init");
  BOOST_TEST(problem([](TensorFile& file) { tensor(file, "position").dtype = "F64"; }) ==
             "tensor \"position\": expected U64 with one axis, found F64 [4]");
  BOOST_TEST(problem([](TensorFile& file) { tensor(file, "position") = {"position", "U64", {1}, "12345678"}; }) ==
             "tensor \"position\": expected U64 [4], found U64 [1]");
  BOOST_TEST(problem([=](TensorFile& file) { put(file, "position", 0, large); }) == bounds);
  BOOST_TEST(problem([=](TensorFile& file) { put(file, "position", 1, large); }) == bounds);
  BOOST_TEST(problem([](TensorFile& file) { put(file, "position", 2, ~std::uint64_t(0)); }) == bounds);
  BOOST_TEST(problem([](TensorFile& file) { put(file, "position", 3, double(infinity)); }) == bounds);
}

BOOST_AUTO_TEST_CASE(moments_that_adam_cannot_have_are_refused) {
  const auto wrong = [](const std::string& name, Real number) {
    return problem([&](TensorFile& file) { put(file, name, 1, number); });
  };
  BOOST_TEST(wrong("first_moment.w_x", -2) == "no error");
  BOOST_TEST(wrong("first_moment.w_x", infinity) ==
             "tensor \"first_moment.w_x\": expected finite numbers, found inf at number 1");
  BOOST_TEST(wrong("second_moment.b", -2) ==
             "tensor \"second_moment.b\": expected means of squares, 0 or more, found -2 at number 1");
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
  BOOST_TEST(network_problem([](TensorFile& file) { tensor(file, "w_x").shape = {6}; }) ==
             "tensor \"w_x\": expected a shape of rows and columns, found something else");
  BOOST_TEST(network_problem([](TensorFile& file) { swap_axes(file, "w_out"); }) ==
             "expected w_x (inputs, n), w_y (n, n) and w_out (n, classes), found (2, 3), (3, 3) and (4, 3)");
  BOOST_TEST(network_problem([](TensorFile& file) { put(file, "b_out", 3, -infinity); }) ==
             "tensor \"b_out\": expected finite numbers, found -inf at number 3");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata["activation"] = "sigmoid"; }) ==
             "activation: expected tanh or relu, found \"sigmoid\"");
  BOOST_TEST(network_problem([](TensorFile& file) { file.metadata.clear(); }) == "no error");
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_never_reach_a_file) {
  const Folder folder;
  Training training;
  const auto save = [&] { save_checkpoint(folder / "c", training.network, training.trainer, training.position, {}); };
  training.trainer.adam().first_moments().data[0] = infinity;
  BOOST_CHECK_THROW(save(), ResultError);
  training.network.parameters["w_x"](0, 0) = -infinity;
  BOOST_CHECK_THROW(save(), ResultError);
  BOOST_CHECK_THROW(save_weights(training.network, folder / "c"), ResultError);
  BOOST_TEST(!std::filesystem::exists(folder / "c"));
}

BOOST_AUTO_TEST_CASE(an_option_that_is_not_in_the_checkpoint_is_named) {
  const Folder folder;
  Training training;
  save_checkpoint(folder / "c", training.network, training.trainer, training.position, {});
  BOOST_CHECK_EXCEPTION(Checkpoint(folder / "c").option("seed"), FileError, [&](const FileError& error) {
    return error.what() == (folder / "c") + ": metadata: expected the key seed, found none";
  });
}
