// The product of two matrices, one idea at a time: what docs/performance.md walks through. The last rung is the one
// that the course uses; the others are here to be measured and read.

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

#include "work.hpp"

import rnn.base.random;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.initializers;

namespace rnn::bench {

using Rung = void (*)(const Matrix& a, const Matrix& b, Matrix& c);

static void by_definition(const Matrix& a, const Matrix& b, Matrix& c) { naive_product(a, b, c); }

static void by_ublas(const Matrix& a, const Matrix& b, Matrix& c) { c.assign(boost::numeric::ublas::prod(a, b)); }

// [rows_along_rows]
// c (rows × columns) ← c + a·b for a part of the sums, k from `first` to `last`. The innermost loop goes along a row of
// b and a row of c, so that it walks through memory in steps of one.
[[gnu::always_inline]] static inline void rows_along_rows(ConstView a, ConstView b, View c, Index first, Index last) {
  for (Index i = 0; i < c.rows; ++i) {
    float* const row = &c(i, 0);
    for (Index k = first; k < last; ++k) {
      const float x = a(i, k);
      const float* const from = &b(k, 0);
      for (Index j = 0; j < c.columns; ++j) row[j] += x * from[j];
    }
  }
}
// [end]

static void in_memory_order(const Matrix& a, const Matrix& b, Matrix& c) {
  fill(c, 0);
  rows_along_rows(a, b, c, 0, a.size2());
}

// The same, for pieces of b that the first-level cache (32 KiB) holds while all rows of a go past them.
[[gnu::always_inline]] static inline void in_pieces(const Matrix& a, const Matrix& b, Matrix& c) {
  constexpr Index deep = 64, wide = 64;  // 16 KiB of b
  fill(c, 0);
  for (Index j = 0; j < b.size2(); j += wide) {
    const Index columns = std::min(wide, b.size2() - j);
    for (Index k = 0; k < b.size1(); k += deep) {
      rows_along_rows(a, ConstView(b).columns_from(j, columns), View(c).columns_from(j, columns), k,
                      std::min(k + deep, b.size1()));
    }
  }
}

static void blocked(const Matrix& a, const Matrix& b, Matrix& c) { in_pieces(a, b, c); }

#if defined(__x86_64__)
#define RNN_WITH_AVX2 [[gnu::target("avx2,fma")]]
#else
#define RNN_WITH_AVX2
#endif

// The same text, for a processor with registers of eight floats and fused multiply-adds.
RNN_WITH_AVX2 static void vectors(const Matrix& a, const Matrix& b, Matrix& c) { in_pieces(a, b, c); }

using Vector [[gnu::vector_size(32)]] = float;

[[gnu::always_inline]] static inline Vector load(const float* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

// [block]
// `count` rows × 16 columns of c, whose sums stay in registers from the first k to the last.
template <int count>
[[gnu::always_inline]] static inline void block(ConstView a, ConstView b, View c, Index i, Index j) {
  Vector sum[count][2] = {};
  for (Index k = 0; k < a.columns; ++k) {
    const Vector left = load(&b(k, j)), right = load(&b(k, j + 8));
    for (int r = 0; r < count; ++r) {
      sum[r][0] += a(i + r, k) * left;
      sum[r][1] += a(i + r, k) * right;
    }
  }
  for (int r = 0; r < count; ++r) std::memcpy(&c(i + r, j), &sum[r], sizeof sum[r]);
}
// [end]

RNN_WITH_AVX2 static void sums_in_registers(const Matrix& a, const Matrix& b, Matrix& c) {
  const Index columns = c.size2() / 16 * 16, rows = c.size1() / 6 * 6;
  for (Index j = 0; j < columns; j += 16) {
    for (Index i = 0; i < rows; i += 6) block<6>(a, b, c, i, j);
    for (Index i = rows; i < c.size1(); ++i) block<1>(a, b, c, i, j);
  }
  if (columns == c.size2()) return;
  const View rest = View(c).columns_from(columns, c.size2() - columns);  // what fills no register
  fill(rest, 0);
  rows_along_rows(a, ConstView(b).columns_from(columns, rest.columns), rest, 0, a.size2());
}

static void ours(const Matrix& a, const Matrix& b, Matrix& c) { product(a, b, c); }

static void add_rung(const std::string& name, Rung rung, Index m, Index k, Index n) {
  measure({.name = name, .operations = 2.0 * double(m * k * n), .prepare = [=]() -> std::function<void()> {
             Engine engine = seeded(3);
             const auto a = std::make_shared<Matrix>(m, k), b = std::make_shared<Matrix>(k, n);
             random_normal(*a, engine, 1);
             random_normal(*b, engine, 1);
             const auto c = std::make_shared<Matrix>(m, n);
             return [=] { rung(*a, *b, *c); };
           }});
}

void add_ladder() {
  const struct {
    const char* name;
    Rung rung;
    bool needs_avx2 = false;
  } rungs[] = {
      {"the definition", by_definition},
      {"uBLAS prod", by_ublas},
      {"loops in memory order", in_memory_order},
      {"pieces that fit the cache", blocked},
      {"registers of eight", vectors, true},
      {"sums stay in registers", sums_in_registers, true},
      {"packed: ours", ours},
  };
  for (const auto& [name, rung, needs_avx2] : rungs) {
    if (needs_avx2 && !available(InstructionSet::avx2)) continue;
    add_rung(std::string("ladder 1000x100x100: ") + name, rung, 1000, 100, 100);
  }
  if (only_once()) return;
  for (const auto& [name, rung, needs_avx2] : rungs) {
    if (needs_avx2 && !available(InstructionSet::avx2)) continue;
    add_rung(std::string("ladder 768x768x768: ") + name, rung, 768, 768, 768);
  }
}

}  // namespace rnn::bench
