module;
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

// Whatever is called from a kernel must be inlined into it, to be compiled for the kernel's instruction set.
#define RNN_INLINE [[gnu::always_inline]] inline

/// Plain vector types for the bodies of the kernels; no other interface and no chapter imports this.
///
/// Everything is written once. `run(set, body)` holds the body compiled three times (for the baseline, for AVX2 with
/// FMA, for AVX-512) and calls the one that is asked for.
export module rnn.simd;

import rnn.activation;
import rnn.cpu;
import rnn.matrix;

export namespace rnn::simd {


using Scalar = Real;
using Integer = std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>;

/// 32 bytes: eight floats or four doubles, one register of AVX2. (With AVX-512 there are thirty-two of them instead of
/// sixteen; sixteen floats at a time would be no faster on a processor that adds and multiplies 2 x 32 bytes a cycle,
/// and would waste more of a row of 100.)
using Vector [[gnu::vector_size(32)]] = Scalar;
using Integers [[gnu::vector_size(32)]] = Integer;
constexpr std::size_t lanes = 32 / sizeof(Scalar);

RNN_INLINE Vector broadcast(Scalar x) {
  Vector v;
  for (std::size_t i = 0; i < lanes; ++i) v[i] = x;
  return v;
}

RNN_INLINE Vector load(const Scalar* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

RNN_INLINE void store(const Vector& v, Scalar* to) { std::memcpy(to, &v, sizeof v); }

/// The first `count` lanes, count < lanes; the others are zero. By halves, quarters, eighths: a tail of four floats is
/// one move.
RNN_INLINE Vector load_first(const Scalar* from, std::size_t count) {
  Scalar buffer[lanes] = {};
  std::size_t done = 0;
  for (std::size_t piece = lanes / 2; piece > 0; piece /= 2) {
    if (count & piece) {
      std::memcpy(buffer + done, from + done, piece * sizeof(Scalar));
      done += piece;
    }
  }
  return load(buffer);
}

RNN_INLINE void store_first(const Vector& v, Scalar* to, std::size_t count) {
  Scalar buffer[lanes];
  store(v, buffer);
  std::size_t done = 0;
  for (std::size_t piece = lanes / 2; piece > 0; piece /= 2) {
    if (count & piece) {
      std::memcpy(to + done, buffer + done, piece * sizeof(Scalar));
      done += piece;
    }
  }
}

template <class To, class From>
RNN_INLINE To bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

template <class Function>
RNN_INLINE Vector each_lane(const Vector& x, Function function) {
  Vector y;
  for (std::size_t i = 0; i < lanes; ++i) y[i] = function(x[i]);
  return y;
}

/// √x, correctly rounded.
RNN_INLINE Vector square_root(const Vector& x) { return __builtin_elementwise_sqrt(x); }

RNN_INLINE Vector clamp(const Vector& x, Scalar low, Scalar high) {  // a NaN stays a NaN: it compares false
  const Vector at_least = broadcast(low) > x ? broadcast(low) : x;
  return broadcast(high) < at_least ? broadcast(high) : at_least;
}

/// e^x = (1 + p)·2^n for |x| ≤ 87: n = x / ln 2 rounded, r = x − n·ln 2 (ln 2 in two pieces, so that r is nearly
/// exact), p = e^r − 1 = r + r²·q(r). The polynomial q is the Chebyshev interpolant of (e^r − 1 − r) / r² for
/// |r| ≤ ln 2 / 2; it leaves a relative error of 1e-8. `shift` is added to n in the power.
struct Exponential {
  Vector power;  // 2^(n + shift)
  Vector p;
};
RNN_INLINE Exponential exponential(const Vector& x, Integer shift = 0) {
  const Vector magic = broadcast(12582912.0f);  // 1.5·2^23: adding it rounds to an integer, left in the lowest bits
  const Vector shifted = x * 1.44269504f + magic;
  const Vector n = shifted - magic;
  const Vector r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  const Vector q =
      (((1.39262504e-3f * r + 8.36323295e-3f) * r + 4.16665524e-2f) * r + 1.66665763e-1f) * r + 0.5f;
  const Integers exponent = (bits<Integers>(shifted) << 23) + ((127 + shift) << 23);
  return {bits<Vector>(exponent), q * (r * r) + r};
}

/// e^x: relative error at most 2e-7 for −86.6 ≤ x; 0 below that, infinity where it overflows.
RNN_INLINE Vector exp(const Vector& x) {
  if constexpr (sizeof(Scalar) == 8) return each_lane(x, [](Scalar v) { return std::exp(v); });
  // Half of the power, doubled at the end: 2^128 is no float, though (1 + p)·2^128 may be one.
  const auto [half, p] = exponential(clamp(x, Scalar(-87), Scalar(89)), -1);
  const Vector y = (half + half * p) * Scalar(2);
  return x < Scalar(-86.6) ? Vector{} : y;
}

/// tanh x from E = e^2x − 1, which is exact near zero since it comes without its one: E / (E + 2) for |x| up to 0.55,
/// beyond that 1 − 2 / (E + 2), where an error of the quotient weighs less and less.
/// Absolute error at most 1e-7 everywhere; odd, and at most 1.
RNN_INLINE Vector tanh(const Vector& x) {
  if constexpr (sizeof(Scalar) == 8) return each_lane(x, [](Scalar v) { return std::tanh(v); });
  const Integers sign = bits<Integers>(x) & bits<Integers>(broadcast(Scalar(-0.0)));
  const Vector magnitude = bits<Vector>(bits<Integers>(x) ^ sign);
  const auto [power, p] = exponential(Scalar(20) < magnitude + magnitude ? broadcast(20) : magnitude + magnitude);
  const Vector e = power * p + (power - Scalar(1));
  const Vector quotient = Scalar(1) / (e + Scalar(2));
  const Vector y = e < Scalar(1.5) ? e * quotient : Scalar(1) - Scalar(2) * quotient;
  return bits<Vector>(bits<Integers>(y) | sign);
}

/// 1 / (1 + e^−x). Relative error at most 3e-7 where the result is a normal number.
RNN_INLINE Vector sigmoid(const Vector& x) { return Scalar(1) / (Scalar(1) + exp(-x)); }

/// max(x, 0); a NaN stays a NaN.
RNN_INLINE Vector relu(const Vector& x) { return x < Scalar(0) ? Vector{} : x; }

/// Compiles body<set>() once for each instruction set and calls the one that is asked for.
template <class Body>
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]] void with_avx512(const Body& body) {
  body.template operator()<InstructionSet::avx512>();
}
template <class Body>
[[gnu::target("avx2,fma")]] void with_avx2(const Body& body) {
  body.template operator()<InstructionSet::avx2>();
}
template <class Body>
void run(InstructionSet set, const Body& body) {
  switch (set) {
    case InstructionSet::avx512: return with_avx512(body);
    case InstructionSet::avx2: return with_avx2(body);
    case InstructionSet::baseline: return body.template operator()<InstructionSet::baseline>();
  }
}

/// f(x) of a layer.
RNN_INLINE Vector activate(Activation f, const Vector& x) {
  switch (f) {
    case Activation::tanh: return tanh(x);
    case Activation::relu: return relu(x);
    case Activation::sigmoid: return sigmoid(x);
    default: return x;
  }
}

/// f′(x) · dy, from y = f(x).
RNN_INLINE Vector activation_gradient(Activation f, const Vector& y, const Vector& dy) {
  switch (f) {
    case Activation::tanh: return dy * (Scalar(1) - y * y);
    case Activation::relu: return y > Scalar(0) ? dy : Vector{};
    case Activation::sigmoid: return dy * (y * (Scalar(1) - y));
    default: return dy;
  }
}

}  // namespace rnn::simd
