#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

import rnn.base.error;
import rnn.formats.safetensors;
import rnn.formats.state_dict;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

constexpr Index inputs = 3, n = 2, classes = 4;

/// A cell of PyTorch's, with its blocks.
struct Kind {
  std::string cell;
  Index k;
};
const std::vector<Kind> kinds{{"rnn", 1}, {"gru", 3}, {"lstm", 4}};

using Shape = std::vector<std::uint64_t>;

/// Numbers that differ from one another and from those of every other `first`; whole, so that sums of them are exact.
Tensor counted(const std::string& name, int first, const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t axis : shape) count *= axis;
  std::vector<Real> numbers(count);
  for (std::uint64_t i = 0; i < count; ++i) numbers[i] = Real(first) + Real(i);
  return to_tensor(name, numbers, shape);
}

TensorFile state_dict(const Kind& kind, const std::string& rnn = "rnn.", const std::string& linear = "fc.") {
  const Index rows = kind.k * n;
  return {{counted(linear + "bias", 700, {classes}), counted(rnn + "weight_ih_l0", 100, {rows, inputs}),
           counted(rnn + "bias_hh_l0", 400, {rows}), counted(rnn + "weight_hh_l0", 200, {rows, n}),
           counted(rnn + "bias_ih_l0", 3000, {rows}), counted(linear + "weight", 600, {classes, n})},
          {}};
}

Matrix matrix(const TensorFile& file, const std::string& name, Index rows, Index columns) {
  Matrix values(rows, columns);
  copy(file, "f", name, values);
  return values;
}

bool same_tensors(const TensorFile& a, const TensorFile& b) {
  for (const Tensor& tensor : a.tensors) {
    const Tensor* other = b.find(tensor.name);
    if (!other || other->dtype != tensor.dtype || other->shape != tensor.shape || other->bytes != tensor.bytes)
      return false;
  }
  return a.tensors.size() == b.tensors.size();
}

Tensor& named(TensorFile& file, const std::string& name) { return const_cast<Tensor&>(*file.find(name)); }

/// What is said of the LSTM's state dict once it has been changed.
std::string refusal(const std::function<void(TensorFile&)>& change) {
  TensorFile file = state_dict(kinds[2]);
  change(file);
  try {
    from_state_dict(file, "f");
  } catch (const FileError& error) {
    return error.what();
  }
  return "nothing";
}

std::string with(const Tensor& tensor) {
  return refusal([&](TensorFile& file) { file.tensors.push_back(tensor); });
}

std::string without(const std::string& name) {
  return refusal(
      [&](TensorFile& file) { std::erase_if(file.tensors, [&](const Tensor& t) { return t.name == name; }); });
}

std::string instead(const Tensor& tensor) {
  return refusal([&](TensorFile& file) { named(file, tensor.name) = tensor; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(weights_are_transposed_and_biases_added_but_for_the_candidate_of_the_gru) {
  for (const Kind& kind : kinds) {
    const TensorFile ours = from_state_dict(state_dict(kind), "f");
    const Index columns = kind.k * n, gru = kind.cell == "gru";
    BOOST_TEST(ours.metadata.at("cell") == kind.cell);
    BOOST_TEST(ours.tensors.size() == 5 + gru);
    const Matrix w_x = matrix(ours, "w_x", inputs, columns), w_y = matrix(ours, "w_y", n, columns);
    const Matrix b = matrix(ours, "b", 1, columns), w_out = matrix(ours, "w_out", n, classes);
    for (Index j = 0; j < columns; ++j) {
      for (Index i = 0; i < inputs; ++i) BOOST_TEST(w_x(i, j) == Real(100 + j * inputs + i));
      for (Index i = 0; i < n; ++i) BOOST_TEST(w_y(i, j) == Real(200 + j * n + i));
      const bool candidate = gru && j >= 2 * n;
      BOOST_TEST(b(0, j) == Real(3000 + j + (candidate ? 0 : 400 + j)));
      if (candidate) BOOST_TEST(matrix(ours, "b_y", 1, n)(0, j - 2 * n) == Real(400 + j));
    }
    for (Index j = 0; j < classes; ++j) {
      for (Index i = 0; i < n; ++i) BOOST_TEST(w_out(i, j) == Real(600 + j * n + i));
      BOOST_TEST(matrix(ours, "b_out", 1, classes)(0, j) == Real(700 + j));
    }
    BOOST_TEST(ours.find("b")->shape == Shape({columns}), boost::test_tools::per_element());
    BOOST_TEST(ours.find("b_out")->shape == Shape({classes}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(each_layer_may_have_any_prefix) {
  for (const Kind& kind : kinds) {
    const TensorFile expected = from_state_dict(state_dict(kind), "f");
    for (const auto& [rnn, linear] : std::vector<std::pair<std::string, std::string>>{
             {"", ""}, {"", "head."}, {"a.b.c.", ""}, {"module.0.", "module.1."}, {"weight.", "bias."}}) {
      BOOST_TEST(same_tensors(from_state_dict(state_dict(kind, rnn, linear), "f"), expected), rnn << " " << linear);
    }
  }
}

BOOST_AUTO_TEST_CASE(missing_biases_are_zeros) {
  for (const Kind& kind : kinds) {
    TensorFile file = state_dict(kind);
    const TensorFile with_biases = from_state_dict(file, "f");
    std::erase_if(file.tensors, [](const Tensor& tensor) { return tensor.name.find("bias") != std::string::npos; });
    const TensorFile ours = from_state_dict(file, "f");
    BOOST_TEST(ours.tensors.size() == with_biases.tensors.size());
    for (const Tensor& tensor : with_biases.tensors) {
      const bool bias = tensor.name.starts_with("b");
      BOOST_TEST(ours.find(tensor.name)->bytes == (bias ? std::string(tensor.bytes.size(), '\0') : tensor.bytes));
      BOOST_TEST((ours.find(tensor.name)->shape == tensor.shape));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_exported_comes_back_with_the_same_bits) {
  for (const Kind& kind : kinds) {
    TensorFile ours = from_state_dict(state_dict(kind), "f");
    named(ours, "b") = to_tensor("b", std::vector<Real>(kind.k * n, Real(-0.0)), {kind.k * n});
    ours.metadata["activation"] = "tanh";
    TensorFile checkpoint = ours;
    checkpoint.tensors.push_back(counted("first_moment.w_x", 0, {inputs, kind.k * n}));
    const TensorFile theirs = to_state_dict(checkpoint, "f");
    BOOST_TEST(theirs.metadata.at("format") == "pt");
    BOOST_TEST(theirs.tensors.size() == 6u);
    BOOST_TEST((theirs.find("rnn.weight_ih_l0")->shape == Shape{kind.k * n, inputs}));
    BOOST_TEST((theirs.find("rnn.weight_hh_l0")->shape == Shape{kind.k * n, n}));
    BOOST_TEST((theirs.find("rnn.bias_ih_l0")->shape == Shape{kind.k * n}));
    BOOST_TEST((theirs.find("rnn.bias_hh_l0")->shape == Shape{kind.k * n}));
    BOOST_TEST((theirs.find("linear.weight")->shape == Shape{classes, n}));
    BOOST_TEST((theirs.find("linear.bias")->shape == Shape{classes}));
    const TensorFile back = from_state_dict(theirs, "f");
    BOOST_TEST(same_tensors(back, ours));
    BOOST_TEST(back.metadata.at("activation") == "tanh");
  }
}

BOOST_AUTO_TEST_CASE(what_is_imported_goes_back_but_for_the_sum_of_the_biases) {
  for (const Kind& kind : kinds) {
    const TensorFile file = state_dict(kind, "rnn.", "linear.");
    const TensorFile back = to_state_dict(from_state_dict(file, "f"), "f");
    const Index columns = kind.k * n;
    const Matrix ih = matrix(back, "rnn.bias_ih_l0", 1, columns), hh = matrix(back, "rnn.bias_hh_l0", 1, columns);
    for (Index j = 0; j < columns; ++j) BOOST_TEST(ih(0, j) + hh(0, j) == Real(3400 + 2 * j));
    for (const char* name : {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "linear.weight", "linear.bias"}) {
      BOOST_TEST(back.find(name)->bytes == file.find(name)->bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_single_layer_with_a_dense_one_is_refused) {
  for (const std::string name : {"rnn.weight_ih_l1", "rnn.weight_hh_l1", "rnn.bias_ih_l1", "rnn.bias_hh_l1"}) {
    BOOST_TEST(with(counted(name, 0, {8, 2})) ==
               "f: tensor \"" + name + "\": expected one recurrent layer (num_layers=1), found a tensor of another");
  }
  BOOST_TEST(with(counted("rnn.bias_hh_l0_reverse", 0, {8})) ==
             "f: tensor \"rnn.bias_hh_l0_reverse\": expected one direction, found a tensor of a bidirectional layer");
  BOOST_TEST(with(counted("rnn.weight_hr_l0", 0, {1, 2})) ==
             "f: tensor \"rnn.weight_hr_l0\": expected no projection, found one (proj_size)");
  BOOST_TEST(with(counted("other.weight_ih_l0", 0, {8, 3})) ==
             "f: expected one nn.RNN, nn.GRU or nn.LSTM, found two: tensors \"rnn.weight_ih_l0\" and "
             "\"other.weight_ih_l0\"");
  BOOST_TEST(with(counted("head.weight", 0, {8, 3})) ==
             "f: expected one nn.Linear, found two: tensors \"fc.weight\" and \"head.weight\"");
  BOOST_TEST(with(counted("head.bias", 0, {8})) ==
             "f: tensor \"head.bias\": expected a weight beside this bias, found none");
  BOOST_TEST(
      with(counted("norm.running_mean", 0, {8})) ==
      "f: tensor \"norm.running_mean\": expected the tensors of one recurrent layer and one nn.Linear alone, found "
      "another");
  BOOST_TEST(
      without("rnn.weight_ih_l0") ==
      "f: expected an nn.RNN, nn.GRU or nn.LSTM with a tensor \"weight_ih_l0\", perhaps after a prefix and a dot, "
      "found none");
  BOOST_TEST(without("rnn.weight_hh_l0") == "f: expected a tensor \"rnn.weight_hh_l0\", found none");
  BOOST_TEST(without("rnn.bias_hh_l0") == "f: expected a tensor \"rnn.bias_hh_l0\", found none");
  BOOST_TEST(without("fc.weight") ==
             "f: expected an nn.Linear with a tensor \"weight\", perhaps after a prefix and a dot, found none");
  BOOST_TEST(without("fc.bias") == "nothing");
}

BOOST_AUTO_TEST_CASE(wrong_shapes_and_numbers_are_refused) {
  const std::string real = real_dtype();
  BOOST_TEST(instead(counted("rnn.weight_hh_l0", 0, {4, 2})) ==
             "f: tensor \"rnn.weight_hh_l0\": expected as many rows as columns (nn.RNN), 3 times as many (nn.GRU) or 4 "
             "times (nn.LSTM), found [4, 2]");
  BOOST_TEST(instead(counted("rnn.weight_hh_l0", 0, {16})) ==
             "f: tensor \"rnn.weight_hh_l0\": expected a shape of two axes, both at least 1, found [16]");
  BOOST_TEST(
      instead({"rnn.weight_hh_l0", real, {0, std::uint64_t(1) << 62}, ""}) ==
      "f: tensor \"rnn.weight_hh_l0\": expected a shape of two axes, both at least 1, found [0, 4611686018427387904]");
  BOOST_TEST(instead({"rnn.weight_hh_l0", real, {4, 0}, ""}) ==
             "f: tensor \"rnn.weight_hh_l0\": expected a shape of two axes, both at least 1, found [4, 0]");
  BOOST_TEST(instead(counted("rnn.weight_ih_l0", 0, {6, 3})) ==
             "f: tensor \"rnn.weight_ih_l0\": expected " + real + " [8, 3], found " + real + " [6, 3]");
  BOOST_TEST(instead(counted("rnn.bias_ih_l0", 0, {6})) ==
             "f: tensor \"rnn.bias_ih_l0\": expected " + real + " [8], found " + real + " [6]");
  BOOST_TEST(instead(counted("rnn.bias_hh_l0", 0, {2, 4})) ==
             "f: tensor \"rnn.bias_hh_l0\": expected " + real + " [8], found " + real + " [2, 4]");
  BOOST_TEST(instead(counted("fc.weight", 0, {4, 3})) ==
             "f: tensor \"fc.weight\": expected " + real + " [4, 2], found " + real + " [4, 3]");
  BOOST_TEST(instead(counted("fc.bias", 0, {3})) ==
             "f: tensor \"fc.bias\": expected " + real + " [4], found " + real + " [3]");
  BOOST_TEST(instead({"fc.bias", "I8", {4}, "1234"}) ==
             "f: tensor \"fc.bias\": expected " + real + " [4], found I8 [4]");

  std::vector<Real> bad(8, Real(1));
  bad[5] = std::numeric_limits<Real>::quiet_NaN();
  BOOST_TEST(instead(to_tensor("rnn.bias_hh_l0", bad, {8})) ==
             "f: tensor \"rnn.bias_hh_l0\": expected finite numbers, found nan at number 5");
  const std::vector<Real> large(8, std::numeric_limits<Real>::max());
  BOOST_TEST(refusal([&](TensorFile& file) {
               named(file, "rnn.bias_ih_l0") = to_tensor("rnn.bias_ih_l0", large, {8});
               named(file, "rnn.bias_hh_l0") = to_tensor("rnn.bias_hh_l0", large, {8});
             }) == "f: tensor \"rnn.bias_hh_l0\": expected biases with finite sums, found inf at number 0");
}

BOOST_AUTO_TEST_CASE(all_shapes_are_checked_before_any_number_and_before_memory_is_asked_for) {
  std::vector<Real> bad(24, Real(1));
  bad[0] = std::numeric_limits<Real>::quiet_NaN();
  const auto first_said = [&](const Tensor& tensor) {
    return refusal([&](TensorFile& file) {
      named(file, "rnn.weight_ih_l0") = to_tensor("rnn.weight_ih_l0", bad, {8, 3});
      named(file, tensor.name) = tensor;
    });
  };
  for (const char* name : {"rnn.bias_ih_l0", "rnn.bias_hh_l0", "fc.bias"}) {
    BOOST_TEST(first_said(counted(name, 0, {7})).starts_with("f: tensor \"" + std::string(name) + "\": expected "));
  }
  BOOST_TEST(first_said(counted("fc.weight", 0, {4, 3})).starts_with("f: tensor \"fc.weight\": expected "));
  const std::uint64_t huge = std::uint64_t(1) << 42;
  for (const Tensor& tensor :
       {Tensor{"rnn.weight_ih_l0", real_dtype(), {1, huge}, ""}, Tensor{"fc.weight", real_dtype(), {huge, 1}, ""}}) {
    BOOST_TEST(instead(tensor).starts_with("f: tensor \"" + tensor.name + "\": expected " + real_dtype() + " ["));
  }
}

BOOST_AUTO_TEST_CASE(a_cell_that_pytorch_does_not_have_is_not_exported) {
  TensorFile ours = from_state_dict(state_dict(kinds[1]), "f");
  ours.metadata["cell"] = "mgu";
  BOOST_CHECK_EXCEPTION(to_state_dict(ours, "f"), FileError, [](const FileError& error) {
    return error.what() == std::string("f: cell: expected one that PyTorch has, rnn, gru or lstm, found \"mgu\"");
  });
  ours.metadata["cell"] = "gru";
  std::erase_if(ours.tensors, [](const Tensor& tensor) { return tensor.name == "b_y"; });
  BOOST_CHECK_EXCEPTION(to_state_dict(ours, "f"), FileError, [](const FileError& error) {
    return error.what() == std::string("f: expected a tensor \"b_y\", found none");
  });
}
