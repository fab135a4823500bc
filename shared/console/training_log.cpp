module;
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

module rnn.console.training_log;

import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.base.file;
import rnn.network.parameters;

namespace rnn {

static void write_graph(EventWriter& events, const Classifier& classifier, Index time_steps) {
  Tape tape(Tape::Mode::evaluate);
  const Sequence x(time_steps, 1, classifier.shape().inputs);
  classifier.logits({tape.constant(x, "images")});
  events.graph(graph_of(tape));
}

TrainingLog::TrainingLog(LogFiles files, const Classifier& classifier, Index time_steps)
    : files_(std::move(files)), classifier_(classifier) {
  csv_ = "epoch,step,loss,mean_loss,train_accuracy,test_accuracy\n";
  if (files_.logdir.empty()) return;
  events_ = std::make_unique<EventWriter>(files_.logdir);
  write_graph(*events_, classifier, time_steps);
}

void TrainingLog::step(Index epoch, Index step, double loss) {
  if (!unfinished_line_.empty()) csv_ += unfinished_line_ + ",,,\n";
  unfinished_line_ = fmt::format("{},{},{}", epoch, step, loss);
  last_step_ = step;
  step_losses_.x.push_back(double(step));
  step_losses_.y.push_back(loss);
  if (events_) events_->scalar("loss/step", step, loss);
}

void TrainingLog::epoch(const EpochResult& result, ConstView gradients) {
  csv_ += unfinished_line_ + fmt::format(",{},{},{}\n", result.loss, result.train_accuracy, result.test_accuracy);
  unfinished_line_.clear();
  mean_losses_.x.push_back(double(last_step_));
  mean_losses_.y.push_back(result.loss);
  for (Curve* curve : {&train_, &test_}) curve->x.push_back(double(result.epoch));
  train_.y.push_back(result.train_accuracy);
  test_.y.push_back(result.test_accuracy);

  if (!files_.csv.empty()) replace_file(files_.csv, csv_);
  if (!files_.plot.empty()) draw();
  if (!events_) return;
  events_->scalar("loss/epoch", result.epoch, result.loss);
  events_->scalar("accuracy/train", result.epoch, result.train_accuracy);
  events_->scalar("accuracy/test", result.epoch, result.test_accuracy);
  const Parameters& parameters = classifier_.parameters;
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const auto& [name, rows, columns, offset] = parameters.entries()[i];
    events_->histogram("weights/" + name, result.epoch, parameters[i]);
    events_->histogram("gradients/" + name, result.epoch, gradients.columns_from(offset, rows * columns));
  }
}

void TrainingLog::draw() const {
  replace_file(files_.plot,
               to_svg({{"Loss", "step", {step_losses_, mean_losses_}}, {"Accuracy", "epoch", {train_, test_}}}));
}

}  // namespace rnn
