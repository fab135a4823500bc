module;

/// Walks through several matrices together, one vector register of each at a time, so that a cell or an elementwise
/// operation passes over memory only once.
export module rnn.linalg.kernel.registers;

import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

export namespace rnn::simd {

/// A place on the walk: `lanes` columns of one row, a full register except at the end of a row.
template <class V, bool whole>
struct Place {
  Index row, column, count;

  /// These columns of a matrix, counted from its column `first`. Its rows must be contiguous in memory.
  [[gnu::always_inline]] inline V operator()(ConstView a, Index first = 0) const {
    const Real* const from = a.data + row * a.row_stride + first + column;
    if constexpr (whole) return load<V>(from);
    return load_first<V>(from, count);
  }
  [[gnu::always_inline]] inline void store(const V& v, View a, Index first = 0) const {
    Real* const to = a.data + row * a.row_stride + first + column;
    if constexpr (whole) return simd::store(v, to);
    store_first(v, to, count);
  }
};

template <class Visit>
struct Walk {
  Index rows, columns;
  Visit visit;

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    constexpr Index lanes = lanes_of<WideVector>;
    for (Index i = 0; i < rows; ++i) {
      Index j = 0;
      for (; j + lanes <= columns; j += lanes) visit(Place<WideVector, true>{i, j, lanes});
      if (j < columns) visit(Place<WideVector, false>{i, j, columns - j});
    }
  }
};

/// visit(place) for every register of rows × columns, compiled for the instruction set in use. `visit` is a small
/// struct with an always-inlined `template <class Place> void operator()(const Place& at) const`.
template <class Visit>
void walk(Index rows, Index columns, const Visit& visit) {
  simd::run(instruction_set(), Walk<Visit>{rows, columns, visit});
}

}  // namespace rnn::simd
