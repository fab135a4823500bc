module;
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

module rnn.formats.tensorboard;

import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.base.crc32c;
import rnn.base.error;
import rnn.base.text;
import rnn.linalg.matrix;

namespace rnn {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied to the file as they are in memory");

template <class T>
std::string bytes_of(T number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

/// A message of protocol buffers: a field is its key, which is number · 8 + kind, and its content. Of the kinds, 0 is a
/// whole number, 7 bits a byte, 1 is eight bytes, 2 is a length and as many bytes, 5 is four bytes.
/// Source: https://protobuf.dev/programming-guides/encoding/.
class Message {
 public:
  Message& whole(unsigned field, std::uint64_t value) {
    key(field, 0);
    varint(value);
    return *this;
  }
  Message& number(unsigned field, double value) {
    key(field, 1);
    bytes_ += bytes_of(value);
    return *this;
  }
  Message& number(unsigned field, float value) {
    key(field, 5);
    bytes_ += bytes_of(value);
    return *this;
  }
  Message& text(unsigned field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(unsigned field, const Message& value) { return text(field, value.bytes_); }
  Message& numbers(unsigned field, const std::vector<double>& values) {
    std::string packed;
    for (const double value : values) packed += bytes_of(value);
    return text(field, packed);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void key(unsigned field, unsigned kind) { varint(field * 8 + kind); }
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

/// Event: 1 wall_time, 2 step, 5 summary. Summary: 1 value. Value: 1 tag, and what `value` already has.
std::string summary_event(std::string_view tag, Index step, const Message& value, double time) {
  Message tagged;
  tagged.text(1, tag);
  const std::string both = tagged.bytes() + value.bytes();  // messages one after the other are one message
  return Message().number(1, time).whole(2, step).message(5, Message().text(1, both)).bytes();
}

/// HistogramProto: 1 min, 2 max, 3 num, 4 sum, 5 sum_squares, 6 bucket_limit, 7 bucket.
Message histogram(ConstView numbers) {
  constexpr std::size_t bins = 30;
  std::vector<double> finite;
  for (Index i = 0; i < numbers.rows; ++i) {
    for (Index j = 0; j < numbers.columns; ++j) {
      if (std::isfinite(numbers(i, j))) finite.push_back(double(numbers(i, j)));
    }
  }
  if (finite.empty()) return Message().number(3, 0.0);
  const auto [least, most] = std::ranges::minmax(finite);
  // A single value has a bin of its own: limits must grow.
  const double width = most > least ? (most - least) / bins : std::max(std::abs(most), 1.0) * 1e-6;
  std::vector<double> limits(bins), counts(bins, 0);
  for (std::size_t i = 0; i < bins; ++i) limits[i] = least + width * double(i + 1);
  if (most > least) limits.back() = most;
  double sum = 0, squares = 0;
  for (const double x : finite) {
    ++counts[std::min(static_cast<std::size_t>((x - least) / width), bins - 1)];
    sum += x;
    squares += x * x;
  }
  Message result;
  result.number(1, least).number(2, most).number(3, double(finite.size())).number(4, sum).number(5, squares);
  return result.numbers(6, limits).numbers(7, counts);
}

/// A name as TensorFlow writes it, of letters, digits and ._-; a time step is a group: "t3/Tanh_3".
std::string graph_name(const Graph::Node& node) {
  std::string name;
  for (const char c : node.name) {
    if (c == '(') name += '.';  // "Slice_0 (2)" is Slice_0.2
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-') name += c;
  }
  return node.step == no_step ? name : "t" + std::to_string(node.step) + "/" + name;
}

/// AttrValue: 1 list. ListValue: 7 shape. TensorShapeProto: 2 dim. Dim: 1 size.
Message shape_attribute(const Graph::Node& node) {
  Message shape;
  for (const Index size : {node.rows, node.columns}) shape.message(2, Message().whole(1, size));
  // An entry of a map: 1 key, 2 value.
  return Message().text(1, "_output_shapes").message(2, Message().message(1, Message().message(7, shape)));
}

FileError cannot_write(const std::filesystem::path& path, int error) {
  return FileError(path, "cannot be written: " + std::generic_category().message(error));
}

constexpr std::string_view event_prefix = "events.out.tfevents.";

std::string event_file(long long seconds, const std::string& rest) {
  return std::string(event_prefix) + std::to_string(seconds) + rest;
}

/// The seconds in the name of an event file; 0 if the name has another form.
long long seconds_in(std::string_view name) {
  name.remove_prefix(event_prefix.size());
  const std::uint64_t seconds = take_number<std::uint64_t>(name).value_or(0);
  return seconds < 1'000'000'000'000 && name.starts_with('.') ? static_cast<long long>(seconds) : 0;
}

/// The last of the event files in a folder, by name; empty when there is none.
std::string latest_event_file(const std::filesystem::path& folder) {
  std::string latest;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(event_prefix) && seconds_in(name) > 0) latest = std::max(latest, name);
  }
  return latest;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  Crc32c sum;
  sum.add(bytes);
  return std::rotr(sum.value(), 15) + 0xa282ead8;
}

std::string format_record(std::string_view data) {
  const std::string length = bytes_of(std::uint64_t(data.size()));
  return length + bytes_of(masked_crc32c(length)) + std::string(data) + bytes_of(masked_crc32c(data));
}

std::string scalar_event(std::string_view tag, Index step, double value, double time) {
  return summary_event(tag, step, Message().number(2, static_cast<float>(value)), time);
}

std::string histogram_event(std::string_view tag, Index step, ConstView numbers, double time) {
  return summary_event(tag, step, Message().message(5, histogram(numbers)), time);
}

std::string graph_event(const Graph& graph, double time) {
  // GraphDef: 1 node, 4 versions. NodeDef: 1 name, 2 op, 3 input, 5 attr. VersionDef: 1 producer.
  Message message;
  for (const Graph::Node& node : graph.nodes) {
    Message written;
    written.text(1, graph_name(node)).text(2, node.operation);
    for (const Index input : node.inputs) written.text(3, graph_name(graph.nodes[input]));
    message.message(1, written.message(5, shape_attribute(node)));
  }
  message.message(4, Message().whole(1, 22));
  return Message().number(1, time).message(4, message).bytes();  // Event: 4 graph_def
}

std::string session_start_event(Index step, double time) {
  // Event: 7 session_log. SessionLog: 1 status, of which 1 is START.
  return Message().number(1, time).whole(2, step).message(7, Message().whole(1, 1)).bytes();
}

EventWriter::EventWriter(const std::filesystem::path& folder) : file_(nullptr, std::fclose) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw FileError(folder, "cannot be made: " + error.message());
  const std::string latest = latest_event_file(folder);
  first_ = latest.empty();
  const std::string rest = "." + std::to_string(::getpid()) + ".";
  long long seconds = static_cast<long long>(now());
  if (event_file(seconds, rest) <= latest) seconds = seconds_in(latest) + 1;
  for (int number = 0; !file_ && number < 1000; ++number) {  // another container may have the same process ID
    path_ = folder / event_file(seconds, rest + std::to_string(number));
    file_.reset(std::fopen(path_.c_str(), "wbex"));
    if (!file_ && errno != EEXIST) break;
  }
  if (!file_) throw cannot_write(path_, errno);
  write(Message().number(1, now()).text(3, "brain.Event:2").bytes());  // Event: 3 file_version
}

void EventWriter::write(std::string_view event) {
  const std::string record = format_record(event);
  const bool written = std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size();
  if (!written || std::fflush(file_.get()) != 0) throw cannot_write(path_, errno);
}

void EventWriter::scalar(std::string_view tag, Index step, double value) {
  write(scalar_event(tag, step, value, now()));
}

void EventWriter::histogram(std::string_view tag, Index step, ConstView numbers) {
  write(histogram_event(tag, step, numbers, now()));
}

void EventWriter::session_start(Index step) { write(session_start_event(step, now())); }

void EventWriter::graph(const Graph& graph) { write(graph_event(graph, now())); }

}  // namespace rnn
