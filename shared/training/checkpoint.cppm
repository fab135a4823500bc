/// Parameters in a file: alone, or with everything that training needs to go on as if it had never stopped.
///
/// Each parameter is a tensor of its name; a bias has one axis. A checkpoint also has, for each parameter NAME, Adam's
/// moments "first_moment.NAME" and "second_moment.NAME"; the number of Adam's steps, "adam_steps"; for each counter
/// "counter.NAME" and for each series "series.NAME". The metadata are up to the caller. All random numbers are derived
/// from such counters and a seed, so no generator's state is stored.
export module rnn.training.checkpoint;

import rnn.base.std;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.optimizers;

export namespace rnn {

using Metadata = std::map<std::string, std::string>;
/// How far training has come, in the caller's terms: "epoch", "step". A double is stored by its bits.
using Counters = std::map<std::string, std::uint64_t>;
/// Whatever the caller wants to get back of the run so far, such as the losses of all steps.
using Series = std::map<std::string, std::vector<double>>;

/// The bytes of a file of the parameters alone. They depend only on the parameters and the metadata. Throws ResultError
/// when a parameter is not finite.
std::string format_parameters(const Parameters& parameters, const Metadata& metadata);

/// Writes such a file. Throws FileError when it cannot be written, and what format_parameters does.
void save_parameters(const std::filesystem::path& path, const Parameters& parameters, const Metadata& metadata);

/// Copies the tensors of a file into the parameters of the same names. Throws FileError unless all are there with the
/// right shapes and every number is finite; the parameters are then unspecified.
void load_parameters(const TensorFile& file, const std::filesystem::path& path, Parameters& parameters);

/// The bytes of a checkpoint, with a checksum. Throws as format_parameters does.
std::string format_checkpoint(const Parameters& parameters, Adam& adam, const Counters& counters, const Series& series,
                              const Metadata& metadata);

/// Writes it; a crash leaves the old one or the new one. Throws as save_parameters does.
void save_checkpoint(const std::filesystem::path& path, const Parameters& parameters, Adam& adam,
                     const Counters& counters, const Series& series, const Metadata& metadata);

/// A checkpoint that has been read.
class Checkpoint {
 public:
  /// Throws FileError when the file is not a checkpoint.
  explicit Checkpoint(const std::filesystem::path& path);

  inline const std::filesystem::path& path() const { return path_; }
  inline const TensorFile& file() const { return file_; }

  /// The metadata of that name. Throws FileError when there is none.
  const std::string& metadata(const std::string& name) const;
  bool has_metadata(const std::string& name) const;

  /// The counter of that name. Throws FileError when there is none.
  std::uint64_t counter(const std::string& name) const;
  bool has_counter(const std::string& name) const;

  /// The series of that name; empty when there is none.
  std::vector<double> series(const std::string& name) const;

  /// Restores parameters and moments. Throws FileError when the file's arrays do not match the parameters, or cannot
  /// have come from Adam.
  void restore(Parameters& parameters, Adam& adam) const;

 private:
  std::filesystem::path path_;
  TensorFile file_;
  Counters counters_;
  std::uint64_t adam_steps_ = 0;
};

}  // namespace rnn
