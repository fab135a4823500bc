module;

/// Walks through several matrices together, one vector register of each at a time, so that a cell or an elementwise
/// operation passes over memory only once.
export module rnn.linalg.kernel.registers;

import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

export namespace rnn::simd {

/// A range of rows, of any matrix that has them; an empty matrix stays empty.
struct Rows {
  Index first, count;
  template <class T>
  inline BasicView<T> of(BasicView<T> a) const {
    return a.rows == 0 ? a : a.rows_from(first, count);
  }
};

/// For walks whose results are used right away: this many rows, a few KiB of each matrix, stay in the first-level cache
/// meanwhile. Sums over the columns of all rows are the same as without these pieces (see add_column_sums).
constexpr Index rows_at_a_time = 8;

/// A place on the walk: as many columns of a row as a register has lanes.
template <class V>
struct WholePlace {
  Index row, column;

  /// These columns of a matrix, counted from its column `first`. Its rows must be contiguous in memory.
  [[gnu::always_inline]] inline V operator()(ConstView a, Index first = 0) const {
    return load<V>(a.data + row * a.row_stride + first + column);
  }
  [[gnu::always_inline]] inline void store(const V& v, View a, Index first = 0) const {
    simd::store(v, a.data + row * a.row_stride + first + column);
  }
};

/// The last columns of a row, `count` of them.
template <class V>
struct EndPlace {
  Index row, column, count;

  [[gnu::always_inline]] inline V operator()(ConstView a, Index first = 0) const {
    return load_first<V>(a.data + row * a.row_stride + first + column, count);
  }
  [[gnu::always_inline]] inline void store(const V& v, View a, Index first = 0) const {
    store_first(v, a.data + row * a.row_stride + first + column, count);
  }
};

/// The last columns of several rows, 16 bytes of each: they share a register.
template <class V>
struct SharedPlace {
  static constexpr Index rows = parts_of<V>;
  Index row, column;

  [[gnu::always_inline]] inline V operator()(ConstView a, Index first = 0) const {
    const Real* const from = a.data + row * a.row_stride + first + column;
    Part parts[rows];
    for (Index r = 0; r < rows; ++r) parts[r] = load<Part>(from + r * a.row_stride);
    return join_parts<V>(parts, 0);
  }
  [[gnu::always_inline]] inline void store(const V& v, View a, Index first = 0) const {
    Real* const to = a.data + row * a.row_stride + first + column;
    for (Index r = 0; r < rows; ++r) simd::store(part(v, int(r)), to + r * a.row_stride);
  }
};

template <class Visit>
struct Walk {
  using V = WideVector;
  Index rows, columns;
  Visit visit;

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    const Index whole = columns / lanes_of<V> * lanes_of<V>, rest = columns - whole;
    const bool share = rest == lanes_of<Part>;
    Index end = 0;  // rows whose last columns have been visited
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < whole; j += lanes_of<V>) visit(WholePlace<V>{i, j});
      if (share && i + 1 == end + SharedPlace<V>::rows) {
        visit(SharedPlace<V>{end, whole});
        end = i + 1;
      }
    }
    for (; rest > 0 && end < rows; ++end) visit(EndPlace<V>{end, whole, rest});
  }
};

/// visit(place) for every register of rows × columns, compiled for the instruction set in use. `visit` is a small
/// struct with an always-inlined `template <class Place> void operator()(const Place& at) const`. It must look at the
/// elements of a place alone, and may store what it has looked at.
template <class Visit>
void walk(Index rows, Index columns, const Visit& visit) {
  simd::run(instruction_set(), Walk<Visit>{rows, columns, visit});
}

}  // namespace rnn::simd
