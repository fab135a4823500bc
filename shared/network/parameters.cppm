/// The numbers that training changes.
export module rnn.network.parameters;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// Whether a parameter of this name is a bias, (1 × n): a vector in files. Its name begins with b.
inline bool is_bias(std::string_view name) { return name.starts_with('b'); }

/// Named matrices, one after another in a flat buffer, each on a 64-byte boundary (the gaps are zeros). Their gradients
/// are a second buffer of the same layout. Optimizers, clipping, checkpoints and the sum over shards all work on the
/// buffer as a whole.
class Parameters {
 public:
  struct Entry {
    std::string name;
    Index rows, columns;
    Index offset;  // of the first number in the buffer
  };

  /// Adds a matrix of zeros at the end. Returns its position in `entries()`. Earlier views become invalid.
  Index add(std::string name, Index rows, Index columns);

  inline const std::vector<Entry>& entries() const { return entries_; }

  /// The position of a name. Throws std::invalid_argument when there is none.
  Index find(std::string_view name) const;

  /// A parameter as a matrix.
  View operator[](Index i);
  ConstView operator[](Index i) const;
  inline View operator[](std::string_view name) { return (*this)[find(name)]; }
  inline ConstView operator[](std::string_view name) const { return (*this)[find(name)]; }

  /// The whole buffer, (1 × everything).
  inline View flat() { return values_; }
  inline ConstView flat() const { return values_; }

  /// The part of another flat buffer, such as gradients, that belongs to parameter i.
  View part(View flat, Index i) const;

  /// How many numbers there are, not counting gaps.
  Index count() const;

  /// Parameter i on a tape; its gradient is added to its part of `gradients` (1 × everything).
  Var on(Tape& tape, Index i, View gradients) const;

 private:
  std::vector<Entry> entries_;
  Matrix values_{1, 0};
};

}  // namespace rnn
