/// Which numbers of a matrix are not zero, for the product kernel. No other interface and no chapter imports this.
export module rnn.linalg.kernel.nonzeros;

import rnn.base.std;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;

export namespace rnn {

/// The columns that each block of rows needs: those in which at least one of its rows is not zero. Most pixels are
/// zero, and products with zero need not be computed.
class Nonzeros {
 public:
  /// Scans the left-hand side of a product, whose rows the kernel of `set` takes in blocks. Its rows or its columns
  /// must be contiguous in memory. If the first of these has no zero, the scan stops there, so a matrix without zeros
  /// costs nothing.
  void find(ConstView a, InstructionSet set);

  /// Forgets what is known: no term is left out.
  inline void clear() { words_of_a_block_ = 0; }
  inline bool known() const { return words_of_a_block_ > 0; }

  /// The columns that a block needs, one bit each: bit b of word w is column 64·w + b.
  inline std::span<const std::uint64_t> of_block(Index number) const {
    return std::span(blocks_).subspan(number * words_of_a_block_, words_of_a_block_);
  }

 private:
  std::vector<std::uint64_t> lines_;   // a bit for each number, in memory order
  std::vector<std::uint64_t> blocks_;  // words_of_a_block_ words for each block
  Index words_of_a_block_ = 0;
};

}  // namespace rnn
