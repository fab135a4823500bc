/// What evaluate, predict and show have in common: saved weights, and test images to try them on.
export module mnist.saved;

import rnn.base.std;
import rnn.console.options;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;

export namespace mnist {

/// Test images with their labels, and where they are from, in words.
struct TestImages {
  rnn::Dataset data;
  std::string source;
};

class Saved {
 public:
  /// Declares --init, which must be given, --data, --seed and --threads.
  explicit Saved(rnn::Options& options);

  /// Throws FileError unless the file holds the weights of a network that reads such images as digits.
  rnn::Classifier network(const rnn::Images& images) const;
  /// The images that --data names.
  TestImages test_images() const;
  unsigned threads() const;

 private:
  rnn::Option<std::filesystem::path> init_;
  rnn::Option<std::string> data_;
  rnn::Option<std::size_t> seed_, threads_;
};

/// Pixels, or numbers, as a list of lists in JSON.
std::string json_image(const rnn::Images& images, rnn::Index which);
std::string json_rows(rnn::ConstView rows);

}  // namespace mnist
