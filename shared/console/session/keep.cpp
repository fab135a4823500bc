module;
#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// How a session keeps what was learned: periodic checkpoints, and the last one when something ends the run.
module rnn.console.session;

import rnn.base.error;
import rnn.base.file;
import rnn.base.ranks;
import rnn.base.text;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.optimizers;
import rnn.training.trainer;

namespace rnn {

// Useless results come from the options, which the library knows nothing about.
static ResultError with_advice(const ResultError& error, const std::string& advice) {
  return ResultError(fmt::format("{}: {}", error.what(), advice));
}

std::string Session::checkpoint_bytes() const try {
  const Counters counters{{"epoch", epoch_}, {"step", step_}, {"loss_sum", std::bit_cast<std::uint64_t>(loss_sum_)}};
  const TrainingHistory& history = log_->history();
  Series series{{"losses", history.losses},
                {"mean_losses", history.mean_losses},
                {"train_accuracy", history.train_accuracy},
                {"test_accuracy", history.test_accuracy}};
  if (plan_->best) {
    const ConstView best = std::as_const(*plan_->best).flat();
    series["best"] = std::vector<double>(best.data, best.data + best.size());
  }
  Trainer& trainer = plan_->trainer;
  return format_checkpoint(trainer.parameters(), trainer.adam(), counters, series, metadata_);
} catch (const ResultError& error) {
  throw with_advice(error, advice_);
}

void Session::save_weights() const try {
  save_parameters(*save_, plan_->best ? *plan_->best : plan_->trainer.parameters(), plan_->metadata);
} catch (const ResultError& error) {
  throw with_advice(error, advice_);
}

// At the end there is another, which would follow this one in a pipe.
void Session::write_checkpoint_on_the_way() {
  if (!is_stream(kept_file_)) write_checkpoint();
}

void Session::write_checkpoint() {
  if (kept_file_.empty() || up_to_date_) return;
  replace_file(kept_file_, checkpoint_bytes());
  up_to_date_ = true;
  due_ = false;
}

// A file that cannot be written ends the run. So does a signal that interrupts a write; `leave` reports that one.
void Session::write_files(FunctionRef<void()> write) {
  try {
    write();
  } catch (const FileError& error) {
    if (file_problem_.empty()) file_problem_ = error.what();
    if (interruption_->signal() == 0) give_up();
  }
}

// Hours of training are not lost because a disk has filled up or a folder is gone. Returns where the checkpoint is, or
// an empty path where nothing takes it.
std::filesystem::path Session::keep() {
  if (up_to_date_) return kept_file_;
  const std::string bytes = checkpoint_bytes();
  if (kept_file_.empty()) return save_under_another_name(save_.given() ? *save_ : "checkpoint.safetensors", bytes);
  try {
    const Kept kept = save_somewhere(kept_file_, bytes);
    if (file_problem_.empty()) file_problem_ = kept.problem;
    return kept.path;
  } catch (const FileError& error) {
    if (file_problem_.empty()) file_problem_ = error.what();
    return {};
  }
}

void Session::give_up() {
  progress_->clear();
  const std::filesystem::path kept = steps_made_ == 0 ? std::filesystem::path() : keep();
  if (kept.empty()) throw std::runtime_error(file_problem_);
  throw std::runtime_error(
      fmt::format("{}; the weights, and all that --resume needs, are in {}", file_problem_, shown(kept)));
}

std::string Session::how_to_go_on(const std::filesystem::path& from) const {
  std::vector<std::string> more{"--resume", from.string()};
  if (!options_.given("data") && !plan_->data_folder.empty()) more.insert(more.end(), {"--data", plan_->data_folder});
  std::vector<std::string> without{"init", "resume"};
  if (from != kept_file_) without.emplace_back("checkpoint");  // writing there has just failed
  return options_.command_line(without, more);
}

// Forgets the failed write to standard output, whose bytes are gone: the run ends because of the signal.
static void drop_output() {
  std::clearerr(stdout);
  std::cout.clear();
}

int Session::leave() {
  if (!is_first_rank()) return 0;
  progress_->clear();
  // Whoever stops a run that has no --checkpoint does not want one. A closed pipe is no such decision if --save was
  // given.
  const bool by_signal = interruption_->signal() != 0;
  const bool keeps = !kept_file_.empty() || (!by_signal && save_.given());
  const std::filesystem::path kept = keeps ? keep() : std::filesystem::path();
  write_files([&] { log_->close(); });
  std::string text = fmt::format("stopped in epoch {} after {} steps of it; ", epoch_, step_);
  if (!file_problem_.empty()) text = file_problem_ + "; " + text;
  if (kept.empty()) text += keeps ? "nothing was kept" : "nothing was kept: --checkpoint FILE would have";
  const std::string command = kept.empty() ? "" : how_to_go_on(kept);
  if (!by_signal) {  // standard output is what ends the run
    throw std::runtime_error(output_problem_ + "; " + text + (kept.empty() ? "" : "to go on: " + command));
  }
  std::cerr << text << (kept.empty() ? "" : "to go on:\n  " + command) << std::endl;
  drop_output();
  return 128 + interruption_->signal();
}

int Session::finish() {
  if (!is_first_rank()) return 0;
  progress_->clear();
  const auto attempt = [&](FunctionRef<void()> write) {
    try {
      write();
    } catch (const FileError& error) {
      if (file_problem_.empty()) file_problem_ = error.what();
    }
  };
  bool saved = false;
  attempt([&] { write_checkpoint(); });
  attempt([&] {
    if (save_.given()) save_weights();
    saved = save_.given();
  });
  if (file_problem_.empty()) attempt([&] { log_->close(); });
  const bool all_saved = saved && (kept_file_.empty() || up_to_date_);
  if (!file_problem_.empty() && all_saved) {
    throw std::runtime_error(fmt::format("{}; the weights are in {}", file_problem_, shown(*save_)));
  }
  if (!file_problem_.empty()) give_up();
  if (!output_problem_.empty()) throw std::runtime_error(output_problem_);
  if (interruption_->signal() == 0) return 0;
  drop_output();
  return 128 + interruption_->signal();
}

}  // namespace rnn
