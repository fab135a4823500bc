#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/matrices.hpp"
#include "../support/ranks.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.ranks;
import rnn.console.options;
import rnn.console.session;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.optimizers;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::Arguments;
using rnn::testing::Folder;
using rnn::testing::same_bits;
namespace fs = std::filesystem;

namespace {

constexpr Index steps = 5, epochs = 3, batch = 4;

Parameters one_number() {
  Parameters parameters;
  parameters.add("w", 1, 1);
  return parameters;
}

/// What a test may change of the program below.
struct Setup {
  std::string training = "3", test = "4", folder = "", built_in = "";
  bool many_updates = false, keeps_best = false, prints = true, prints_before = false;
  std::function<void(Index epoch, Index step)> before_step = {}, after_step = {};
  std::function<void(Index epoch)> before_results = {}, after_results = {};
  double factor = 1;  // of the loss that the session is told of in the second epoch's third step
};

/// A program whose training is a number that goes to 3: loss = (w − 3)².
struct Program {
  explicit Program(Setup chosen = {}) : setup(std::move(chosen)) {
    options.works_on_many_machines();
    session.take_options_from_weights([this](const TensorFile& file, const fs::path&) {
      ++read_weights;
      return std::map<std::string, std::string>{{"shape", "of " + std::to_string(file.tensors.at(0).shape.size())}};
    });
  }

  double step() {
    const Matrix minus_three(1, 1, Real(-3));
    return trainer.step(batch, [&](Tape& tape, const Shard& shard, View gradients) {
      const Var error = add(parameters.on(tape, 0, gradients), tape.constant(minus_three));
      return scale(multiply(error, error), Real(shard.count) / batch);
    });
  }

  int train() {
    if (setup.prints_before) std::cout << "before";
    best.flat()(0, 0) = is_first_rank() ? 42 : 41;
    SessionPlan plan{.trainer = trainer,
                     .epochs = *total,
                     .steps = steps,
                     .batch = batch,
                     .metadata = {{"made by", "a test"}},
                     .training_data = setup.training,
                     .test_data = setup.test,
                     .data_folder = setup.folder,
                     .examples = "numbers",
                     .results = {},
                     .best = setup.keeps_best ? &best : nullptr};
    if (setup.many_updates) plan.one_update = false;
    session.begin(plan);
    results_before = session.test_results();
    begun_with = best.flat()(0, 0);
    for (Index epoch = session.epoch(); epoch < *total; ++epoch) {
      for (Index i = session.step(epoch); i < steps; ++i) {
        if (setup.before_step) setup.before_step(epoch, i);
        const double loss = step() * (epoch == 1 && i == 2 ? setup.factor : 1);
        losses.push_back(loss);
        const bool goes_on = session.after_step(epoch, i, loss);
        means.push_back(session.mean_loss());
        if (setup.after_step) setup.after_step(epoch, i);
        if (!goes_on) return session.leave();
      }
      if (setup.before_results) setup.before_results(epoch);
      if (setup.prints) session.print("epoch " + std::to_string(epoch));
      const bool goes_on = session.after_epoch(epoch, 0.5, 0.25 + double(epoch));
      results_after = session.test_results();
      if (setup.after_results) setup.after_results(epoch);
      if (!goes_on) return session.leave();
    }
    return session.finish();
  }

  int run(Arguments arguments) {
    arguments.insert(arguments.begin(), "program");
    return options.run(int(arguments.size()), rnn::testing::pointers(arguments).data(), [this] { return train(); });
  }

  Setup setup;
  Options options{"program", "Finds 3."};
  Option<std::string> data = options.text("data", setup.built_in, "", "DIR");
  Option<std::size_t> total = options.integer("epochs", epochs, {1, 5000000000}, "");
  Option<std::string> shape = options.text("shape", "round", "", "SHAPE");
  Option<std::string> style = options.text("style", "plain", "", "STYLE");
  Session session{options, {{"shape"}, {"style", "plain"}}, "try less"};
  Parameters parameters = one_number(), best = one_number();
  Trainer trainer{parameters, {.adam = {.learning_rate = Real(0.1)}}};
  std::vector<double> losses, means, results_before, results_after;
  Real begun_with = 0;  // the best weights
  int read_weights = 0;
};

/// Takes the place of standard output or standard error; keeps what is written there, unless it goes to a file.
class Captured {
 public:
  explicit Captured(int number, const char* to = nullptr)
      : number_(number),
        before_(::dup(number)),
        file_(to ? ::open(to, O_WRONLY) : ::memfd_create("captured", MFD_CLOEXEC)) {
    ::dup2(file_, number_);
  }
  ~Captured() {
    ::dup2(before_, number_);
    ::close(before_), ::close(file_);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  std::string text() const {
    std::string text(std::size_t(::lseek(file_, 0, SEEK_END)), '\0');
    text.resize(std::size_t(std::max<ssize_t>(0, ::pread(file_, text.data(), text.size(), 0))));
    return text;
  }

 private:
  int number_, before_, file_;
};

/// How a run ends.
struct End {
  int status;
  std::string err, out;
};

/// What is printed goes to `out`, or is kept.
End run(Program& program, const Arguments& arguments, const char* out = nullptr) {
  End end;
  {
    const Captured output(1, out), error(2);
    end.status = program.run(arguments);
    std::cout.flush();
    end.err = error.text();
    if (!out) end.out = output.text();
  }
  std::clearerr(stdout);
  std::cout.clear();
  return end;
}
End run(const Arguments& arguments, const Setup& setup = {}) {
  Program program(setup);
  return run(program, arguments);
}

/// A run of so many epochs, or one that is interrupted in the step `stop` of its last epoch.
void make(const std::string& file, const std::string& last, const Arguments& more = {}, const Setup& setup = {}) {
  Arguments arguments{"--quiet", "--checkpoint", file, "--epochs", last};
  arguments.insert(arguments.end(), more.begin(), more.end());
  BOOST_TEST_REQUIRE(run(arguments, setup).status == 0);
}
Setup interrupted(Index epoch, Index step, int signal = SIGTERM) {
  Setup setup;
  setup.before_step = [=](Index now, Index i) {
    if (now == epoch && i == step) ::raise(signal);
  };
  return setup;
}

/// What a checkpoint holds, to be changed.
struct Content {
  explicit Content(const std::string& file) {
    const Checkpoint checkpoint(file);
    checkpoint.restore(parameters, adam);
    for (const char* name : {"epoch", "step", "loss_sum"}) counters[name] = checkpoint.counter(name);
    for (const char* name : {"losses", "mean_losses", "train_accuracy", "test_accuracy"}) {
      series[name] = checkpoint.series(name);
    }
    metadata = checkpoint.file().metadata;
  }
  void write(const std::string& file) { save_checkpoint(file, parameters, adam, counters, series, metadata); }

  Parameters parameters = one_number();
  Adam adam{parameters.flat().columns, {}};
  Counters counters;
  Series series;
  Metadata metadata;
};

}  // namespace

// Wherever it is interrupted: in the first epoch or a later one, after its first step or its last one.
BOOST_AUTO_TEST_CASE(the_mean_loss_is_that_of_the_steps_so_far_also_when_the_run_was_interrupted) {
  const Folder folder;
  Program whole;
  BOOST_TEST(run(whole, {"--quiet", "--checkpoint", folder / "whole", "--shape", "of 2"}).status == 0);
  BOOST_TEST_REQUIRE(whole.losses.size() == steps * epochs);
  for (Index i = 0; i < whole.losses.size(); ++i) {
    double sum = 0;
    for (Index k = i - i % steps; k <= i; ++k) sum += whole.losses[k];
    BOOST_TEST(whole.means[i] == sum / double(i % steps + 1));
  }
  BOOST_TEST(whole.losses.back() < whole.losses.front() / 2);
  BOOST_TEST(whole.results_after == std::vector({0.25, 1.25, 2.25}), boost::test_tools::per_element());

  for (Index epoch = 0; epoch < epochs; ++epoch) {
    for (Index last = 1; last <= steps; ++last) {
      const std::string file = folder / "c";
      Program stopped(interrupted(epoch, last - 1));
      BOOST_TEST(run(stopped, {"--quiet", "--checkpoint", file, "--shape", "of 2"}).status == 128 + SIGTERM);
      const Index done = stopped.losses.size();
      BOOST_TEST(done == epoch * steps + last);
      BOOST_TEST(stopped.means.back() == whole.means[done - 1]);
      Program resumed;
      BOOST_TEST(run(resumed, {"--quiet", "--resume", file}).status == 0);
      BOOST_TEST(resumed.means == std::vector(whole.means.begin() + std::ptrdiff_t(done), whole.means.end()),
                 boost::test_tools::per_element());
      BOOST_TEST(same_bits(resumed.parameters.flat(), whole.parameters.flat()));
      BOOST_TEST((folder.read("c") == folder.read("whole")), "stopped after " << done << " steps");
    }
  }
}

BOOST_AUTO_TEST_CASE(options_that_do_not_go_together_are_refused) {
  const Folder folder;
  const std::string file = folder / "c";
  make(file, "1");
  BOOST_TEST(run({"--every", "2"}).err == "program: --every: needs --checkpoint or --resume\n");
  BOOST_TEST(run({"--every=1", "--resume", file, "--quiet"}).err == "");
  BOOST_TEST(run({"--init", file, "--resume", file}).err ==
             "program: --init: cannot be given together with --resume\n");
  for (const char* every : {"0", "1000000001"}) {
    BOOST_TEST(run({"--every", every, "--checkpoint", file})
                   .err.starts_with("program: --every: expected a whole number from 1 to 1000000000, got "));
  }
  BOOST_TEST(run({"--every=1000000000", "--checkpoint", file, "--quiet"}).err == "");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_has_the_options_that_decide_and_the_data_that_they_were_used_with) {
  const Folder folder;
  const std::string file = folder / "c";
  make(file, "2", {"--shape", "square", "--style", "fancy"});
  Content content(file);
  BOOST_TEST(content.metadata.at("kernel") != "");
  content.metadata.erase("kernel");
  const Metadata expected{{"data", "files"},   {"epochs", "2"},    {"images", "3"},     {"made by", "a test"},
                          {"shape", "square"}, {"style", "fancy"}, {"test_images", "4"}};
  BOOST_TEST((content.metadata == expected));
  BOOST_TEST((content.counters == Counters{{"epoch", 2}, {"step", 0}, {"loss_sum", 0}}));
  BOOST_TEST(content.series["losses"].size() == 2 * steps);
  BOOST_TEST(content.series["train_accuracy"] == std::vector({0.5, 0.5}), boost::test_tools::per_element());
  BOOST_TEST(content.series["test_accuracy"] == std::vector({0.25, 1.25}), boost::test_tools::per_element());

  Setup setup;
  setup.built_in = "digits";
  make(file, "1", {"--style", "plain"}, setup);
  BOOST_TEST(Content(file).metadata.at("data") == "digits");
  BOOST_TEST(Content(file).metadata.at("shape") == "round");
  BOOST_TEST(!Content(file).metadata.contains("style"));
}

BOOST_AUTO_TEST_CASE(a_resumed_run_has_the_checkpoints_options) {
  const Folder folder;
  const std::string file = folder / "c";
  make(file, "2", {"--shape", "of 2", "--style", "fancy"});
  Program resumed;
  BOOST_TEST(run(resumed, {"--resume", file, "--quiet"}).err == "");
  BOOST_TEST(*resumed.shape == "of 2");
  BOOST_TEST(*resumed.style == "fancy");
  BOOST_TEST(*resumed.total == 2u);
  BOOST_TEST(resumed.read_weights == 1);
  BOOST_TEST(resumed.results_before == std::vector({0.25, 1.25}), boost::test_tools::per_element());
  BOOST_TEST(run({"--resume", file, "--style", "plain"}).err ==
             "program: --style: expected fancy, as " + file + " has it, got plain\n");
  Program longer;
  BOOST_TEST(run(longer, {"--resume", file, "--quiet", "--epochs=4"}).err == "");
  BOOST_TEST(longer.losses.size() == 2 * steps);

  // One from before the option existed.
  Content content(file);
  content.metadata.erase("style");
  content.write(file);
  Program old;
  BOOST_TEST(run(old, {"--resume", file, "--quiet"}).err == "");
  BOOST_TEST(*old.style == "plain");
  content.metadata.erase("shape");
  content.write(file);
  BOOST_TEST(run({"--resume", file}).err == "program: " + file + ": metadata: expected the key shape, found none\n");
}

BOOST_AUTO_TEST_CASE(a_run_begins_with_the_options_that_weights_have_and_knows_what_is_in_their_file) {
  const Folder folder;
  make(folder / "c", "1", {"--save", folder / "w"});
  Program program;
  BOOST_TEST(run(program, {"--init", folder / "w", "--quiet"}).err == "");
  BOOST_TEST(*program.shape == "of 2");
  BOOST_TEST(program.read_weights == 1);
  BOOST_TEST(program.session.init() == folder / "w");
  BOOST_TEST(program.session.init_weights().tensors.at(0).name == "w");
  BOOST_TEST(program.session.init_weights().metadata.at("made by") == "a test");
  BOOST_TEST(program.session.quiet());
  BOOST_TEST(program.losses.size() == epochs * steps);
  BOOST_TEST(!Program().session.quiet());
  BOOST_TEST(run({"--init", folder / "w", "--shape", "of 3"}).err ==
             "program: --shape: expected of 2, as " + folder / "w" + " has it, got of 3\n");
}

BOOST_AUTO_TEST_CASE(data_that_the_program_makes_itself_and_files_are_not_mixed_up) {
  const Folder folder;
  const std::string file = folder / "c";
  Setup built_in;
  built_in.built_in = "digits";
  make(file, "1", {}, built_in);
  Program adopted;
  BOOST_TEST(run(adopted, {"--resume", file, "--quiet", "--shape=round"}).status == 2);  // of 2, say the weights
  BOOST_TEST(*adopted.data == "digits");
  make(file, "1", {"--shape", "of 2", "--data", "a folder"}, built_in);
  BOOST_TEST(run({"--resume", file, "--data", "digits"}, built_in).err ==
             "program: --data: expected MNIST's folder, as " + file + " has it, got digits\n");
  BOOST_TEST(run({"--resume", file, "--quiet", "--data", "another"}, built_in).err == "");
  BOOST_TEST(run({"--resume", file, "--quiet"}, built_in).err == "");
}

BOOST_AUTO_TEST_CASE(other_training_data_are_refused_and_other_test_data_and_kernels_are_told) {
  const Folder folder;
  const std::string file = folder / "c";
  make(file, "2", {"--shape", "of 2"});
  Content content(file);
  const std::string kernel = content.metadata.at("kernel");
  const auto answer = [&](const Setup& setup, const Arguments& more = {}) {
    content.write(file);
    Arguments arguments{"--resume", file, "--epochs=3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string said = run(arguments, setup).err;
    return said.substr(0, said.find("epoch"));  // then come the lines of progress
  };
  Setup other_training, other_test;
  other_training.training = other_test.test = "5";
  BOOST_TEST(answer({}) == "");
  BOOST_TEST(answer(other_training, {"--quiet"}) ==
             "program: " + file + ": expected a checkpoint of these training numbers, found one of others\n");
  BOOST_TEST(answer(other_test) == file + ": the test numbers are not those of the run that is resumed\n");
  BOOST_TEST(answer(other_test, {"--quiet"}) == "");
  content.metadata.erase("test_images");
  BOOST_TEST(answer(other_test) == "");
  content.metadata["kernel"] = "other\x1b";
  BOOST_TEST(answer({}) == file + ": made with other\\x1b kernels, resumed with " + kernel +
                               " ones: the results may differ in the last digits\n");
  BOOST_TEST(answer({}, {"--quiet"}) == "");
  content.metadata.erase("kernel");
  BOOST_TEST(answer({}) == "");
}

BOOST_AUTO_TEST_CASE(a_position_that_cannot_be_is_refused) {
  const Folder folder;
  const std::string file = folder / "c";
  BOOST_TEST(run({"--quiet", "--checkpoint", file, "--shape", "of 2"}, interrupted(1, 2)).status == 128 + SIGTERM);
  const auto answer = [&](auto change, const Setup& setup = {}, const Arguments& more = {}) {
    Content content(file);
    change(content);
    content.write(folder / "changed");
    Arguments arguments{"--quiet", "--resume", folder / "changed"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string said = run(arguments, setup).err, place = "program: " + folder / "changed" + ": ";
    return said.starts_with(place) ? said.substr(place.size()) : said;
  };
  const auto counter = [&](const char* name, std::uint64_t value, const Setup& setup = {}, const Arguments& more = {}) {
    return answer([&](Content& content) { content.counters[name] = value; }, setup, more);
  };
  BOOST_TEST(answer([](Content&) {}) == "");
  Setup many_updates;
  many_updates.many_updates = true;
  const std::uint64_t most = std::uint64_t(1) << 32;
  const std::string expected = "expected an epoch under 2^32, at most 5 steps of it and a finite sum of losses, found ";
  BOOST_TEST(counter("epoch", most, many_updates).starts_with(expected + "4294967296, 3 and "));
  BOOST_TEST(counter("step", 6, many_updates).starts_with(expected + "1, 6 and "));
  BOOST_TEST(counter("loss_sum", std::uint64_t(-1), many_updates).starts_with(expected + "1, 3 and "));
  BOOST_TEST(counter("epoch", most - 1, many_updates) ==
             "program: --epochs: expected at least 4294967296, which " + folder / "changed" + " has begun, got 3\n");
  BOOST_TEST(counter("epoch", 2, many_updates) == "");
  BOOST_TEST(counter("epoch", 3, many_updates) ==
             "program: --epochs: expected at least 4, which " + folder / "changed" + " has begun, got 3\n");
  BOOST_TEST(answer([](Content& content) { content.counters = {{"epoch", 3}, {"step", 0}, {"loss_sum", 0}}; },
                    many_updates) == "");
  BOOST_TEST(counter("step", 5) == "expected as many of Adam's steps as there were in all, 10, found 8\n");
  BOOST_TEST(counter("step", 5, many_updates) == "");
  BOOST_TEST(answer([](Content& content) { content.adam.set_steps(7); }) ==
             "expected as many of Adam's steps as there were in all, 8, found 7\n");
  BOOST_TEST(answer([](Content& content) { content.adam.set_steps(7); }, many_updates) == "");

  const std::string more = "expected a loss for each step and results for each epoch at most, found more\n";
  for (const char* name : {"losses", "mean_losses", "train_accuracy", "test_accuracy"}) {
    BOOST_TEST(answer([&](Content& content) { content.series[name].push_back(1); }) == more, name);
  }
  for (const char* name : {"train_accuracy", "test_accuracy"}) {
    BOOST_TEST(answer([&](Content& content) { content.series[name].clear(); }) == more, name);
  }
  BOOST_TEST(answer([&](Content& content) {
               for (auto& [name, numbers] : content.series) {
                 if (name != "losses") numbers.push_back(1);
               }
             }) == more);
  BOOST_TEST(answer([](Content& content) { content.series.clear(); }) == "");
}

BOOST_AUTO_TEST_CASE(of_steps_before_a_checkpoint_that_does_not_have_them_the_table_has_no_rows) {
  const Folder folder;
  const std::string file = folder / "c";
  BOOST_TEST(
      run({"--quiet", "--checkpoint", file, "--csv", folder / "all", "--shape", "of 2"}, interrupted(1, 2)).status ==
      128 + SIGTERM);
  Content content(file);
  content.series["losses"].erase(content.series["losses"].begin(), content.series["losses"].begin() + 6);
  for (const char* name : {"mean_losses", "train_accuracy", "test_accuracy"}) content.series[name].clear();
  content.write(folder / "late");
  BOOST_TEST(run({"--quiet", "--resume", folder / "late", "--csv", folder / "t"}).err == "");
  BOOST_TEST(run({"--quiet", "--resume", file, "--csv", folder / "all"}).err == "");
  const std::string all = folder.read("all"), late = folder.read("t");
  BOOST_TEST(late == all.substr(0, all.find('\n') + 1) + all.substr(all.find("\n1,7,") + 1));
  BOOST_TEST(all.find("\n2,15,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_run_that_is_done_says_so) {
  const Folder folder;
  const std::string file = folder / "c";
  make(file, "3", {"--shape", "of 2"});
  BOOST_TEST(run({"--resume", file}).err == file + ": all 3 epochs are done, nothing is left to train\n");
  BOOST_TEST(run({"--resume", file, "--quiet", "--checkpoint", folder / "copy"}).err == "");
  BOOST_TEST((folder.read("copy") == folder.read("c")));
  const std::string further = run({"--resume", file, "--epochs=4"}).err;
  BOOST_TEST(further.find("nothing is left") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_best_weights_are_kept_and_saved) {
  const Folder folder;
  const std::string file = folder / "c";
  Setup best;
  best.keeps_best = true;
  make(file, "1", {"--save", folder / "w", "--shape", "of 2"}, best);
  BOOST_TEST(Checkpoint(file).series("best").at(0) == 42);
  Parameters saved = one_number();
  load_parameters(read_safetensors(folder / "w"), folder / "w", saved);
  BOOST_TEST(saved.flat()(0, 0) == 42);
  make(folder / "latest", "1", {"--save", folder / "w"});
  load_parameters(read_safetensors(folder / "w"), folder / "w", saved);
  BOOST_TEST(saved.flat()(0, 0) == Content(folder / "latest").parameters.flat()(0, 0));
  BOOST_TEST(Checkpoint(folder / "latest").series("best").empty());

  const std::vector<double> right = Checkpoint(file).series("best");
  const auto begun_with = [&](std::vector<double> series) {
    Content content(file);
    content.series["best"] = std::move(series);
    content.write(folder / "changed");
    Program program(best);
    const std::string said = run(program, {"--quiet", "--resume", folder / "changed"}).err;
    return said.empty() ? std::to_string(int(program.begun_with)) : said;
  };
  std::vector<double> other = right, wrong = right, longer = right;
  other[0] = 7;
  wrong[0] = std::numeric_limits<double>::infinity();
  longer.push_back(0);
  BOOST_TEST(begun_with(other) == "7");
  for (const std::vector<double>& series : {wrong, longer, std::vector<double>()}) {
    BOOST_TEST(begun_with(series) == "program: " + folder / "changed" + ": series best: expected " +
                                         std::to_string(right.size()) + " finite weights, found others\n");
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_written_after_each_epoch_or_after_every_so_many_steps) {
  const Folder folder;
  const std::string file = folder / "c";
  // After each step, and then after the epoch's results, the number of steps in the file.
  const auto written = [&](const Arguments& more) {
    fs::remove(file);
    std::string seen;
    const auto look = [&] {
      if (!fs::exists(file)) return std::string("-");
      const Checkpoint checkpoint(file);
      return std::to_string(checkpoint.counter("epoch") * steps + checkpoint.counter("step"));
    };
    Setup setup;
    setup.after_step = [&](Index, Index) { seen += look() + ' '; };
    setup.after_results = [&](Index) { seen += "| " + look() + ' '; };
    Arguments arguments{"--quiet", "--checkpoint", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    BOOST_TEST(run(arguments, setup).status == 0);
    return seen + look();
  };
  BOOST_TEST(written({}) == "- - - - - | 5 5 5 5 5 5 | 10 10 10 10 10 10 | 15 15");
  BOOST_TEST(written({"--every=2"}) == "- 2 2 4 4 | 4 6 6 8 8 8 | 10 10 12 12 14 14 | 14 15");
  BOOST_TEST(written({"--every=1"}) == "1 2 3 4 4 | 5 6 7 8 9 9 | 10 11 12 13 14 14 | 15 15");
  BOOST_TEST(written({"--every=7"}) == "- - - - - | - - 7 7 7 7 | 7 7 7 7 14 14 | 14 15");
  BOOST_TEST(written({"--every=100"}) == "- - - - - | - - - - - - | - - - - - - | - 15");
}

BOOST_AUTO_TEST_CASE(in_a_stream_there_is_one_checkpoint_and_one_drawing) {
  const Folder folder;
  make(folder / "c", "3");
  const auto stream = [&](Arguments arguments, bool is_whole) {
    const int file = ::memfd_create("stream", 0);
    arguments.insert(arguments.end(), {"--quiet", "--checkpoint", "/dev/fd/" + std::to_string(file)});
    BOOST_TEST((run(arguments).status == 0) == is_whole);
    std::string bytes(std::size_t(::lseek(file, 0, SEEK_END)), '\0');
    BOOST_TEST(::pread(file, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
    ::close(file);
    return bytes;
  };
  BOOST_TEST((stream({"--every=1"}, true) == folder.read("c")));
  BOOST_TEST((stream({"--plot", "/dev/full"}, false) == folder.read("c")));  // nor is it written again in an emergency
}

BOOST_AUTO_TEST_CASE(a_resumed_run_goes_on_keeping_its_checkpoint_where_that_can_be_replaced) {
  const Folder folder;
  const std::string file = folder / "c";
  make(file, "1", {"--shape", "of 2"});
  const std::string first = folder.read("c");
  BOOST_TEST(run({"--quiet", "--resume", file, "--epochs=2", "--checkpoint", folder / "other"}).err == "");
  BOOST_TEST((folder.read("c") == first));
  BOOST_TEST(Content(folder / "other").counters.at("epoch") == 2u);
  const auto from_a_pipe = [&](Arguments arguments) {
    int ends[2];
    BOOST_TEST_REQUIRE(::pipe(ends) == 0);
    BOOST_TEST(::write(ends[1], first.data(), first.size()) == ssize_t(first.size()));
    ::close(ends[1]);
    const std::string name = "/dev/fd/" + std::to_string(ends[0]);
    arguments.insert(arguments.end(), {"--epochs=2", "--resume", name});
    const std::string said = run(arguments).err;
    ::close(ends[0]);
    return said.starts_with(name) ? said.substr(name.size()) : said;
  };
  const std::string keeps_nothing = ": cannot be replaced, so this run keeps nothing: --checkpoint FILE would\n";
  const int to_be_read = ::open(file.c_str(), O_RDONLY);
  const std::string name = "/dev/fd/" + std::to_string(to_be_read);
  BOOST_TEST(run({"--resume", name, "--epochs=2"}).err.starts_with(name + keeps_nothing));
  ::close(to_be_read);
  BOOST_TEST(from_a_pipe({}).starts_with(keeps_nothing));
  BOOST_TEST(from_a_pipe({"--quiet"}) == "");
  BOOST_TEST(from_a_pipe({"--quiet", "--checkpoint", file}) == "");
  BOOST_TEST(Content(file).counters.at("epoch") == 2u);
}

BOOST_AUTO_TEST_CASE(whoever_stops_a_run_is_told_how_to_go_on) {
  const Folder folder;
  const std::string file = folder / "c";
  const auto stopped = [&](Index epoch, Index step, const Arguments& arguments, int signal = SIGTERM,
                           const std::string& data = "") {
    Setup setup = interrupted(epoch, step, signal);
    setup.folder = data;
    const End end = run(arguments, setup);
    BOOST_TEST(end.status == 128 + signal);
    return end.err;
  };
  BOOST_TEST(stopped(0, 1, {"--quiet"}) ==
             "stopped in epoch 0 after 2 steps of it; nothing was kept: --checkpoint FILE would have\n");
  BOOST_TEST(stopped(1, 0, {"--quiet", "--save", folder / "w"}, SIGINT) ==
             "stopped in epoch 1 after 1 steps of it; nothing was kept: --checkpoint FILE would have\n");
  BOOST_TEST(!fs::exists(folder / "w"));
  BOOST_TEST(stopped(0, 4, {"--quiet", "--shape", "of 2", "--checkpoint", file, "--csv", folder / "t"}, SIGHUP) ==
             "stopped in epoch 1 after 0 steps of it; to go on:\n  program --quiet --shape 'of 2' --checkpoint " +
                 file + " --csv " + folder / "t" + " --resume " + file + "\n");
  BOOST_TEST(folder.read("t").find("\n0,5,") != std::string::npos);
  BOOST_TEST(stopped(1, 3, {"--quiet", "--resume", file, "--epochs=4"}, SIGTERM, "a folder") ==
             "stopped in epoch 1 after 4 steps of it; to go on:\n  program --quiet --epochs=4 --resume " + file +
                 " --data 'a folder'\n");
  BOOST_TEST(stopped(2, 3, {"--quiet", "--data", "x", "--resume", file, "--epochs=4"}, SIGTERM, "a folder") ==
             "stopped in epoch 2 after 4 steps of it; to go on:\n  program --quiet --data x --epochs=4 --resume " +
                 file + "\n");
  BOOST_TEST(run({"--quiet", "--resume", file}).err == "");
}

BOOST_AUTO_TEST_CASE(a_signal_at_the_very_end_stops_nothing_and_is_the_status) {
  const Folder folder;
  Setup setup;
  setup.before_results = [](Index epoch) {
    if (epoch == 2) ::raise(SIGTERM);
  };
  const End end = run({"--quiet", "--checkpoint", folder / "c", "--save", folder / "w"}, setup);
  BOOST_TEST(end.status == 128 + SIGTERM);
  BOOST_TEST(end.err == "");
  BOOST_TEST(Content(folder / "c").counters.at("epoch") == 3u);
  BOOST_TEST(fs::exists(folder / "w"));
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_ends_the_run_with_advice_and_the_table_has_all_steps_before) {
  const Folder folder;
  const auto end_of = [&](double factor) {
    Setup setup;
    setup.factor = factor;
    return run({"--quiet", "--csv", folder / "t", "--checkpoint", folder / "c"}, setup);
  };
  const double infinity = std::numeric_limits<double>::infinity();
  const End infinite = end_of(infinity), none = end_of(infinity - infinity);
  BOOST_TEST(infinite.status == 1);
  BOOST_TEST(infinite.err.starts_with("program: the loss is infinite in epoch 1 at step 3, gradient norm "));
  BOOST_TEST(infinite.err.ends_with(": try less\n"));
  BOOST_TEST(none.err.starts_with("program: the loss is not a number in epoch 1 at step 3, gradient norm "));
  BOOST_TEST(folder.read("t").find("\n1,7,") != std::string::npos);
  BOOST_TEST(folder.read("t").find("\n1,8,") == std::string::npos);
  BOOST_TEST(Content(folder / "c").counters.at("epoch") == 1u);
}

BOOST_AUTO_TEST_CASE(weights_that_are_not_finite_are_not_kept_and_the_advice_is_told) {
  const Folder folder;
  for (const char* option : {"--checkpoint", "--save"}) {
    Program program;
    program.setup.before_results = [&](Index epoch) {
      if (epoch == 2) program.parameters.flat()(0, 0) = std::numeric_limits<Real>::infinity();
    };
    const End end = run(program, {"--quiet", option, folder / "f"});
    BOOST_TEST(end.status == 1);
    BOOST_TEST(end.err.starts_with("program: cannot write weights that are not finite: w; "));
    BOOST_TEST(end.err.ends_with(": try less\n"));
  }
}

BOOST_AUTO_TEST_CASE(when_a_checkpoint_cannot_be_written_the_weights_are_kept_elsewhere) {
  const Folder folder;
  const std::string file = folder / "c", there = "; the weights, and all that --resume needs, are in ";
  const auto in_the_way = [&] {
    fs::remove(file);
    fs::create_directories(file + "/full");
  };
  // Where the error says that they are.
  const auto kept = [&](const std::string& said) {
    const auto at = said.find(there);
    BOOST_TEST_REQUIRE(at != std::string::npos, said);
    const std::string name = said.substr(at + there.size(), said.size() - at - there.size() - 1);
    BOOST_TEST(name.starts_with(folder / "c-"));
    const Counters counters = Content(name).counters;
    fs::remove(name), fs::remove_all(file);
    return counters.at("epoch") * steps + counters.at("step");
  };
  Setup setup;
  setup.after_step = [&](Index epoch, Index step) {
    if (epoch == 1 && step == 1) in_the_way();
  };
  const End after_epoch = run({"--quiet", "--checkpoint", file}, setup);
  BOOST_TEST(after_epoch.status == 2);
  BOOST_TEST(after_epoch.err.starts_with("program: " + file + ": cannot be "));
  BOOST_TEST(kept(after_epoch.err) == 10u);
  BOOST_TEST(kept(run({"--quiet", "--checkpoint", file, "--every=1"}, setup).err) == 8u);
  setup.after_step = {};
  setup.after_results = [&](Index epoch) {
    if (epoch == 2) in_the_way();
  };
  BOOST_TEST(kept(run({"--quiet", "--checkpoint", file, "--every=100"}, setup).err) == 15u);
  // The weights alone are not all that --resume needs.
  BOOST_TEST(kept(run({"--quiet", "--checkpoint", file, "--every=100", "--save", folder / "w"}, setup).err) == 15u);
  BOOST_TEST(fs::exists(folder / "w"));
}

BOOST_AUTO_TEST_CASE(when_a_checkpoint_cannot_be_written_as_the_run_is_stopped_it_is_kept_elsewhere) {
  const Folder folder;
  const std::string file = folder / "c";
  Setup setup = interrupted(1, 1);
  setup.after_step = [&](Index epoch, Index step) {
    if (epoch != 1 || step != 1) return;
    fs::remove(file);
    fs::create_directories(file + "/full");
  };
  const End end = run({"--quiet", "--checkpoint", file}, setup);
  BOOST_TEST(end.status == 128 + SIGTERM);
  BOOST_TEST(end.err.starts_with(file + ": cannot be "));
  const std::string then = "; stopped in epoch 1 after 2 steps of it; to go on:\n  program --quiet --resume ";
  const auto at = end.err.find(then);
  BOOST_TEST_REQUIRE(at != std::string::npos, end.err);
  const std::string name = end.err.substr(at + then.size(), end.err.size() - at - then.size() - 1);
  BOOST_TEST(Content(name).counters.at("step") == 2u);
}

BOOST_AUTO_TEST_CASE(when_another_file_cannot_be_written_the_run_ends_and_its_weights_are_where_they_belong) {
  const Folder folder;
  const std::string file = folder / "c", plot = folder / "p.svg";
  const auto end_of = [&](Index epoch, Arguments arguments) {
    fs::remove_all(plot), fs::remove(file), fs::remove(folder / "w");
    Setup setup;
    setup.before_results = [&, epoch](Index now) {
      if (now != epoch) return;
      fs::remove(plot);
      fs::create_directories(plot + "/full");
    };
    arguments.insert(arguments.end(), {"--quiet", "--plot", plot});
    const End end = run(arguments, setup);
    BOOST_TEST(end.status == 2);
    const std::string problem = "program: " + plot + ": cannot be ";
    BOOST_TEST(end.err.starts_with(problem), end.err);
    return end.err.substr(end.err.find(';') + 1);
  };
  const std::string all_that = " the weights, and all that --resume needs, are in ";
  BOOST_TEST(end_of(1, {"--checkpoint", file}) == all_that + file + "\n");
  BOOST_TEST(Content(file).counters.at("epoch") == 2u);
  const std::string beside = end_of(1, {"--save", folder / "w"});
  BOOST_TEST(beside.starts_with(all_that + folder / "w-"), beside);
  const std::string here = end_of(1, {});
  BOOST_TEST(here.starts_with(all_that + "checkpoint-"), here);
  const std::string name = here.substr(all_that.size(), here.size() - all_that.size() - 1);
  BOOST_TEST(fs::remove(name));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_at_the_end_is_told_with_what_was_saved) {
  const Folder folder;
  const std::string saved = folder / "w", file = folder / "c";
  Setup setup;
  setup.after_results = [&](Index epoch) {
    if (epoch == 2) fs::create_directories(saved + "/full");
  };
  const End unsaved = run({"--quiet", "--checkpoint", file, "--save", saved}, setup);
  BOOST_TEST(unsaved.status == 2);
  BOOST_TEST(unsaved.err.starts_with("program: " + saved + ": cannot be "));
  BOOST_TEST(unsaved.err.ends_with("; the weights, and all that --resume needs, are in " + file + "\n"));
  fs::remove_all(saved);

  // A drawing in a stream is made once, at the end.
  const std::string problem = "program: /dev/full: cannot be written: No space left on device";
  BOOST_TEST(run({"--quiet", "--plot", "/dev/full", "--save", saved}).err ==
             problem + "; the weights are in " + saved + "\n");
  BOOST_TEST(run({"--quiet", "--plot", "/dev/full", "--save", saved, "--checkpoint", file}).err ==
             problem + "; the weights are in " + saved + "\n");
  BOOST_TEST(run({"--quiet", "--plot", "/dev/full", "--checkpoint", file}).err ==
             problem + "; the weights, and all that --resume needs, are in " + file + "\n");
  // Nothing was learned that could be lost.
  BOOST_TEST(run({"--quiet", "--plot", "/dev/full", "--resume", file}).err == problem + "\n");
}

BOOST_AUTO_TEST_CASE(a_full_standard_output_ends_the_run_with_the_epoch_and_the_weights_are_kept) {
  const Folder folder;
  const std::string file = folder / "c", full = "program: cannot write to standard output: No space left on device";
  const std::string stopped = full + "; stopped in epoch 1 after 0 steps of it; ";
  const auto end_of = [&](const Arguments& arguments, const Setup& setup = {}) {
    Program program(setup);
    const End end = run(program, arguments, "/dev/full");
    BOOST_TEST(end.status == 2);
    BOOST_TEST(program.losses.size() == steps);
    return end.err;
  };
  BOOST_TEST(end_of({"--quiet", "--checkpoint", file}) ==
             stopped + "to go on: program --quiet --checkpoint " + file + " --resume " + file + "\n");
  BOOST_TEST(Content(file).counters.at("epoch") == 1u);
  BOOST_TEST(end_of({"--quiet"}) == stopped + "nothing was kept: --checkpoint FILE would have\n");
  const std::string beside = end_of({"--quiet", "--save", folder / "w"}),
                    begin = stopped + "to go on: program --quiet --save " + folder / "w" + " --resume ";
  BOOST_TEST(beside.starts_with(begin + folder / "w-"), beside);
  BOOST_TEST(Content(beside.substr(begin.size(), beside.size() - begin.size() - 1)).counters.at("epoch") == 1u);

  BOOST_TEST(end_of({"--quiet", "--checkpoint", file, "--epochs=1"}) == full + "\n");
  const End printed = run({"--quiet"});
  BOOST_TEST(printed.out == "epoch 0\nepoch 1\nepoch 2\n");
}

BOOST_AUTO_TEST_CASE(a_run_that_a_signal_ends_says_nothing_of_what_could_not_be_printed) {
  for (const bool prints_before : {false, true}) {
    Setup early = interrupted(0, 1), late;
    late.before_results = [](Index epoch) {
      if (epoch == 2) ::raise(SIGTERM);
    };
    early.prints_before = late.prints_before = prints_before;
    late.prints = false;
    Program stopped(early), done(late);
    const End first = run(stopped, {"--quiet"}, "/dev/full"), second = run(done, {"--quiet"}, "/dev/full");
    BOOST_TEST(first.status == 128 + SIGTERM);
    BOOST_TEST(first.err == "stopped in epoch 0 after 2 steps of it; nothing was kept: --checkpoint FILE would have\n");
    BOOST_TEST(second.status == 128 + SIGTERM);
    BOOST_TEST(second.err == "");
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_a_step_that_another_run_made_are_not_in_the_events) {
  const Folder folder;
  const std::string file = folder / "c";
  BOOST_TEST(run({"--quiet", "--checkpoint", file, "--shape", "of 2"}, interrupted(0, 4)).status == 128 + SIGTERM);
  Content content(file);
  // As if it had been killed between the last step and the results.
  content.counters["epoch"] = 0, content.counters["step"] = steps;
  double sum = 0;
  for (const double loss : content.series["losses"]) sum += loss;
  content.counters["loss_sum"] = std::bit_cast<std::uint64_t>(sum);
  for (const char* name : {"mean_losses", "train_accuracy", "test_accuracy"}) content.series[name].clear();
  content.write(file);
  const auto events = [&](const Arguments& arguments) {
    const std::string logdir = folder / "log";
    fs::remove_all(logdir);
    Arguments all = arguments;
    all.insert(all.end(), {"--quiet", "--logdir", logdir, "--epochs=1"});
    BOOST_TEST(run(all).err == "");
    std::string bytes;
    for (const auto& entry : fs::directory_iterator(logdir)) {
      bytes += folder.read("log/" + entry.path().filename().string());
    }
    return bytes;
  };
  const std::string whole = events({}), resumed = events({"--resume", file});
  BOOST_TEST(whole.find("gradients/w") != std::string::npos);
  BOOST_TEST(whole.find("weights/w") != std::string::npos);
  BOOST_TEST(resumed.find("gradients/w") == std::string::npos);
  BOOST_TEST(resumed.find("weights/w") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_epochs_seconds_are_those_since_it_began) {
  std::vector<double> seconds;
  Program program;
  program.setup.before_results = [&](Index) { seconds.push_back(program.session.seconds()); };
  BOOST_TEST(run(program, {"--quiet"}).status == 0);
  for (const double took : seconds) BOOST_TEST((took > 0 && took < 100));
}

// Standard output and standard error are one terminal.
BOOST_AUTO_TEST_CASE(whatever_is_told_on_a_terminal_takes_the_place_of_the_progress) {
  const Folder folder;
  const std::string file = folder / "c", gone = "\r\x1b[J";
  const auto shown = [](const Arguments& arguments, const Setup& setup) {
    const int near = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    BOOST_TEST_REQUIRE((near >= 0 && ::grantpt(near) == 0 && ::unlockpt(near) == 0));
    const char* const name = ::ptsname(near);
    termios plain;
    {
      const Captured out(1, name), error(2, name);
      ::tcgetattr(1, &plain), ::cfmakeraw(&plain), ::tcsetattr(1, TCSANOW, &plain);
      Program(setup).run(arguments);
      std::cout.flush();
    }
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::read(near, buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(got));
    ::close(near);
    return text;
  };
  ::setenv("TERM", "xterm", 1), ::unsetenv("COLUMNS");
  Setup nothing_more;
  nothing_more.prints = false;
  const auto told = [&](const Arguments& arguments, const Setup& setup, const std::string& line) {
    const std::string text = shown(arguments, setup);
    BOOST_TEST(text.starts_with("\repoch 1/"), text);
    BOOST_TEST(text.find("\x1b[J\r" + gone + line) != std::string::npos, text);
  };
  told({}, {}, "epoch 0\n");
  told({"--checkpoint", file}, interrupted(0, 1), "stopped in epoch 0");
  Setup infinite = nothing_more;
  infinite.factor = std::numeric_limits<double>::infinity();
  told({}, infinite, "program: the loss is infinite");
  Setup blocked = nothing_more;
  blocked.before_results = [&](Index epoch) {
    if (epoch == 1) fs::remove(file), fs::create_directories(file + "/full");
  };
  told({"--checkpoint", file}, blocked, "program: " + file + ": cannot be ");
  told({"--plot", "/dev/full", "--save", folder / "w"}, nothing_more, "program: /dev/full: cannot be ");
}

// What the processes of a run do that mpirun has started. $RUN says which run it is, $FOLDER where its files are.
BOOST_AUTO_TEST_CASE(one_of_two, *boost::unit_test::disabled()) {
  const Launch launch;
  const std::string run = std::getenv("RUN"), folder = std::getenv("FOLDER");
  const bool is_second = std::getenv("OMPI_COMM_WORLD_RANK") == std::string("1");
  Setup setup;
  if (run == "to be stopped") setup = interrupted(1, 2);
  setup.keeps_best = true;
  if (is_second && run == "other training data") setup.training = "5";
  if (is_second && run == "other test data") setup.test = "5";
  if (is_second) setup.before_step = {};  // the first alone is stopped
  Program program(setup);
  if (is_second && run == "broken memory") {
    program.setup.before_step = [&](Index epoch, Index step) {
      if (epoch == 1 && step == 2) program.parameters.flat()(0, 0) += 1;
    };
  }
  Arguments arguments{"--quiet", "--shape", "of 2", "--checkpoint", folder + "/c"};
  if (run == "to be resumed") arguments = {"--quiet", "--resume", folder + "/c"};
  if (run == "to be resumed with the best") arguments = {"--quiet", "--resume", folder + "/best"};
  const int status = program.run(arguments);
  BOOST_TEST(status == (run == "to be stopped" && !is_second ? 128 + SIGTERM : 0));
  if (run == "to be resumed with the best") BOOST_TEST(program.begun_with == 7);
  if (run == "whole") BOOST_TEST(program.begun_with == 42);
  if (run.starts_with("to be resumed")) BOOST_TEST(program.results_before.size() == 1u);
  // Both have learned the same, and know the same of it.
  std::ofstream known(folder + (is_second ? "/second" : "/first"));
  for (const std::vector<double>& numbers : {program.losses, program.means}) {
    for (const double number : numbers) known << std::hexfloat << number << ' ';
  }
  known << program.parameters.flat()(0, 0);
}

BOOST_AUTO_TEST_CASE(several_processes_learn_what_one_does_are_stopped_together_and_go_on_together) {
  if (!rnn::testing::has_ranks()) return;
  const Folder folder;
  Setup best;
  best.keeps_best = true;
  const auto two = [&](const std::string& run) {
    rnn::testing::Settings settings;
    settings.environment = {{"RUN", run}, {"FOLDER", fs::path(folder / "c").parent_path()}};
    return rnn::testing::run_ranks(2, "one_of_two", settings);
  };
  make(folder / "one", "3", {"--shape", "of 2"}, best);
  const auto is_the_same = [&](const std::string& run) {
    const rnn::testing::Result result = two(run);
    BOOST_TEST(result.status == 0, result.out << result.err);
    BOOST_TEST(folder.read("first") == folder.read("second"));
    return folder.read("c") == folder.read("one");
  };
  BOOST_TEST(is_the_same("whole"));
  const rnn::testing::Result stopped = two("to be stopped");
  BOOST_TEST(stopped.err.ends_with("stopped in epoch 1 after 3 steps of it; to go on:\n  mpirun -n 2 program --quiet "
                                   "--shape 'of 2' --checkpoint " +
                                   folder / "c" + " --resume " + folder / "c" + "\n"),
             stopped.err);
  Content content(folder / "c");
  content.series["best"] = Checkpoint(folder / "c").series("best");
  content.series["best"][0] = 7;
  content.write(folder / "best");
  BOOST_TEST(is_the_same("to be resumed"));
  BOOST_TEST(two("to be resumed with the best").status == 0);

  const auto complaint = [&](const std::string& run) {
    const std::string said = two(run).err;
    return said.substr(0, said.find(" of rank 1: expected "));
  };
  BOOST_TEST(complaint("other training data") == "program: training data");
  BOOST_TEST(complaint("other test data") == "program: test data");
  BOOST_TEST(complaint("broken memory") == "program: weights");
}
