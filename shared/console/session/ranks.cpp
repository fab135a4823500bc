module;
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// A session of several processes.
module rnn.console.session;

import rnn.base.crc32c;
import rnn.base.ranks;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.optimizers;

namespace rnn {

static std::span<Real> all_of(View numbers) { return {numbers.data, numbers.columns}; }

// Rank 0 knows the weights and how far training has come, from its files or from the seed.
void Session::begin_on_all_ranks() {
  require_same("training data", plan_->training_data);
  require_same("test data", plan_->test_data);
  Trainer& trainer = plan_->trainer;
  Adam& adam = trainer.adam();
  for (const View numbers : {trainer.parameters().flat(), adam.first_moments(), adam.second_moments()}) {
    share(all_of(numbers));
  }
  if (plan_->best) share(all_of(plan_->best->flat()));
  Index steps = adam.steps();
  for (Index* number : {&steps, &epoch_, &step_}) share(*number);
  share(loss_sum_);
  share(test_results_);
  adam.set_steps(steps);
}

// Every rank takes the same steps. One whose memory or arithmetic went wrong would spoil the others' sums in silence.
void Session::require_same_weights() const {
  if (ranks().count() == 1) return;
  const auto weights = std::as_bytes(all_of(plan_->trainer.parameters().flat()));
  Crc32c checksum;
  checksum.add({reinterpret_cast<const char*>(weights.data()), weights.size()});
  require_same("weights", fmt::format("{:08x}", checksum.value()));
}

}  // namespace rnn
