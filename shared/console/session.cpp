module;
#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

module rnn.console.session;

import rnn.base.error;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.clipping;
import rnn.training.optimizers;

namespace rnn {

namespace {

/// All kernels with fused multiply-adds compute the same bits; the baseline kernel also rounds each product.
std::string kind_of_kernel() { return instruction_set() == InstructionSet::baseline ? "baseline" : "fused"; }

}  // namespace

Session::Session(Options& options, std::vector<DecidingOption> deciding, std::string advice, BuiltInData built_in)
    : options_(options),
      deciding_(std::move(deciding)),
      advice_(std::move(advice)),
      built_in_(std::move(built_in)),
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

void Session::take_options_from_weights(
    std::function<std::map<std::string, std::string>(const TensorFile&, const std::filesystem::path&)> values) {
  options_.values_from("init", [this, values](const std::filesystem::path& path) {
    init_weights_ = read_safetensors(path);
    return values(init_weights_, path);
  });
  options_.values_from("resume", [this, values = std::move(values)](const std::filesystem::path& path) {
    return values(from_->file(), path);
  });
}

std::string Session::kind_of_data() const {
  return options_.value("data") == built_in_.name ? built_in_.name : "files";
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
  log_ = std::make_unique<TrainingLog>(LogFiles{*logdir_, *csv_, *plot_, plan.results}, plan.graph, std::move(history));
  progress_ = std::make_unique<Progress>(*quiet_, plan.epochs, plan.steps, plan.batch);
  interruption_ = std::make_unique<Interruption>();
  output_ = std::make_unique<PatientOutput>();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error like a full disk: the checkpoint is saved first
  epoch_begin_ = std::chrono::steady_clock::now();
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
  due_ = due_ || (every_.given() && steps_done() % *every_ == 0);
  progress_->update(epoch, step_, loss);
  // An epoch's results include the gradient of its last step, so a run is never stopped between that step and the
  // results.
  const bool last = step_ == plan_->steps;
  write_files([&] {
    log_->step(loss);
    if (due_ && !last) write_checkpoint_on_the_way();
  });
  return (last && file_problem_.empty()) || !ends();
}

double Session::mean_loss() const { return loss_sum_ / double(step_); }

double Session::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - epoch_begin_).count();
}

std::vector<double> Session::test_results() const { return log_->history().test_accuracy; }

void Session::print(const std::string& line) {
  progress_->clear();
  errno = 0;
  std::cout << line << std::endl;
  if (std::cout || interruption_->signal() != 0) return;  // a signal cut the wait short
  output_problem_ = "cannot write to standard output";
  if (errno != 0) output_problem_ += ": " + std::generic_category().message(errno);
}

bool Session::after_epoch(Index epoch, double train_result, double test_result) {
  Trainer& trainer = plan_->trainer;
  const double loss = mean_loss();
  epoch_ = epoch + 1;
  step_ = 0;
  loss_sum_ = 0;
  up_to_date_ = false;
  write_files([&] {
    // A run resumed after an epoch's last step no longer has the gradient of that step.
    const ConstView gradients = steps_made_ > 0 ? trainer.gradients() : ConstView();
    log_->epoch(loss, train_result, test_result, trainer.parameters(), gradients);
    if (!every_.given() || due_) write_checkpoint_on_the_way();
  });
  epoch_begin_ = std::chrono::steady_clock::now();
  return !ends() || epoch_ == plan_->epochs;
}

}  // namespace rnn
