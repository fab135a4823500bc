/// The options of training, and what becomes of them.
export module mnist.options;

import rnn.base.std;
import rnn.console.options;
import rnn.console.session;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.classification;
import rnn.training.trainer;

export namespace mnist {

class TrainingOptions {
 public:
  /// Declares all options, including those of the session.
  explicit TrainingOptions(rnn::Options& options);

  /// The images: MNIST from its folder, or the built-in digits. Says on stderr what they are, and what was reduced
  /// because there are so few. Throws std::invalid_argument, with the option, or rnn::FileError.
  rnn::Splits data() const;

  /// The network for these images, with random weights or those of --init.
  rnn::Classifier network(const rnn::Splits& data) const;

  rnn::TrainerOptions trainer() const;
  rnn::ClassificationOptions classification(const rnn::Splits& data) const;

  /// What the session has to know.
  rnn::SessionPlan plan(rnn::Trainer& trainer, const rnn::Classifier& network, const rnn::Classification& task,
                        const rnn::Splits& data) const;

  inline rnn::Index epochs() const { return *epochs_; }
  unsigned threads() const;
  /// The recorded case to replay instead; an empty path without --replay.
  inline const std::filesystem::path& replay() const { return *replay_.file; }
  inline bool json() const { return *replay_.json; }

 private:
  rnn::Index batch(const rnn::Splits& data) const;
  void require_validation_of(rnn::Index images) const;
  rnn::Splits read_mnist() const;
  void add_digits(rnn::Splits& data) const;
  std::string data_folder() const;

  const rnn::Options& options_;
  rnn::Option<std::size_t> epochs_, batch_;
  rnn::Option<double> learning_rate_, clip_;
  rnn::Option<bool> no_shuffle_;
  rnn::Option<std::size_t> seed_, threads_;
  rnn::Option<std::string> cell_;
  rnn::Option<std::size_t> hidden_;
  rnn::Option<std::string> activation_;
  rnn::Option<bool> pixels_;
  rnn::Option<std::size_t> shrink_;
  rnn::Option<double> keep_;
  rnn::Option<bool> dropout_in_evaluation_;
  rnn::Option<std::string> folder_;
  rnn::Option<bool> add_digits_;
  rnn::Option<std::size_t> validation_;

 public:
  rnn::Session session;

 private:
  rnn::ReplayOptions replay_;
};

/// An accuracy as the notebook prints it: the fewest digits that name this float.
std::string accuracy_text(double accuracy);

}  // namespace mnist
