module;
#include <algorithm>

module rnn.packed;

import rnn.cpu;
import rnn.matrix;
import rnn.simd;

namespace rnn {

static Index most_registers(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512: return simd::BlockSize<InstructionSet::avx512>::registers;
    case InstructionSet::avx2: return simd::BlockSize<InstructionSet::avx2>::registers;
    case InstructionSet::baseline: return simd::BlockSize<InstructionSet::baseline>::registers;
  }
}

void PackedMatrix::resize(Index rows, Index columns) {
  static_assert(lanes == simd::lanes);
  if (rows_ == rows && columns_ == columns && made_for_ == instruction_set()) return;
  rows_ = rows;
  columns_ = columns;
  made_for_ = instruction_set();
  const Index registers = (columns + lanes - 1) / lanes, most = most_registers(made_for_);
  if (numbers_.size() < registers * lanes * rows) numbers_.resize(registers * lanes * rows);

  panels_.clear();
  for (Index done = 0, left = (registers + most - 1) / most; left > 0; --left) {  // 13 registers: 4, 4 and 5
    const Index width = (registers - done) / left, first = done * lanes;
    const Index there = std::min(width * lanes, columns - first);
    panels_.push_back({first, there, width, width * lanes - there >= lanes / 2});
    done += width;
  }
}

void PackedMatrix::complete(Index first, Index count) {
  if (panels_.empty() || !panels_.back().shared) return;
  constexpr Index half = lanes / 2;
  const Panel& last = panels_.back();
  const View there = numbers(last).rows_from(first, count);
  Real* from = there.data + (last.registers - 1) * lanes;
  for (Index i = 0; i < count; ++i, from += there.row_stride) std::copy_n(from, half, from + half);
}

void PackedMatrix::pack(ConstView b) {
  resize(b.rows, b.columns);
  for (const Panel& panel : panels()) copy(b.columns_from(panel.first_column, panel.columns), numbers(panel));
  complete(0, b.rows);
}

}  // namespace rnn
