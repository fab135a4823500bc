module;
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

module rnn.console.training_log;

import rnn.autodiff.graph;
import rnn.base.file;
import rnn.formats.csv;
import rnn.formats.svg;
import rnn.formats.tensorboard;
import rnn.linalg.matrix;
import rnn.network.parameters;

namespace rnn {

TrainingLog::TrainingLog(LogFiles files, const Graph& graph, TrainingHistory history)
    : files_(std::move(files)), history_(std::move(history)), written_(history_.before) {
  if (!files_.csv.empty()) {
    csv_ = std::make_unique<CsvTable>(files_.csv, "epoch,step,loss,mean_loss,train_accuracy,test_accuracy");
    const Index steps = history_.steps();
    const bool waits = steps > written_ && steps % history_.steps_per_epoch == 0 && !has_results(steps);
    write_rows(steps - waits);
  }
  if (files_.logdir.empty()) return;
  events_ = std::make_unique<EventWriter>(files_.logdir);
  if (history_.steps() > 0) {
    events_->session_start(history_.steps() + 1);
  } else {
    events_->graph(graph);
  }
}

// Whether a step, counted from 1, is the last of an epoch whose results are known.
bool TrainingLog::has_results(Index step) const {
  const Index epochs = step / history_.steps_per_epoch;
  return step % history_.steps_per_epoch == 0 && epochs > history_.epochs_before &&
         epochs <= history_.epochs_before + history_.mean_losses.size();
}

std::string TrainingLog::row(Index step) const {
  const Index epoch = (step - 1) / history_.steps_per_epoch;
  const std::string text = fmt::format("{},{},{}", epoch, step, history_.losses[step - 1 - history_.before]);
  if (!has_results(step)) return text + ",,,";
  const Index i = epoch - history_.epochs_before;
  return text +
         fmt::format(",{},{},{}", history_.mean_losses[i], history_.train_accuracy[i], history_.test_accuracy[i]);
}

// Rows up to that of step `end`.
void TrainingLog::write_rows(Index end) {
  std::vector<std::string> rows;
  for (Index step = written_ + 1; step <= end; ++step) rows.push_back(row(step));
  if (csv_) csv_->append(rows);
  written_ = end;
}

void TrainingLog::step(double loss) {
  history_.losses.push_back(loss);
  if (events_) events_->scalar("loss/step", history_.steps(), loss);
}

void TrainingLog::epoch(double mean_loss, double train_accuracy, double test_accuracy, const Parameters& parameters,
                        ConstView gradients) {
  history_.mean_losses.push_back(mean_loss);
  history_.train_accuracy.push_back(train_accuracy);
  history_.test_accuracy.push_back(test_accuracy);
  const Index steps = history_.steps();
  write_rows(steps);
  if (10 * steps >= 11 * drawn_at_) draw();  // all drawings together cost a few times what the last one does
  if (!events_) return;
  events_->scalar("loss/epoch", steps, mean_loss);
  events_->scalar("accuracy/train", steps, train_accuracy);
  events_->scalar("accuracy/test", steps, test_accuracy);
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const auto& [name, rows, columns, offset] = parameters.entries()[i];
    events_->histogram("weights/" + name, steps, parameters[i]);
    events_->histogram("gradients/" + name, steps, gradients.columns_from(offset, rows * columns));
  }
}

void TrainingLog::close() {
  write_rows(history_.steps());
  if (drawn_at_ != history_.steps() || history_.steps() == 0) draw();
}

void TrainingLog::draw() {
  drawn_at_ = history_.steps();
  if (files_.plot.empty()) return;
  Curve losses{"each step", {}, history_.losses}, means{"mean of the epoch", {}, history_.mean_losses};
  Curve train{"training", {}, history_.train_accuracy}, test{"test", {}, history_.test_accuracy};
  for (Index i = 0; i < losses.y.size(); ++i) losses.x.push_back(double(history_.before + i + 1));
  for (Index i = 0; i < means.y.size(); ++i) {
    const Index epoch = history_.epochs_before + i;
    means.x.push_back(double((epoch + 1) * history_.steps_per_epoch));
    for (Curve* curve : {&train, &test}) curve->x.push_back(double(epoch));
  }
  replace_file(files_.plot, to_svg({{"Loss", "step", {losses, means}}, {"Accuracy", "epoch", {train, test}}}));
}

}  // namespace rnn
