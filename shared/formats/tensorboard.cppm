/// TensorBoard's files: numbers over the steps, histograms, the graph.
///
/// An event file is a series of records; each is an `Event` message in the encoding of protocol buffers, written here
/// by hand, since the few fields that are needed are a page of code. TensorFlow's event.proto, summary.proto and
/// graph.proto name the fields.
export module rnn.formats.tensorboard;

import rnn.autodiff.graph;
import rnn.base.error;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// The checksum of a record's parts: CRC-32C, "masked" as TensorFlow does it, so that data that contain a checksum
/// themselves cause no trouble. Rotate right by 15 bits, add 0xa282ead8 (mod 2^32).
std::uint32_t masked_crc32c(std::string_view bytes);

/// One record: length (8 bytes), its checksum (4), the data, their checksum (4), all little-endian.
std::string format_record(std::string_view data);

/// An `Event` message with a number, its tag ("loss/step"), and its place on the axis.
std::string scalar_event(std::string_view tag, Index step, double value, double time);

/// An `Event` message with a histogram in 30 bins of the same width. Only finite numbers are counted.
std::string histogram_event(std::string_view tag, Index step, ConstView numbers, double time);

/// An `Event` message with the graph: each node's operation, inputs and shape; time step t is the group "t".
std::string graph_event(const Graph& graph, double time);

/// An `Event` message that says that a session starts at this step, which voids what earlier files say about this step
/// and later ones.
std::string session_start_event(Index step, double time);

/// An event file that is being written. Whatever it is given is in the file when the call returns.
class EventWriter {
 public:
  /// Begins the file events.out.tfevents.SECONDS.PROCESS.N in `folder`, which is created if it is missing. TensorBoard
  /// reads the files of a folder in the order of their names, so this one sorts after all that are there. Throws
  /// FileError when that fails, as do the others when the disk is full.
  explicit EventWriter(const std::filesystem::path& folder);

  /// Whether the folder held no event files before this one.
  inline bool first() const { return first_; }

  void scalar(std::string_view tag, Index step, double value);
  void histogram(std::string_view tag, Index step, ConstView numbers);
  void graph(const Graph& graph);
  /// A run begins, or goes on, with this step.
  void session_start(Index step);

 private:
  void write(std::string_view event);

  bool first_ = true;
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace rnn
