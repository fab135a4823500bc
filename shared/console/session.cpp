module;
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

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
import rnn.base.file;
import rnn.base.text;
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
      logdir_(options.output_folder("logdir", "DIR", "write TensorBoard's files into this folder")),
      csv_(options.output_file("csv", "FILE", "write a table with a line for each step")),
      plot_(options.output_drawing("plot", "FILE.svg", "draw the curves of loss and accuracy")),
      quiet_(options.flag("quiet", "print nothing on standard error but errors")) {
  options.needs("every", std::vector<std::string>{"checkpoint", "resume"});
  options.excludes("init", "resume");
  options.values_from("resume", [this](const std::filesystem::path& path) { return values_of_checkpoint(path); });
}

std::string Session::kind_of_data() const { return options_.value("data") == "digits" ? "digits" : "files"; }

// What the options are when a run goes on: the checkpoint's.
std::map<std::string, std::string> Session::values_of_checkpoint(const std::filesystem::path& path) {
  from_ = std::make_unique<Checkpoint>(path);
  const Checkpoint& from = *from_;
  std::map<std::string, std::string> values;
  for (const auto& [name, unless_stored] : deciding_) {
    const bool stored = unless_stored.empty() || from.has_metadata(name);
    values[name] = stored ? from.metadata(name) : unless_stored;
  }
  if (from.metadata("data") == "digits") {
    values["data"] = "digits";
  } else if (kind_of_data() == "digits") {
    throw std::invalid_argument(fmt::format("--data: expected MNIST's folder, as {} has it, got digits", shown(path)));
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
  if (from_) history = resume(*from_);
  from_.reset();
  choose_checkpoint();
  log_ = std::make_unique<TrainingLog>(LogFiles{*logdir_, *csv_, *plot_}, plan.graph, std::move(history));
  progress_ = std::make_unique<Progress>(*quiet_, plan.epochs, plan.steps, plan.batch);
  interruption_ = std::make_unique<Interruption>();
  output_ = std::make_unique<PatientOutput>();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error like a full disk: the checkpoint comes first
  epoch_begin_ = std::chrono::steady_clock::now();
}

TrainingHistory Session::resume(const Checkpoint& from) {
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
  if (epoch_ == plan_->epochs && !*quiet_) {
    std::cerr << fmt::format("{}: all {} epochs are done, nothing is left to train\n", shown(*resume_), epoch_);
  }
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
    std::cerr << shown(*resume_) + ": the test images are not those of the run that is resumed\n";
  }
  if (differs("kernel")) {
    std::cerr << fmt::format(
        "{}: made with {} kernels, resumed with {} ones: the results may differ in the last digits\n", shown(*resume_),
        printable(from.metadata("kernel")), metadata_.at("kernel"));
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
  throw std::invalid_argument(
      fmt::format("--epochs: expected at least {}, which {} has begun, got {}", begun, shown(*resume_), plan_->epochs));
}

// A run that is resumed goes on keeping its checkpoint.
void Session::choose_checkpoint() {
  if (checkpoint_.given()) kept_file_ = *checkpoint_;
  if (checkpoint_.given() || !resume_.given()) return;
  try {
    require_writable(*resume_);
    if (!std::filesystem::is_regular_file(*resume_)) throw FileError(*resume_, "is no file");
    kept_file_ = *resume_;
  } catch (const FileError&) {
    if (*quiet_) return;
    std::cerr << shown(*resume_) + ": cannot be replaced, so this run keeps nothing: --checkpoint FILE would\n";
  }
}

bool Session::ends() const {
  return interruption_->signal() != 0 || !file_problem_.empty() || !output_problem_.empty();
}

bool Session::after_step(Index epoch, Index step, double loss) {
  Trainer& trainer = plan_->trainer;
  if (!std::isfinite(loss)) {
    progress_->clear();
    write_files([&] { log_->close(); });
    throw ResultError(fmt::format("the loss is {} in epoch {} at step {}, gradient norm {}: {}",
                                  std::isnan(loss) ? "not a number" : "infinite", epoch, step + 1,
                                  std::abs(global_norm(trainer.gradients())), advice_));
  }
  epoch_ = epoch;
  step_ = step + 1;
  loss_sum_ += loss;
  ++steps_made_;
  up_to_date_ = false;
  due_ = due_ || (every_.given() && trainer.adam().steps() % *every_ == 0);
  progress_->update(epoch, step_, loss);
  // The last step of an epoch goes together with the epoch's results: a run is never stopped between them, since they
  // need the gradient of that step.
  const bool last = step_ == plan_->steps;
  write_files([&] {
    log_->step(loss);
    if (due_ && !last) write_checkpoint();
  });
  return (last && file_problem_.empty()) || !ends();
}

double Session::mean_loss() const { return loss_sum_ / double(step_); }

double Session::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - epoch_begin_).count();
}

void Session::print(const std::string& line) {
  progress_->clear();
  errno = 0;
  std::cout << line << std::endl;
  if (std::cout || interruption_->signal() != 0) return;  // a signal is why nobody was waited for
  output_problem_ = "cannot write to standard output";
  if (errno != 0) output_problem_ += ": " + std::generic_category().message(errno);
}

bool Session::after_epoch(Index epoch, double train_accuracy, double test_accuracy) {
  Trainer& trainer = plan_->trainer;
  const double loss = mean_loss();
  epoch_ = epoch + 1;
  step_ = 0;
  loss_sum_ = 0;
  up_to_date_ = false;
  write_files([&] {
    // Of a run that was resumed after an epoch's last step, nobody knows the gradient of that step any more.
    const ConstView gradients = steps_made_ > 0 ? trainer.gradients() : ConstView();
    log_->epoch(loss, train_accuracy, test_accuracy, trainer.parameters(), gradients);
    if (!every_.given() || due_) write_checkpoint();
  });
  epoch_begin_ = std::chrono::steady_clock::now();
  return !ends() || epoch_ == plan_->epochs;
}

}  // namespace rnn
