module;
#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.network.parameters;

import rnn.autodiff.tape;
import rnn.linalg.matrix;

namespace rnn {

Index Parameters::add(std::string name, Index rows, Index columns) {
  constexpr Index boundary = 64 / sizeof(Real);
  const Index offset = values_.size2();
  const Index end = offset + (rows * columns + boundary - 1) / boundary * boundary;
  Matrix grown(1, end, Real(0));
  copy(values_, View(grown).columns_from(0, offset));
  values_.swap(grown);
  entries_.push_back({std::move(name), rows, columns, offset});
  return entries_.size() - 1;
}

Index Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &Entry::name);
  if (found != entries_.end()) return static_cast<Index>(found - entries_.begin());
  throw std::invalid_argument("parameters: there is none called " + std::string(name));
}

View Parameters::operator[](Index i) { return part(values_, i); }

ConstView Parameters::operator[](Index i) const {
  const Entry& entry = entries_.at(i);
  return {ConstView(values_).data + entry.offset, entry.rows, entry.columns};
}

View Parameters::part(View flat, Index i) const {
  const Entry& entry = entries_.at(i);
  require_shape("parameters", "flat", flat, 1, values_.size2());
  return {flat.data + entry.offset, entry.rows, entry.columns};
}

Index Parameters::count() const {
  Index count = 0;
  for (const Entry& entry : entries_) count += entry.rows * entry.columns;
  return count;
}

Var Parameters::on(Tape& tape, Index i, View gradients) const {
  return tape.parameter(entries_.at(i).name.c_str(), (*this)[i], part(gradients, i));
}

}  // namespace rnn
