module;
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>

module rnn.linalg.matrix;

namespace rnn {

Matrix to_matrix(ConstView a) {
  Matrix m(a.rows, a.columns);
  copy(a, m);
  return m;
}

void copy(ConstView from, View to) {
  require_shape("copy", "to", to, from.rows, from.columns);
  if (from.contiguous() && to.contiguous()) return void(std::copy_n(from.data, from.size(), to.data));
  const bool rows = from.column_stride == 1 && to.column_stride == 1;
  for (Index i = 0; i < from.rows; ++i) {
    if (rows) {
      std::copy_n(from.data + i * from.row_stride, from.columns, to.data + i * to.row_stride);
    } else {
      for (Index j = 0; j < from.columns; ++j) to(i, j) = from(i, j);
    }
  }
}

void fill(View a, Real value) {
  if (a.contiguous()) return void(std::fill_n(a.data, a.size(), value));
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < a.columns; ++j) a(i, j) = value;
  }
}

void resize(Matrix& a, Index rows, Index columns) { a.resize(rows, columns, false); }

std::string shape(Index rows, Index columns) { return fmt::format("{}x{}", rows, columns); }

std::string shape(ConstView a) { return shape(a.rows, a.columns); }

void require_shape(const char* operation, const char* name, ConstView a, Index rows, Index columns) {
  if (a.rows == rows && a.columns == columns) return;
  throw std::invalid_argument(
      fmt::format("{}: {} must be {}, got {}", operation, name, shape(rows, columns), shape(a)));
}

Sequence::Sequence(Index steps, Index batch, Index features)
    : data_(steps * batch, features, Real(0)), steps_(steps), batch_(batch) {}

}  // namespace rnn
