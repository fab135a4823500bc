module;
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Parameters in a file: alone, or with all that training needs to go on as if it had never stopped.
///
/// Each parameter is a tensor of its name; a bias has one axis. A checkpoint has besides, for each parameter NAME,
/// Adam's moments "first_moment.NAME" and "second_moment.NAME"; the number of Adam's steps, "adam_steps"; for each
/// counter "counter.NAME" and for each series "series.NAME". Metadata are the caller's. Every random number is derived
/// from such counters and a seed, so that no generator's state is stored.
export module rnn.training.checkpoint;

import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.optimizers;

export namespace rnn {

using Metadata = std::map<std::string, std::string>;
/// How far a training has come, in the caller's terms: "epoch", "step". A double is stored by its bits.
using Counters = std::map<std::string, std::uint64_t>;
/// What the caller wants to have again of the way so far: the losses of all steps, say.
using Series = std::map<std::string, std::vector<double>>;

/// The bytes of a file of the parameters alone, which depend on them and the metadata alone. Throws ResultError when a
/// parameter is not finite.
std::string format_parameters(const Parameters& parameters, const Metadata& metadata);

/// Writes them. Throws FileError when the file cannot be written.
void save_parameters(const std::filesystem::path& path, const Parameters& parameters, const Metadata& metadata);

/// Copies the tensors of a file into the parameters of their names. Throws FileError unless all are there with the
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
  /// Throws FileError when the file is something else.
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

  /// Puts parameters and moments back. Throws FileError when the file's arrays are not those of the parameters, or Adam
  /// cannot have had them.
  void restore(Parameters& parameters, Adam& adam) const;

 private:
  std::filesystem::path path_;
  TensorFile file_;
  Counters counters_;
  std::uint64_t adam_steps_ = 0;
};

}  // namespace rnn
