module;
#include <algorithm>

module rnn.linalg.kernel.packed;

import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn {

namespace {

// BlockSize<set> for a set that is known only at run time.
struct Layout {
  template <InstructionSet set>
  static constexpr Layout of() {
    using Size = BlockSize<set>;
    return {simd::lanes_of<typename Size::Vector>, Size::registers, Size::shared_besides};
  }
  Index lanes, registers;
  bool shared_besides;
};

Layout layout(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512: return Layout::of<InstructionSet::avx512>();
    case InstructionSet::avx2: return Layout::of<InstructionSet::avx2>();
    case InstructionSet::baseline: return Layout::of<InstructionSet::baseline>();
  }
}

}  // namespace

void PackedMatrix::resize(Index rows, Index columns) {
  if (rows_ == rows && columns_ == columns && made_for_ == instruction_set()) return;
  rows_ = rows;
  columns_ = columns;
  made_for_ = instruction_set();
  const auto [lanes, most, shared_besides] = layout(made_for_);
  const Index registers = (columns + lanes - 1) / lanes, tail = columns % lanes;
  const bool shared = registers > 1 && tail > 0 && tail <= simd::lanes_of<Part>;
  if (numbers_.size() < registers * lanes * rows) numbers_.resize(registers * lanes * rows);

  panels_.clear();
  const Index count = registers - (shared && shared_besides);
  for (Index done = 0, left = (count + most - 1) / most; left > 0; --left) {  // 13 of which 6 fit: 4, 4, 5
    const Index width = (registers - done) / left, first = done * lanes;
    panels_.push_back({first, std::min(width * lanes, columns - first), width, width * lanes, shared && left == 1});
    done += width;
  }
}

void PackedMatrix::complete(Index first, Index count) {
  if (panels_.empty() || !panels_.back().shared) return;
  constexpr Index part = simd::lanes_of<Part>;
  const Panel& last = panels_.back();
  const Index lanes = last.stride / last.registers;
  const View there = numbers(last).rows_from(first, count);
  Real* from = there.data + last.stride - lanes;
  for (Index i = 0; i < count; ++i, from += last.stride) {
    for (Index to = part; to < lanes; to += part) std::copy_n(from, part, from + to);
  }
}

void PackedMatrix::pack(ConstView b) {
  resize(b.rows, b.columns);
  for (const Panel& panel : panels()) copy(b.columns_from(panel.first_column, panel.columns), numbers(panel));
  complete(0, b.rows);
}

}  // namespace rnn
