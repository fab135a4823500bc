module;
#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

module rnn.console.training_log;

import rnn.autodiff.graph;
import rnn.base.error;
import rnn.base.file;
import rnn.formats.csv;
import rnn.formats.svg;
import rnn.formats.tensorboard;
import rnn.linalg.matrix;
import rnn.network.parameters;

namespace rnn {

// Whether the table in a file begins with a step that is at most `last`.
static bool has_rows_before(const std::filesystem::path& path, Index last) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return false;
  std::ifstream file(path);
  std::string header, epoch;
  Index step = 0;
  return std::getline(file, header) && std::getline(file, epoch, ',') && file >> step && step <= last;
}

TrainingLog::TrainingLog(LogFiles files, const Graph& graph, TrainingHistory history)
    : files_(std::move(files)),
      history_(std::move(history)),
      written_(history_.before),
      draws_once_(is_stream(files_.plot)) {
  if (!files_.csv.empty()) {
    if (history_.before > 0 && has_rows_before(files_.csv, history_.before)) {
      throw FileError(files_.csv,
                      fmt::format("expected a new file, since the checkpoint does not hold the losses of the "
                                  "first {} steps, found one with rows",
                                  history_.before));
    }
    const auto& [result, train, test] = files_.names;
    csv_ = std::make_unique<CsvTable>(files_.csv,
                                      fmt::format("epoch,step,loss,mean_loss,{1}_{0},{2}_{0}", result, train, test));
    csv_->append(rows(history_.steps() - waits_for_results()));
  }
  if (files_.logdir.empty()) return;
  events_ = std::make_unique<EventWriter>(files_.logdir);
  begin_events(graph);
}

// Whatever TensorBoard has seen from the next step on is void: it is from a run that was killed. So is the step before,
// if the results of its epoch are still to come, because they have the same place.
void TrainingLog::begin_events(const Graph& graph) {
  Index void_from = history_.steps() + !waits_for_results();
  if (history_.steps() == 0 || events_->first()) {
    events_->graph(graph);
    void_from = history_.before + 1;
  }
  events_->session_start(void_from);
  for (Index step = void_from; step <= history_.steps(); ++step) {
    events_->scalar("loss/step", step, history_.losses[step - 1 - history_.before]);
    if (has_results(step)) write_epoch(step / history_.steps_per_epoch - 1);
  }
}

// Whether the last step is that of an epoch whose results are still to come.
bool TrainingLog::waits_for_results() const {
  const Index steps = history_.steps();
  return !history_.losses.empty() && steps % history_.steps_per_epoch == 0 && !has_results(steps);
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

// The rows that are not written yet, up to that of step `end`.
std::vector<std::string> TrainingLog::rows(Index end) {
  std::vector<std::string> result;
  for (Index step = written_ + 1; step <= end; ++step) result.push_back(row(step));
  written_ = end;
  return result;
}

// The scalars of an epoch, at its last step.
void TrainingLog::write_epoch(Index epoch) const {
  const Index steps = (epoch + 1) * history_.steps_per_epoch, i = epoch - history_.epochs_before;
  events_->scalar("loss/epoch", steps, history_.mean_losses[i]);
  const auto& [result, train, test] = files_.names;
  events_->scalar(result + "/" + train, steps, history_.train_accuracy[i]);
  events_->scalar(result + "/" + test, steps, history_.test_accuracy[i]);
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
  if (csv_) csv_->append(rows(steps));
  // All drawings together cost a few times what the last one does.
  if (!draws_once_ && 10 * steps >= 11 * drawn_at_) draw();
  if (!events_) return;
  write_epoch(history_.epochs_before + history_.mean_losses.size() - 1);
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const auto& [name, rows, columns, offset] = parameters.entries()[i];
    events_->histogram("weights/" + name, steps, parameters[i]);
    if (gradients.empty()) continue;
    events_->histogram("gradients/" + name, steps, gradients.columns_from(offset, rows * columns));
  }
}

void TrainingLog::close() {
  if (csv_) csv_->append(rows(history_.steps()));
  if (drawn_at_ != history_.steps() || history_.steps() == 0) draw();
}

void TrainingLog::draw() {
  drawn_at_ = history_.steps();
  if (files_.plot.empty()) return;
  Curve losses{"each step", {}, history_.losses}, means{"mean of the epoch", {}, history_.mean_losses};
  Curve train{"training", {}, history_.train_accuracy}, test{files_.names.test, {}, history_.test_accuracy};
  for (Index i = 0; i < losses.y.size(); ++i) losses.x.push_back(double(history_.before + i + 1));
  for (Index i = 0; i < means.y.size(); ++i) {
    const Index epoch = history_.epochs_before + i;
    means.x.push_back(double((epoch + 1) * history_.steps_per_epoch));
    for (Curve* curve : {&train, &test}) curve->x.push_back(double(epoch));
  }
  std::string title = files_.names.result;
  title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  replace_file(files_.plot, to_svg({{"Loss", "step", {losses, means}}, {title, "epoch", {train, test}}}));
}

}  // namespace rnn
