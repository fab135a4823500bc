/// Learning to predict the next event of melodies: batches of whole tunes, read segment by segment.
///
/// A tune has hundreds of events, and a gradient through all of them would cost memory for each. So a batch is cut into
/// segments of some steps: forward, the carry goes from each segment to the next; backward, the gradient ends where the
/// segment begins. This is truncated backpropagation through time. Tunes have different lengths: within a segment, what
/// is past a tune's end is masked and has no part in the loss, and a tune that is over has no part in later segments.
export module rnn.training.next_event;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.data.event_vocabulary;
import rnn.linalg.matrix;
import rnn.network.melody_network;
import rnn.training.shards;

export namespace rnn {

/// A tune as it may be heard: once, or in several keys, of which training takes another one in each epoch.
using Variants = std::vector<EncodedMelody>;

struct NextEventOptions {
  Index batch = 32;    // tunes
  Index segment = 48;  // steps
  Real keep = 1;       // dropout
  std::uint32_t seed = 1;
};

/// Tunes that are read together, the longest first, and the network's carries between two segments.
class TuneBatch {
 public:
  TuneBatch(const std::vector<const EncodedMelody*>& tunes, Index segment, Index carry, std::uint64_t seed);

  /// How many segments the longest tune has.
  Index segments() const;
  /// How many tunes reach into a segment: they are the first ones.
  Index tunes(Index segment) const;
  /// How many events are predicted in a segment, and in all.
  Index events(Index segment) const;
  Index events() const;

  /// What the tunes of a segment hand on to the next one, (tunes × carry).
  View carries_after(Index segment);

 private:
  friend class NextEvent;
  std::vector<const EncodedMelody*> tunes_;
  Index segment_;
  std::uint64_t seed_;
  Matrix carries_[2];  // before a segment and after it, by turns: both are needed until the gradient has come back
};

/// A network that learns from tunes. Both must outlive it. Every random number is derived from the seed and the numbers
/// of the epoch, the step, the segment and the shard.
class NextEvent {
 public:
  /// Throws std::invalid_argument when there is no tune.
  NextEvent(const MelodyNetwork& network, std::span<const Variants> tunes, const NextEventOptions& options);

  /// Steps in an epoch: batches of tunes, the last of which may be smaller.
  Index steps() const;
  /// The order of the tunes in an epoch.
  std::vector<std::uint32_t> order(Index epoch) const;
  /// The tunes of a step, at their beginning.
  TuneBatch batch(std::span<const std::uint32_t> order, Index epoch, Index step) const;

  /// The loss of a shard of the tunes of a segment, recorded on the tape: −ln P of the events, summed and divided by
  /// how many the segment has. The carries after the segment are kept in the batch, as carries_after: segments must
  /// come in their order.
  Var loss(Tape& tape, TuneBatch& batch, Index segment, const Shard& shard, View gradients) const;

 private:
  const MelodyNetwork& network_;
  std::span<const Variants> tunes_;
  NextEventOptions options_;
};

/// How surprising each of these tunes is to the network: −log₂ P of its events, summed, and how many they are. The same
/// bits however the shards are divided.
struct Surprise {
  double pitch_bits = 0, duration_bits = 0, events = 0;
  inline double bits_of_event() const { return (pitch_bits + duration_bits) / events; }
  double perplexity() const;
};
Surprise surprise_of(const MelodyNetwork& network, std::span<const EncodedMelody> tunes, ShardSum& shards);

/// The epoch with the least loss so far, and whether it is so long ago that going on makes no sense.
class EarlyStopping {
 public:
  /// Looks at the losses of all epochs so far; `patience` 0 never stops.
  EarlyStopping(std::span<const double> losses, Index patience);
  inline bool improved() const { return improved_; }
  inline bool stops() const { return stops_; }

 private:
  bool improved_ = false, stops_ = false;
};

}  // namespace rnn
