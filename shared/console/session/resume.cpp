module;
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// How a session goes on from a checkpoint.
module rnn.console.session;

import rnn.base.error;
import rnn.base.file;
import rnn.base.text;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.optimizers;

namespace rnn {

// A resumed run has the checkpoint's options.
std::map<std::string, std::string> Session::values_of_checkpoint(const std::filesystem::path& path) {
  from_ = std::make_unique<Checkpoint>(path);
  const Checkpoint& from = *from_;
  std::map<std::string, std::string> values;
  for (const auto& [name, unless_stored] : deciding_) {
    const bool stored = unless_stored.empty() || from.has_metadata(name);
    values[name] = stored ? from.metadata(name) : unless_stored;
  }
  if (from.metadata("data") == built_in_.name) {
    values["data"] = built_in_.name;
  } else if (kind_of_data() == built_in_.name && options_.given("data")) {
    throw std::invalid_argument(
        fmt::format("--data: expected {}, as {} has it, got {}", built_in_.others, shown(path), built_in_.name));
  }
  if (!options_.given("epochs")) values["epochs"] = from.metadata("epochs");
  return values;
}

TrainingHistory Session::resume(const Checkpoint& from) {
  require_same_data(from);
  take_position(from);
  Trainer& trainer = plan_->trainer;
  from.restore(trainer.parameters(), trainer.adam());
  if (plan_->best) take_best(from);
  if (plan_->one_update && trainer.adam().steps() != steps_done()) {
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
    throw FileError(*resume_,
                    fmt::format("expected a checkpoint of these training {}, found one of others", plan_->examples));
  }
  const auto differs = [&](const std::string& name) {
    return !*quiet_ && from.has_metadata(name) && from.metadata(name) != metadata_.at(name);
  };
  if (differs("test_images")) {
    std::cerr << fmt::format("{}: the test {} are not those of the run that is resumed\n", shown(*resume_),
                             plan_->examples);
  }
  if (differs("kernel")) {
    std::cerr << fmt::format(
        "{}: made with {} kernels, resumed with {} ones: the results may differ in the last digits\n", shown(*resume_),
        printable(from.metadata("kernel")), metadata_.at("kernel"));
  }
}

void Session::take_best(const Checkpoint& from) {
  const View best = plan_->best->flat();
  const std::vector<double> kept = from.series("best");
  if (kept.size() != best.columns || !std::ranges::all_of(kept, [](double one) { return std::isfinite(one); })) {
    throw FileError(*resume_, fmt::format("series best: expected {} finite weights, found others", best.columns));
  }
  for (Index i = 0; i < kept.size(); ++i) best(0, i) = static_cast<Real>(kept[i]);
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

}  // namespace rnn
