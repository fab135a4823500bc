module;
#include <cstdint>
#include <span>
#include <vector>

/// Which numbers of a matrix are not zero, for the kernel of the products; no other interface and no chapter imports
/// this.
export module rnn.linalg.kernel.nonzeros;

import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;

export namespace rnn {

/// The columns that each block of rows needs: those in which any of its rows has a number other than zero. Pixels are
/// zero more often than not, and a product with zero need not be computed.
class Nonzeros {
 public:
  /// Looks through the left-hand side of a product, whose rows the kernel of `set` takes in blocks. The numbers of its
  /// rows or of its columns must be neighbors in memory. Where the first row of numbers in memory has no zero it does
  /// not look any further: so a matrix without zeros costs nothing.
  void find(ConstView a, InstructionSet set);

  /// There are none to be left out, as far as is known.
  inline void clear() { words_of_a_block_ = 0; }
  inline bool known() const { return words_of_a_block_ > 0; }

  /// The columns that a block needs, a bit for each: bit b of word w is column 64·w + b.
  inline std::span<const std::uint64_t> of_block(Index number) const {
    return std::span(blocks_).subspan(number * words_of_a_block_, words_of_a_block_);
  }

 private:
  std::vector<std::uint64_t> lines_;   // a bit for each number, in the order in which they lie in memory
  std::vector<std::uint64_t> blocks_;  // words_of_a_block_ words for each block
  Index words_of_a_block_ = 0;
};

}  // namespace rnn
