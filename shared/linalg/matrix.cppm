module;
// uBLAS's own checks would write to std::cerr in every file that includes it; ours are made in every build.
#define BOOST_UBLAS_NDEBUG
#include <boost/align/aligned_allocator.hpp>
#include <boost/numeric/ublas/matrix.hpp>
#include <boost/numeric/ublas/matrix_proxy.hpp>

/// Matrices, views of matrices, and sequences of matrices. No other file includes uBLAS.
export module rnn.linalg.matrix;

import rnn.base.caller;
import rnn.base.std;

// Operators are found only in an exported namespace: without these lines `a + b` would not compile in an importer.
export namespace boost::numeric::ublas {
using ublas::operator+;
using ublas::operator-;
using ublas::operator*;
using ublas::operator/;
using ublas::column;
using ublas::prod;
using ublas::row;
using ublas::subrange;
using ublas::trans;
}  // namespace boost::numeric::ublas

export namespace rnn {

/// The type of every number: float in the course, double in the second build that checks gradients.
using Real = RNN_REAL;

/// Rows, columns, time steps: sizes and positions.
using Index = std::size_t;

/// A matrix that owns its numbers: row-major, first element on a 64-byte boundary (a cache line, a vector register).
using Matrix = boost::numeric::ublas::matrix<
    Real, boost::numeric::ublas::row_major,
    boost::numeric::ublas::unbounded_array<Real, boost::alignment::aligned_allocator<Real, 64>>>;

/// A view of numbers that belong to someone else: element (i, j) is data[i * row_stride + j * column_stride]. Cheap to
/// copy; valid as long as those numbers are. `T` is Real or const Real.
template <class T>
struct BasicView {
  T* data = nullptr;
  Index rows = 0;
  Index columns = 0;
  Index row_stride = 0;
  Index column_stride = 1;

  inline constexpr BasicView() = default;
  inline constexpr BasicView(T* data, Index rows, Index columns)
      : data(data), rows(rows), columns(columns), row_stride(columns) {}
  inline constexpr BasicView(T* data, Index rows, Index columns, Index row_stride, Index column_stride)
      : data(data), rows(rows), columns(columns), row_stride(row_stride), column_stride(column_stride) {}

  /// A whole matrix. A temporary may be passed as an argument: it lives until the call returns. (begin(), because an
  /// empty matrix has no element to take the address of.)
  inline BasicView(const Matrix& m)
    requires(__is_const(T))
      : BasicView(m.data().begin(), m.size1(), m.size2()) {}
  inline BasicView(Matrix& m) : BasicView(m.data().begin(), m.size1(), m.size2()) {}

  /// A mutable view converts to a constant one.
  inline constexpr operator BasicView<const T>() const
    requires(!__is_const(T))
  {
    return {data, rows, columns, row_stride, column_stride};
  }

  inline constexpr T& operator()(Index i, Index j) const { return data[i * row_stride + j * column_stride]; }
  inline constexpr Index size() const { return rows * columns; }
  inline constexpr bool empty() const { return rows == 0 || columns == 0; }

  /// True when both refer to the same numbers with the same layout.
  inline friend constexpr bool operator==(const BasicView&, const BasicView&) = default;

  /// True when the elements are contiguous in memory, row by row.
  inline constexpr bool contiguous() const { return column_stride == 1 && (row_stride == columns || rows <= 1); }

  /// Rows first, …, first + count − 1. An empty view may have no memory; neither does the result then.
  inline constexpr BasicView rows_from(Index first, Index count) const {
    return {data == nullptr ? data : data + first * row_stride, count, columns, row_stride, column_stride};
  }
  /// Columns first, …, first + count − 1.
  inline constexpr BasicView columns_from(Index first, Index count) const {
    return {data == nullptr ? data : data + first * column_stride, rows, count, row_stride, column_stride};
  }
};
using View = BasicView<Real>;
using ConstView = BasicView<const Real>;

/// The transpose, as a view: no number is moved.
template <class T>
inline constexpr BasicView<T> transposed(BasicView<T> a) {
  return {a.data, a.columns, a.rows, a.column_stride, a.row_stride};
}
inline ConstView transposed(const Matrix& a) { return transposed(ConstView(a)); }

/// A new matrix with the shape and the numbers of `a`.
Matrix to_matrix(ConstView a);

/// to ← from. Shapes agree; the two are apart or the same view. Throws CallError otherwise.
void copy(ConstView from, View to, Caller caller = Caller::current());

/// Sets every element of `a` to `value`.
void fill(View a, Real value);

/// Sets the shape; the elements are then unspecified.
void resize(Matrix& a, Index rows, Index columns);

/// "3x4", for messages.
std::string shape(ConstView a);
std::string shape(Index rows, Index columns);

/// Throws std::invalid_argument("operation: name must be 3x4, got 2x4") unless `a` is rows × columns.
void require_shape(const char* operation, const char* name, ConstView a, Index rows, Index columns);
/// The same as a CallError, for functions that know their caller.
void require_shape(const char* operation, const char* name, ConstView a, Index rows, Index columns, Caller caller);

/// Whether some number belongs to both.
bool overlap(ConstView a, ConstView b);

/// Throws CallError("operation: name must not overlap other") unless the views are apart: a result that is written
/// while an argument is still being read would change that argument.
void require_apart(const char* operation, const char* name, ConstView a, const char* other, ConstView b, Caller caller);
/// The same, unless each element has the same place in both: an operation that works element by element may write its
/// result over its argument.
void require_apart_or_same(const char* operation, const char* name, ConstView a, const char* other, ConstView b,
                           Caller caller);

/// A batch of sequences, time-major: steps × batch × features. Step t is one contiguous matrix (batch × features), and
/// the whole is one matrix of steps·batch rows, so a product over all steps is a single product.
class Sequence {
 public:
  Sequence() = default;
  /// All zeros.
  Sequence(Index steps, Index batch, Index features);

  inline Index steps() const { return steps_; }
  inline Index batch() const { return batch_; }
  inline Index features() const { return data_.size2(); }

  /// Step t, (batch × features).
  inline View operator[](Index t) { return View(data_).rows_from(t * batch_, batch_); }
  inline ConstView operator[](Index t) const { return ConstView(data_).rows_from(t * batch_, batch_); }

  inline Real& operator()(Index t, Index example, Index feature) { return data_(t * batch_ + example, feature); }
  inline Real operator()(Index t, Index example, Index feature) const { return data_(t * batch_ + example, feature); }

  /// All steps, one below the other: (steps·batch × features).
  inline View rows() { return data_; }
  inline ConstView rows() const { return data_; }

 private:
  Matrix data_;
  Index steps_ = 0;
  Index batch_ = 0;
};

}  // namespace rnn
