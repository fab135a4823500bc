module;

module rnn.linalg.elementwise;

import rnn.base.caller;
import rnn.linalg.activation;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn {

using Vector = simd::WideVector;
constexpr Index lanes = simd::lanes_of<Vector>;

// y ← f(a, b, y), one register at a time, or several where f is a long chain of operations. Operands that f does not
// use are not loaded.
template <class F>
struct Map {
  ConstView a, b;
  View y;
  F f;

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    if (a.contiguous() && b.contiguous() && y.contiguous()) return neighbors(0, y.size());
    const bool unit_strides = a.column_stride == 1 && b.column_stride == 1 && y.column_stride == 1;
    for (Index i = 0; i < y.rows; ++i) unit_strides ? neighbors(i, y.columns) : scattered(i);
  }

  // `count` contiguous elements from the start of row i.
  [[gnu::always_inline]] inline void neighbors(Index i, Index count) const {
    const Real* pa = a.data + i * a.row_stride;
    const Real* pb = b.data + i * b.row_stride;
    Real* py = y.data + i * y.row_stride;
    Index j = 0;
    if constexpr (F::long_chain) j = whole<simd::LongVector>(pa, pb, py, j, count);
    j = whole<Vector>(pa, pb, py, j, count);
    if (const Index rest = count - j; rest > 0) {
      const Vector result = f(simd::load_first<Vector>(pa + j, rest), simd::load_first<Vector>(pb + j, rest),
                              simd::load_first<Vector>(py + j, rest));
      simd::store_first(result, py + j, rest);
    }
  }
  // As many whole vectors as fit, from element j on; returns the first element that is left.
  template <class V>
  [[gnu::always_inline]] inline Index whole(const Real* pa, const Real* pb, Real* py, Index j, Index count) const {
    for (; j + simd::lanes_of<V> <= count; j += simd::lanes_of<V>) {
      simd::store(f(simd::load<V>(pa + j), simd::load<V>(pb + j), simd::load<V>(py + j)), py + j);
    }
    return j;
  }

  // Row i of a transposed view.
  [[gnu::always_inline]] inline void scattered(Index i) const {
    for (Index j = 0; j < y.columns; j += lanes) {
      Vector va{}, vb{}, vy{};
      for (Index l = 0; l < lanes && j + l < y.columns; ++l) {
        va[l] = a(i, j + l);
        vb[l] = b(i, j + l);
        vy[l] = y(i, j + l);
      }
      vy = f(va, vb, vy);
      for (Index l = 0; l < lanes && j + l < y.columns; ++l) y(i, j + l) = vy[l];
    }
  }
};

template <class F>
static void map(const char* operation, ConstView a, ConstView b, View y, F f, Caller caller) {
  require_shape(operation, "second argument", b, a.rows, a.columns, caller);
  require_shape(operation, "result", y, a.rows, a.columns, caller);
  require_apart_or_same(operation, "result", y, "the first argument", a, caller);
  require_apart_or_same(operation, "result", y, "the second argument", b, caller);
  if (!y.empty()) simd::run(instruction_set(), Map<F>{a, b, y, f});
}

template <Activation f>
struct Apply {
  static constexpr bool long_chain = f == Activation::tanh || f == Activation::sigmoid;
  template <class V>
  [[gnu::always_inline]] inline V operator()(const V& x, const V&, const V&) const {
    return simd::activate<f>(x);
  }
};
struct Exp {
  static constexpr bool long_chain = true;
  template <class V>
  [[gnu::always_inline]] inline V operator()(const V& x, const V&, const V&) const {
    return simd::exp(x);
  }
};
struct Short {
  static constexpr bool long_chain = false;
};
template <Activation f>
struct Gradient : Short {
  [[gnu::always_inline]] inline Vector operator()(const Vector& y, const Vector& dy, const Vector&) const {
    return simd::activation_gradient<f>(y, dy);
  }
};
template <Activation f>
struct AddGradient : Short {
  [[gnu::always_inline]] inline Vector operator()(const Vector& y, const Vector& dy, const Vector& dx) const {
    return dx + simd::activation_gradient<f>(y, dy);
  }
};
struct AddScaled : Short {
  Real scale;
  [[gnu::always_inline]] inline Vector operator()(const Vector& x, const Vector&, const Vector& y) const {
    return y + scale * x;
  }
};
struct Scale : Short {
  Real scale;
  [[gnu::always_inline]] inline Vector operator()(const Vector&, const Vector&, const Vector& y) const {
    return scale * y;
  }
};
struct Multiply : Short {
  [[gnu::always_inline]] inline Vector operator()(const Vector& a, const Vector& b, const Vector&) const {
    return a * b;
  }
};
struct AddMultiplied : Short {
  [[gnu::always_inline]] inline Vector operator()(const Vector& a, const Vector& b, const Vector& y) const {
    return y + a * b;
  }
};

void apply(Activation f, ConstView x, View y, Caller caller) {
  switch (f) {
    case Activation::identity: return map("identity", x, x, y, Apply<Activation::identity>{}, caller);
    case Activation::tanh: return map("tanh", x, x, y, Apply<Activation::tanh>{}, caller);
    case Activation::relu: return map("relu", x, x, y, Apply<Activation::relu>{}, caller);
    case Activation::sigmoid: return map("sigmoid", x, x, y, Apply<Activation::sigmoid>{}, caller);
  }
}

template <template <Activation> class Operation>
static void map_gradient(Activation f, ConstView y, ConstView dy, View dx, Caller caller) {
  switch (f) {
    case Activation::identity: return map("identity gradient", y, dy, dx, Operation<Activation::identity>{}, caller);
    case Activation::tanh: return map("tanh gradient", y, dy, dx, Operation<Activation::tanh>{}, caller);
    case Activation::relu: return map("relu gradient", y, dy, dx, Operation<Activation::relu>{}, caller);
    case Activation::sigmoid: return map("sigmoid gradient", y, dy, dx, Operation<Activation::sigmoid>{}, caller);
  }
}
void apply_gradient(Activation f, ConstView y, ConstView dy, View dx, Caller caller) {
  map_gradient<Gradient>(f, y, dy, dx, caller);
}
void add_gradient(Activation f, ConstView y, ConstView dy, View dx, Caller caller) {
  map_gradient<AddGradient>(f, y, dy, dx, caller);
}

void exp(ConstView x, View y, Caller caller) { map("exp", x, x, y, Exp{}, caller); }

void add(ConstView x, View y, Caller caller) { add_scaled(Real(1), x, y, caller); }

void add_scaled(Real scale, ConstView x, View y, Caller caller) { map("add", x, x, y, AddScaled{{}, scale}, caller); }

void scale(Real scale, View y) { map("scale", y, y, y, Scale{{}, scale}, Caller::current()); }

void multiply(ConstView a, ConstView b, View y, Caller caller) { map("multiply", a, b, y, Multiply{}, caller); }

void add_multiplied(ConstView a, ConstView b, View y, Caller caller) {
  map("add_multiplied", a, b, y, AddMultiplied{}, caller);
}

void add_bias(ConstView bias, View y, Caller caller) {
  require_shape("add_bias", "bias", bias, 1, y.columns, caller);
  const ConstView in_each_row(bias.data, y.rows, y.columns, 0, bias.column_stride);
  map("add_bias", in_each_row, in_each_row, y, AddScaled{{}, Real(1)}, caller);
}

double sum(ConstView x) {
  double total = 0;
  for (Index i = 0; i < x.rows; ++i) {
    for (Index j = 0; j < x.columns; ++j) total += x(i, j);
  }
  return total;
}

}  // namespace rnn
