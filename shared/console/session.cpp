module;
#include <fmt/format.h>
#include <signal.h>

#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

module rnn.console.session;

import rnn.base.error;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.clipping;
import rnn.training.optimizers;

namespace rnn {

namespace {

/// All kernels with fused multiply-adds compute the same bits; the baseline rounds once more.
std::string kind_of_kernel() { return instruction_set() == InstructionSet::baseline ? "baseline" : "fused"; }

}  // namespace

Session::Session(Options& options, std::vector<DecidingOption> deciding, std::string advice)
    : options_(options),
      deciding_(std::move(deciding)),
      advice_(std::move(advice)),
      checkpoint_(
          options.output_file("checkpoint", "FILE", "write all that is needed to go on here, after each epoch")),
      resume_(options.input_file("resume", "FILE", "go on from a checkpoint; --epochs is the total")),
      init_(options.input_file("init", "FILE", "begin with the weights of this file")),
      save_(options.output_file("save", "FILE", "write the weights here at the end, as safetensors")),
      every_(options.integer("every", 0, {1, 1000000000}, "checkpoint after every N steps instead")),
      logdir_(options.text("logdir", "", "write TensorBoard's files into this folder", "DIR")),
      csv_(options.output_file("csv", "FILE", "write a table with a line for each step")),
      plot_(options.output_file("plot", "FILE.svg", "draw the curves of loss and accuracy")),
      quiet_(options.flag("quiet", "print nothing on standard error but errors")) {
  options.needs("every", "checkpoint");
  options.excludes("init", "resume");
  options.values_from("resume", [this](const std::filesystem::path& path) { return values_of_checkpoint(path); });
}

std::string Session::kind_of_data() const { return options_.value("data") == "digits" ? "digits" : "files"; }

// What the options are when a run goes on: the checkpoint's.
std::map<std::string, std::string> Session::values_of_checkpoint(const std::filesystem::path& path) const {
  const Checkpoint from(path);
  std::map<std::string, std::string> values;
  for (const auto& [name, unless_stored] : deciding_) {
    const bool stored = unless_stored.empty() || from.has_metadata(name);
    values[name] = stored ? from.metadata(name) : unless_stored;
  }
  if (from.metadata("data") == "digits") {
    values["data"] = "digits";
  } else if (kind_of_data() == "digits") {
    throw std::invalid_argument(
        fmt::format("--data: expected MNIST's folder, as {} has it, got digits", path.string()));
  }
  if (!options_.given("epochs")) values["epochs"] = from.metadata("epochs");
  return values;
}

void Session::begin(const SessionPlan& plan) {
  plan_.emplace(plan);
  metadata_ = plan.metadata;
  for (const auto& [name, unless_stored] : deciding_) {
    if (options_.value(name) != unless_stored) metadata_[name] = options_.value(name);
  }
  metadata_["data"] = kind_of_data();
  metadata_["epochs"] = options_.value("epochs");
  metadata_["images"] = plan.training_data;
  metadata_["test_images"] = plan.test_data;
  metadata_["kernel"] = kind_of_kernel();
  TrainingHistory history{.steps_per_epoch = plan.steps};
  if (resume_.given()) history = resume();
  log_ = std::make_unique<TrainingLog>(LogFiles{*logdir_, *csv_, *plot_}, plan.graph, std::move(history));
  progress_ = std::make_unique<Progress>(*quiet_, plan.epochs, plan.steps, plan.batch);
  interruption_ = std::make_unique<Interruption>();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error like a full disk: the checkpoint comes first
  epoch_begin_ = std::chrono::steady_clock::now();
}

TrainingHistory Session::resume() {
  const Checkpoint from(*resume_);
  require_same_data(from);
  take_position(from);
  Trainer& trainer = plan_->trainer;
  from.restore(trainer.parameters(), trainer.adam());
  if (trainer.adam().steps() != steps_done()) {
    throw FileError(*resume_, fmt::format("expected as many of Adam's steps as there were in all, {}, found {}",
                                          steps_done(), trainer.adam().steps()));
  }
  TrainingHistory history{.steps_per_epoch = plan_->steps,
                          .losses = from.series("losses"),
                          .mean_losses = from.series("mean_losses"),
                          .train_accuracy = from.series("train_accuracy"),
                          .test_accuracy = from.series("test_accuracy")};
  const Index epochs = history.mean_losses.size();
  if (history.losses.size() > steps_done() || epochs > epoch_ || history.train_accuracy.size() != epochs ||
      history.test_accuracy.size() != epochs) {
    throw FileError(*resume_, "expected a loss for each step and results for each epoch at most, found more");
  }
  history.before = steps_done() - history.losses.size();
  history.epochs_before = epoch_ - epochs;
  return history;
}

void Session::require_same_data(const Checkpoint& from) const {
  if (from.metadata("images") != plan_->training_data) {
    throw FileError(*resume_, "expected a checkpoint of these training images, found one of others");
  }
  const auto differs = [&](const std::string& name) {
    return !*quiet_ && from.has_metadata(name) && from.metadata(name) != metadata_.at(name);
  };
  if (differs("test_images")) {
    std::cerr << resume_->string() << ": the test images are not those of the run that is resumed\n";
  }
  if (differs("kernel")) {
    std::cerr << fmt::format(
        "{}: made with {} kernels, resumed with {} ones: the results may differ in the last digits\n",
        resume_->string(), from.metadata("kernel"), metadata_.at("kernel"));
  }
}

void Session::take_position(const Checkpoint& from) {
  epoch_ = from.counter("epoch");
  step_ = from.counter("step");
  loss_sum_ = std::bit_cast<double>(from.counter("loss_sum"));
  const std::uint64_t most = std::uint64_t(1) << 32;  // the epoch's number is a seed of 32 bits
  if (epoch_ >= most || step_ > plan_->steps || !std::isfinite(loss_sum_)) {
    throw FileError(
        *resume_, fmt::format("expected an epoch under 2^32, at most {} steps of it and a finite sum of losses, found "
                              "{}, {} and {}",
                              plan_->steps, epoch_, step_, loss_sum_));
  }
  const Index begun = epoch_ + (step_ > 0);
  if (begun <= plan_->epochs) return;
  throw std::invalid_argument(fmt::format("--epochs: expected at least {}, which {} has begun, got {}", begun,
                                          resume_->string(), plan_->epochs));
}

const std::filesystem::path& Session::checkpoint_path() const { return checkpoint_.given() ? *checkpoint_ : *resume_; }

bool Session::interrupted() const { return interruption_ && interruption_->signal() != 0; }

void Session::write_checkpoint() {
  if (checkpoint_path().empty() || up_to_date_) return;
  const Counters counters{{"epoch", epoch_}, {"step", step_}, {"loss_sum", std::bit_cast<std::uint64_t>(loss_sum_)}};
  const TrainingHistory& history = log_->history();
  const Series series{{"losses", history.losses},
                      {"mean_losses", history.mean_losses},
                      {"train_accuracy", history.train_accuracy},
                      {"test_accuracy", history.test_accuracy}};
  Trainer& trainer = plan_->trainer;
  save_checkpoint(checkpoint_path(), trainer.parameters(), trainer.adam(), counters, series, metadata_);
  up_to_date_ = true;
}

bool Session::after_step(Index epoch, Index step, double loss) {
  Trainer& trainer = plan_->trainer;
  if (!std::isfinite(loss)) {
    progress_->clear();
    log_->close();
    throw ResultError(fmt::format("the loss is {} in epoch {} at step {}, gradient norm {}: {}",
                                  std::isnan(loss) ? "not a number" : "infinite", epoch, step + 1,
                                  std::abs(global_norm(trainer.gradients())), advice_));
  }
  epoch_ = epoch;
  step_ = step + 1;
  loss_sum_ += loss;
  up_to_date_ = false;
  progress_->update(epoch, step_, loss);
  log_->step(loss);
  if (every_.given() && trainer.adam().steps() % *every_ == 0) write_checkpoint();
  return !interrupted();
}

double Session::mean_loss() const { return loss_sum_ / double(step_); }

double Session::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - epoch_begin_).count();
}

void Session::print(const std::string& line) {
  progress_->clear();
  errno = 0;
  std::cout << line << std::endl;
  if (std::cout) return;
  const std::string problem = errno != 0 ? ": " + std::generic_category().message(errno) : "";
  write_checkpoint();
  log_->close();
  throw std::runtime_error("cannot write to standard output" + problem);
}

bool Session::after_epoch(Index epoch, double train_accuracy, double test_accuracy) {
  Trainer& trainer = plan_->trainer;
  log_->epoch(mean_loss(), train_accuracy, test_accuracy, trainer.parameters(), trainer.gradients());
  epoch_ = epoch + 1;
  step_ = 0;
  loss_sum_ = 0;
  up_to_date_ = false;
  if (!every_.given()) write_checkpoint();
  epoch_begin_ = std::chrono::steady_clock::now();
  return !interrupted() || epoch_ == plan_->epochs;
}

int Session::leave() {
  progress_->clear();
  const std::string where = fmt::format("stopped in epoch {} after {} steps of it", epoch_, step_);
  if (checkpoint_path().empty()) {
    log_->close();
    std::cerr << where << "; nothing was kept: --checkpoint FILE would have" << std::endl;
    return 128 + interruption_->signal();
  }
  write_checkpoint();
  log_->close();
  std::vector<std::string> more{"--resume", checkpoint_path().string()};
  if (!options_.given("data") && !plan_->data_folder.empty()) more.insert(more.end(), {"--data", plan_->data_folder});
  std::cerr << where << "; to go on:\n  " << options_.command_line({"init", "resume"}, more) << std::endl;
  return 128 + interruption_->signal();
}

// Hours of training are not lost because a disk filled up or a folder went away.
void Session::save_parameters_somewhere() const {
  const Parameters& parameters = plan_->trainer.parameters();
  try {
    save_parameters(*save_, parameters, plan_->metadata);
  } catch (const FileError& error) {
    const std::string name =
        fmt::format("weights-{}.safetensors", std::chrono::system_clock::now().time_since_epoch().count());
    for (const std::filesystem::path& folder : {std::filesystem::path("."), std::filesystem::temp_directory_path()}) {
      try {
        save_parameters(folder / name, parameters, plan_->metadata);
      } catch (const FileError&) {
        continue;
      }
      throw std::runtime_error(
          fmt::format("{}; the weights are in {} instead", error.what(), (folder / name).string()));
    }
    throw;
  }
}

int Session::finish() {
  progress_->clear();
  write_checkpoint();
  log_->close();
  if (save_.given()) save_parameters_somewhere();
  return 0;
}

}  // namespace rnn
