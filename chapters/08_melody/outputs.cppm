/// What becomes of a tune that was made: text, files, sound. And how it begins.
export module melody.outputs;

import melody.improviser;
import rnn.base.std;
import rnn.console.options;
import rnn.data.melody;

export namespace melody {

/// The options that generate and next have in common.
class TuneMaking {
 public:
  explicit TuneMaking(rnn::Options& options);

  /// A tune that begins as --start or --tune says, for the network of --init, or the model of --ngram, to go on with.
  /// Throws std::invalid_argument, with the option, and FileError.
  Improviser begin() const;

  inline double temperature() const { return *temperature_; }
  inline std::size_t top() const { return *top_; }
  inline std::size_t bars() const { return *bars_; }
  inline std::size_t seed() const { return *seed_; }
  inline bool plays() const { return *play_; }

  /// Writes the tune: as ABC on standard output, and into the files that were asked for; plays it. A tune without
  /// events is not written, which a line on stderr says.
  void finish(const rnn::Melody& melody) const;

 private:
  std::unique_ptr<Predictor> predictor() const;
  Improviser begin(std::unique_ptr<Predictor> predictor) const;
  rnn::Melody test_tune() const;

  rnn::Option<std::filesystem::path> init_;
  rnn::Option<std::size_t> ngram_;
  rnn::Option<std::string> start_;
  rnn::Option<std::size_t> tune_, given_;
  rnn::Option<std::string> data_, meter_;
  rnn::Option<double> temperature_;
  rnn::Option<std::size_t> top_, bars_, seed_;
  rnn::Option<std::filesystem::path> midi_, wav_, svg_, staves_;
  rnn::Option<bool> play_;
};

/// Plays a melody through the first of aplay, paplay, ffplay and afplay that is there, and waits for its end. False,
/// and a line on stderr, when there is none or it does not work.
bool play(const rnn::Melody& melody);

}  // namespace melody
