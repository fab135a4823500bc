/// The options of training, and what becomes of them.
export module melody.options;

import melody.tunes;
import rnn.base.std;
import rnn.console.options;
import rnn.console.session;
import rnn.linalg.matrix;
import rnn.network.melody_network;
import rnn.network.parameters;
import rnn.training.next_event;
import rnn.training.trainer;

export namespace melody {

/// The options that say which tunes there are, for training and for evaluation alike.
class DataOptions {
 public:
  explicit DataOptions(rnn::Options& options);
  /// The tunes; says on stderr what they are, unless `quiet`.
  Tunes load(const rnn::Options& options, bool quiet) const;
  Keys keys() const;
  inline const std::string& data() const { return *data_; }

 private:
  rnn::Option<std::string> data_;
  rnn::Option<std::size_t> tunes_, seed_;
  rnn::Option<std::string> keys_;
  rnn::Option<bool> strict_;

 public:
  inline std::size_t seed() const { return *seed_; }
};

class TrainingOptions {
 public:
  /// Declares all options, including those of the session.
  explicit TrainingOptions(rnn::Options& options);

  /// The tunes, and the same as numbers. Throws std::invalid_argument, with the option, or rnn::FileError.
  struct Data {
    Tunes tunes;
    Encoded encoded;
  };
  Data data() const;

  /// The network for these tunes, with random weights or those of --init.
  rnn::MelodyNetwork network(const Encoded& data) const;

  rnn::TrainerOptions trainer() const;
  rnn::NextEventOptions next_event() const;

  /// What the session has to know.
  rnn::SessionPlan plan(rnn::Trainer& trainer, const rnn::MelodyNetwork& network, rnn::Parameters& best,
                        const rnn::NextEvent& task, const Data& data) const;

  inline rnn::Index epochs() const { return *epochs_; }
  unsigned threads() const;
  /// Whether validation has not got better for --patience epochs.
  bool stops(std::span<const double> validation) const;

 private:
  const rnn::Options& options_;
  DataOptions data_;
  rnn::Option<std::size_t> epochs_, batch_, segment_;
  rnn::Option<double> learning_rate_, clip_, keep_;
  rnn::Option<std::size_t> patience_, threads_;
  rnn::Option<std::string> cell_;
  rnn::Option<std::size_t> hidden_, embedding_;

 public:
  rnn::Session session;
};

/// Whether the last one is less than all others.
bool is_best(std::vector<double> before, double now);

}  // namespace melody
