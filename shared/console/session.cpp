module;
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module rnn.console.session;

import rnn.base.error;
import rnn.formats.mnist;
import rnn.linalg.activation;
import rnn.network.parameters;
import rnn.training.optimizers;

namespace rnn {

namespace {

/// A number that other images or labels hardly have (FNV-1a, on 8 bytes at a time).
std::uint64_t fingerprint(std::span<const std::uint8_t> bytes, std::uint64_t hash) {
  constexpr std::uint64_t prime = 1099511628211u;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    hash = (hash ^ word) * prime;
  }
  return (hash ^ bytes.size()) * prime;
}

std::string fingerprint(const Dataset& data) {
  const std::uint64_t pixels = fingerprint(data.images.pixels, 14695981039346656037u);
  return fmt::format("{:016x}", fingerprint(data.labels, pixels));
}

std::string kind_of_data(const Options& options) { return options.value("data") == "digits" ? "digits" : "files"; }

}  // namespace

RunFiles::RunFiles(Options& options, std::vector<std::string> deciding)
    : options_(options),
      deciding_(std::move(deciding)),
      checkpoint_(
          options.output_file("checkpoint", "FILE", "write all that is needed to go on here, after each epoch")),
      resume_(options.input_file("resume", "FILE", "go on from a checkpoint; --epochs is the total")),
      init_(options.input_file("init", "FILE", "begin with the weights of this file")),
      save_(options.output_file("save", "FILE", "write the weights here at the end, as safetensors")),
      every_(options.integer("every", 0, {1, 1000000000}, "checkpoint after every N steps instead")) {
  options.needs("every", "checkpoint");
  options.excludes("init", "resume");
}

void RunFiles::adopt_options() {
  if (init_.given()) {
    weights_ = load_network(*init_);
    options_.adopt("hidden", std::to_string(weights_->shape().hidden), *init_);
    options_.adopt("activation", name(weights_->shape().activation), *init_);
  }
  if (resume_.given()) {
    from_.emplace(*resume_);
    for (const std::string& option : deciding_) options_.adopt(option, from_->option(option), *resume_);
    if (from_->option("data") == "digits") options_.adopt("data", "digits", *resume_);
    if (from_->option("data") != kind_of_data(options_)) {
      throw std::invalid_argument(
          fmt::format("--data: expected MNIST's folder, as {} has it, got digits", resume_->string()));
    }
    if (!options_.given("epochs")) options_.adopt("epochs", from_->option("epochs"), *resume_);
  }
  for (const std::string& option : deciding_) decided_[option] = options_.value(option);
  decided_["data"] = kind_of_data(options_);
  decided_["epochs"] = options_.value("epochs");
}

Position RunFiles::begin(Classifier& network, Trainer& trainer, const Dataset& train) {
  network_ = &network;
  trainer_ = &trainer;
  if (checkpoint_.given() || from_) decided_["images"] = fingerprint(train);
  Position position;
  const Index steps = trainer.steps(train);
  if (weights_) {
    const ClassifierShape &found = weights_->shape(), &wanted = network.shape();
    if (found.inputs != wanted.inputs || found.classes != wanted.classes) {
      throw FileError(*init_, fmt::format("expected {} inputs and {} classes, found {} and {}", wanted.inputs,
                                          wanted.classes, found.inputs, found.classes));
    }
    copy(weights_->parameters.flat(), network.parameters.flat());
  }
  if (from_) {
    if (from_->option("images") != decided_["images"]) {
      throw FileError(*resume_, "expected a checkpoint of these training images, found one of others");
    }
    position = from_->restore(network, trainer);
    if (position.step > steps || trainer.adam().steps() != position.epoch * steps + position.step) {
      throw FileError(*resume_, fmt::format("tensor \"position\": expected at most {} steps in an epoch and as many of "
                                            "Adam's as there were in all, found {} after {} epochs, and {}",
                                            steps, position.step, position.epoch, trainer.adam().steps()));
    }
  }
  interruption_ = std::make_unique<Interruption>();
  return position;
}

bool RunFiles::interrupted() const { return interruption_ && interruption_->signal() != 0; }

void RunFiles::write_checkpoint(const Position& position) {
  if (!checkpoint_.given() || up_to_date_) return;
  save_checkpoint(*checkpoint_, *network_, *trainer_, position, decided_);
  up_to_date_ = true;
}

bool RunFiles::after_step(const Position& position) {
  up_to_date_ = false;
  if (every_.given() && trainer_->adam().steps() % *every_ == 0) write_checkpoint(position);
  return !interrupted();
}

bool RunFiles::after_epoch(Position& position) {
  position = {position.epoch + 1};
  up_to_date_ = false;
  if (!every_.given()) write_checkpoint(position);
  return !interrupted();
}

int RunFiles::leave(const Position& position) {
  const std::string where = fmt::format("stopped in epoch {} after {} steps of it", position.epoch, position.step);
  if (checkpoint_.given()) {
    write_checkpoint(position);
    std::vector<std::string> more{"--resume", checkpoint_->string()};
    if (!options_.given("data") && kind_of_data(options_) == "files") {  // whatever MNIST_DIR will be then
      more.insert(more.end(), {"--data", find_data_folder().string()});
    }
    const std::string line = options_.command_line({"init", "resume"}, more);
    std::cerr << where << "; to go on:\n  " << line << std::endl;
  } else {
    std::cerr << where << "; nothing was kept: --checkpoint FILE would have" << std::endl;
  }
  return 128 + interruption_->signal();
}

void RunFiles::finish(const Position& position) {
  write_checkpoint(position);
  if (save_.given()) save_weights(*network_, *save_);
}

}  // namespace rnn
