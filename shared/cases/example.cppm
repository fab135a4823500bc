/// The example that chapters 01 to 04 share.
export module rnn.cases.example;

import rnn.base.std;
import rnn.cases.recorded_case;
import rnn.linalg.activation;
import rnn.linalg.matrix;

export namespace rnn {

/// A batch of sequences and the weights of a recurrent layer. n is the number of neurons.
struct Example {
  Sequence inputs;           // T × batch × features
  Matrix initial_state;      // batch × carry: the outputs before the first step; of an LSTM h, then c
  std::string cell = "rnn";  // the name of a kind of cell
  NamedMatrices weights;     // the cell's; the basic one has w_x (features × n), w_y (n × n), b (1 × n)
  Activation activation = Activation::tanh;
  std::vector<Index> lengths = {};  // valid steps of each sequence, 0 … T; empty where all are full
};

/// The sizes of the notebook's example.
constexpr Index example_batch = 4, example_features = 3, example_steps = 2;

/// What can be chosen about the example.
struct ExampleChoices {
  std::string cell = "rnn";               // the name of a kind of cell
  std::uint64_t seed = 1;                 // decides every random number
  Index neurons = 5;                      // n
  Index steps = example_steps;            // T
  std::vector<Real> initial_state = {0};  // one number, or one for each number of the carry
  Activation activation = Activation::tanh;
  std::vector<Index> lengths = {};  // one for each of the 4 sequences, or none
};

/// The notebook's batch of 4 sequences of 2 steps of 3 inputs with random weights. Inputs of steps after the second are
/// random whole numbers from 0 to 9; past a sequence's length all inputs are zero. Weights and inputs have random
/// streams of their own, so a different number of steps leaves the weights as they are.
Example make_example(const ExampleChoices& choices);

/// The inputs and weights of a recorded case, which must have inputs.
Example example_of(const Case& recorded);

/// Whether two matrices of one shape hold the same numbers. NaN equals nothing.
bool same_numbers(ConstView a, ConstView b);

}  // namespace rnn
