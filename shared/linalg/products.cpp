module;
#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

// Sums can stay in registers only if every index into them is a constant.
#define RNN_UNROLL _Pragma("clang loop unroll(full)")

module rnn.linalg.products;

import rnn.base.caller;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.nonzeros;
import rnn.linalg.kernel.packed;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn {

using Panel = PackedMatrix::Panel;

// A block of c, whose sums stay in registers: `rows` rows in the columns of a panel.
//
// Where the last register of a row has only a few columns left (16 bytes of them), several rows share one: its first
// part holds these columns of the first row, its second part those of the next. The panel repeats them in each part.
template <InstructionSet set, int rows, int registers, bool shared>
struct Block {
  using Vector = typename BlockSize<set>::Vector;
  static constexpr Index lanes = simd::lanes_of<Vector>, panel_stride = registers * lanes;
  static constexpr int own = registers - shared;  // registers that belong to one row alone
  static constexpr int sharers = parts_of<Vector>, tails = shared ? (rows + sharers - 1) / sharers : 0;

  Vector sum[rows][own];
  Vector tail_sum[tails + !shared];
  Index in_last;  // columns in the last register of a row

  [[gnu::always_inline]] inline explicit Block(const Panel& panel)
      : sum{}, tail_sum{}, in_last(panel.columns - (registers - 1) * lanes) {}

  // The sums start from c.
  [[gnu::always_inline]] inline void load(const Real* c, Index stride) {
    Part tail[rows];
    RNN_UNROLL for (int r = 0; r < rows; ++r) {
      const Real* const row = c + r * stride;
      RNN_UNROLL for (int v = 0; v < registers - 1; ++v) sum[r][v] = simd::load<Vector>(row + v * lanes);
      const Real* const last = row + (registers - 1) * lanes;
      if constexpr (shared) {
        tail[r] = simd::load_first<Part>(last, in_last);
      } else {
        sum[r][own - 1] = simd::load_first<Vector>(last, in_last);
      }
    }
    RNN_UNROLL for (int t = 0; t < tails; ++t) tail_sum[t] = join_parts<Vector>(tail, t * sharers);
  }

  // Adds a number of each row of a times a row of b.
  [[gnu::always_inline]] inline void add(const Real* a, Index stride, const Real* b) {
    Vector y[registers];
    RNN_UNROLL for (int v = 0; v < registers; ++v) y[v] = simd::load<Vector>(b + v * lanes);
    Part tail[rows];
    RNN_UNROLL for (int r = 0; r < rows; ++r) {
      const Vector x = simd::broadcast<Vector>(a[r * stride]);
      RNN_UNROLL for (int v = 0; v < own; ++v) sum[r][v] += x * y[v];
      tail[r] = part(x, 0);
    }
    if constexpr (shared) {
      RNN_UNROLL for (int t = 0; t < tails; ++t) tail_sum[t] += join_parts<Vector>(tail, t * sharers) * y[own];
    }
  }

  [[gnu::always_inline]] inline void add_bias(const Real* bias) {
    RNN_UNROLL for (int v = 0; v < registers - 1; ++v) {
      RNN_UNROLL for (int r = 0; r < rows; ++r) sum[r][v] += simd::load<Vector>(bias + v * lanes);
    }
    const Real* const last = bias + (registers - 1) * lanes;
    if constexpr (shared) {
      const Part tail[] = {simd::load_first<Part>(last, in_last)};
      RNN_UNROLL for (int t = 0; t < tails; ++t) tail_sum[t] += join_parts<Vector>(tail, 0);
    } else {
      const Vector b = simd::load_first<Vector>(last, in_last);
      RNN_UNROLL for (int r = 0; r < rows; ++r) sum[r][own - 1] += b;
    }
  }

  [[gnu::always_inline]] inline void store(Real* c, Index stride) const {
    RNN_UNROLL for (int r = 0; r < rows; ++r) {
      Real* const row = c + r * stride;
      RNN_UNROLL for (int v = 0; v < registers - 1; ++v) simd::store(sum[r][v], row + v * lanes);
      Real* const last = row + (registers - 1) * lanes;
      if constexpr (shared) {
        simd::store_first(part(tail_sum[r / sharers], r % sharers), last, in_last);
      } else {
        simd::store_first(sum[r][own - 1], last, in_last);
      }
    }
  }
};

// c ← the sum of the products, or c + that sum.
struct SumOfProducts {
  std::span<const Product> products;
  std::span<const Nonzeros> nonzeros;  // of each product
  const Real* bias;                    // null: none
  View c;
  bool from_c;  // the sums start from c, not from zero
};

// The columns of c that come from one panel. Its width and the number of rows are compile-time constants, and each
// width is a function of its own: the optimizer takes far longer over one that holds them all.
template <int registers, bool shared>
struct ColumnsOfPanel : SumOfProducts {
  const Panel& panel;

  template <InstructionSet set>
  [[gnu::always_inline]] inline void operator()() const {
    for_each_block<set>(c.rows, [&]<int rows>(Index i, Index number) __attribute__((always_inline)) {
      Block<set, rows, registers, shared> sums(panel);
      Real* const corner = c.data + i * c.row_stride + panel.first_column;
      if (from_c) sums.load(corner, c.row_stride);
      for (Index p = 0; p < products.size(); ++p) {
        const ConstView a = products[p].a;
        if (a.columns == 0) continue;  // an empty sum; there may not even be an address
        const Real* pa = a.data + i * a.row_stride;
        const Real* pb = products[p].b.of(panel).data;
        if (nonzeros[p].known()) {
          add_nonzeros(sums, nonzeros[p].of_block(number), a, pa, pb);
        } else {
          for (Index k = 0; k < a.columns; ++k) {
            sums.add(pa, a.row_stride, pb);
            pa += a.column_stride;
            pb += sums.panel_stride;
          }
        }
      }
      if (bias != nullptr) sums.add_bias(bias + panel.first_column);
      sums.store(corner, c.row_stride);
    });
  }

  // Only those columns of a.
  template <class Block>
  [[gnu::always_inline]] inline static void add_nonzeros(Block& sums, std::span<const std::uint64_t> columns,
                                                         ConstView a, const Real* pa, const Real* pb) {
    for (std::uint64_t left : columns) {
      for (; left != 0; left &= left - 1) {  // clears the lowest bit
        const Index k = Index(std::countr_zero(left));
        sums.add(pa + k * a.column_stride, a.row_stride, pb + k * sums.panel_stride);
      }
      pa += 64 * a.column_stride;
      pb += 64 * sums.panel_stride;
    }
  }
};

// Panel after panel, so that the panel of b stays in the cache while all rows of a go past it.
struct AllColumns : SumOfProducts {
  template <InstructionSet set>
  void operator()() const {
    constexpr int most = BlockSize<set>::registers, most_shared = most + BlockSize<set>::shared_besides;
    for (const Panel& panel : products[0].b.matrix->panels()) {
      panel.shared ? columns_of<set, most_shared, true>(panel) : columns_of<set, most, false>(panel);
    }
  }

  template <InstructionSet set, int registers, bool shared>
  void columns_of(const Panel& panel) const {
    if constexpr (registers > 1 + shared) {
      if (panel.registers < registers) return columns_of<set, registers - 1, shared>(panel);
    }
    simd::run<set>(ColumnsOfPanel<registers, shared>{*this, panel});
  }
};

static void require_product(const char* operation, ConstView a, Index b_rows, Index b_columns, Caller caller) {
  if (a.columns == b_rows) return;
  throw CallError(
      fmt::format("{}: columns of a ({}) must equal rows of b ({})", operation, shape(a), shape(b_rows, b_columns)),
      caller);
}

static void require_fit(const char* operation, ConstView a, Index b_rows, Index b_columns, ConstView c, Caller caller) {
  require_product(operation, a, b_rows, b_columns, caller);
  require_shape(operation, "c", c, a.rows, b_columns, caller);
}

// c is written while a and b are still being read, so it must not be a part of them.
static void require_fit(const char* operation, ConstView a, ConstView b, ConstView c, Caller caller) {
  require_fit(operation, a, b.rows, b.columns, c, caller);
  require_apart(operation, "c", c, "a", a, caller);
  require_apart(operation, "c", c, "b", b, caller);
}

void naive_product(ConstView a, ConstView b, View c, Caller caller) {
  require_fit("naive_product", a, b, c, caller);
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.columns; ++j) {
      Real sum = 0;
      for (Index k = 0; k < a.columns; ++k) sum += a(i, k) * b(k, j);
      c(i, j) = sum;
    }
  }
}

static std::span<const Nonzeros> nonzeros_of(std::span<const Product> products, InstructionSet set) {
  thread_local std::vector<Nonzeros> nonzeros;  // they keep their memory from call to call
  if (nonzeros.size() < products.size()) nonzeros.resize(products.size());
  for (Index p = 0; p < products.size(); ++p) {
    if (products[p].zeros == Zeros::skip) {
      nonzeros[p].find(products[p].a, set);
    } else {
      nonzeros[p].clear();
    }
  }
  return nonzeros;
}

static void run(const char* operation, std::span<const Product> products, const Epilogue& epilogue, View c, bool from_c,
                Caller caller) {
  for (const Product& p : products) {
    require_fit(operation, p.a, p.b.count, p.b.matrix->columns(), c, caller);
    require_apart(operation, "c", c, "a", p.a, caller);
  }
  if (c.empty()) return;
  if (epilogue.bias != nullptr) require_apart(operation, "c", c, "the bias", {epilogue.bias, 1, c.columns}, caller);
  if (products.empty()) {  // a matrix without columns has no panels
    if (!from_c) fill(c, Real(0));
    return;
  }
  if (c.column_stride != 1) {  // the kernel writes rows
    Matrix rows = to_matrix(c);
    run(operation, products, epilogue, rows, from_c, caller);
    return copy(rows, c);
  }
  const InstructionSet set = products[0].b.matrix->made_for();
  simd::for_set(set, AllColumns{{products, nonzeros_of(products, set), epilogue.bias, c, from_c}});
  if (epilogue.activation != Activation::identity) apply(epilogue.activation, c, c);
}

void sum_of_products(std::span<const Product> products, const Epilogue& epilogue, View c, Caller caller) {
  run("sum_of_products", products, epilogue, c, false, caller);
}

void add_product(ConstView a, const PackedRows& b, View c, Zeros zeros, Caller caller) {
  const Product product{a, b, zeros};
  run("add_product", {&product, 1}, {}, c, true, caller);
}

// One product for each panel of a; all of them are added up.
static std::span<const Product> products_of(const PackedRows& a, const PackedMatrix& b) {
  thread_local std::vector<Product> products;
  products.clear();
  for (const Panel& panel : a.matrix->panels()) {
    products.push_back({a.of(panel), {b, panel.first_column, panel.columns}});
  }
  return products;
}

void product(const PackedRows& a, const PackedMatrix& b, View c, Caller caller) {
  require_fit("product", {nullptr, a.count, a.matrix->columns()}, b.rows(), b.columns(), c, caller);
  run("product", products_of(a, b), {}, c, false, caller);
}

void add_product(const PackedRows& a, const PackedMatrix& b, View c, Caller caller) {
  require_fit("add_product", {nullptr, a.count, a.matrix->columns()}, b.rows(), b.columns(), c, caller);
  run("add_product", products_of(a, b), {}, c, true, caller);
}

static const PackedMatrix& packed(ConstView b) {
  thread_local PackedMatrix scratch;
  scratch.pack(b);
  return scratch;
}

void product(ConstView a, ConstView b, View c, Caller caller) {
  require_fit("product", a, b, c, caller);
  const Product product{a, packed(b)};
  run("product", {&product, 1}, {}, c, false, caller);
}

void add_product(ConstView a, ConstView b, View c, Caller caller) {
  require_fit("add_product", a, b, c, caller);
  add_product(a, packed(b), c, Zeros::multiply, caller);
}

void add_product(const PackedRows& a, ConstView b, View c, Caller caller) {
  require_fit("add_product", {nullptr, a.count, a.matrix->columns()}, b.rows, b.columns, c, caller);
  require_apart("add_product", "c", c, "b", b, caller);
  run("add_product", products_of(a, packed(b)), {}, c, true, caller);
}

Matrix product(ConstView a, ConstView b, Caller caller) {
  Matrix c(a.rows, b.columns);
  product(a, b, c, caller);
  return c;
}

}  // namespace rnn
