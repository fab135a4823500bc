#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

import rnn.autodiff.graph;
import rnn.base.error;
import rnn.console.training_log;
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

}  // namespace

BOOST_AUTO_TEST_CASE(the_table_has_a_row_for_each_step_and_results_at_the_end_of_each_epoch) {
  const Folder folder;
  Run run(folder);
  run.go_on(5, true);
  BOOST_TEST(folder.read("t.csv") ==
             "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n"
             "0,1,2.5,,,\n0,2,1.25,,,\n0,3,0.8333333333333334,1.25,0.5,0.25\n1,4,0.625,,,\n1,5,0.5,,,\n");
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
  BOOST_CHECK_THROW(run.go_on(5, true), FileError);
}
