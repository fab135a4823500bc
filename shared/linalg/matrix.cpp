module;
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

module rnn.linalg.matrix;

import rnn.base.caller;

namespace rnn {

Matrix to_matrix(ConstView a) {
  Matrix m(a.rows, a.columns);
  copy(a, m);
  return m;
}

void copy(ConstView from, View to, Caller caller) {
  require_shape("copy", "to", to, from.rows, from.columns, caller);
  require_apart_or_same("copy", "to", to, "from", from, caller);
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

static std::string wrong_shape(const char* operation, const char* name, ConstView a, Index rows, Index columns) {
  return fmt::format("{}: {} must be {}, got {}", operation, name, shape(rows, columns), shape(a));
}

void require_shape(const char* operation, const char* name, ConstView a, Index rows, Index columns) {
  if (a.rows == rows && a.columns == columns) return;
  throw std::invalid_argument(wrong_shape(operation, name, a, rows, columns));
}

void require_shape(const char* operation, const char* name, ConstView a, Index rows, Index columns, Caller caller) {
  if (a.rows == rows && a.columns == columns) return;
  throw CallError(wrong_shape(operation, name, a, rows, columns), caller);
}

// The same numbers, each once (a stride of 0 repeats them), with the longer stride between rows.
static ConstView along_memory(ConstView a) {
  if (a.column_stride == 0) a.columns = 1;
  if (a.columns == 1) a.column_stride = 1;
  if (a.row_stride == 0) a.rows = 1;
  if (a.rows == 1) a.row_stride = a.columns * a.column_stride;
  return a.column_stride > a.row_stride ? transposed(a) : a;
}

static const Real* last_number(ConstView a) {
  return a.data + (a.rows - 1) * a.row_stride + (a.columns - 1) * a.column_stride;
}

// `a` is along_memory.
static bool holds(ConstView a, const Real* number) {
  const Index distance = Index(number - a.data), row = distance / a.row_stride, in_row = distance % a.row_stride;
  return row < a.rows && in_row % a.column_stride == 0 && in_row / a.column_stride < a.columns;
}

bool overlap(ConstView a, ConstView b) {
  if (a.empty() || b.empty()) return false;
  a = along_memory(a);
  b = along_memory(b);
  const std::less<> before;
  if (before(last_number(a), b.data) || before(last_number(b), a.data)) return false;
  if (before(b.data, a.data)) std::swap(a, b);
  // Columns of one matrix: their rows lie between one another in memory.
  if (a.row_stride == b.row_stride && a.column_stride == 1 && b.column_stride == 1) {
    const Index first = Index(b.data - a.data) % a.row_stride;  // of b's columns, counted from a's first
    return first < a.columns || first + b.columns > a.row_stride;
  }
  for (Index i = 0; i < b.rows; ++i) {
    for (Index j = 0; j < b.columns; ++j) {
      if (holds(a, &b(i, j))) return true;
    }
  }
  return false;
}

void require_apart(const char* operation, const char* name, ConstView a, const char* other, ConstView b,
                   Caller caller) {
  if (!overlap(a, b)) return;
  throw CallError(fmt::format("{}: {} must not overlap {}", operation, name, other), caller);
}

void require_apart_or_same(const char* operation, const char* name, ConstView a, const char* other, ConstView b,
                           Caller caller) {
  const bool same_rows = a.row_stride == b.row_stride || a.rows <= 1;
  const bool same_columns = a.column_stride == b.column_stride || a.columns <= 1;
  if ((a.data == b.data && same_rows && same_columns) || !overlap(a, b)) return;
  throw CallError(fmt::format("{}: {} must be {} itself or not overlap it", operation, name, other), caller);
}

Sequence::Sequence(Index steps, Index batch, Index features)
    : data_(steps * batch, features, Real(0)), steps_(steps), batch_(batch) {}

}  // namespace rnn
