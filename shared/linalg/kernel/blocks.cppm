module;

/// How a product is cut into blocks whose sums stay in registers; no other interface and no chapter imports this.
export module rnn.linalg.kernel.blocks;

import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

export namespace rnn {

/// A block of a product stays in registers while its sums run: at most rows × registers of sums, plus registers for a
/// row of the right-hand side and for the numbers of the left-hand side that multiply it. These sizes fill 32, 16 and
/// (half as wide) 16 registers. A register shared by several rows is an extra one where there is room for it; otherwise
/// it is one of `registers`.
template <InstructionSet>
struct BlockSize {
  using Vector = simd::Vector;
  static constexpr int rows = 2, registers = 2;
  static constexpr bool shared_besides = false;
};
template <>
struct BlockSize<InstructionSet::avx2> {
  using Vector = simd::Vector;
  static constexpr int rows = 6, registers = 2;
  static constexpr bool shared_besides = false;
};
template <>
struct BlockSize<InstructionSet::avx512> {
  using Vector = simd::WideVector;
  static constexpr int rows = 4, registers = 6;
  static constexpr bool shared_besides = true;
};

/// Cuts rows into as few blocks as possible and calls visit<height>(first row, number of the block) for each. Some
/// blocks may be one row smaller than the others: 13 rows are 4 + 3 + 3 + 3. When there are only a few rows, one or two
/// may be left over and form a block of their own.
template <InstructionSet set, class Visit>
[[gnu::always_inline]] inline void for_each_block(Index rows, Visit visit) {
  constexpr Index largest = BlockSize<set>::rows, smaller = largest - 1;
  const Index blocks = (rows + largest - 1) / largest;
  const Index of_full_size = rows < blocks * smaller ? rows / largest : rows - blocks * smaller;
  Index i = 0, number = 0;
  for (; i < of_full_size * largest; i += largest) visit.template operator()<largest>(i, number++);
  for (; i + smaller <= rows; i += smaller) visit.template operator()<smaller>(i, number++);
  for (; i + 2 <= rows; i += 2) visit.template operator()<2>(i, number++);
  if (i < rows) visit.template operator()<1>(i, number);
}

/// 16 bytes: the part of a register that several rows of a product can share.
using Part [[gnu::vector_size(16)]] = Real;

/// How many parts a V has.
template <class V>
constexpr int parts_of = int(simd::lanes_of<V> / simd::lanes_of<Part>);

/// Parts first, first + 1, … of a list as one register; past the end of the list, its last part is repeated.
template <class V, int count>
[[gnu::always_inline]] inline V join_parts(const Part (&from)[count], int first) {
  if constexpr (parts_of<V> == 1) {
    return from[first < count ? first : count - 1];
  } else {
    return simd::join<V>(join_parts<simd::Half<V>>(from, first),
                         join_parts<simd::Half<V>>(from, first + parts_of<V> / 2));
  }
}

/// Part i of v.
template <class V>
[[gnu::always_inline]] inline Part part(const V& v, int i) {
  if constexpr (parts_of<V> == 1) {
    return v;
  } else {
    constexpr int half = parts_of<V> / 2;
    return i < half ? part(simd::lower_half(v), i) : part(simd::upper_half(v), i - half);
  }
}

}  // namespace rnn
