module;
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

module rnn.linalg.kernel.nonzeros;

import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn {

namespace {

using Word = std::uint64_t;
constexpr Index bits = 64;
using EightWords [[gnu::vector_size(8 * sizeof(Word))]] = Word;

constexpr Index words_for(Index count) { return (count + bits - 1) / bits; }
constexpr Word lowest(Index count) { return ~Word(0) >> (bits - count); }  // 1 ≤ count ≤ 64

// Bit b of words[w · lines + i]: number 64·w + b of line i is not zero.
struct FindNumbers {
  ConstView lines;  // each contiguous
  Word* words;

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    const ConstView from = lines;
    Word* to = words;
    for (Index first = 0; first < from.columns; first += bits) {
      const Index count = std::min(bits, from.columns - first);
      for (Index i = 0; i < from.rows; ++i) *to++ = word(from.data + i * from.row_stride + first, count);
    }
  }

  // The last register begins early enough to end with the line.
  [[gnu::always_inline]] inline static Word word(const Real* from, Index count) {
    using Vector = simd::WideVector;
    constexpr Index lanes = simd::lanes_of<Vector>;
    if (count < lanes) return simd::nonzero(simd::load_first<Vector>(from, count));
    Word word = simd::nonzero(simd::load<Vector>(from + count - lanes)) << (count - lanes);
    for (Index j = 0; j + lanes < count; j += lanes) word |= simd::nonzero(simd::load<Vector>(from + j)) << j;
    return word;
  }
};

// The columns that each block of rows needs. Either the rows are lines, or the columns are.
template <bool rows_are_lines>
struct FindBlocks {
  const Word* words;
  Index rows, columns;
  Word* to;

  template <InstructionSet set>
  [[gnu::always_inline]] inline void operator()() const {
    const FindBlocks here = *this;  // a copy, which the stores below cannot change
    Word* out = here.to;
    for_each_block<set>(here.rows, [&]<int height>(Index i, Index) __attribute__((always_inline)) {
      for (Index first = 0; first < here.columns; first += bits, ++out) {
        if constexpr (rows_are_lines) {
          *out = any_of_lines<height>(here.words + first / bits * here.rows + i);
        } else {
          *out = lines_with_any(here.words, here.columns, i, height, first);
        }
      }
    });
  }

  template <int height>
  [[gnu::always_inline]] inline static Word any_of_lines(const Word* words) {
    Word any = 0;
    for (int r = 0; r < height; ++r) any |= words[r];
    return any;
  }

  // A bit for each of the lines first … first + 63: is any of its numbers i … i + height − 1 not zero?
  [[gnu::always_inline]] inline static Word lines_with_any(const Word* words, Index lines, Index i, Index height,
                                                           Index first) {
    const Index w = i / bits, bit = i % bits, here = std::min(height, bits - bit);
    const Word* const from = words + w * lines + first;
    const Word* const next = here < height ? from + lines : from;  // the numbers may lie in two words
    const Word mask = lowest(here) << bit, next_mask = here < height ? lowest(height - here) : 0;
    const Index count = std::min(bits, lines - first);
    Word result = 0;
    for (Index j = 0; j < count; j += 8) {
      const auto any = (simd::load<EightWords>(from + j) & mask) | (simd::load<EightWords>(next + j) & next_mask);
      result |= simd::nonzero(any) << j;
    }
    return result & lowest(count);
  }
};

// More than is needed, so that the next, slightly larger matrix finds room too.
void make_room(std::vector<Word>& words, Index count) {
  if (words.size() < count) words.resize(count + count / 2 + 64);
}

}  // namespace

void Nonzeros::find(ConstView a, InstructionSet set) {
  clear();
  const bool rows_are_lines = a.column_stride == 1;
  const ConstView lines = rows_are_lines ? a : transposed(a);
  if (a.empty() || lines.column_stride != 1) return;
  const std::span first(lines.data, lines.columns);
  if (std::find(first.begin(), first.end(), Real(0)) == first.end()) return;

  make_room(lines_, words_for(lines.columns) * lines.rows + 8);  // eight are read at a time
  simd::run(set, FindNumbers{lines, lines_.data()});
  words_of_a_block_ = words_for(a.columns);
  make_room(blocks_, a.rows * words_of_a_block_);
  if (rows_are_lines) {
    simd::run(set, FindBlocks<true>{lines_.data(), a.rows, a.columns, blocks_.data()});
  } else {
    simd::run(set, FindBlocks<false>{lines_.data(), a.rows, a.columns, blocks_.data()});
  }
}

}  // namespace rnn
