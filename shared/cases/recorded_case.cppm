module;
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Recorded cases: what went into a network somewhere else and what came out, as JSON, for a chapter to compute again.
/// data/cases.md describes the format.
export module rnn.cases.recorded_case;

import rnn.base.error;
import rnn.linalg.matrix;

export namespace rnn {

/// Numbers as they stand in the file: an array of any rank, the batch first, the last axis fastest. A single number
/// has no axes at all.
struct Values {
  std::vector<Index> shape;
  std::vector<Real> numbers;
};

/// A recorded case, checked: everything in it has the right type and shape, and every number is finite.
/// batch, T (steps), features, n (neurons) and classes are the same wherever they occur.
struct Case {
  struct Weights {
    Matrix w_x;                   ///< features × n
    Matrix w_y;                   ///< n × n
    Matrix b;                     ///< 1 × n
    std::optional<Matrix> w_out;  ///< n × classes
    std::optional<Matrix> b_out;  ///< 1 × classes; there when w_out is
  };

  struct Batch {
    Sequence inputs;                            ///< T × batch × features
    std::vector<Index> labels;                  ///< one for each example, below classes
    std::optional<std::vector<Index>> lengths;  ///< one for each example, 0 … T
  };

  std::filesystem::path path;
  std::string source;  ///< where the numbers come from; may be empty
  Weights weights;
  std::optional<Sequence> inputs;             ///< T × batch × features
  std::optional<Matrix> initial_state;        ///< batch × n
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
  std::vector<std::string> needs;     ///< must be there
  std::vector<std::string> accepts;   ///< may be there; any other key may not
  std::vector<std::string> computes;  ///< the keys that may be expected: "outputs", "gradients.w_x"
  std::optional<Index> steps;         ///< the only number of time steps, where there is only one
};

/// Throws FileError unless `recorded` is a case of this kind.
void require_kind(const Case& recorded, const CaseKind& kind);

/// What a chapter computed from a case, beside what was recorded.
///
///     Replay replay(recorded);
///     replay.add("outputs", outputs);
///     replay.add("state", state);
///     return replay.finish(std::cout, json);
class Replay {
 public:
  /// `recorded` must outlive this.
  explicit Replay(const Case& recorded);

  /// A key of `expected`: outputs, state, logits, loss, losses, and gradients. or weights. with one of w_x, w_y, b,
  /// w_out, b_out after it. A bias (1 × n) becomes the flat list that it is in the file.
  /// Throws std::invalid_argument for another key, or one that was added before.
  void add(const std::string& key, const Sequence& value);
  void add(const std::string& key, ConstView value);
  void add(const std::string& key, Real value);
  void add(const std::string& key, const std::vector<Real>& value);

  /// Prints the comparison for a person, or, with `json`, one JSON object with what was computed of what was expected
  /// (everything when nothing was). Returns the program's exit status: 0 when every value agrees,
  /// |computed − recorded| ≤ tolerance · max(1, |recorded|), or nothing was expected; 1 when one does not.
  /// Throws std::invalid_argument when something is expected that was not added.
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
