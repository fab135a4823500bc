/// The options of chapters 01 to 04: which example to compute, and what to do with the result.
export module rnn.console.example_options;

import rnn.base.std;
import rnn.cases.recorded_case;
import rnn.cases.example;
import rnn.console.options;
import rnn.linalg.matrix;

export namespace rnn {

/// What a chapter can compute: each form adds options to those of the one before it.
enum class Form { two_steps, any_length, variable_lengths };

/// The options of a chapter that computes an example's outputs, and what becomes of the result.
///
///     ExampleOptions chosen(options, Form::two_steps);
///     return options.run(argc, argv, [&] {
///       const Example example = chosen.read();
///       …
///       return chosen.finish(outputs, state);
///     });
class ExampleOptions {
 public:
  /// Declares --seed, --neurons, --initial-state, --replay, --json; for any length also --cell, --steps and
  /// --activation; for variable lengths also --lengths.
  ExampleOptions(Options& options, Form form);

  /// The notebook's batch of 4 sequences of 2 steps of 3 inputs with random weights, or the recorded case. Steps after
  /// the second are whole numbers from 0 to 9, drawn from the seed; past a sequence's length all inputs are zero.
  /// Throws std::invalid_argument for an option, FileError for a case, that this chapter cannot use.
  Example read();

  /// Whether to explain and to print tables: with --json, only one object goes to stdout.
  inline bool for_a_person() const { return !*json_; }

  /// Prints JSON when asked to, else compares with the recorded case if there is one. Returns the exit status.
  /// Shapes: outputs (T × batch × n), carry (batch × carry): the final state, of an LSTM also its cell state.
  int finish(const Sequence& outputs, ConstView carry) const;

 private:
  ExampleChoices choices() const;
  std::vector<Real> chosen_state(Index carry) const;
  std::vector<Index> chosen_lengths(Index steps) const;

  struct Declared {
    Option<std::size_t> seed, neurons;
    Option<std::string> initial_state;
    std::optional<Option<std::size_t>> steps = {};
    std::optional<Option<std::string>> cell = {}, activation = {}, lengths = {};
  };
  static Declared declare(Options& options, Form form);

  Form form_;
  Declared declared_;
  Option<std::filesystem::path> replay_;
  Option<bool> json_;
  Case recorded_;  // without --replay a case that expects nothing
};

}  // namespace rnn
