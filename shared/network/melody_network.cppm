/// A recurrent network that predicts the next note of a melody, at every step.
///
///   x_t = [pitch of event t − 1 | its duration | the place in the bar where event t begins], each as an embedding
///   h_t = cell(x_t, h_(t−1))
///   P(pitch of event t)                = softmax(h_t·W_pitch + b_pitch)
///   P(duration of event t | its pitch) = softmax([h_t | embedding of its pitch]·W_duration + b_duration)
export module rnn.network.melody_network;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.parameters;

export namespace rnn {

struct MelodyShape {
  Index pitches, durations, places;  // how many different ones there are
  Index hidden = 128;
  Index embedding = 32;  // columns of a pitch's; a duration and a place have half as many
  std::string cell = "gru";
};

/// What happened before each prediction: numbers of pitch, duration and place, for each step one of each example; row
/// t·batch + i is step t of example i.
struct MelodyInput {
  Index steps, batch;
  std::span<const Index> pitch = {}, duration = {}, place = {};
  std::span<const Index> lengths = {};  // of the examples, in steps; none: all are full
  ConstView carry = {};                 // before the first step, (batch × carry); no rows: zero
  Real keep = 1;                        // dropout, on the embeddings and on the states
  std::uint64_t dropout_seed = 0;
};

/// The network on a tape.
class MelodyOnTape {
 public:
  struct Read {
    Var states;  // (T·batch × n)
    Var carry;   // after each example's last step, (batch × carry)
  };
  Read read(const MelodyInput& input) const;
  /// The same in two parts: the embeddings, joined, as rows for each step of each example, and what comes of them.
  Var heard(const MelodyInput& input) const;
  Read read(Var heard, const MelodyInput& input) const;

  /// Shapes: states (rows × n), result (rows × pitches).
  Var pitch_logits(Var states) const;
  /// The durations' logits, given the pitch of each row. Shapes: states (rows × n), result (rows × durations).
  Var duration_logits(Var states, std::span<const Index> pitch) const;

 private:
  friend class MelodyNetwork;
  Tape* tape_;
  Cell* cell_;
  Var pitch_embedding_, duration_embedding_, place_embedding_, w_pitch_, b_pitch_, w_duration_, b_duration_;
};

class MelodyNetwork {
 public:
  explicit MelodyNetwork(const MelodyShape& shape);

  /// Names and shapes of the parameters of such a network, in their order: the cell's come first.
  static std::vector<CellParameter> parameters_of(const MelodyShape& shape);

  /// Draws the weights with which training starts.
  void initialize(Engine& engine);

  /// Puts the parameters on a tape. Their gradients are added to `gradients`, laid out as `parameters`; without any,
  /// they are constants.
  MelodyOnTape on(Tape& tape, View gradients = {}) const;

  inline const MelodyShape& shape() const { return shape_; }
  /// How many numbers of each example go from step to step.
  Index carry_size() const;

  Parameters parameters;

 private:
  MelodyShape shape_;
  const CellKind* kind_;
};

/// A network in the middle of a tune: what it has heard is in its carry, which is handed on and never begun anew.
class MelodyState {
 public:
  /// Before the first event. The network must outlive it.
  explicit MelodyState(const MelodyNetwork& network);

  /// Hears the event before the next one (0 and 0: there was none), and where the next one begins.
  void hear(Index pitch, Index duration, Index place);

  /// What it expects now: the logits of the pitches, (1 × pitches), and for each pitch those of the durations, (pitches
  /// × durations). Throws ResultError when one is not finite.
  inline ConstView pitch_logits() const { return pitch_logits_; }
  inline ConstView duration_logits() const { return duration_logits_; }
  /// The output of the cell, (1 × n).
  inline ConstView state() const { return state_; }

 private:
  const MelodyNetwork& network_;
  Matrix carry_, state_, pitch_logits_, duration_logits_;
  std::vector<Index> all_pitches_;
};

}  // namespace rnn
