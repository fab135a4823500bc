module;
#include <span>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

/// Matrices in the order in which the kernel of the products reads its right-hand side.
export module rnn.linalg.kernel.packed;

import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;

export namespace rnn {

/// A matrix cut into panels: vertical strips a few vector registers wide, each row by row without a gap. Worth making
/// when it is used more than once: the weights are packed once for all time steps.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  explicit PackedMatrix(ConstView b) { pack(b); }

  /// A copy of b (k × n); memory from an earlier, larger use is used again.
  void pack(ConstView b);

  inline Index rows() const { return rows_; }
  inline Index columns() const { return columns_; }

  /// The kernel that the panels were made for.
  inline InstructionSet made_for() const { return made_for_; }

  /// Columns first_column … first_column + columns − 1, each row in so many registers and `stride` numbers after the
  /// row before. What fills the last register up is unspecified; but if it is shared, it holds its columns, 16 bytes or
  /// less, in each part of 16 bytes, for several rows of a product.
  /// The widths of panels differ by one register at most, and only in the last panel can a register not be full.
  struct Panel {
    Index first_column;
    Index columns;
    Index registers;
    Index stride;
    bool shared;
  };
  inline std::span<const Panel> panels() const { return panels_; }

  /// The numbers of a panel, (rows() × its columns).
  inline ConstView numbers(const Panel& panel) const {
    return {numbers_.data() + panel.first_column * rows_, rows_, panel.columns, panel.stride, 1};
  }

  // ---- a matrix that is written where it lies

  /// Room for rows × columns numbers: unspecified until each panel's are written and the rows completed.
  void resize(Index rows, Index columns);
  inline View numbers(const Panel& panel) {
    return {numbers_.data() + panel.first_column * rows_, rows_, panel.columns, panel.stride, 1};
  }

  /// Rows first … first + count − 1 have been written: copies what shared registers hold more than once.
  void complete(Index first, Index count);

 private:
  std::vector<Real, boost::alignment::aligned_allocator<Real, 64>> numbers_;
  Index rows_ = 0;
  Index columns_ = 0;
  std::vector<Panel> panels_;
  InstructionSet made_for_ = InstructionSet::baseline;
};

/// Rows first … first + count − 1 of a packed matrix, to be written: what is written is packed on the way.
struct PackedSlot {
  PackedMatrix& matrix;
  Index first, count;
};

/// Rows first … first + count − 1 of a packed matrix.
struct PackedRows {
  const PackedMatrix* matrix = nullptr;
  Index first = 0;
  Index count = 0;

  inline PackedRows(const PackedMatrix& all) : PackedRows(all, 0, all.rows()) {}
  inline PackedRows(const PackedSlot& slot) : PackedRows(slot.matrix, slot.first, slot.count) {}
  inline PackedRows(const PackedMatrix& matrix, Index first, Index count)
      : matrix(&matrix), first(first), count(count) {}

  /// Those of one panel, (count × the panel's columns).
  inline ConstView of(const PackedMatrix::Panel& panel) const { return matrix->numbers(panel).rows_from(first, count); }
};

}  // namespace rnn
