/// Recorded cases: what went into another program's network and what came out, as JSON, for a chapter to compute again.
/// data/cases.md describes the format.
export module rnn.cases.recorded_case;

import rnn.base.error;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// Numbers as the file has them: an array of any rank, the batch first, the last axis fastest. A single number has no
/// axes at all.
struct Values {
  std::vector<Index> shape;
  std::vector<Real> numbers;
};

/// Named matrices, in order.
class NamedMatrices {
 public:
  std::vector<std::pair<std::string, Matrix>> all;

  /// Throws std::invalid_argument when there is none of that name.
  const Matrix& operator[](std::string_view name) const;
  bool has(std::string_view name) const;
};

/// A recorded case, checked: everything in it has the right type and shape, and every number is finite.
/// batch, T (steps), features, n (neurons) and classes are the same wherever they occur.
struct Case {
  struct Batch {
    Sequence inputs;                            ///< T × batch × features
    std::vector<Index> labels;                  ///< one for each example, below classes
    std::optional<std::vector<Index>> lengths;  ///< one for each example, 0 … T
  };

  std::filesystem::path path;
  std::string source;        ///< where the numbers come from; may be empty
  std::string cell = "rnn";  ///< the name of a kind of cell
  /// The cell's parameters, in the order in which its kind lists them; then w_out (n × classes) and b_out (1 × classes)
  /// where there is a head.
  NamedMatrices weights;
  std::optional<Sequence> inputs;             ///< T × batch × features
  std::optional<Matrix> initial_state;        ///< batch × carry: for the LSTM the file's initial_state and cell state
  std::optional<std::vector<Index>> lengths;  ///< one for each example, 0 … T
  std::optional<std::vector<Index>> labels;   ///< one for each example, below classes
  std::optional<Real> learning_rate;          ///< above 0
  std::vector<Batch> batches;                 ///< not empty in a training case, which has no `inputs`
  Real tolerance = Real(1e-5);

  /// What should come out, in the file's order. Keys as Replay::add takes them: "outputs", "gradients.w_x".
  std::vector<std::pair<std::string, Values>> expected;
};

/// Reads a case. Throws FileError, which names the file, the place in it, what was expected and what was found.
Case read_case(const std::filesystem::path& path);

/// The same from a text; `path` stands for the file in messages.
Case parse_case(std::string_view text, const std::filesystem::path& path);

/// The cases that a chapter can run. The keys are those of the file: "inputs", "initial_state", "lengths", "labels",
/// "learning_rate", "batches", "batches.lengths", "weights.w_out".
struct CaseKind {
  std::vector<std::string> needs;       ///< must be there
  std::vector<std::string> accepts;     ///< may be there; any other key may not
  std::vector<std::string> computes;    ///< the keys that may be expected: "outputs", "gradients.*"
  std::optional<Index> steps;           ///< the only number of time steps, where there is only one
  std::vector<std::string> cells = {};  ///< the kinds of cells; empty: all
};

/// Throws FileError unless `recorded` is a case of this kind.
void require_kind(const Case& recorded, const CaseKind& kind);

/// Compares what a chapter computed from a case with what was recorded.
///
///     Replay replay(recorded);
///     replay.add("outputs", outputs);
///     replay.add("state", state);
///     return replay.finish(std::cout, json);
class Replay {
 public:
  /// `recorded` must outlive this.
  explicit Replay(const Case& recorded);

  /// A key of `expected`: outputs, state, cell_state, logits, loss, losses, and gradients. or weights. followed by the
  /// name of a weight. A bias (1 × n) becomes the flat list that it is in the file. Throws std::invalid_argument for
  /// any other key, or one that was already added.
  void add(const std::string& key, const Sequence& value);
  void add(const std::string& key, ConstView value);
  void add(const std::string& key, Real value);
  void add(const std::string& key, const std::vector<Real>& value);

  /// Prints the comparison for a person or, with `json`, one JSON object with the computed values of everything that is
  /// expected (all values when nothing is). Returns the program's exit status: 0 when every value agrees, |computed −
  /// recorded| ≤ tolerance · max(1, |recorded|), or nothing was expected; 1 when one does not. Throws
  /// std::invalid_argument when something is expected that was not added.
  int finish(std::ostream& out, bool json) const;

 private:
  void add(const std::string& key, Values value);
  void print_json(std::ostream& out) const;
  void print_comparison(std::ostream& out) const;
  const Values* computed(const std::string& key) const;

  const Case& recorded_;
  std::vector<std::pair<std::string, Values>> computed_;
};

}  // namespace rnn
