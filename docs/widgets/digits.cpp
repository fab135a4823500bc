// Networks that read digits, for the widgets of chapters 06 and 07: the page brings weights and a drawing, the course's
// own modules prepare and read it. What is returned stays in memory until the same function is called again.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.data.as_mnist;
import rnn.data.handwriting;
import rnn.data.images;
import rnn.data.picture;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.classifier;
import rnn.network.image_steps;
import rnn.network.parameters;
import rnn.network.reading;

using namespace rnn;

namespace {

constexpr Index side = 28;

std::vector<std::unique_ptr<Classifier>>& networks() {
  static std::vector<std::unique_ptr<Classifier>> all;
  return all;
}

Classifier& network(std::size_t which) {
  if (which >= networks().size()) throw std::invalid_argument("network: there is none of this number");
  return *networks()[which];
}

Images one_image(const std::uint8_t* pixels) { return {1, side, side, {pixels, pixels + side * side}}; }

}  // namespace

extern "C" {

/// A network of n cells of this kind ("rnn", "gru", "lstm") that reads images row by row. Returns its number.
[[clang::export_name("add_network")]] std::size_t add_network(const char* cell, std::size_t n) {
  networks().push_back(std::make_unique<Classifier>(ClassifierShape{.inputs = side, .hidden = n, .cell = cell}));
  return networks().size() - 1;
}

/// Where the page writes the numbers of a parameter, row by row.
[[clang::export_name("weights")]] float* weights(std::size_t which, const char* name, std::size_t rows,
                                                 std::size_t columns) {
  const View w = network(which).parameters[name];
  require_shape("weights", name, w, rows, columns);
  return w.data;
}

/// A gray picture as an image like MNIST's, 28 × 28 pixels. Fails when there is no digit in it, or more than one.
[[clang::export_name("prepare")]] const std::uint8_t* prepare(const std::uint8_t* gray, std::size_t rows,
                                                              std::size_t columns) {
  static Images image;
  image = as_mnist({rows, columns, {gray, gray + rows * columns}}, "drawing");
  return image.pixels.data();
}

/// What the network makes of an image after each row: 28 × 10 probabilities, then 28 × n states.
[[clang::export_name("read_digit")]] const float* read_digit(std::size_t which, const std::uint8_t* pixels) {
  static std::vector<float> numbers;
  const Reading reading = read_by_rows(network(which), one_image(pixels), 0);
  numbers.assign(reading.probabilities.data().begin(), reading.probabilities.data().end());
  numbers.insert(numbers.end(), reading.states.data().begin(), reading.states.data().end());
  return numbers.data();
}

/// What would change the answer: the gradient in each pixel, 28 × 28, of how much more the network is for one digit
/// than for another, the difference of their logits.
[[clang::export_name("pixel_gradient")]] const float* pixel_gradient(std::size_t which, const std::uint8_t* pixels,
                                                                     std::size_t one, std::size_t other) {
  static Matrix gradient;
  Tape tape;
  const std::uint32_t first[] = {0};
  const Matrix x = to_matrix(images_as_steps(tape, one_image(pixels), first).rows.value());  // (28 × 28)
  const SequenceVar steps{tape.variable(x), side, 1};
  const Var logits = network(which).logits({.x = steps});  // (1 × 10)
  tape.backward(add(slice_columns(logits, one, 1), scale(slice_columns(logits, other, 1), Real(-1))));
  gradient = to_matrix(steps.rows.gradient());
  return gradient.data().begin();
}

/// What the cells compute on their way, row by row: 28 × carry (h, and of an LSTM then c), then 28 × saved (GRU: r, z,
/// n, q; LSTM: i, f, g, o; each of n numbers).
[[clang::export_name("gates")]] const float* gates(std::size_t which, const std::uint8_t* pixels) {
  static std::vector<float> numbers;
  const Classifier& reader = network(which);
  Tape tape(Tape::Mode::evaluate);
  std::vector<Var> of_cell;
  for (Index i = 0; i + 2 < reader.parameters.entries().size(); ++i) {
    of_cell.push_back(tape.constant(reader.parameters[i]));
  }
  Cell& cell = reader.cell().make(of_cell, reader.shape().activation);
  const std::uint32_t first[] = {0};
  const SequenceVar x = images_as_steps(tape, one_image(pixels), first);
  Matrix carries(side, cell.sizes().carry), saved(side, cell.sizes().saved);
  cell.begin_forward(1);
  for (Index t = 0; t < side; ++t) {
    const ConstView before = t == 0 ? ConstView{} : ConstView(carries).rows_from(t - 1, 1);
    cell.forward(x.value(t), before, View(carries).rows_from(t, 1), View(saved).rows_from(t, 1));
  }
  numbers.assign(carries.data().begin(), carries.data().end());
  numbers.insert(numbers.end(), saved.data().begin(), saved.data().end());
  return numbers.data();
}

/// The pen's paths of a built-in digit, which shows number mod 10: how many paths there are, then for each how many
/// points, then x and y of all points. A digit is about 1 high.
[[clang::export_name("write_digit")]] const float* write_digit_for_page(std::uint32_t number, std::uint32_t seed) {
  static std::vector<float> numbers;
  const std::vector<Path> paths = write_digit(number, seed);
  numbers = {float(paths.size())};
  for (const Path& path : paths) numbers.push_back(float(path.size()));
  for (const Path& path : paths) {
    for (const auto& [x, y] : path) numbers.insert(numbers.end(), {x, y});
  }
  return numbers.data();
}

}  // extern "C"
