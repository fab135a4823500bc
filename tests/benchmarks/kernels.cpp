// The kernels at the shapes of chapter 06.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "work.hpp"

import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.initializers;
import rnn.training.optimizers;

namespace rnn::bench {

static Matrix random_matrix(Index rows, Index columns) {
  Matrix m(rows, columns);
  Engine engine = seeded(7);
  random_normal(m, engine, 1);
  return m;
}

static void add_product_line(const std::string& name, Index m, Index k, Index n, bool a_transposed) {
  measure({.name = name, .operations = 2.0 * double(m * k * n), .prepare = [=]() -> std::function<void()> {
             const auto a = std::make_shared<Matrix>(a_transposed ? random_matrix(k, m) : random_matrix(m, k));
             const auto b = std::make_shared<Matrix>(random_matrix(k, n));
             const auto c = std::make_shared<Matrix>(m, n, Real(0));
             return [=] { product(a_transposed ? transposed(*a) : ConstView(*a), *b, *c); };
           }});
}

// One time step of a tile: tanh(x·W_x + h·W_y + b), the weights packed before.
static std::function<void()> fused_step(Index batch) {
  struct Step {
    Matrix x, h, y, bias;
    PackedMatrix w_x, w_y;
  };
  const auto s = std::make_shared<Step>(Step{random_matrix(batch, 28), random_matrix(batch, 100), Matrix(batch, 100),
                                             random_matrix(1, 100), PackedMatrix(random_matrix(28, 100)),
                                             PackedMatrix(random_matrix(100, 100))});
  return [s] {
    const Product products[] = {{s->x, s->w_x}, {s->h, s->w_y}};
    sum_of_products(products, {.bias = s->bias.data().begin(), .activation = Activation::tanh}, s->y);
  };
}

void add_kernels() {
  add_product_line("product: 1000x100 by 100x100", 1000, 100, 100, false);
  add_product_line("product: 42x128 by 128x100", 42, 128, 100, false);
  add_product_line("product: (42x100) transposed by 42x100", 100, 42, 100, true);
  measure({.name = "fused step: batch 48, with tanh", .operations = 2.0 * 48 * 128 * 100, .prepare = [] {
             return fused_step(48);
           }});
  measure({.name = "tanh: 48x100", .elements = 4800, .prepare = []() -> std::function<void()> {
             const auto x = std::make_shared<Matrix>(random_matrix(48, 100));
             const auto y = std::make_shared<Matrix>(48, 100);
             return [=] { apply(Activation::tanh, *x, *y); };
           }});
  measure({.name = "Adam: 13,910 parameters", .elements = 13910, .prepare = []() -> std::function<void()> {
             const auto values = std::make_shared<Matrix>(random_matrix(1, 13910));
             const auto gradients = std::make_shared<Matrix>(random_matrix(1, 13910));
             const auto adam = std::make_shared<Adam>(13910, AdamOptions{});
             return [=] { adam->step(*values, *gradients); };
           }});
}

}  // namespace rnn::bench
