module;
#include <boost/align/aligned_allocator.hpp>

#include <new>

/// Reverse-mode automatic differentiation: operations compute at once and leave on the tape how to go back.
///
/// The order in which operations are recorded is a topological order already, so the backward pass is one loop from
/// the last node to the first. A tape is cleared and recorded again for each batch; after the first time it finds all
/// the memory that it needs in its own blocks.
export module rnn.autodiff.tape;

import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

export namespace rnn {

class Tape;

/// A matrix on a tape: two words, copied freely, valid until the tape is cleared.
class Var {
 public:
  Var() = default;

  inline Tape& tape() const { return *tape_; }
  inline std::uint32_t index() const { return index_; }
  inline bool empty() const { return tape_ == nullptr; }

  ConstView value() const;
  inline Index rows() const { return value().rows; }
  inline Index columns() const { return value().columns; }

  /// Whether it depends on anything that wants a gradient. If not, operations record no backward pass for it.
  bool needs_gradient() const;

  /// ∂loss/∂(this), of the same shape: zero when first asked for in a pass, then added to by every user of this value.
  View gradient() const;

  /// Whether somebody has asked for the gradient since the tape was cleared.
  bool has_gradient() const;

 private:
  friend class Tape;
  inline Var(Tape* tape, std::uint32_t index) : tape_(tape), index_(index) {}
  Tape* tape_ = nullptr;
  std::uint32_t index_ = 0;
};

/// A batch of sequences on a tape: one matrix of steps·batch rows, time-major as in Sequence.
struct SequenceVar {
  Var rows;
  Index steps = 0;
  Index batch = 0;

  inline Index features() const { return rows.columns(); }
  /// The value of step t, (batch × features).
  inline ConstView value(Index t) const { return rows.value().rows_from(t * batch, batch); }
  /// The gradient of step t, (batch × features).
  inline View gradient(Index t) const { return rows.gradient().rows_from(t * batch, batch); }
};

/// A copy of the value.
Sequence to_sequence(const SequenceVar& x);

/// What a graph drawing shows of a node.
struct NodeInfo {
  const char* operation;
  std::span<const std::uint32_t> inputs;
  Index step;  // no_step if it belongs to none
  Index rows, columns;
};
constexpr Index no_step = Index(-1);

class Tape {
 public:
  /// A tape in `evaluate` mode only computes: nothing is kept for a backward pass, nothing needs a gradient.
  enum class Mode { record, evaluate };

  explicit Tape(Mode mode = Mode::record) : mode_(mode) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  inline bool recording() const { return mode_ == Mode::record; }

  // ---- leaves ----

  /// A value without a gradient. It is referenced, not copied, so it must outlive the pass.
  Var constant(ConstView value, const char* name = "input");
  SequenceVar constant(const Sequence& value, const char* name = "input");

  /// A value whose gradient is added to `gradient` (neither copied). Throws CallError unless the shapes agree.
  Var parameter(const char* name, ConstView value, View gradient, Caller caller = Caller::current());

  /// A value whose gradient stays on the tape. It is referenced, not copied.
  Var variable(ConstView value, const char* name = "variable");
  SequenceVar variable(const Sequence& value, const char* name = "variable");

  // ---- building blocks of operations ----

  /// A new node with room for a value of rows × columns (unspecified numbers until `output` is written). Throws
  /// CallError when an input is on another tape.
  Var add(const char* operation, std::span<const Var> inputs, Index rows, Index columns,
          Caller caller = Caller::current());
  inline Var add(const char* operation, std::initializer_list<Var> inputs, Index rows, Index columns,
                 Caller caller = Caller::current()) {
    return add(operation, std::span(inputs.begin(), inputs.size()), rows, columns, caller);
  }

  /// A new node whose value is a part of something already on this tape; it has a gradient of its own.
  Var add(const char* operation, std::span<const Var> inputs, ConstView value, Caller caller = Caller::current());

  /// Where the operation writes its value.
  View output(Var node);

  /// What the node does in the backward pass: it reads node.gradient() and adds to its inputs' gradients. Called only
  /// if the node got a gradient. The closure is kept as bytes, so it must not capture anything that has a destructor.
  template <class Closure>
  inline void on_backward(Var node, Closure closure) {
    if (!node.needs_gradient()) return;
    const Closure* kept = keep(closure);
    set_backward(node, kept, [](const void* c) { (*static_cast<const Closure*>(c))(); });
  }

  /// A copy of `object` that lives until the tape is cleared.
  template <class T>
  inline T* keep(const T& object) {
    static_assert(std::is_trivially_destructible_v<T>, "what is kept on a tape is never destroyed");
    return new (bytes(sizeof(T), alignof(T))) T(object);
  }
  template <class T>
  inline std::span<const T> keep(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    T* copy = static_cast<T*>(bytes(items.size_bytes() + 1, alignof(T)));
    for (std::size_t i = 0; i < items.size(); ++i) copy[i] = items[i];
    return {copy, items.size()};
  }

  /// Room for rows × columns numbers until the tape is cleared.
  View workspace(Index rows, Index columns);

  /// b packed for products, until the tape is cleared. The same b is packed only once.
  const PackedMatrix& packed(ConstView b);

  /// Room for a packed matrix of rows × columns, until the tape is cleared.
  PackedMatrix& packed_workspace(Index rows, Index columns);

  // ---- a pass ----

  /// Sets ∂loss/∂loss = 1 and walks back from `loss` (1 × 1) to the leaves.
  /// Only once for each recording: a second pass would add to the gradients of the first.
  /// Throws CallError when loss is not 1 × 1 or on another tape, when the tape does not record, or when backward has
  /// already been called.
  void backward(Var loss, Caller caller = Caller::current());

  /// Forgets all nodes and keeps their memory. Every Var of this tape becomes invalid. If nothing outside of the tape
  /// has changed, as with the parameters between the shards of a batch, their packed copies are kept.
  enum class Outside { may_have_changed, unchanged };
  void clear(Outside outside = Outside::may_have_changed);

  /// Operations recorded from now on belong to time step t, for drawings; no_step ends this.
  inline void set_step(Index t) { step_ = t; }

  // ---- contents ----

  inline Index size() const { return nodes_.size(); }
  /// Bytes of all values and workspaces held for the backward pass, not counting leaves.
  Index bytes_kept() const;
  NodeInfo info(Index node) const;

 private:
  friend class Var;
  struct Node {
    const char* operation;
    ConstView value;
    View gradient = {};  // null until first asked for
    const void* closure = nullptr;
    void (*run)(const void*) = nullptr;
    std::uint32_t first_input = 0, inputs = 0;
    Index step = no_step;
    bool needs_gradient = false;
  };
  using Block = std::vector<Real, boost::alignment::aligned_allocator<Real, 64>>;

  struct Packed {
    PackedMatrix matrix;
    ConstView of = {};  // nothing: a workspace
    bool used = false;
  };
  PackedMatrix& take_packed(ConstView of);
  bool owns(const Real* number) const;
  void forget_packed(Outside outside);
  Var push(const Node& node);
  void set_backward(Var node, const void* closure, void (*run)(const void*));
  void* bytes(std::size_t size, std::size_t alignment);

  Mode mode_;
  Index step_ = no_step;
  bool walked_back_ = false;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> inputs_;  // of all nodes, one after the other
  std::vector<Block> blocks_;          // values, gradients and workspaces, in the order of the requests
  Index used_blocks_ = 0;
  Index numbers_kept_ = 0;
  std::vector<std::unique_ptr<Packed>> packed_;
  std::vector<std::vector<std::byte>> chunks_;  // closures and other kept objects
  Index used_chunks_ = 0;
  std::size_t used_bytes_ = 0;
};

}  // namespace rnn
