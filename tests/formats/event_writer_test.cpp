#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.formats.tensorboard;
import rnn.linalg.matrix;

using namespace rnn;
using testing::Folder;

namespace {

// Messages of protocol buffers.
std::string field(int number, const std::string& content) {
  std::string length;
  std::size_t size = content.size();
  for (; size > 127; size /= 128) length += char(size % 128 + 128);
  return char(number * 8 + 2) + length + char(size) + content;
}
std::string field(int number, int value) { return {char(number * 8), char(value)}; }
std::string field(int number, double value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return char(number * 8 + 1) + bytes;
}

std::string shape(int rows, int columns) {
  const std::string shape = field(2, field(1, rows)) + field(2, field(1, columns));
  return field(5, field(1, "_output_shapes") + field(2, field(1, field(7, shape))));
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

/// The records of a file, each told by its length alone.
std::vector<std::string> records(const std::string& bytes) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data() + at, 8);
    all.push_back(bytes.substr(at + 12, size));
    BOOST_TEST_REQUIRE(format_record(all.back()) == bytes.substr(at, 16 + size));
    at += 16 + size;
  }
  return all;
}

const std::string prefix = "events.out.tfevents.";

std::string problem(const std::string& folder) {
  try {
    EventWriter writer(folder);
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_graph_is_its_nodes_with_their_operations_inputs_and_shapes) {
  Graph graph;
  graph.nodes = {{"x", "input", {}, no_step, 2, 3}, {"a-b_c.1 (2)", "tanh", {0, 0}, 7, 4, 5}};
  const std::string nodes =
      field(1, field(1, "x") + field(2, "input") + shape(2, 3)) +
      field(1, field(1, "t7/a-b_c.1.2") + field(2, "tanh") + field(3, "x") + field(3, "x") + shape(4, 5));
  BOOST_TEST((graph_event(graph, 2.5) == field(1, 2.5) + field(4, nodes + field(4, field(1, 22)))));
}

BOOST_AUTO_TEST_CASE(a_session_starts_at_a_step) {
  BOOST_TEST((session_start_event(9, 2.5) == field(1, 2.5) + field(2, 9) + field(7, field(1, 1))));
}

BOOST_AUTO_TEST_CASE(of_no_finite_number_a_histogram_counts_none) {
  const Matrix numbers(1, 2, std::numeric_limits<Real>::infinity());
  BOOST_TEST((histogram_event("a", 1, numbers, 0) ==
              field(1, 0.0) + field(2, 1) + field(5, field(1, field(1, "a") + field(5, field(3, 0.0))))));
}

BOOST_AUTO_TEST_CASE(the_limits_of_bins_grow_even_for_a_single_number) {
  for (const Real number : {Real(0), Real(1e-9), Real(-1), Real(1e12)}) {
    const std::string event = histogram_event("a", 0, Matrix(1, 3, number), 0);
    double limits[30], counts[30];
    std::memcpy(limits, event.data() + event.size() - 243 - 240, sizeof limits);
    std::memcpy(counts, event.data() + event.size() - 240, sizeof counts);
    BOOST_TEST(limits[0] > double(number));
    for (int i = 1; i < 30; ++i) BOOST_TEST(limits[i] > limits[i - 1]);
    BOOST_TEST(counts[0] == 3);
    BOOST_TEST(limits[29] - double(number) < 1e-4 * std::max(1.0, std::abs(double(number))));  // and they are near
  }
}

BOOST_AUTO_TEST_CASE(a_file_holds_whatever_was_written_so_far) {
  const Folder folder;
  const double begin = double(std::time(nullptr));
  EventWriter writer(folder / "new/folder");
  BOOST_TEST(writer.first());
  const std::vector<std::string> names = names_in(folder / "new/folder");
  BOOST_TEST_REQUIRE(names.size() == 1u);
  BOOST_TEST(names[0].ends_with("." + std::to_string(::getpid()) + ".0"), names[0]);
  BOOST_TEST(names[0].starts_with(prefix));
  const double seconds = std::stod(names[0].substr(prefix.size()));
  BOOST_TEST((seconds >= begin && seconds <= begin + 60));

  writer.session_start(3);
  writer.scalar("loss", 3, 0.5);
  writer.histogram("w", 3, Matrix(1, 1, Real(1)));
  writer.graph({});
  const std::vector<std::string> all = records(folder.read("new/folder/" + names[0]));
  BOOST_TEST_REQUIRE(all.size() == 5u);
  std::vector<double> times;
  for (const std::string& event : all) std::memcpy(&times.emplace_back(), event.data() + 1, 8);
  BOOST_TEST(std::ranges::is_sorted(times));
  BOOST_TEST((times[0] >= begin && times[4] <= begin + 60));
  BOOST_TEST((all[0] == field(1, times[0]) + field(3, "brain.Event:2")));
  BOOST_TEST((all[1] == session_start_event(3, times[1])));
  BOOST_TEST((all[2] == scalar_event("loss", 3, 0.5, times[2])));
  BOOST_TEST((all[3] == histogram_event("w", 3, Matrix(1, 1, Real(1)), times[3])));
  BOOST_TEST((all[4] == graph_event({}, times[4])));
}

BOOST_AUTO_TEST_CASE(each_file_sorts_after_those_that_are_there) {
  const Folder folder;
  for (int k = 0; k < 3; ++k) {
    const EventWriter writer(folder / "");
    BOOST_TEST(writer.first() == (k == 0));
  }
  folder.file(prefix + "5000000000.1.0", "");
  folder.file(prefix + "4000000000.9.0", "");
  folder.file("events.out.other.6000000000.1.0", "");
  const EventWriter writer(folder / "");
  BOOST_TEST(!writer.first());
  BOOST_TEST(names_in(folder / "").back() == prefix + "5000000001." + std::to_string(::getpid()) + ".0");
}

BOOST_AUTO_TEST_CASE(files_with_other_names_are_no_event_files) {
  for (const std::string name : {"x.1.0", "7000000000", "1000000000000.1.0", "7000000000x.1.0", ".1.0"}) {
    const Folder folder;
    folder.file(prefix + name, "");
    BOOST_TEST(EventWriter(folder / "").first(), name);
  }
  const Folder folder;
  folder.file(prefix + "999999999999.1.0", "");
  BOOST_TEST(!EventWriter(folder / "").first());
}

BOOST_AUTO_TEST_CASE(of_names_that_another_container_has_taken_meanwhile_the_next_is_tried) {
  const Folder folder;
  const std::filesystem::path unseen = folder / "unseen";  // its files cannot be listed, as if they were made later
  std::filesystem::create_directory(unseen);
  const long now = long(std::time(nullptr));
  std::vector<std::string> free;
  for (long second = now; second < now + 60; ++second) {
    const std::string name = "unseen/" + prefix + std::to_string(second) + "." + std::to_string(::getpid()) + ".";
    for (const char* number : {"0", "1"}) folder.file(name + number, "");
    free.push_back(folder / (name + "2"));
  }
  using std::filesystem::perms;
  std::filesystem::permissions(folder / "", perms::all);
  std::filesystem::permissions(unseen, perms::all & ~(perms::owner_read | perms::group_read | perms::others_read));
  BOOST_TEST(testing::as_nobody([&] { return problem(unseen); }) == "none");
  std::filesystem::permissions(unseen, perms::all);
  BOOST_TEST(std::ranges::count_if(free, [](const auto& name) { return std::filesystem::exists(name); }) == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_said) {
  const Folder folder;
  folder.file("file", "");
  BOOST_TEST(problem(folder / "file/folder") == folder / "file/folder" + ": cannot be made: Not a directory");
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_read);
  std::filesystem::permissions(folder / "", std::filesystem::perms::all);
  const std::string refused = testing::as_nobody([&] { return problem(folder / "closed"); });
  BOOST_TEST(refused.starts_with(folder / "closed/" + prefix), refused);
  BOOST_TEST(refused.ends_with(".0: cannot be written: Permission denied"), refused);
  // Ten short records, and one that is longer than what a stream holds back.
  for (const auto& [tag, count] : {std::pair<std::string, int>{"loss", 10}, {std::string(100'000, 'x'), 1}}) {
    const std::string full = testing::in_a_child([&] {
      const rlimit limit{100, 100};
      ::signal(SIGXFSZ, SIG_IGN);
      ::setrlimit(RLIMIT_FSIZE, &limit);
      EventWriter writer(folder / "full");
      for (int i = 0; i < count; ++i) writer.scalar(tag, 0, 1);
      return std::string("none");
    });
    BOOST_TEST(full.ends_with(": cannot be written: File too large"), full);
  }
}
