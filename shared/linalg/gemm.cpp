module;
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#define RNN_INLINE [[gnu::always_inline]] inline

module rnn.gemm;

import rnn.activation;
import rnn.cpu;
import rnn.elementwise;
import rnn.matrix;
import rnn.packed;
import rnn.simd;

namespace rnn {

using Panel = PackedMatrix::Panel;
using simd::BlockSize;
using simd::lanes;
using simd::Vector;

struct SumOfProducts {
  std::span<const Product> products;
  const Real* bias;  // null: none
  View c;
  bool from_c;  // the sums start with what is in c, not with zero

  // Panel after panel, so that the panel of b stays in the first-level cache while all rows of a go past it.
  template <InstructionSet set>
  RNN_INLINE void operator()() const {
    constexpr int rows = BlockSize<set>::rows, most = BlockSize<set>::registers;
    for (const Panel& panel : products[0].b.matrix->panels()) {
      panel.shared ? all_rows<rows, most, true>(panel) : all_rows<rows, most, false>(panel);
    }
  }

  // The panel's width and the number of rows become constants of the compiler's: one instance for each.
  template <int rows, int registers, bool shared>
  RNN_INLINE void all_rows(const Panel& panel) const {
    if constexpr (registers > 1) {
      if (panel.registers < registers) return all_rows<rows, registers - 1, shared>(panel);
    }
    // As few blocks as there can be, some of them a row smaller: 37 rows are 5 + 5 + 5 + 5 + 5 + 4 + 4 + 4. A few rows
    // alone may leave one or two, which go by themselves.
    constexpr Index smaller = rows - 1;
    const Index blocks = (c.rows + rows - 1) / rows;
    const Index of_full_size = c.rows < blocks * smaller ? c.rows / rows : c.rows - blocks * smaller;
    Index i = 0;
    for (; i < of_full_size * rows; i += rows) block<rows, registers, shared>(panel, i);
    for (; i + smaller <= c.rows; i += smaller) block<smaller, registers, shared>(panel, i);
    for (; i + 2 <= c.rows; i += 2) block<2, registers, shared>(panel, i);
    if (i < c.rows) block<1, registers, shared>(panel, i);
  }

  // A block: these rows of c, from row i on, in the columns of the panel.
  //
  // Where the last register of a row would be half empty, two rows share it: that of row 0 holds the last columns of
  // the rows 0 and 1, that of row 2 those of 2 and 3, …, and those of the odd rows are not used.
  template <int rows, int registers, bool shared>
  RNN_INLINE void block(const Panel& panel, Index i) const {
    constexpr int last = registers - 1, own = shared ? last : registers;  // registers that a row has for itself
    const auto partner = [](int r) { return std::min(r + 1, rows - 1); };
    const Index tail = panel.columns - last * lanes;  // columns in the last register
    Real* const corner = c.data + i * c.row_stride + panel.first_column;

    Vector sum[rows][registers] = {};
    if (from_c) {
      for (int r = 0; r < rows; ++r) {
        load_row<shared>(corner + r * c.row_stride, corner + partner(r) * c.row_stride, tail, sum[r]);
      }
    }
    for (const Product& product : products) {
      const ConstView a = product.a;
      if (a.columns == 0) continue;  // a sum over nothing; there need not even be an address
      const Real* pa = a.data + i * a.row_stride;
      const Real* pb = product.b.of(panel).data;
      for (Index k = 0; k < a.columns; ++k) {
        Vector b[registers], x[rows];
        for (int v = 0; v < registers; ++v) b[v] = simd::load<Vector>(pb + v * lanes);
        for (int r = 0; r < rows; ++r) {
          x[r] = simd::broadcast<Vector>(pa[r * a.row_stride]);
          for (int v = 0; v < own; ++v) sum[r][v] += x[r] * b[v];
        }
        if constexpr (shared) {
          for (int r = 0; r < rows; r += 2) sum[r][last] += simd::lower_halves(x[r], x[partner(r)]) * b[last];
        }
        pa += a.column_stride;
        pb += registers * lanes;
      }
    }
    if (bias != nullptr) {
      Vector b[registers];
      load_row<shared>(bias + panel.first_column, bias + panel.first_column, tail, b);
      for (int r = 0; r < rows; ++r) {
        for (int v = 0; v < registers; ++v) sum[r][v] += b[v];
      }
    }
    for (int r = 0; r < rows; ++r) {
      Real* const row = corner + r * c.row_stride;
      for (int v = 0; v < last; ++v) simd::store(sum[r][v], row + v * lanes);
      if constexpr (shared) {
        const auto half = r % 2 == 0 ? simd::lower_half(sum[r][last]) : simd::upper_half(sum[r - 1][last]);
        simd::store_first(half, row + last * lanes, tail);
      } else {
        simd::store_first(sum[r][last], row + last * lanes, tail);
      }
    }
  }

  // The columns of a row, `tail` of them in the last register, which is that of its partner too if it is shared.
  template <bool shared, int registers>
  RNN_INLINE static void load_row(const Real* row, const Real* partner, Index tail, Vector (&to)[registers]) {
    constexpr int last = registers - 1;
    for (int v = 0; v < last; ++v) to[v] = simd::load<Vector>(row + v * lanes);
    if constexpr (shared) {
      using Half = simd::Half<Vector>;
      to[last] = simd::join<Vector>(simd::load_first<Half>(row + last * lanes, tail),
                                    simd::load_first<Half>(partner + last * lanes, tail));
    } else {
      to[last] = simd::load_first<Vector>(row + last * lanes, tail);
    }
  }
};

static void require_fit(const char* operation, ConstView a, Index b_rows, Index b_columns, ConstView c) {
  if (a.columns != b_rows) {
    throw std::invalid_argument(
        fmt::format("{}: columns of a ({}) must equal rows of b ({})", operation, shape(a), shape(b_rows, b_columns)));
  }
  require_shape(operation, "c", c, a.rows, b_columns);
}

void naive_product(ConstView a, ConstView b, View c) {
  require_fit("naive_product", a, b.rows, b.columns, c);
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.columns; ++j) {
      Real sum = 0;
      for (Index k = 0; k < a.columns; ++k) sum += a(i, k) * b(k, j);
      c(i, j) = sum;
    }
  }
}

static void run(const char* operation, std::span<const Product> products, const Epilogue& epilogue, View c,
                bool from_c) {
  for (const Product& p : products) require_fit(operation, p.a, p.b.count, p.b.matrix->columns(), c);
  if (c.empty()) return;
  if (products.empty()) {  // a matrix without columns has no panels
    if (!from_c) fill(c, Real(0));
    return;
  }
  if (c.column_stride != 1) {  // the kernel writes rows
    Matrix rows = to_matrix(c);
    run(operation, products, epilogue, rows, from_c);
    return copy(rows, c);
  }
  simd::run(products[0].b.matrix->made_for(), SumOfProducts{products, epilogue.bias, c, from_c});
  if (epilogue.activation != Activation::identity) apply(epilogue.activation, c, c);
}

void sum_of_products(std::span<const Product> products, const Epilogue& epilogue, View c) {
  run("sum_of_products", products, epilogue, c, false);
}

void add_product(ConstView a, const PackedRows& b, View c) {
  const Product product{a, b};
  run("add_product", {&product, 1}, {}, c, true);
}

// The rows of a, from the panels that they lie in: a product for each panel, and all are added up.
static std::span<const Product> products_of(const PackedRows& a, const PackedMatrix& b) {
  thread_local std::vector<Product> products;
  products.clear();
  for (const Panel& panel : a.matrix->panels()) {
    products.push_back({a.of(panel), {b, panel.first_column, panel.columns}});
  }
  return products;
}

void product(const PackedRows& a, const PackedMatrix& b, View c) {
  require_fit("product", {nullptr, a.count, a.matrix->columns()}, b.rows(), b.columns(), c);
  run("product", products_of(a, b), {}, c, false);
}

static const PackedMatrix& packed(ConstView b) {
  thread_local PackedMatrix scratch;
  scratch.pack(b);
  return scratch;
}

void product(ConstView a, ConstView b, View c) {
  require_fit("product", a, b.rows, b.columns, c);
  const Product product{a, packed(b)};
  run("product", {&product, 1}, {}, c, false);
}

void add_product(ConstView a, ConstView b, View c) {
  require_fit("add_product", a, b.rows, b.columns, c);
  add_product(a, packed(b), c);
}

void add_product(const PackedRows& a, ConstView b, View c) {
  require_fit("add_product", {nullptr, a.count, a.matrix->columns()}, b.rows, b.columns, c);
  run("add_product", products_of(a, packed(b)), {}, c, true);
}

Matrix product(ConstView a, ConstView b) {
  Matrix c(a.rows, b.columns);
  product(a, b, c);
  return c;
}

}  // namespace rnn
