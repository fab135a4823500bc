module;
#include <cmath>

module rnn.training.optimizers;

import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn {

using Vector = simd::WideVector;
constexpr Index lanes = simd::lanes_of<Vector>;

Adam::Adam(Index size, const AdamOptions& options) : options_(options), m_(1, size, Real(0)), v_(1, size, Real(0)) {}

namespace {

struct AdamStep {
  View w, m, v;
  ConstView g;
  Real beta1, beta2, epsilon;
  Real step_size;   // learning rate / (1 − β₁ᵗ)
  Real correction;  // 1 / √(1 − β₂ᵗ)

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    Index i = 0;
    for (; i + lanes <= w.size(); i += lanes) {
      Vector vw = simd::load<Vector>(w.data + i), vm = simd::load<Vector>(m.data + i),
             vv = simd::load<Vector>(v.data + i);
      update(simd::load<Vector>(g.data + i), vw, vm, vv);
      simd::store(vw, w.data + i);
      simd::store(vm, m.data + i);
      simd::store(vv, v.data + i);
    }
    if (const Index rest = w.size() - i; rest > 0) {
      Vector vw = simd::load_first<Vector>(w.data + i, rest), vm = simd::load_first<Vector>(m.data + i, rest),
             vv = simd::load_first<Vector>(v.data + i, rest);
      update(simd::load_first<Vector>(g.data + i, rest), vw, vm, vv);
      simd::store_first(vw, w.data + i, rest);
      simd::store_first(vm, m.data + i, rest);
      simd::store_first(vv, v.data + i, rest);
    }
  }

  [[gnu::always_inline]] inline void update(const Vector& gradient, Vector& value, Vector& first,
                                            Vector& second) const {
    first = beta1 * first + (1 - beta1) * gradient;
    second = beta2 * second + (1 - beta2) * (gradient * gradient);
    value = value - step_size * first / (simd::square_root(second) * correction + epsilon);
  }
};

}  // namespace

void Adam::step(View values, ConstView gradients) {
  require_shape("Adam", "values", values, 1, m_.size2());
  require_shape("Adam", "gradients", gradients, 1, m_.size2());
  ++steps_;
  const double t = double(steps_);
  const double step_size = double(options_.learning_rate) / (1 - std::pow(double(options_.beta1), t));
  const double correction = 1 / std::sqrt(1 - std::pow(double(options_.beta2), t));
  simd::run(instruction_set(), AdamStep{values, m_, v_, gradients, options_.beta1, options_.beta2, options_.epsilon,
                                        static_cast<Real>(step_size), static_cast<Real>(correction)});
}

}  // namespace rnn
