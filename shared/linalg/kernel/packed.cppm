module;
#include <boost/align/aligned_allocator.hpp>

/// Matrices laid out in the order in which the product kernel reads its right-hand side.
export module rnn.linalg.kernel.packed;

import rnn.base.std;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;

export namespace rnn {

/// A matrix cut into panels: vertical strips a few vector registers wide, each row by row without a gap. Packing pays
/// off for a matrix that is used more than once: the weights are packed once for all time steps.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  explicit PackedMatrix(ConstView b) { pack(b); }

  /// Copies b (k × n), reusing memory from an earlier, larger matrix.
  void pack(ConstView b);

  inline Index rows() const { return rows_; }
  inline Index columns() const { return columns_; }

  /// The kernel that the panels were made for.
  inline InstructionSet made_for() const { return made_for_; }

  /// Columns first_column … first_column + columns − 1. Each row takes `registers` registers and begins `stride`
  /// numbers after the one above it. The unused end of the last register is unspecified. A shared last register,
  /// however, repeats its columns, 16 bytes or less, in each part of 16 bytes, to serve several rows of a product.
  /// The widths of panels differ by at most one register, and only the last panel can have a register that is not full.
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

  // ---- a matrix that is packed as it is written

  /// Makes room for rows × columns numbers, unspecified until every panel is written and its rows are completed.
  void resize(Index rows, Index columns);
  inline View numbers(const Panel& panel) {
    return {numbers_.data() + panel.first_column * rows_, rows_, panel.columns, panel.stride, 1};
  }

  /// Call this once rows first … first + count − 1 are written: it makes the copies that shared registers hold.
  void complete(Index first, Index count);

 private:
  std::vector<Real, boost::alignment::aligned_allocator<Real, 64>> numbers_;
  Index rows_ = 0;
  Index columns_ = 0;
  std::vector<Panel> panels_;
  InstructionSet made_for_ = InstructionSet::baseline;
};

/// Rows first … first + count − 1 of a packed matrix, to be written: the numbers go straight into the panels.
struct PackedSlot {
  PackedMatrix& matrix;
  Index first, count;
};

/// Rows first … first + count − 1 of a packed matrix.
struct PackedRows {
  const PackedMatrix* matrix;
  Index first;
  Index count;

  inline PackedRows(const PackedMatrix& all) : PackedRows(all, 0, all.rows()) {}
  inline PackedRows(const PackedSlot& slot) : PackedRows(slot.matrix, slot.first, slot.count) {}
  inline PackedRows(const PackedMatrix& matrix, Index first, Index count)
      : matrix(&matrix), first(first), count(count) {}

  /// The part in one panel, (count × the panel's columns).
  inline ConstView of(const PackedMatrix::Panel& panel) const { return matrix->numbers(panel).rows_from(first, count); }
};

}  // namespace rnn
