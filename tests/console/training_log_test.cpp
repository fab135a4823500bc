#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"

import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.console.training_log;
import rnn.formats.svg;
import rnn.formats.tensorboard;
import rnn.linalg.matrix;
import rnn.network.parameters;

using namespace rnn;
using rnn::testing::Folder;

namespace {

constexpr Index steps_per_epoch = 3, epochs = 4;

/// Losses and results that differ in every step and epoch.
double loss(Index step) { return 2.5 / double(step + 1); }
double mean(Index epoch) { return 1.25 / double(epoch + 1); }

struct Run {
  explicit Run(const Folder& folder) : files{{}, folder / "t.csv", folder / "p.svg"} { parameters.add("w", 1, 1); }

  /// Goes on until so many steps are done; when that is an epoch's last one, its results are told or not.
  void go_on(Index end, bool with_results) {
    TrainingLog log(files, {}, history);
    const Matrix gradients(1, 1, Real(0));
    const auto tell_results = [&](Index epoch) {
      log.epoch(mean(epoch), 0.5 + double(epoch) / 16, 0.25 + double(epoch) / 16, parameters, gradients);
    };
    if (results_wait) tell_results(history.mean_losses.size());
    results_wait = false;
    for (Index step = history.steps(); step < end; ++step) {
      log.step(loss(step));
      if ((step + 1) % steps_per_epoch != 0) continue;
      results_wait = step + 1 == end && !with_results;
      if (!results_wait) tell_results(step / steps_per_epoch);
    }
    log.close();
    history = log.history();
  }

  LogFiles files;
  Parameters parameters;
  TrainingHistory history{.steps_per_epoch = steps_per_epoch};
  bool results_wait = false;
};

/// What may be written into an event file at some time.
using Event = std::function<std::string(double time)>;

Event scalar(const std::string& tag, Index step, double value) {
  return [=](double time) { return scalar_event(tag, step, value, time); };
}
Event histogram(const std::string& tag, Index step, const Matrix& numbers) {
  return [=](double time) { return histogram_event(tag, step, numbers, time); };
}
Event start(Index step) {
  return [=](double time) { return session_start_event(step, time); };
}
Event graph(const Graph& graph) {
  return [=](double time) { return graph_event(graph, time); };
}

/// Checks the last of the event files in a folder: after the first record, which is the format's version, these events.
void check_events(const std::string& folder, const std::vector<Event>& expected) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  BOOST_TEST_REQUIRE(!files.empty());
  std::ifstream file(std::ranges::max(files), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator(file), {}};
  std::size_t count = 0;
  for (std::size_t at = 0, record = 0; at < bytes.size(); ++record) {
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data() + at, 8);
    const std::string event = bytes.substr(at + 12, size);
    at += 16 + size;
    if (record == 0) continue;
    double time = 0;
    std::memcpy(&time, event.data() + 1, 8);
    if (count < expected.size()) BOOST_TEST((event == expected[count](time)), "event " << count);
    ++count;
  }
  BOOST_TEST(count == expected.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(events_are_each_steps_loss_and_each_epochs_results_weights_and_gradients_at_its_last_step) {
  const Folder folder;
  const std::string logdir = folder / "log";
  Graph nodes;
  nodes.nodes = {{"x", "input", {}, no_step, 2, 3}};
  const LogFiles files{logdir, "", "", {"error", "seen", "new"}};
  Parameters parameters;
  parameters.add("w", 1, 1), parameters.add("v", 2, 3);
  Matrix w(1, 1, Real(3)), v(2, 3, Real(0));
  parameters["w"](0, 0) = 3, parameters["v"](1, 2) = v(1, 2) = 4;
  Matrix gradients(1, parameters.flat().columns, Real(0)), of_w(1, 1, Real(5)), of_v(2, 3, Real(0));
  parameters.part(gradients, 0)(0, 0) = 5, parameters.part(gradients, 1)(1, 0) = of_v(1, 0) = 6;
  const std::vector<Event> losses{scalar("loss/step", 1, 7), scalar("loss/step", 2, 8), scalar("loss/step", 3, 9),
                                  scalar("loss/step", 4, 10)};
  const std::vector<Event> results{scalar("loss/epoch", 2, 0.5), scalar("error/seen", 2, 0.25),
                                   scalar("error/new", 2, 0.125)};
  TrainingHistory waiting, after_step;
  {
    TrainingLog log(files, nodes, {.steps_per_epoch = 2});
    log.step(7), log.step(8);
    waiting = log.history();
    log.epoch(0.5, 0.25, 0.125, parameters, gradients);
    log.step(9);
    after_step = log.history();
  }
  const std::vector<Event> weights{histogram("weights/w", 2, w), histogram("weights/v", 2, v)};
  const std::vector<Event> slopes{histogram("gradients/w", 2, of_w), histogram("gradients/v", 2, of_v)};
  check_events(logdir, {graph(nodes), start(1), losses[0], losses[1], results[0], results[1], results[2], weights[0],
                        slopes[0], weights[1], slopes[1], losses[2]});
  TrainingLog(files, nodes, after_step).step(10);
  check_events(logdir, {start(4), losses[3]});
  // Between the last step of an epoch and its results: they have one place.
  TrainingLog(files, nodes, waiting).epoch(0.5, 0.25, 0.125, parameters, {});
  check_events(logdir, {start(2), losses[1], results[0], results[1], results[2], weights[0], weights[1]});
  // A folder that has seen nothing of the run so far.
  TrainingLog({folder / "other", "", "", files.names}, nodes, after_step);
  check_events(folder / "other",
               {graph(nodes), start(1), losses[0], losses[1], results[0], results[1], results[2], losses[2]});
  // The same folder for another run.
  TrainingLog(files, nodes, {.steps_per_epoch = 2});
  check_events(logdir, {graph(nodes), start(1)});
}

BOOST_AUTO_TEST_CASE(events_may_begin_after_steps_of_which_nothing_is_known) {
  const Folder folder;
  const TrainingHistory late{.steps_per_epoch = 2,
                             .before = 3,
                             .epochs_before = 1,
                             .losses = {10, 11},
                             .mean_losses = {0.5},
                             .train_accuracy = {0.25},
                             .test_accuracy = {0.125}};
  Parameters none;
  {
    TrainingLog log({folder / "log", "", "", {}}, {}, late);
    log.step(12);
    log.epoch(0.75, 1, 2, none, {});
  }
  check_events(folder / "log", {graph({}), start(4), scalar("loss/step", 4, 10), scalar("loss/epoch", 4, 0.5),
                                scalar("accuracy/train", 4, 0.25), scalar("accuracy/test", 4, 0.125),
                                scalar("loss/step", 5, 11), scalar("loss/step", 6, 12), scalar("loss/epoch", 6, 0.75),
                                scalar("accuracy/train", 6, 1), scalar("accuracy/test", 6, 2)});
}

BOOST_AUTO_TEST_CASE(a_drawing_has_two_curves_over_the_steps_and_two_over_the_epochs) {
  const Folder folder;
  TrainingLog log({"", folder / "t.csv", folder / "p.svg", {"error", "seen", "new"}}, {},
                  {.steps_per_epoch = 2,
                   .before = 4,
                   .epochs_before = 2,
                   .losses = {10, 11, 12, 9},
                   .mean_losses = {0.5, 0.75},
                   .train_accuracy = {0.25, 0.5},
                   .test_accuracy = {0.125, 0.375}});
  log.close();
  const std::string rows =
      "epoch,step,loss,mean_loss,seen_error,new_error\n"
      "2,5,10,,,\n2,6,11,0.5,0.25,0.125\n3,7,12,,,\n3,8,9,0.75,0.5,0.375\n";
  BOOST_TEST(folder.read("t.csv") == rows);
  const Curve losses{"each step", {5, 6, 7, 8}, {10, 11, 12, 9}}, means{"mean of the epoch", {6, 8}, {0.5, 0.75}};
  const Curve train{"training", {2, 3}, {0.25, 0.5}}, test{"new", {2, 3}, {0.125, 0.375}};
  BOOST_TEST(folder.read("p.svg") == to_svg({{"Loss", "step", {losses, means}}, {"Error", "epoch", {train, test}}}));
  // The table has an epoch's rows as soon as it is over.
  log.step(8), log.step(7);
  BOOST_TEST(folder.read("t.csv") == rows);
  log.epoch(7.5, 0.75, 0.5, {}, {});
  BOOST_TEST(folder.read("t.csv") == rows + "4,9,8,,,\n4,10,7,7.5,0.75,0.5\n");
}

BOOST_AUTO_TEST_CASE(an_epoch_may_have_all_its_losses_and_no_results) {
  const Folder folder;
  TrainingLog({"", folder / "t.csv", "", {}}, {}, {.steps_per_epoch = 2, .epochs_before = 1, .losses = {4, 3, 2}});
  BOOST_TEST(folder.read("t.csv").ends_with("\n0,1,4,,,\n0,2,3,,,\n1,3,2,,,\n"));
}

BOOST_AUTO_TEST_CASE(it_is_drawn_anew_when_there_are_a_tenth_more_steps_and_at_the_end) {
  const Folder folder;
  const std::string plot = folder / "p.svg";
  const Parameters none;
  TrainingLog log({"", "", plot, {}}, {}, {});
  std::vector<int> drawn_at;
  for (int step = 1; step <= 18; ++step) {
    log.step(1);
    log.epoch(1, 1, 1, none, {});
    if (std::filesystem::remove(plot)) drawn_at.push_back(step);
  }
  BOOST_TEST(drawn_at == std::vector({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17}),
             boost::test_tools::per_element());
  log.close();
  BOOST_TEST(std::filesystem::remove(plot));
  log.close();
  BOOST_TEST(!std::filesystem::exists(plot));
  TrainingLog({"", "", plot, {}}, {}, {}).close();
  BOOST_TEST(std::filesystem::exists(plot));

  const int stream = ::memfd_create("stream", 0);
  TrainingLog once({"", "", "/dev/fd/" + std::to_string(stream), {}}, {}, {});
  const auto size = [&] { return ::lseek(stream, 0, SEEK_END); };
  once.step(1);
  once.epoch(1, 1, 1, none, {});
  BOOST_TEST(size() == 0);
  once.close();
  BOOST_TEST(size() > 0);
  ::close(stream);
}

BOOST_AUTO_TEST_CASE(the_table_has_a_row_for_each_step_and_results_at_the_end_of_each_epoch) {
  const Folder folder;
  Run run(folder);
  run.go_on(5, true);
  BOOST_TEST(folder.read("t.csv") ==
             "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n"
             "0,1,2.5,,,\n0,2,1.25,,,\n0,3,0.8333333333333334,1.25,0.5,0.25\n1,4,0.625,,,\n1,5,0.5,,,\n");
}

BOOST_AUTO_TEST_CASE(a_run_that_begins_replaces_any_table) {
  const Folder folder;
  const std::string file = folder.file("t.csv", "a,b,c\n0,0,1\n");
  const TrainingLog log({"", file, "", {}}, {}, {});
  BOOST_TEST(folder.read("t.csv") == "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n");
}

BOOST_AUTO_TEST_CASE(what_is_known_at_the_beginning_is_in_the_table_at_once_but_a_row_that_waits_for_its_results) {
  const Folder folder;
  const std::string header = "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n";
  TrainingHistory history{.steps_per_epoch = 2, .losses = {7}};
  const TrainingLog one({"", folder / "t.csv", "", {}}, {}, history);
  BOOST_TEST(folder.read("t.csv") == header + "0,1,7,,,\n");
  history.losses.push_back(8);
  const TrainingLog waiting({"", folder / "t.csv", "", {}}, {}, history);
  BOOST_TEST(folder.read("t.csv") == header + "0,1,7,,,\n");
  history.mean_losses = {0.5}, history.train_accuracy = {0.25}, history.test_accuracy = {0.125};
  const TrainingLog two({"", folder / "t.csv", "", {}}, {}, history);
  BOOST_TEST(folder.read("t.csv") == header + "0,1,7,,,\n0,2,8,0.5,0.25,0.125\n");
}

// At each step: in the middle of an epoch, at its end, and between its last step and its results.
BOOST_AUTO_TEST_CASE(wherever_it_was_stopped_table_and_drawing_are_those_of_an_uninterrupted_run) {
  const Folder whole_folder;
  Run whole(whole_folder);
  whole.go_on(epochs * steps_per_epoch, true);
  const std::string csv = whole_folder.read("t.csv"), svg = whole_folder.read("p.svg");
  BOOST_TEST_REQUIRE(csv.size() > 200u);
  for (Index first = 0; first <= epochs * steps_per_epoch; ++first) {
    for (Index second = first; second <= epochs * steps_per_epoch; ++second) {
      for (const bool with_results : {false, true}) {
        const Folder folder;
        Run run(folder);
        run.go_on(first, with_results);
        run.go_on(second, with_results);
        run.go_on(epochs * steps_per_epoch, true);
        BOOST_TEST(folder.read("t.csv") == csv, "stopped after " << first << " and " << second << " steps");
        BOOST_TEST((folder.read("p.svg") == svg), "stopped after " << first << " and " << second << " steps");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_table_may_begin_after_steps_of_which_nothing_is_known_unless_it_would_lose_their_rows) {
  const Folder folder;
  Run run(folder);
  run.history = {.steps_per_epoch = steps_per_epoch, .before = 4, .epochs_before = 1};
  run.go_on(5, true);  // there is no such file yet
  const std::string begun = folder.read("t.csv");
  BOOST_TEST(begun == "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n1,5,0.5,,,\n");
  folder.file("t.csv", "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n0,1,2.5,,,\n");
  run.history = {.steps_per_epoch = steps_per_epoch, .before = 4, .epochs_before = 1};
  BOOST_CHECK_EXCEPTION(run.go_on(5, true), FileError, [&](const FileError& error) {
    return error.what() == folder / "t.csv" +
                               ": expected a new file, since the checkpoint does not hold the losses of " +
                               "the first 4 steps, found one with rows";
  });
  const std::string header = "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n";
  for (const auto& [text, is_refused] :
       {std::pair("1,4,1,,,\n", true), {"1,5,1,,,\n", false}, {"", false}, {"x", false}}) {
    folder.file("t.csv", header + text);
    const TrainingHistory late{.steps_per_epoch = steps_per_epoch, .before = 4, .epochs_before = 1};
    try {
      TrainingLog(run.files, {}, late);
      BOOST_TEST(!is_refused, text);
      BOOST_TEST(folder.read("t.csv") == header);
    } catch (const FileError&) {
      BOOST_TEST(is_refused, text);
    }
  }
  // A pipe has no rows, and who looked for them would wait.
  int ends[2];
  BOOST_TEST_REQUIRE(::pipe(ends) == 0);
  LogFiles files = run.files;
  files.csv = "/dev/fd/" + std::to_string(ends[1]);
  TrainingLog(files, {}, {.steps_per_epoch = steps_per_epoch, .before = 4, .epochs_before = 1});
  ::close(ends[1]);
  std::string text(100, '\0');
  text.resize(std::size_t(std::max<ssize_t>(0, ::read(ends[0], text.data(), text.size()))));
  ::close(ends[0]);
  BOOST_TEST(text == header);
}
